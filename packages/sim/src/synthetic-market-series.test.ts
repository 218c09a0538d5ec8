import { DAY_MS, MINUTE_MS } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { marketFactor } from './synthetic-market-factor.ts';
import { seasonOf } from './synthetic-market-processes.ts';
import { realisticCandles, type SeriesShape } from './synthetic-market-series.ts';
import { syntheticSymbol } from './synthetic-market-symbols.ts';

const START_MS = Date.UTC(2024, 0, 1);
const INTERVAL_MS = 5 * MINUTE_MS;
const BARS = DAY_MS / INTERVAL_MS;
const SEASON = seasonOf(INTERVAL_MS);
const WINDOW = { seed: 1, venue: 'synthetic', startMs: START_MS, days: 1, listings: true, tickDigits: 9 };
/** Ten times the usual volatility, half from the factor: what a missing correction of sigma^2 / 2 does is then plain to see. */
const SYMBOL = { ...syntheticSymbol(2, WINDOW), ownDaySd: 0.3, beta: 20 };

function dayRatio(seed: number, driftPerDay: number): { readonly simple: number; readonly log: number } {
  const factor = marketFactor({ seed, startMs: START_MS, bars: BARS, intervalMs: INTERVAL_MS, driftPerDay }, SEASON);
  const shape: SeriesShape = {
    seed,
    stream: 'test',
    startMs: START_MS,
    intervalMs: INTERVAL_MS,
    subSteps: 10,
    fromBar: 0,
    toBar: BARS,
    effect: 0,
    factor,
    season: SEASON,
    marketUp: null,
  };
  const { close } = realisticCandles(SYMBOL, shape);
  const simple = close[BARS - 1] / SYMBOL.startPrice;
  return { simple, log: Math.log(simple) };
}

function meanAndError(values: readonly number[]): { readonly mean: number; readonly error: number } {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1);
  return { mean, error: Math.sqrt(variance / values.length) };
}

describe('a symbol of the realistic market', () => {
  const days = Array.from({ length: 1_500 }, (_, seed) => dayRatio(seed, 0));

  it('is a martingale too where neither regime nor effect moves it: E[S_T / S_0] = 1', () => {
    const { mean, error } = meanAndError(days.map(({ simple }) => simple));
    expect(error).toBeLessThan(0.03);
    expect(Math.abs(mean - 1)).toBeLessThan(3 * error);
    // Power: the logarithm falls by far more than that error.
    expect(meanAndError(days.map(({ log }) => log)).mean).toBeLessThan(-0.08);
  });

  it('drifts with the regime of the market when that has a drift', () => {
    // The same seeds with a drift of 0.002 per day: beta times as much, up or down for the whole day in most cases.
    const moves = days.slice(0, 100).map(({ log }, seed) => Math.abs(dayRatio(seed, 0.002).log - log));
    expect(meanAndError(moves).mean).toBeGreaterThan(0.9 * 0.002 * SYMBOL.beta);
    expect(Math.max(...moves)).toBeLessThan(1.001 * 0.002 * SYMBOL.beta);
  });
});
