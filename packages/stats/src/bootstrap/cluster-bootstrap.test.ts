import { createPrng, DAY_MS, type Prng, WEEK_MS } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { clusterBootstrap, type TradeSample } from './cluster-bootstrap.ts';

/** 2024-01-01, a Monday. */
const MONDAY_MS = 19_723 * DAY_MS;

interface WeeklyMarket {
  readonly weeks: number;
  readonly tradesPerWeek: number;
  /** Standard deviation of what all trades of a week share. */
  readonly weekSd: number;
  readonly tradeSd: number;
}

/** Trades with mean 0 that share the fate of their week. */
function trades(prng: Prng, { weeks, tradesPerWeek, weekSd, tradeSd }: WeeklyMarket): TradeSample {
  const entryTimeMs: number[] = [];
  const pnl: number[] = [];
  for (let week = 0; week < weeks; week += 1) {
    const shared = weekSd * prng.normal();
    for (let k = 0; k < tradesPerWeek; k += 1) {
      entryTimeMs.push(MONDAY_MS + week * WEEK_MS + prng.below(WEEK_MS));
      pnl.push(shared + tradeSd * prng.normal());
    }
  }
  return { entryTimeMs, pnl };
}

const market = { weeks: 40, tradesPerWeek: 8, weekSd: 0.5, tradeSd: 1 };
const sample = trades(createPrng(1), market);

function boundsOf(
  input: TradeSample,
  statistic: 'mean' | 'profit_factor' = 'mean',
  seed = 7,
): [number, number, number] {
  const found = clusterBootstrap(input, statistic, { prng: createPrng(seed) });
  if (found.kind === 'refused') throw new Error(`refused: ${found.reason}`);
  return [found.low, found.estimate, found.high];
}

describe('clusterBootstrap', () => {
  it('is refused below 12 different weeks, with the number found', () => {
    const few = trades(createPrng(2), { ...market, weeks: 11, tradesPerWeek: 50 });
    const refused = { kind: 'refused', reason: 'too_few_clusters', found: 11, needed: 12 };
    expect(clusterBootstrap(few, 'mean', { prng: createPrng(1) })).toEqual(refused);
    expect(clusterBootstrap({ entryTimeMs: [], pnl: [] }, 'mean', { prng: createPrng(1) })).toEqual({
      ...refused,
      found: 0,
    });
    expect(boundsOf(trades(createPrng(2), { ...market, weeks: 12, tradesPerWeek: 1 }))).toHaveLength(3);
  });

  it('cuts weeks at Monday 00:00 UTC', () => {
    const sundays = Array.from({ length: 12 }, (_, k) => MONDAY_MS + (k + 1) * WEEK_MS - 1);
    const mondays = sundays.map((timeMs) => timeMs + 1);
    const count = (entryTimeMs: number[]) => {
      const found = clusterBootstrap({ entryTimeMs, pnl: entryTimeMs.map(() => 1) }, 'mean', { prng: createPrng(1) });
      return found.kind === 'interval' ? found.weeks : found.found;
    };
    expect(count(sundays)).toBe(12);
    expect(count([...sundays, ...mondays])).toBe(13);
  });

  it('gives the same interval for the same seed whatever the order of the trades', () => {
    const order = sample.pnl.length;
    const reversed = {
      entryTimeMs: Array.from({ length: order }, (_, k) => sample.entryTimeMs[order - 1 - k]),
      pnl: Array.from({ length: order }, (_, k) => sample.pnl[order - 1 - k]),
    };
    expect(boundsOf(reversed)).toEqual(boundsOf(sample));
    expect(boundsOf(sample, 'mean', 8)).not.toEqual(boundsOf(sample));
  });

  it('is not narrowed by counting the same trades ten times', () => {
    const tenfold = {
      entryTimeMs: Array.from({ length: 10 }, () => Array.from(sample.entryTimeMs)).flat(),
      pnl: Array.from({ length: 10 }, () => Array.from(sample.pnl)).flat(),
    };
    const [low, estimate, high] = boundsOf(tenfold);
    const [lowOnce, estimateOnce, highOnce] = boundsOf(sample);
    expect(low).toBeCloseTo(lowOnce, 10);
    expect(estimate).toBeCloseTo(estimateOnce, 10);
    expect(high).toBeCloseTo(highOnce, 10);
  });

  it('is as wide as theory says for weeks of equal size', () => {
    const prng = createPrng(3);
    const many = trades(prng, { ...market, weeks: 200 });
    const [low, estimate, high] = boundsOf(many);
    const weekly = Array.from({ length: 200 }, (_, week) => {
      const own = Array.from(many.pnl).slice(week * 8, week * 8 + 8);
      return own.reduce((sum, value) => sum + value, 0) / 8;
    });
    const sd = Math.sqrt(weekly.reduce((sum, value) => sum + (value - estimate) ** 2, 0) / 200);
    expect((high - low) / (2 * 1.96 * (sd / Math.sqrt(200)))).toBeCloseTo(1, 1);
  });

  it('covers the true mean about as often as it claims, where trades of a week move together', () => {
    const prng = createPrng(4);
    let covered = 0;
    for (let trial = 0; trial < 200; trial += 1) {
      const [low, , high] = boundsOf(trades(prng, { ...market, weekSd: 1, tradeSd: 0.5 }), 'mean', trial);
      if (low <= 0 && high >= 0) covered += 1;
    }
    // 95 % claimed; 200 trials give a standard error of 1.5 %, and 40 weeks cost about 1 %. Single trades would cover 55 %.
    expect(covered / 200).toBeGreaterThan(0.9);
    expect(covered / 200).toBeLessThan(0.99);
  });

  it('takes the profit factor over all trades of a draw', () => {
    const [low, estimate, high] = boundsOf(sample, 'profit_factor');
    const gross = (sign: number) => Array.from(sample.pnl).reduce((sum, value) => sum + Math.max(sign * value, 0), 0);
    expect(estimate).toBeCloseTo(gross(1) / gross(-1), 10);
    expect(low).toBeLessThan(estimate);
    expect(high).toBeGreaterThan(estimate);
  });

  it('is infinite without losses and refused when there is nothing to divide', () => {
    const weeks = Array.from({ length: 14 }, (_, k) => MONDAY_MS + k * WEEK_MS);
    const of = (pnl: number[]) =>
      clusterBootstrap({ entryTimeMs: weeks, pnl }, 'profit_factor', { prng: createPrng(1) });
    const infinite = { estimate: Number.POSITIVE_INFINITY, low: Number.POSITIVE_INFINITY };
    expect(of(weeks.map(() => 1))).toMatchObject({ kind: 'interval', ...infinite, high: Number.POSITIVE_INFINITY });
    expect(of(weeks.map(() => 0))).toMatchObject({ kind: 'refused', reason: 'undefined_statistic' });
    expect(of(weeks.map((_, k) => (k === 3 ? Number.NaN : 1)))).toMatchObject({ reason: 'undefined_statistic' });
  });

  it('takes no fewer than 2,000 draws', () => {
    expect(() => clusterBootstrap(sample, 'mean', { prng: createPrng(1), draws: 1_999 })).toThrow('2000 draws');
  });
});
