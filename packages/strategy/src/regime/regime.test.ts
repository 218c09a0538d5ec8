import {
  CandleBuffer,
  createPrng,
  DAY_MS,
  HOUR_MS,
  NO_REGIMES,
  resolveConfig,
  sliceCandles,
  type Candles,
  type RegimeFit,
} from '@donch/core';
import { randomCandles } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { createTracks, feedTracks } from '../reference-tracks.ts';
import { fitRegimes } from './fit-regimes.ts';
import { nameStates } from './name-states.ts';

const START_MS = Date.UTC(2024, 0, 3, 7);
const settings = resolveConfig([
  { layer: 'config', source: 'test', values: { TIMEFRAME: '1h', REGIME_MA_PERIOD: 5, REGIME_ATR_PERIOD: 3 } },
]).values;
const candles = restlessCandles();
const lastCloseMs = candles.openTimeMs[candles.length - 1] + HOUR_MS;
const fitted = fitRegimes({ settings, candles, untilMs: lastCloseMs, known: NO_REGIMES });

/** Quiet weeks that rise and wild weeks that fall, with gaps. */
function restlessCandles(): Candles {
  const prng = createPrng(4, 'restless');
  const buffer = new CandleBuffer(HOUR_MS);
  let close = 100;
  for (let hour = 0; hour < 200 * 24; hour += 1) {
    const isWild = Math.floor(hour / (24 * 9)) % 2 === 1;
    const open = close;
    close *= Math.exp(isWild ? -0.0012 + 0.014 * prng.normal() : 0.0006 + 0.004 * prng.normal());
    if (prng.next() < 0.003) continue;
    const [high, low] = [Math.max(open, close), Math.min(open, close)];
    buffer.append({ openTimeMs: START_MS + hour * HOUR_MS, open, high, low, close, volume: 1, turnover: Number.NaN });
  }
  return buffer;
}

const columnsOf = (columns: Candles): Candles => sliceCandles(columns, 0, columns.length);

function fit(refitMs: number, changes: Partial<RegimeFit> = {}): RegimeFit {
  const parameters = { p00: 0.9, p10: 0.2, means: [-0.01, 0.01], variances: [9e-4, 1e-4] } as const;
  return { refitMs, observations: 400, inputHash: 'x', parameters, logLikelihood: 1, separationSe: 3, ...changes };
}

describe('monthly fits', () => {
  it('are made on the first of every month, and of nothing but the bars that had closed by then', () => {
    const months = Array.from({ length: 6 }, (_, k) => Date.UTC(2024, 1 + k, 1));
    expect(fitted.markov.map(({ refitMs }) => refitMs)).toEqual(months);
    expect(fitted.volatility.map(({ refitMs }) => refitMs)).toEqual(months);
    const cutMs = Date.UTC(2024, 4, 1);
    const kept = sliceCandles(
      candles,
      0,
      candles.openTimeMs.findIndex((ms) => ms >= cutMs + 3 * HOUR_MS),
    );
    const wild = randomCandles({ seed: 9, length: candles.length, intervalMs: HOUR_MS, startMs: START_MS });
    const changed = {
      ...candles,
      close: columnsOf(candles).close.map((close, i) => (candles.openTimeMs[i] < cutMs ? close : wild.close[i])),
    };
    const until = (fits: typeof fitted) =>
      [fits.markov, fits.volatility].map((all) => all.filter(({ refitMs }) => refitMs <= cutMs));
    expect(until(fitRegimes({ settings, candles: changed, untilMs: lastCloseMs, known: NO_REGIMES }))).toEqual(
      until(fitted),
    );
    const short = fitRegimes({ settings, candles: kept, untilMs: cutMs + 3 * HOUR_MS, known: NO_REGIMES });
    expect([short.markov, short.volatility]).toEqual(until(fitted));
    const other = fitRegimes({ settings, candles: changed, untilMs: lastCloseMs, known: NO_REGIMES });
    expect(other.volatility.at(-1)?.inputHash).not.toBe(fitted.volatility.at(-1)?.inputHash);
  });

  it('have no parameters from too few returns', () => {
    expect(fitted.markov[0]).toMatchObject({ parameters: null, separationSe: null });
    expect(fitted.markov[0].observations).toBeLessThan(300);
    expect(fitted.markov[2].parameters).not.toBeNull();
    expect(fitted.volatility[2]).toMatchObject({ parameters: null });
    expect(fitted.volatility[5].parameters).not.toBeNull();
  });

  it('are taken over from a store when they were made of the same returns, and only then', () => {
    const marked = { ...fitted, markov: fitted.markov.map((one) => ({ ...one, logLikelihood: 123 })) };
    const again = fitRegimes({ settings, candles, untilMs: lastCloseMs, known: marked });
    expect(again).toEqual(marked);
    const revised = {
      ...columnsOf(candles),
      close: columnsOf(candles).close.map((close, i) => (i > 30 && i < 40 ? 1.01 * close : close)),
    };
    const afresh = fitRegimes({ settings, candles: revised, untilMs: lastCloseMs, known: marked });
    expect(afresh.markov.every(({ logLikelihood }) => logLikelihood !== 123)).toBe(true);
  });
});

