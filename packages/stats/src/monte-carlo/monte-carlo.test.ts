import { createPrng, quantileOf } from '@donch/core';
import { describe, expect, it } from 'vitest';
import shuffleExact from '../../test-data/shuffle_exact.json' with { type: 'json' };
import shuffleCash from '../../test-data/shuffle_exact_cash.json' with { type: 'json' };
import type { BlockRule } from '../bootstrap/resample-indices.ts';
import { resamplePaths } from '../bootstrap/resampled-paths.ts';
import { type ReturnSimulation, type ReturnSimulationOptions, simulateReturns } from './return-simulation.ts';
import { shuffleTrades, type TradeShuffle, type TradeShuffleOptions } from './trade-shuffle.ts';

const RULE: BlockRule = { kind: 'stationary', blockLength: 5 };

const OPTIONS: Omit<ReturnSimulationOptions, 'prng'> = { rule: RULE, ruinLossFrac: 0.5, drawdownLimitFrac: 0.2 };

function simulated(
  returns: readonly number[],
  options: Partial<ReturnSimulationOptions> = {},
  seed = 1,
): ReturnSimulation {
  const found = simulateReturns(returns, { ...OPTIONS, prng: createPrng(seed), ...options });
  if (found.kind === 'refused') throw new Error(`refused: ${found.reason}`);
  return found;
}

/** Normal daily returns; `memory` is the share of a day's surprise that the next day repeats. */
function days(count: number, { center = 0.001, sd = 0.02, memory = 0, seed = 2 } = {}): number[] {
  const prng = createPrng(seed);
  let before = 0;
  return Array.from({ length: count }, () => {
    before = memory * before + Math.sqrt(1 - memory ** 2) * prng.normal();
    return center + sd * before;
  });
}

const year = days(400);

describe('simulateReturns', () => {
  it('holds the figures of the data and quantiles of the paths', () => {
    const found = simulated(year);
    const paths = resamplePaths(year, { rule: RULE, draws: 2_000, prng: createPrng(1) });
    let [equity, peak, deepest, run, longest] = [1, 1, 0, 0, 0];
    for (const value of year) {
      equity *= 1 + value;
      peak = Math.max(peak, equity);
      deepest = Math.min(deepest, equity / peak - 1);
      run = equity < peak ? run + 1 : 0;
      longest = Math.max(longest, run);
    }
    expect(found).toMatchObject({ days: 400, draws: 2_000, blockLength: 5 });
    expect(found.totalReturnFrac.estimate).toBeCloseTo(equity - 1, 12);
    expect(found.drawdownFrac.estimate).toBeCloseTo(deepest, 12);
    expect(found.underwaterDaysMax.estimate).toBe(longest);
    expect(found.cagrFrac).toMatchObject({ kind: 'interval', estimate: equity ** (365 / 400) - 1 });
    for (const [figure, drawn] of [
      [found.totalReturnFrac, paths.totalReturnFrac],
      [found.drawdownFrac, paths.drawdownFrac],
      [found.underwaterDaysMax, paths.underwaterMax],
    ] as const) {
      expect(figure).toMatchObject({
        low: quantileOf(drawn, (1 - 0.95) / 2),
        median: quantileOf(drawn, 0.5),
        high: quantileOf(drawn, (1 + 0.95) / 2),
      });
    }
  });

  it('spreads the growth of independent days as theory says', () => {
    const { totalReturnFrac } = simulated(year, { draws: 8_000, rule: { kind: 'circular_blocks', blockLength: 1 } });
    const logs = year.map((value) => Math.log1p(value));
    const center = logs.reduce((sum, value) => sum + value, 0) / logs.length;
    const sd = Math.sqrt(logs.reduce((sum, value) => sum + (value - center) ** 2, 0));
    const width = Math.log1p(totalReturnFrac.high) - Math.log1p(totalReturnFrac.low);
    expect(width / (2 * 1.96 * sd)).toBeCloseTo(1, 1.3);
    expect(Math.log1p(totalReturnFrac.median) / (400 * center)).toBeCloseTo(1, 1);
  });

  it('finds deeper falls where bad days follow bad days and blocks keep them together', () => {
    const sticky = days(800, { memory: 0.6 });
    const alone = simulated(sticky, { rule: { kind: 'stationary', blockLength: 1 } });
    const kept = simulated(sticky, { rule: { kind: 'stationary', blockLength: 20 } });
    expect(kept.drawdownFrac.median).toBeLessThan(1.2 * alone.drawdownFrac.median);
    expect(kept.drawdownBeyondLimit.estimate).toBeGreaterThan(alone.drawdownBeyondLimit.estimate);
  });

  it('has the probability of ruin of a coin that doubles or costs everything', () => {
    // Returns of 1/4 of the days are -100 %: the chance to survive n = 48 drawn days is (3/4)^48.
    const coin = Array.from({ length: 48 }, (_, k) => (k % 4 === 0 ? -1 : 0.01));
    const never = simulated(coin, { rule: { kind: 'circular_blocks', blockLength: 1 }, ruinLossFrac: 1 });
    expect(never.ruin.estimate).toBeCloseTo(1 - 0.75 ** 48, 3);
    // One such day among 48: (1 - 1/48)^48.
    const rare = coin.map((_, k) => (k === 7 ? -1 : 0.01));
    const { ruin, drawdownBeyondLimit } = simulated(rare, { rule: { kind: 'circular_blocks', blockLength: 1 } });
    expect(ruin.low).toBeLessThan(1 - (47 / 48) ** 48);
    expect(ruin.high).toBeGreaterThan(1 - (47 / 48) ** 48);
    expect(ruin).toEqual({ ...drawdownBeyondLimit });
    expect(ruin).toMatchObject({ trials: 2_000, hits: 2_000 * ruin.estimate, level: 0.95 });
  });

  it('is certain of what cannot happen only as far as its draws reach', () => {
    const { ruin, drawdownBeyondLimit } = simulated(Array.from({ length: 100 }, (_, k) => 0.01 * (k % 2)));
    expect(ruin).toMatchObject({ estimate: 0, low: 0, hits: 0 });
    expect(ruin.high).toBeCloseTo(3.69 / 2_000, 5);
    expect(drawdownBeyondLimit.estimate).toBe(0);
  });

  it('repeats itself for the same seed', () => {
    expect(simulated(year, {}, 5)).toEqual(simulated(year, {}, 5));
    expect(simulated(year, {}, 6)).not.toEqual(simulated(year, {}, 5));
  });

  it('shows no growth per year below one year', () => {
    const { cagrFrac, totalReturnFrac } = simulated(year.slice(0, 364));
    expect(cagrFrac).toEqual({ kind: 'refused', reason: 'below_one_year', found: 364, needed: 365 });
    expect(totalReturnFrac.low).toBeLessThan(totalReturnFrac.high);
  });

  it.each([
    { returns: [], refusal: { reason: 'too_few_blocks', found: 0, needed: 12 } },
    { returns: year.slice(0, 59), refusal: { reason: 'too_few_blocks', found: 11, needed: 12 } },
    { returns: [...year, Number.NaN], refusal: { reason: 'missing_return', found: 400, needed: 401 } },
  ])('is refused: $refusal.reason', ({ returns, refusal }) => {
    expect(simulateReturns(returns, { ...OPTIONS, prng: createPrng(1) })).toEqual({ kind: 'refused', ...refusal });
  });

  it('refuses limits that are none', () => {
    expect(() => simulated(year, { ruinLossFrac: 0 })).toThrow('loss of a share');
    expect(() => simulated(year, { drawdownLimitFrac: 1 })).toThrow('between 0 and 1');
    expect(() => simulated(year, { draws: 10 })).toThrow('2000 draws');
  });
});

