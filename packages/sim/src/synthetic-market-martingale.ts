/**
 * A symbol whose price is an exact martingale: nothing that is known at the close of a bar tells anything about the mean of
 * later prices. The null hypothesis of every strategy.
 */
import { DAY_MS, HOUR_MS } from '@donch/core';
import { SyntheticCandles } from './synthetic-market-columns.ts';
import { BarPath } from './synthetic-market-path.ts';
import { barOfWeek, MeanReverting, seasonOf } from './synthetic-market-processes.ts';
import { NormalRows, NormalStream } from './synthetic-market-random.ts';
import type { SyntheticSymbol } from './synthetic-market-symbols.ts';

/** Log volatility: a slow and a fast state. With these the 5m returns have a kurtosis near 11 and remember it for days. */
const SLOW_VOLATILITY = { sd: 0.35, memoryMs: 7 * DAY_MS };
const FAST_VOLATILITY = { sd: 0.4, memoryMs: 2 * HOUR_MS };
/** Log volume: the same, independent of the volatility. */
const SLOW_VOLUME = { sd: 0.45, memoryMs: 3 * DAY_MS };
const FAST_VOLUME = { sd: 0.55, memoryMs: HOUR_MS };
const VOLUME_NOISE_SD = 0.35;
/** A bar's volume follows its own range in units of its volatility, which says nothing about any other bar. */
const VOLUME_PER_RANGE = 0.45;
/** Mean range of a Brownian path of unit length. */
const RANGE_MEAN = 2 * Math.sqrt(2 / Math.PI);

/** Coarse normals per bar: two of volatility, three of volume. The return has a stream of its own, full normals. */
const STATE_NORMALS = 5;

export interface MartingaleShape {
  readonly seed: number;
  /** Name of the symbol's random streams. */
  readonly stream: string;
  readonly startMs: number;
  readonly bars: number;
  readonly intervalMs: number;
  readonly subSteps: number;
  /** Sd of the daily log return. */
  readonly daySd: number;
}

/**
 * Candles of one symbol. In bar i the log price is a Brownian motion with variance s_i^2 and drift -s_i^2 / 2, where s_i is
 * fixed before the bar, so E[price | past] = price; the next bar opens at the close. Volume, volatility and returns come from
 * separate normals: volume at i is independent of all returns after i (and of all before).
 */
export function martingaleCandles(symbol: SyntheticSymbol, shape: MartingaleShape): SyntheticCandles {
  const { seed, stream, intervalMs, bars } = shape;
  const candles = new SyntheticCandles(symbol.rules, { firstOpenMs: shape.startMs, length: bars, intervalMs });
  const returns = new NormalRows(new NormalStream(seed, `${stream} returns`), 1);
  const noise = new NormalRows(new NormalStream(seed, `${stream} states`), STATE_NORMALS, true);
  const path = new BarPath(shape.subSteps, seed, stream);
  const season = seasonOf(intervalMs);
  const start = new Float64Array(4);
  new NormalStream(seed, `${stream} start`).draw(start);
  const slow = new MeanReverting({ ...SLOW_VOLATILITY, stepMs: intervalMs, first: start[0] });
  const fast = new MeanReverting({ ...FAST_VOLATILITY, stepMs: intervalMs, first: start[1] });
  const slowVolume = new MeanReverting({ ...SLOW_VOLUME, stepMs: intervalMs, first: start[2] });
  const fastVolume = new MeanReverting({ ...FAST_VOLUME, stepMs: intervalMs, first: start[3] });
  // E[exp(2 x)] = exp(2 Var x): without it the states would raise the mean variance.
  const logLevel =
    Math.log(shape.daySd * Math.sqrt(intervalMs / DAY_MS)) - SLOW_VOLATILITY.sd ** 2 - FAST_VOLATILITY.sd ** 2;
  const logVolume =
    Math.log((symbol.turnoverPerDayUsd / symbol.startPrice) * (intervalMs / DAY_MS)) - 0.5 * VOLUME_NOISE_SD ** 2;
  const weekBars = season.volatility.length;
  let price = symbol.startPrice;
  let weekBar = barOfWeek(shape.startMs, intervalMs);
  for (let i = 0; i < bars; i += 1) {
    const z = noise.advance();
    const { values } = noise;
    const logSd = logLevel + slow.value + fast.value;
    const sd = season.volatility[weekBar] * Math.exp(logSd);
    path.draw(returns.values[returns.advance()] - 0.5 * sd, i);
    price = candles.setPrices(i, price, sd, path);
    const activity = slowVolume.step(values[z + 2]) + fastVolume.step(values[z + 3]) + VOLUME_NOISE_SD * values[z + 4];
    const range = VOLUME_PER_RANGE * (path.high - path.low - RANGE_MEAN);
    candles.setVolume(i, Math.exp(logVolume + season.logVolume[weekBar] + activity + range));
    // The states of the next bar.
    slow.step(values[z]);
    fast.step(values[z + 1]);
    weekBar = weekBar + 1 === weekBars ? 0 : weekBar + 1;
  }
  return candles;
}
