/** A symbol of the realistic market: shared factor, own part, volatility that clusters, jumps, volume, and the planted effect. */
import { DAY_MS, HOUR_MS } from '@donch/core';
import { SyntheticCandles } from './synthetic-market-columns.ts';
import { BreakoutWatch } from './synthetic-market-effect.ts';
import { JUMP_LOG_SD, JUMP_MEMORY_MS, type MarketFactor } from './synthetic-market-factor.ts';
import { BarPath } from './synthetic-market-path.ts';
import { barOfWeek, MeanReverting, type Season } from './synthetic-market-processes.ts';
import { NormalRows, NormalStream, uniformAt, uniformKey } from './synthetic-market-random.ts';
import type { SyntheticSymbol } from './synthetic-market-symbols.ts';

/** Share of the factor's log volatility that a symbol's own volatility follows. */
const SHARED_VOLATILITY = 0.6;
const SLOW_VOLATILITY = { sd: 0.3, memoryMs: 6 * DAY_MS };
const FAST_VOLATILITY = { sd: 0.35, memoryMs: 1.5 * HOUR_MS };
/** Jumps of one symbol: mean time between them and sd of the log return. */
const JUMP_DAYS = 14;
const JUMP_SD = 0.03;
/** Sd of the step from the last close to the open, in units of the bar's volatility. */
const GAP_SD = 0.05;

const SLOW_VOLUME = { sd: 0.4, memoryMs: 4 * DAY_MS };
const FAST_VOLUME = { sd: 0.4, memoryMs: 0.7 * HOUR_MS };
const VOLUME_NOISE_SD = 0.35;
/** Elasticity of volume to the symbol's volatility, and to the bar's range in units of it. */
const VOLUME_PER_VOLATILITY = 0.6;
const VOLUME_PER_RANGE = 0.7;
/** Mean log range of a Brownian path of unit length (simulated). */
const LOG_RANGE_MEAN = 0.43;

/** A new listing: extra log volume and log volatility, and how fast they fade. */
const LISTING_LOG_VOLUME = 1.2;
const LISTING_LOG_SD = 0.5;
const LISTING_MEMORY_MS = 4 * DAY_MS;
/** Volume fades to a fifth over the last month before a delisting. */
const FADE_LOG_VOLUME = -1.6;
const FADE_MS = 30 * DAY_MS;

/** Below this turnover per day bars without trades appear, ever more often: one in 200 at a hundredth of it. */
const THIN_TURNOVER_USD = 5e6;
const STILL_BARS_FRAC = 1 / 20_000;

/** Coarse normals per bar: two of volatility, three of volume, gap. */
const STATE_NORMALS = 6;

export interface SeriesShape {
  readonly seed: number;
  /** Name of the symbol's random streams. */
  readonly stream: string;
  readonly startMs: number;
  readonly intervalMs: number;
  readonly subSteps: number;
  /** Bars of the window, [fromBar, toBar), in which the symbol trades. */
  readonly fromBar: number;
  readonly toBar: number;
  /** Size of the planted effect: drift in hourly standard deviations per hour; 0 = none. */
  readonly effect: number;
  readonly factor: MarketFactor;
  readonly season: Season;
  /** Market regime at the close of each bar of the window, 1 = up; null while the benchmark itself is made. */
  readonly marketUp: Uint8Array | null;
}

/** Candles of one symbol, simulated forward. The same random numbers are used whatever `effect` is. */
export function realisticCandles(symbol: SyntheticSymbol, shape: SeriesShape): SyntheticCandles {
  const { seed, stream, intervalMs, fromBar, toBar, factor, season, marketUp } = shape;
  const firstOpenMs = shape.startMs + fromBar * intervalMs;
  const candles = new SyntheticCandles(symbol.rules, { firstOpenMs, length: toBar - fromBar, intervalMs });
  const returns = new NormalRows(new NormalStream(seed, `${stream} returns`), 1);
  const noise = new NormalRows(new NormalStream(seed, `${stream} states`), STATE_NORMALS, true);
  const path = new BarPath(shape.subSteps, seed, stream);
  const state = new SymbolState(symbol, shape, firstOpenMs);
  const normalVolume = (symbol.turnoverPerDayUsd / symbol.startPrice) * (intervalMs / DAY_MS);
  const watch = new BreakoutWatch(intervalMs, normalVolume);
  const logNormalVolume = Math.log(normalVolume);
  const boostPerSd = shape.effect * Math.sqrt(intervalMs / HOUR_MS);
  const weekBars = season.volatility.length;
  let price = symbol.startPrice;
  let weekBar = barOfWeek(firstOpenMs, intervalMs);
  for (let i = 0; i < candles.length; i += 1) {
    const bar = fromBar + i;
    const normal = returns.values[returns.advance()];
    const z = noise.advance();
    const { values } = noise;
    const factorSd = symbol.beta * factor.sd[bar];
    const ownSd = state.ownSd(bar, season.volatility[weekBar], factor.logVolatility[bar]);
    const sd = Math.sqrt(factorSd * factorSd + ownSd * ownSd);
    if (factor.halted[bar] === 1 || state.isStill(bar)) {
      candles.setStill(i, price);
    } else {
      const drift = boostPerSd * watch.strength * sd - 0.5 * sd * sd;
      const logReturn = symbol.beta * factor.logReturn[bar] + ownSd * normal + drift;
      path.draw(logReturn / sd, bar);
      price = candles.setPrices(i, price * (1 + GAP_SD * sd * values[z + 5]), sd, path);
      const range = VOLUME_PER_RANGE * (Math.log(path.high - path.low) - LOG_RANGE_MEAN);
      const logVolume =
        logNormalVolume + season.logVolume[weekBar] + factor.logActivity[bar] + state.logVolume(candles.openTimeMs[i]);
      candles.setVolume(i, Math.exp(logVolume + range + VOLUME_NOISE_SD * values[z + 4]));
    }
    state.step(values, z);
    if (marketUp !== null) watch.step(candles, i, marketUp[bar] === 1);
    weekBar = weekBar + 1 === weekBars ? 0 : weekBar + 1;
  }
  return candles;
}