function shuffled(results: readonly number[], options: Partial<TradeShuffleOptions> = {}): TradeShuffle {
  const found = shuffleTrades(results, {
    sizing: 'compounded',
    startCapital: 1,
    drawdownLimitFrac: 0.08,
    prng: createPrng(3),
    draws: 20_000,
    ...options,
  });
  if (found.kind === 'refused') throw new Error(`refused: ${found.reason}`);
  return found;
}

describe('shuffleTrades', () => {
  const { returns, suggested_mc: mc, max_drawdown_quantiles: exact } = shuffleExact;

  it.each([
    { level: 0.98, low: exact['0.01'], high: exact['0.99'] },
    { level: 0.9, low: exact['0.05'], high: exact['0.95'] },
    { level: 0.5, low: exact['0.25'], high: exact['0.75'] },
  ])('has the exact quantiles of all 720 orders at $level', ({ level, low, high }) => {
    const { drawdownFrac } = shuffled(returns, { level, draws: mc.B });
    expect(Math.abs(drawdownFrac.low - low)).toBeLessThan(mc.tolerance_quantile_abs);
    expect(Math.abs(drawdownFrac.high - high)).toBeLessThan(mc.tolerance_quantile_abs);
    expect(Math.abs(drawdownFrac.median - exact['0.5'])).toBeLessThan(mc.tolerance_quantile_abs);
  });

  it('has the exact probability of a fall beyond the limit', () => {
    const { estimate, low, high } = shuffled(returns, { draws: mc.B }).drawdownBeyondLimit;
    expect(Math.abs(estimate - shuffleExact.prob_mdd_worse_than_8pct)).toBeLessThan(mc.tolerance_prob_abs);
    expect(low).toBeLessThan(0.2);
    expect(high).toBeGreaterThan(0.2);
  });

  it('has the drawdowns in cash of trades of fixed size', () => {
    const { trades, start: startCapital, max_drawdown_cash: cash, q95 } = shuffleCash;
    const { drawdownCash } = shuffled(trades, { sizing: 'fixed', startCapital, level: 0.9 });
    expect(drawdownCash).toMatchObject({ estimate: -70, low: -q95, high: -cash.values[0] });
  });

  it('shows drawdowns only', () => {
    const kinds = Object.keys(shuffled(returns)).filter((key) => !['kind', 'trades', 'draws'].includes(key));
    expect(kinds.every((key) => key.startsWith('drawdown'))).toBe(true);
    expect(shuffled(returns).drawdownFrac.estimate).toBeCloseTo(0.97 * 1.02 * 0.96 - 1, 12);
  });

  it('is refused with a missing result and without another order', () => {
    const options = { sizing: 'fixed', startCapital: 1, drawdownLimitFrac: 0.2, prng: createPrng(1) } as const;
    const refused = (results: number[]) => shuffleTrades(results, options);
    expect(refused([1])).toEqual({ kind: 'refused', reason: 'too_few_trades', found: 1, needed: 2 });
    expect(refused([])).toEqual({ kind: 'refused', reason: 'too_few_trades', found: 0, needed: 2 });
    expect(refused([1, Number.NaN])).toEqual({ kind: 'refused', reason: 'missing_result', found: 1, needed: 2 });
  });
});
