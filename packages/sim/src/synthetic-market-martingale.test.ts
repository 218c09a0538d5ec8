import { MINUTE_MS, type Candles } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { martingaleCandles, type MartingaleShape } from './synthetic-market-martingale.ts';
import { syntheticSymbol } from './synthetic-market-symbols.ts';
import { syntheticMarket } from './synthetic-market.ts';

const START_MS = Date.UTC(2024, 0, 1);
const WINDOW = { seed: 1, venue: 'synthetic', startMs: START_MS, days: 1, listings: false, tickDigits: 6 };
const SYMBOL = syntheticSymbol(2, WINDOW);
const SHAPE: MartingaleShape = {
  seed: 1,
  stream: 'test',
  startMs: START_MS,
  bars: 288,
  intervalMs: 5 * MINUTE_MS,
  subSteps: 10,
  daySd: 0.04,
};

interface Estimate {
  readonly mean: number;
  readonly error: number;
}

function estimate(values: readonly number[]): Estimate {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1);
  return { mean, error: Math.sqrt(variance / values.length) };
}

const pathOf = (n: number, change: Partial<MartingaleShape> = {}): Candles =>
  martingaleCandles(SYMBOL, { ...SHAPE, stream: `path ${n}`, ...change });

describe('a martingale', () => {
  // Volatility twenty times the usual one: a forgotten correction of sigma^2 / 2 is then 160 standard errors wide.
  const wild = Array.from({ length: 3_000 }, (_, n) => pathOf(n, { daySd: 0.8, bars: 144 }));

  it('keeps its expected price over half a day: E[S_T / S_0] = 1', () => {
    const { mean, error } = estimate(wild.map((candles) => candles.close[143] / candles.open[0]));
    expect(error).toBeLessThan(0.02);
    expect(Math.abs(mean - 1)).toBeLessThan(3 * error);
  });

  it('keeps its expected price in every bar, and its logarithm falls by half the variance', () => {
    const simple: number[] = [];
    const logarithmic: number[] = [];
    const halfVariance: number[] = [];
    for (const { open, close, length } of wild) {
      for (let i = 0; i < length; i += 1) {
        simple.push(close[i] / open[i] - 1);
        logarithmic.push(Math.log(close[i] / open[i]));
        halfVariance.push(0.5 * Math.log(close[i] / open[i]) ** 2);
      }
    }
    const [plain, log] = [estimate(simple), estimate(logarithmic)];
    expect(Math.abs(plain.mean)).toBeLessThan(3 * plain.error);
    expect(Math.abs(log.mean + estimate(halfVariance).mean)).toBeLessThan(4 * log.error);
    // The test has power: a walk without drift in the logarithm would be seen.
    expect(log.mean).toBeLessThan(-10 * log.error);
  });

  it('opens every bar where the last one closed', () => {
    const { open, close, length } = pathOf(1);
    for (let i = 1; i < length; i += 1) expect(open[i]).toBe(close[i - 1]);
  });

  // One long path; every episode starts at the open after the last one ended.
  const finest = syntheticSymbol(2, { ...WINDOW, tickDigits: 11 });
  const long = martingaleCandles(finest, { ...SHAPE, stream: 'long', bars: 300_000, daySd: 0.09 });

  // Optional stopping: from S the chance to reach b before a is (S - a) / (b - a) for every continuous martingale, whatever its
  // volatility does. Ten steps per bar without the extremes between them give 0.014 too much in the first case, five standard errors.
  it.each([
    [0.99, 1.04],
    [0.96, 1.01],
    [0.98, 1.02],
  ])('reaches %d or %d of its price first with the chances of optional stopping', (below, above) => {
    const { high, low, open, length } = long;
    const hits: number[] = [];
    let from = 0;
    for (let i = 0; i < length; i += 1) {
      const stopped = low[i] <= below * open[from];
      const reached = high[i] >= above * open[from];
      if (!stopped && !reached) continue;
      // Both in one bar (below 1 %): half each way.
      hits.push(stopped && reached ? 0.5 : reached ? 1 : 0);
      from = i + 1;
    }
    expect(hits.filter((hit) => hit === 0.5).length / hits.length).toBeLessThan(0.01);
    const { mean, error } = estimate(hits);
    expect(error).toBeLessThan(0.006);
    expect(Math.abs(mean - (1 - below) / (above - below))).toBeLessThan(3 * error);
  });

  it('pays nothing to a stop that is filled at its own price', () => {
    const { low, open, close, length } = long;
    const results: number[] = [];
    let from = 0;
    for (let i = 0; i < length; i += 1) {
      const stopped = low[i] <= 0.985 * open[from];
      if (!stopped && i - from < 143) continue;
      results.push(stopped ? -0.015 : close[i] / open[from] - 1);
      from = i + 1;
    }
    const { mean, error } = estimate(results);
    expect(results.length).toBeGreaterThan(4_000);
    expect(Math.abs(mean)).toBeLessThan(3 * error);
  });

  it('has no memory in its returns, and one in their size', () => {
    const { close, length } = pathOf(0, { bars: 50_000 });
    const returns = Float64Array.from({ length: length - 1 }, (_, i) => Math.log(close[i + 1] / close[i]));
    const sizes = returns.map(Math.abs);
    // Sizes differ, so the standard error is that of x_i x_{i-lag}, not 1 / sqrt(n).
    for (const lag of [1, 2, 12, 288]) {
      const products = Array.from({ length: returns.length - lag }, (_, i) => returns[i + lag] * returns[i]);
      const { mean, error } = estimate(products);
      expect(Math.abs(mean)).toBeLessThan(3.5 * error);
    }
    expect(correlation(sizes.subarray(12), sizes)).toBeGreaterThan(0.1);
    expect(correlation(sizes.subarray(288), sizes)).toBeGreaterThan(0.03);
  });

  it('has volume that says nothing about the next return, neither its sign nor its size', () => {
    const { close, open, volume, high, low, length } = pathOf(0, { bars: 100_000 });
    const logVolume = volume.map(Math.log);
    const hours = 288;
    // Volume and volatility share the clock: compare bars of the same time of day only.
    const adjusted = withoutSeason(logVolume, hours);
    const next = Float64Array.from({ length: length - 1 }, (_, i) => Math.log(close[i + 1] / open[i + 1]));
    const nextSize = withoutSeason(
      next.map((r) => Math.log(Math.abs(r) + 1e-6)),
      hours,
      1,
    );
    expect(Math.abs(correlation(adjusted, next))).toBeLessThan(0.012);
    expect(Math.abs(correlation(adjusted, nextSize))).toBeLessThan(0.02);
    // Within its own bar it follows the range.
    const range = withoutSeason(
      high.map((h, i) => Math.log(h / low[i])),
      hours,
    );
    expect(correlation(adjusted, range)).toBeGreaterThan(0.05);
  });

  it('is independent of the other symbols', () => {
    const market = syntheticMarket({
      seed: 2,
      symbols: 6,
      startMs: START_MS,
      days: 60,
      intervalMs: 5 * MINUTE_MS,
      mode: 'martingale',
    });
    const all = market.symbols.map((_, k) => {
      const { close, length } = market.candles(k);
      return Float64Array.from({ length: length - 1 }, (_unused, i) => Math.log(close[i + 1] / close[i]));
    });
    for (let a = 0; a < all.length; a += 1) {
      for (let b = 0; b < a; b += 1) expect(Math.abs(correlation(all[a], all[b]))).toBeLessThan(0.04);
    }
    expect(market.funding(2).timeMs.length).toBe(0);
  });
});