/** The symbol's own states between two bars. */
class SymbolState {
  private readonly symbol: SyntheticSymbol;
  private readonly barSd: number;
  private readonly eventKey: number;
  private readonly jumpFrac: number;
  private readonly stillFrac: number;
  private readonly slow: MeanReverting;
  private readonly fast: MeanReverting;
  private readonly slowVolume: MeanReverting;
  private readonly fastVolume: MeanReverting;
  private readonly aftershockKeep: number;
  private readonly freshnessKeep: number;
  /** Log volatility left by the last jump. */
  private aftershock = 0;
  /** 1 at the listing, then fading. */
  private freshness: number;
  private jumps = false;
  /** What the last `ownSd` was above its normal level, in logs. */
  private logExcess = 0;

  constructor(symbol: SyntheticSymbol, { seed, stream, intervalMs }: SeriesShape, firstOpenMs: number) {
    this.symbol = symbol;
    this.jumpFrac = intervalMs / (JUMP_DAYS * DAY_MS);
    this.barSd = symbol.ownDaySd * Math.sqrt(intervalMs / DAY_MS);
    this.eventKey = uniformKey(seed, `${stream} events`);
    this.stillFrac = STILL_BARS_FRAC * Math.max(0, THIN_TURNOVER_USD / symbol.turnoverPerDayUsd - 1);
    const start = new Float64Array(4);
    new NormalStream(seed, `${stream} start`).draw(start);
    this.slow = new MeanReverting({ ...SLOW_VOLATILITY, stepMs: intervalMs, first: start[0] });
    this.fast = new MeanReverting({ ...FAST_VOLATILITY, stepMs: intervalMs, first: start[1] });
    this.slowVolume = new MeanReverting({ ...SLOW_VOLUME, stepMs: intervalMs, first: start[2] });
    this.fastVolume = new MeanReverting({ ...FAST_VOLUME, stepMs: intervalMs, first: start[3] });
    this.aftershockKeep = Math.exp(-intervalMs / JUMP_MEMORY_MS);
    this.freshnessKeep = Math.exp(-intervalMs / LISTING_MEMORY_MS);
    this.freshness = Math.exp(-(firstOpenMs - symbol.listedMs) / LISTING_MEMORY_MS);
  }

  /** Sd of the own part of the next bar's log return. A jump is a bar with a far larger one. */
  ownSd(bar: number, season: number, sharedLogVolatility: number): number {
    const own = this.slow.value + this.fast.value + this.aftershock + LISTING_LOG_SD * this.freshness;
    this.logExcess = SHARED_VOLATILITY * sharedLogVolatility + own;
    this.jumps = uniformAt(this.eventKey, 2 * bar) < this.jumpFrac;
    const calmSd = this.barSd * season * Math.exp(this.logExcess);
    return this.jumps ? Math.hypot(calmSd, JUMP_SD) : calmSd;
  }

  /** Log volume of the bar against the symbol's normal one, without season, range and noise. */
  logVolume(openTimeMs: number): number {
    const { delistedMs } = this.symbol;
    const fade = delistedMs === null ? 0 : Math.max(0, 1 - (delistedMs - openTimeMs) / FADE_MS);
    return (
      this.slowVolume.value +
      this.fastVolume.value +
      VOLUME_PER_VOLATILITY * this.logExcess +
      LISTING_LOG_VOLUME * this.freshness +
      FADE_LOG_VOLUME * fade
    );
  }

  /** Draws whether nobody trades in this bar. */
  isStill(bar: number): boolean {
    return uniformAt(this.eventKey, 2 * bar + 1) < this.stillFrac;
  }

  /** Moves the states past the bar. */
  step(normals: Float64Array, offset: number): void {
    this.slow.step(normals[offset]);
    this.fast.step(normals[offset + 1]);
    this.slowVolume.step(normals[offset + 2]);
    this.fastVolume.step(normals[offset + 3]);
    this.aftershock = this.jumps ? JUMP_LOG_SD : this.aftershock * this.aftershockKeep;
    this.freshness *= this.freshnessKeep;
  }
}