describe('the names of the states', () => {
  const parametersOf = (fits: readonly RegimeFit[]) => nameStates(fits, 'markov').map(({ parameters }) => parameters);

  it('follow the nearest parameters, not the order of a fit', () => {
    // the states of the second fit have nearly the same means and come in another order; their variances tell who is who
    const second = { p00: 0.8, p10: 0.1, means: [0.0009, 0.001], variances: [1e-4, 9e-4] } as const;
    const [, named] = nameStates([fit(1), fit(2, { parameters: { ...second, means: [-0.001, 0.0009] } })], 'markov');
    // up has the smaller mean now: better unknown than wrong
    expect(named.parameters).toBeNull();
    const [, kept] = parametersOf([
      fit(1),
      fit(2, { parameters: { ...second, means: [-0.01, 0.009], variances: [8e-4, 2e-4] } }),
    ]);
    expect(kept?.means).toEqual([-0.01, 0.009]);
  });

  it('are unknown while the states lie less than two standard errors apart, and begin with the first that do not', () => {
    expect(
      parametersOf([fit(1, { separationSe: 1.99 }), fit(2, { separationSe: null }), fit(3, { parameters: null })]),
    ).toEqual([null, null, null]);
    const swapped = { p00: 0.8, p10: 0.1, means: [-0.01, 0.01], variances: [1e-4, 9e-4] } as const;
    const [first, second] = parametersOf([
      fit(1, { parameters: swapped, separationSe: 1 }),
      fit(2, { separationSe: 2 }),
    ]);
    expect([first, second?.means]).toEqual([null, [-0.01, 0.01]]);
  });
});

describe('the tracks', () => {
  const trackedOf = (regimes: typeof NO_REGIMES) => {
    const tracks = createTracks(settings, { regimes });
    feedTracks(tracks, 'BTCUSDT', candles);
    return tracks;
  };
  const noon = (day: number): number => START_MS - 7 * HOUR_MS + day * DAY_MS + 12 * HOUR_MS;

  it('know nothing without parameters, before the first refit, and when states cannot be told apart', () => {
    const bare = trackedOf(NO_REGIMES);
    expect([bare.markov.probability1At(noon(150)), bare.volatility.probability1At(noon(150))]).toEqual([
      Number.NaN,
      Number.NaN,
    ]);
    const known = trackedOf({ markov: [fit(noon(100) - 12 * HOUR_MS)], volatility: [fit(0, { separationSe: 1 })] });
    expect(known.markov.probability1At(noon(99))).toBeNaN();
    expect(known.markov.probability1At(noon(100))).toBeGreaterThan(0);
    expect(known.volatility.probability1At(noon(100))).toBeNaN();
  });

  it('hold a trend inside the band until the other side of it is left', () => {
    const { trend } = trackedOf(NO_REGIMES);
    const days = Array.from({ length: 160 }, (_, k) => trend.trendAt(noon(30 + k)));
    const known = days.filter((value) => !Number.isNaN(value));
    expect(new Set(known)).toEqual(new Set([0, 1]));
    const changes = known.filter((value, k) => k > 0 && value !== known[k - 1]).length;
    expect(changes).toBeLessThan(25);
    expect(trend.trendAt(noon(5))).toBeNaN();
  });

  it('do not fall back to an older bar when the last one is missing', () => {
    const prng = createPrng(3, 'gap');
    const from = candles.openTimeMs.findIndex((ms) => ms >= noon(150) - 12 * HOUR_MS);
    const gap = 12 + prng.below(20);
    const before = sliceCandles(candles, 0, from);
    const after = sliceCandles(candles, from + gap, from + gap + 3);
    const tracks = createTracks(settings, { regimes: { markov: [fit(0)], volatility: [] } });
    feedTracks(tracks, 'BTCUSDT', before);
    const quietMs = before.openTimeMs[before.length - 1] + HOUR_MS;
    expect(tracks.markov.probability1At(quietMs + 8 * HOUR_MS)).toBeNaN();
    feedTracks(tracks, 'BTCUSDT', after);
    expect(tracks.markov.probability1At(quietMs + 8 * HOUR_MS)).toBeNaN();
  });
});