describe('rounding to the tick', () => {
  /** The same path on a grid 10,000 times finer: what rounding did, bar by bar. */
  const fine = {
    ...SYMBOL,
    rules: { ...SYMBOL.rules, tickSize: Number(`1e${Math.floor(Math.log10(SYMBOL.startPrice)) - 10}`) },
  };
  const shape = { ...SHAPE, bars: 60_000 };
  const rounded = martingaleCandles(SYMBOL, shape);
  const exact = martingaleCandles(fine, shape);
  const tick = SYMBOL.rules.tickSize;

  it('never moves a price by more than half a tick: errors do not add up along the path', () => {
    for (const name of ['open', 'high', 'low', 'close'] as const) {
      const errors = rounded[name].map((price, i) => Math.abs(price - exact[name][i]) / tick);
      expect(errors.reduce((a, b) => Math.max(a, b))).toBeLessThanOrEqual(0.5001);
    }
  });

  it('has no preferred direction', () => {
    for (const name of ['open', 'high', 'low', 'close'] as const) {
      const { mean, error } = estimate(Array.from(rounded[name], (price, i) => (price - exact[name][i]) / tick));
      expect(error).toBeLessThan(0.002);
      expect(Math.abs(mean)).toBeLessThan(4 * error);
    }
  });

  it('uses a tick of at most a hundred-thousandth of the price', () => {
    for (let k = 0; k < 60; k += 1) {
      const { startPrice, rules } = syntheticSymbol(k, WINDOW);
      expect(rules.tickSize / startPrice).toBeLessThan(1e-5);
    }
  });
});

function withoutSeason(values: Float64Array, period: number, shift = 0): Float64Array {
  const sums = new Float64Array(period * 7);
  const counts = new Float64Array(period * 7);
  for (let i = 0; i < values.length; i += 1) {
    sums[(i + shift) % sums.length] += values[i];
    counts[(i + shift) % sums.length] += 1;
  }
  return values.map((value, i) => value - sums[(i + shift) % sums.length] / counts[(i + shift) % sums.length]);
}

function correlation(a: Float64Array, b: Float64Array): number {
  const length = Math.min(a.length, b.length);
  let [sa, sb] = [0, 0];
  for (let i = 0; i < length; i += 1) {
    sa += a[i] / length;
    sb += b[i] / length;
  }
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < length; i += 1) {
    ab += (a[i] - sa) * (b[i] - sb);
    aa += (a[i] - sa) ** 2;
    bb += (b[i] - sb) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}
