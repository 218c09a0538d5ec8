import { createPrng, DAY_MS, type Prng, WEEK_MS } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { clusterBootstrap, type ClusterInterval, type TradeSample } from './cluster-bootstrap.ts';
import { differenceBootstrap } from './difference-bootstrap.ts';

/** 2024-01-01, a Monday. */
const MONDAY_MS = 19_723 * DAY_MS;

interface Market {
  readonly weeks: number;
  readonly fromWeek?: number;
  readonly tradesPerWeek: number;
  /** Standard deviation of what all trades of a week share. */
  readonly weekSd?: number;
  readonly mean?: number;
}

/** Trades that share the fate of their week, which is drawn from `fate`; everything else comes from `own`. */
function trades(fate: Prng, own: Prng, market: Market): TradeSample {
  const { weeks, fromWeek = 0, tradesPerWeek, weekSd = 1, mean = 0 } = market;
  const entryTimeMs: number[] = [];
  const pnl: number[] = [];
  for (let week = 0; week < weeks; week += 1) {
    const shared = mean + weekSd * fate.normal();
    for (let k = 0; k < tradesPerWeek; k += 1) {
      entryTimeMs.push(MONDAY_MS + (fromWeek + week) * WEEK_MS + own.below(WEEK_MS));
      pnl.push(shared + own.normal());
    }
  }
  return { entryTimeMs, pnl };
}

/** Two strategies in the same market. */
function pair(seed: number, market: Market, otherMean = 0): { base: TradeSample; other: TradeSample } {
  return {
    base: trades(createPrng(seed, 'market'), createPrng(seed, 'a'), market),
    other: trades(createPrng(seed, 'market'), createPrng(seed, 'b'), { ...market, mean: otherMean }),
  };
}

function intervalOf(base: TradeSample, other: TradeSample, seed = 7): ClusterInterval {
  const found = differenceBootstrap({ base, other }, { prng: createPrng(seed) });
  if (found.kind === 'refused') throw new Error(`refused: ${found.reason}`);
  return found;
}

const meanOf = ({ pnl }: TradeSample): number => Array.from(pnl).reduce((sum, value) => sum + value, 0) / pnl.length;
const market = { weeks: 40, tradesPerWeek: 5 };
const { base, other } = pair(1, market, 0.3);

describe('differenceBootstrap', () => {
  it('is 0 with the interval [0, 0] for identical trades', () => {
    expect(intervalOf(base, base)).toMatchObject({ estimate: 0, low: 0, high: 0, weeks: 40 });
  });

  it('estimates the difference of the means, in both directions alike', () => {
    const there = intervalOf(base, other);
    expect(there.estimate).toBeCloseTo(meanOf(other) - meanOf(base), 12);
    expect(there.low).toBeLessThan(there.estimate);
    expect(there.high).toBeGreaterThan(there.estimate);
    const back = intervalOf(other, base);
    expect([-back.high, -back.estimate, -back.low]).toEqual([
      expect.closeTo(there.low, 12),
      there.estimate,
      expect.closeTo(there.high, 12),
    ]);
  });

  it('moves by exactly what is added to every trade of the other', () => {
    const better = { entryTimeMs: base.entryTimeMs, pnl: Array.from(base.pnl, (value) => value + 0.5) };
    const { estimate, low, high } = intervalOf(base, better);
    for (const value of [estimate, low, high]) expect(value).toBeCloseTo(0.5, 12);
  });

  it('equals the weekly bootstrap of the pair differences where every trade has a partner', () => {
    const partner = { entryTimeMs: base.entryTimeMs, pnl: Array.from(base.pnl, (value, k) => value + Math.sin(k)) };
    const differences = { entryTimeMs: base.entryTimeMs, pnl: Array.from(base.pnl, (_, k) => Math.sin(k)) };
    const paired = clusterBootstrap(differences, 'mean', { prng: createPrng(7) });
    const { estimate, low, high } = intervalOf(base, partner);
    expect(paired).toMatchObject({
      estimate: expect.closeTo(estimate, 12) as number,
      low: expect.closeTo(low, 12) as number,
      high: expect.closeTo(high, 12) as number,
    });
  });

  it('draws from the weeks of both where they have none in common', () => {
    const later = trades(createPrng(3), createPrng(4), { weeks: 30, fromWeek: 40, tradesPerWeek: 5, mean: 2 });
    const found = intervalOf(base, later);
    expect(found.weeks).toBe(70);
    expect(found.estimate).toBeCloseTo(meanOf(later) - meanOf(base), 12);
    expect(found.low).toBeLessThan(found.estimate);
  });

  it('gives the same interval whatever the order of the trades, and another one for another seed', () => {
    const reversed = (sample: TradeSample): TradeSample => ({
      entryTimeMs: Array.from(sample.entryTimeMs).reverse(),
      pnl: Array.from(sample.pnl).reverse(),
    });
    expect(intervalOf(reversed(base), reversed(other))).toEqual(intervalOf(base, other));
    expect(intervalOf(base, other, 8)).not.toEqual(intervalOf(base, other));
  });

  it.each([
    { name: 'one set has 11 weeks', base: pair(2, { weeks: 11, tradesPerWeek: 50 }).base, other, found: 11 },
    { name: 'the other set has 11', base, other: pair(2, { weeks: 11, tradesPerWeek: 50 }).other, found: 11 },
    { name: 'one set is empty', base, other: { entryTimeMs: [], pnl: [] }, found: 0 },
  ])('is refused when $name, with the number of weeks found', ({ base: first, other: second, found }) => {
    const refused = { kind: 'refused', reason: 'too_few_clusters', found, needed: 12 };
    expect(differenceBootstrap({ base: first, other: second }, { prng: createPrng(1) })).toEqual(refused);
  });

  it('is refused when draws leave one of them without a trade', () => {
    const later = trades(createPrng(3), createPrng(4), { weeks: 30, fromWeek: 40, tradesPerWeek: 5 });
    const firstWeekOnly: Prng = { next: () => 0, below: () => 0, normal: () => 0 };
    expect(differenceBootstrap({ base, other: later }, { prng: firstWeekOnly })).toEqual({
      kind: 'refused',
      reason: 'undefined_statistic',
      found: 70,
      needed: 12,
    });
  });

  it('is far narrower than two intervals of their own, and still covers: 95 % of 300 markets', () => {
    let [covered, narrower] = [0, 0];
    for (let seed = 1; seed <= 300; seed += 1) {
      const one = pair(seed, { weeks: 30, tradesPerWeek: 4 });
      const { low, high } = intervalOf(one.base, one.other, seed);
      covered += Number(low <= 0 && high >= 0);
      const alone = clusterBootstrap(one.base, 'mean', { prng: createPrng(seed) });
      if (alone.kind === 'interval') narrower += Number(high - low < alone.high - alone.low);
    }
    // a percentile interval of 30 weeks covers a little less than its name; 4 standard errors of 300 are 0.05
    expect(covered / 300).toBeGreaterThan(0.89);
    expect(covered / 300).toBeLessThan(0.99);
    expect(narrower / 300).toBeGreaterThan(0.9);
  });
});
