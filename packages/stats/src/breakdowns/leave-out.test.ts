import { array, assert, constantFrom, integer, pre, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import hand from '../../test-data/trade_stats_hand.json' with { type: 'json' };
import { concentrationOf } from '../metrics/concentration.ts';
import { tradeStatistics } from '../metrics/trade-statistics.ts';
import { decisiveTrades, type GroupsLeftOut, leaveBestOut, leaveGroupsOut, type LeftOut } from './leave-out.ts';

/** 100, -50, 200, -120, -80, 40, 300, -60, -60, 90: together 360. */
const { trades } = hand;

function restOf(pnl: readonly number[], count: number): LeftOut {
  const found = leaveBestOut(pnl, count);
  if (found.kind === 'refused') throw new Error(found.reason);
  return found;
}

function groupsOf(pnl: readonly number[], groups: readonly string[]): GroupsLeftOut['groups'] {
  const found = leaveGroupsOut(pnl, groups);
  if (found.kind === 'refused') throw new Error(found.reason);
  return found.groups;
}

const refused = (reason: string, found: number, needed: number) => ({ kind: 'refused', reason, found, needed });

describe('leaveBestOut', () => {
  it('equals a calculation by hand', () => {
    expect(restOf(trades, 2)).toEqual({
      kind: 'rest',
      leftOut: 2,
      leftOutSum: 500,
      restSum: -140,
      rest: tradeStatistics([100, -50, -120, -80, 40, -60, -60, 90]),
    });
  });

  it('takes the first of equal trades and keeps the order of the rest', () => {
    // Without the first 5 the three losses stand together.
    expect(restOf([-1, 5, -1, -1, 5], 1).rest).toMatchObject({ trades: 4, losingStreakMax: 3 });
  });

  it('agrees with the concentration of the same trades', () => {
    const results = array(integer({ min: -1_000, max: 1_000 }), { minLength: 2, maxLength: 40 });
    assert(
      property(results, integer({ min: 1, max: 39 }), (pnl, count) => {
        pre(count < pnl.length);
        const { leftOutSum, restSum, rest } = restOf(pnl, count);
        const { best, restSum: sum, restMean } = concentrationOf(pnl, count);
        expect([leftOutSum, restSum]).toEqual([best, sum]);
        expect(rest.expectancy).toBeCloseTo(restMean, 9);
        expect(rest.trades).toBe(pnl.length - count);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('is refused when nothing remains or a result is missing', () => {
    expect(leaveBestOut([1, 2], 2)).toEqual(refused('too_few_trades', 2, 3));
    expect(leaveBestOut([], 1)).toEqual(refused('too_few_trades', 0, 2));
    expect(leaveBestOut([1, Number.NaN, 2], 1)).toEqual(refused('missing_result', 2, 3));
    expect(() => leaveBestOut([1, 2], 0)).toThrow('is left out');
  });
});

describe('decisiveTrades', () => {
  it.each([
    // 360 without 300 leaves 60, without 200 more -140.
    { pnl: trades, count: 2, countFrac: 0.2 },
    { pnl: [1, 1, 1], count: 3, countFrac: 1 },
    { pnl: [3, -1, -2], count: 0, countFrac: 0 },
    { pnl: [-3], count: 0, countFrac: 0 },
    { pnl: [5, 0, 0, 0], count: 1, countFrac: 0.25 },
  ])('of $pnl are $count', ({ pnl, ...expected }) => {
    expect(decisiveTrades(pnl)).toEqual({ kind: 'count', ...expected });
  });

  it('are the fewest without which nothing is gained', () => {
    assert(
      property(array(integer({ min: -100, max: 100 }), { minLength: 2, maxLength: 30 }), (pnl) => {
        const found = decisiveTrades(pnl);
        if (found.kind === 'refused') throw new Error(found.reason);
        const sumWithout = (count: number) =>
          pnl
            .toSorted((a, b) => b - a)
            .slice(count)
            .reduce((sum, value) => sum + value, 0);
        expect(sumWithout(found.count)).toBeLessThanOrEqual(0);
        for (let fewer = 0; fewer < found.count; fewer += 1) expect(sumWithout(fewer)).toBeGreaterThan(0);
      }),
      { seed: 2, numRuns: 300 },
    );
  });

  it('are refused without trades or with a missing result', () => {
    expect(decisiveTrades([])).toEqual(refused('too_few_trades', 0, 1));
    expect(decisiveTrades([1, Number.NaN])).toEqual(refused('missing_result', 1, 2));
  });
});

describe('leaveGroupsOut', () => {
  it('equals a calculation by hand, the group that gained most first', () => {
    const rows = groupsOf([5, -1, 2, -3, 2], ['BTC', 'ETH', 'SOL', 'ETH', 'ADA']);
    expect(rows.map(({ group, leftOut, leftOutSum, restSum }) => [group, leftOut, leftOutSum, restSum])).toEqual([
      ['BTC', 1, 5, 0],
      ['ADA', 1, 2, 3],
      ['SOL', 1, 2, 3],
      ['ETH', 2, -4, 9],
    ]);
    expect(rows[3].rest).toEqual(tradeStatistics([5, 2, 2]));
  });

  it('takes nothing away from the whole, and has the weakest rest first', () => {
    const rows = array(tuple(integer({ min: -50, max: 50 }), constantFrom('a', 'b', 'c', 'd')), { minLength: 1 });
    assert(
      property(rows, (list) => {
        const pnl = list.map(([value]) => value);
        const names = list.map(([, name]) => name);
        pre(new Set(names).size > 1);
        const total = pnl.reduce((sum, value) => sum + value, 0);
        const found = groupsOf(pnl, names);
        expect(found.map(({ group }) => group).toSorted()).toEqual([...new Set(names)].toSorted());
        for (const { leftOut, leftOutSum, restSum, rest } of found) {
          expect(leftOutSum + restSum).toBe(total);
          expect(leftOut + rest.trades).toBe(pnl.length);
          expect(restSum).toBeGreaterThanOrEqual(found[0].restSum);
        }
        expect(found.reduce((sum, { leftOutSum }) => sum + leftOutSum, 0)).toBe(total);
      }),
      { seed: 3, numRuns: 200 },
    );
  });

  it('is refused for one group, without trades or with a missing result', () => {
    expect(leaveGroupsOut([1, 2], ['a', 'a'])).toEqual(refused('one_group', 1, 2));
    expect(leaveGroupsOut([], [])).toEqual(refused('too_few_trades', 0, 1));
    expect(leaveGroupsOut([1, Number.NaN], ['a', 'b'])).toEqual(refused('missing_result', 1, 2));
    expect(() => leaveGroupsOut([1], [])).toThrow('has a group');
  });
});
