import { createPrng, DAY_MS, resample, WEEK_MS } from '@donch/core';
import {
  candlesFromColumns,
  columnDifference,
  describeWithShared,
  goldenCandles,
  goldenTable,
  randomCandles,
  readNumberCsv,
  sharedDir,
} from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import {
  CrossSection,
  dailyHistory,
  isMember,
  percentileRanks,
  strengthScore,
  type CrossSectionOptions,
  type DailyHistory,
} from './cross-section.ts';

/** 2024-03-11 00:00 UTC, a Monday. */
const MONDAY_MS = Date.UTC(2024, 2, 11);
const WEEKLY: CrossSectionOptions = { mode: 'weekly', score: 'return_over_vol' };
const ALWAYS = { fromMs: null, toMs: null };

/** Closes of the days that end at `endMs`, each known at its own end. */
function daysUntil(endMs: number, closes: readonly number[]): DailyHistory {
  const startMs = endMs - closes.length * DAY_MS;
  return {
    length: closes.length,
    dayMs: Float64Array.from(closes, (_, k) => startMs + k * DAY_MS),
    close: Float64Array.from(closes),
    availableMs: Float64Array.from(closes, (_, k) => startMs + (k + 1) * DAY_MS),
    usable: new Uint8Array(closes.length).fill(1),
  };
}

const CLOSES = [100, 110, 105, 120, 118, 125, 130, 128];

describe('the strength of one instrument', () => {
  it('is the return of seven days over the sd (ddof 1) of their daily returns', () => {
    const returns = CLOSES.slice(1).map((close, k) => close / CLOSES[k] - 1);
    const mean = returns.reduce((sum, value) => sum + value, 0) / 7;
    const sd = Math.sqrt(returns.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 6);
    const days = daysUntil(MONDAY_MS, CLOSES);
    expect(strengthScore(days, MONDAY_MS, 'return_over_vol')).toBeCloseTo(0.28 / sd, 12);
    expect(strengthScore(days, MONDAY_MS, 'return')).toBeCloseTo(0.28, 15);
  });

  it('looks at the eight closes before the instant and at nothing after it', () => {
    const score = strengthScore(daysUntil(MONDAY_MS, CLOSES), MONDAY_MS, 'return_over_vol');
    const longer = daysUntil(MONDAY_MS + 3 * DAY_MS, [1, 2, ...CLOSES, 500, 1, 900]);
    expect(strengthScore(longer, MONDAY_MS, 'return_over_vol')).toBe(score);
    expect(strengthScore(longer, MONDAY_MS + DAY_MS, 'return_over_vol')).not.toBe(score);
  });

  it('is missing when a day is missing, cut, thin or late, or when there are too few', () => {
    const score = (change: (days: DailyHistory) => DailyHistory): number =>
      strengthScore(change(daysUntil(MONDAY_MS, CLOSES)), MONDAY_MS, 'return');
    expect(score((days) => days)).toBeCloseTo(0.28, 12);
    for (let k = 0; k < 8; k += 1) {
      expect(score((days) => ({ ...days, usable: days.usable.map((one, day) => (day === k ? 0 : one)) }))).toBeNaN();
      expect(score((days) => ({ ...days, ...withoutDay(days, k) }))).toBeNaN();
    }
    const late = (days: DailyHistory) => days.availableMs.map((timeMs, day) => timeMs + (day === 7 ? 1 : 0));
    expect(score((days) => ({ ...days, availableMs: late(days) }))).toBeNaN();
    expect(score(() => daysUntil(MONDAY_MS, CLOSES.slice(1)))).toBeNaN();
    expect(score(() => daysUntil(MONDAY_MS, []))).toBeNaN();
  });

  it('is missing without movement where it is divided by movement', () => {
    const flat = daysUntil(
      MONDAY_MS,
      Array.from({ length: 8 }, () => 100),
    );
    expect(strengthScore(flat, MONDAY_MS, 'return_over_vol')).toBeNaN();
    expect(strengthScore(flat, MONDAY_MS, 'return')).toBe(0);
  });
});

function withoutDay(days: DailyHistory, missing: number): DailyHistory {
  const keep = (values: Float64Array): Float64Array => values.filter((_, day) => day !== missing);
  return {
    length: days.length - 1,
    dayMs: keep(days.dayMs),
    close: keep(days.close),
    availableMs: keep(days.availableMs),
    usable: days.usable.slice(1),
  };
}

describe('percentiles', () => {
  const ranks = (...scores: number[]): number[] => [...percentileRanks(Float64Array.from(scores))];

  it.each([
    [[3], [100]],
    [
      [1, 2, 3, 4],
      [25, 50, 75, 100],
    ],
    [
      [4, 1, 3, 2],
      [100, 25, 75, 50],
    ],
    [
      [2, 2],
      [75, 75],
    ],
    [
      [1, 2, 2, 3],
      [25, 62.5, 62.5, 100],
    ],
    [
      [5, 5, 5],
      [200 / 3, 200 / 3, 200 / 3],
    ],
    [
      [-1, -0, 0, 1],
      [25, 62.5, 62.5, 100],
    ],
    [
      [1, Number.NaN, 2],
      [50, Number.NaN, 100],
    ],
    [[Number.NaN], [Number.NaN]],
    [
      [Infinity, 1, Infinity, -Infinity],
      [87.5, 50, 87.5, 25],
    ],
    [[], []],
  ])('of %j are %j', (scores, percentiles) => {
    const found = ranks(...scores);
    const same = found.map((value, k) => Object.is(value, percentiles[k]) || Math.abs(value - percentiles[k]) < 1e-12);
    expect(same).toEqual(percentiles.map(() => true));
  });

  it('do not depend on the order of the symbols', () => {
    const prng = createPrng(1, 'ranks');
    const scores = Array.from({ length: 200 }, () => (prng.next() < 0.1 ? Number.NaN : Math.floor(prng.next() * 60)));
    const order = scores.map((_, k) => k).sort((a, b) => Math.sin(a * 7) - Math.sin(b * 7));
    const straight = ranks(...scores);
    const shuffled = ranks(...order.map((k) => scores[k]));
    expect(shuffled).toEqual(order.map((k) => straight[k]));
  });
});

describe('ranks over time', () => {
  const up = CLOSES;
  const down = [...CLOSES].reverse();
  const members = [ALWAYS, ALWAYS, ALWAYS];

  it('hold from the Monday on which the week ended until the next', () => {
    const histories = [daysUntil(MONDAY_MS, up), daysUntil(MONDAY_MS, down), null];
    const ranks = new CrossSection(WEEKLY, histories, members);
    expect([...ranks.percentilesAt(MONDAY_MS - 1)]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect([...ranks.percentilesAt(MONDAY_MS)]).toEqual([100, 50, Number.NaN]);
    expect([...ranks.percentilesAt(MONDAY_MS + WEEK_MS - 1)]).toEqual([100, 50, Number.NaN]);
    expect([...ranks.percentilesAt(MONDAY_MS + WEEK_MS)]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });

  it('are made anew each UTC day in the rolling mode', () => {
    const days = daysUntil(MONDAY_MS + 2 * DAY_MS, [...up, 90, 95]);
    const others = daysUntil(MONDAY_MS + 2 * DAY_MS, [...down, 101, 103]);
    const ranks = new CrossSection({ ...WEEKLY, mode: 'rolling_7d' }, [days, others], [ALWAYS, ALWAYS]);
    for (const offset of [0, 1, 2]) {
      const timeMs = MONDAY_MS + offset * DAY_MS;
      const own = [days, others].map((one) => strengthScore(one, timeMs, 'return_over_vol'));
      const expected = own[0] > own[1] ? [100, 50] : [50, 100];
      expect([...ranks.percentilesAt(timeMs)]).toEqual(expected);
      expect([...ranks.percentilesAt(timeMs + DAY_MS - 1)]).toEqual(expected);
    }
    expect(ranks.rankTimeMs(MONDAY_MS + 2.5 * DAY_MS)).toBe(MONDAY_MS + 2 * DAY_MS);
    expect(new CrossSection(WEEKLY, [], []).rankTimeMs(MONDAY_MS + 2.5 * DAY_MS)).toBe(MONDAY_MS);
  });

  it('count only members of that instant', () => {
    const histories = [up, down, up.map((close) => close ** 2)].map((closes) => daysUntil(MONDAY_MS, closes));
    const at = (...memberships: (typeof ALWAYS | { fromMs: number | null; toMs: number | null })[]): number[] => [
      ...new CrossSection({ ...WEEKLY, score: 'return' }, histories, memberships).percentilesAt(MONDAY_MS + DAY_MS),
    ];
    const third = 100 / 3;
    expect(at(ALWAYS, ALWAYS, ALWAYS).map(Math.round)).toEqual([2 * third, third, 100].map(Math.round));
    // left on Monday 00:00: no member of that instant any more
    expect(at(ALWAYS, ALWAYS, { fromMs: null, toMs: MONDAY_MS })).toEqual([100, 50, Number.NaN]);
    // joined on Monday 00:00: a member
    expect(at(ALWAYS, { fromMs: MONDAY_MS, toMs: null }, { fromMs: MONDAY_MS + 1, toMs: null })).toEqual([
      100,
      50,
      Number.NaN,
    ]);
  });

  it('membership is [from, to)', () => {
    const member = { fromMs: 10, toMs: 20 };
    expect([9, 10, 19, 20].map((timeMs) => isMember(member, timeMs))).toEqual([false, true, true, false]);
    expect(isMember(ALWAYS, -1e15)).toBe(true);
  });

  it('are the same whatever the order of the symbols and of the questions', () => {
    const histories = Array.from({ length: 30 }, (_, seed) =>
      dailyHistory(resample(randomCandles({ seed, length: 24 * 60, intervalMs: 3_600_000, gapFrac: 0.01 }), DAY_MS)),
    );
    const membership = histories.map(() => ALWAYS);
    const times = Array.from({ length: 60 }, (_, k) => Date.UTC(2024, 0, 1) + k * DAY_MS);
    const straight = new CrossSection(WEEKLY, histories, membership);
    const reversed = new CrossSection(WEEKLY, [...histories].reverse(), membership);
    const back = [...times].reverse().map((timeMs) => [...reversed.percentilesAt(timeMs)].reverse());
    expect(back.reverse()).toEqual(times.map((timeMs) => [...straight.percentilesAt(timeMs)]));
    expect(straight.percentileAt(3, times[40])).toBe(straight.percentilesAt(times[40])[3]);
  });
});

/** Symbols of the golden set; CCC was listed late. */
const GOLDEN = ['AAA', 'BBB', 'CCC', 'DDD', 'EEE'];

/** Weeks of the golden table: percentiles by week, all usable from the next Monday on. */
function goldenWeeks() {
  const table = goldenTable('weekly_rs.csv');
  return Array.from(table['time'], (timeMs, row) => ({
    usableFromMs: timeMs + WEEK_MS,
    isComplete: table['complete'][row] === 1,
    closes: GOLDEN.map((symbol) => table[`close_${symbol}`][row]),
    returns: GOLDEN.map((symbol) => table[`ret_${symbol}`][row]),
    percentiles: GOLDEN.map((symbol) => 100 * table[`pct_${symbol}`][row]),
  }));
}

describe('the golden weeks', () => {
  const weeks = goldenWeeks();

  it('rank as an independent implementation ranked them', () => {
    const ranked = weeks.slice(1);
    expect(ranked.length).toBe(8);
    for (const { returns, percentiles } of ranked) {
      expect(columnDifference(percentileRanks(Float64Array.from(returns)), percentiles)).toBe('');
    }
  });

  it('from weekly closes, valid from the next Monday on', () => {
    const firstMs = weeks[0].usableFromMs;
    const histories = GOLDEN.map((_, symbol) => {
      // a day closes where its week closes: only Sundays matter to a return of whole weeks
      const closes = weeks.flatMap(({ closes: week }) => Array.from({ length: 7 }, () => week[symbol]));
      const days = daysUntil(firstMs + (weeks.length - 1) * WEEK_MS, closes);
      return { ...days, usable: days.usable.map((_one, k) => (Number.isNaN(closes[k]) ? 0 : 1)) };
    });
    const ranks = new CrossSection(
      { mode: 'weekly', score: 'return' },
      histories,
      GOLDEN.map(() => ALWAYS),
    );
    for (const { usableFromMs, percentiles } of weeks.slice(1)) {
      expect(columnDifference(ranks.percentilesAt(usableFromMs + 5 * DAY_MS), percentiles)).toBe('');
    }
  });

  it('of AAA from its 5m bars: closes of the last day of each week', () => {
    const days = dailyHistory(resample(goldenCandles(), DAY_MS));
    const found = weeks
      .filter(({ isComplete }) => isComplete)
      .map(({ usableFromMs, returns }) => [strengthScore(days, usableFromMs, 'return'), returns[0]]);
    const ranked = found.filter(([value]) => !Number.isNaN(value));
    for (const [value, expected] of ranked) expect(value).toBeCloseTo(expected, 9);
    expect(ranked.length).toBeGreaterThanOrEqual(5);
  });
});

describeWithShared('the golden weeks of all symbols from their 5m bars', () => {
  it('rank as an independent implementation ranked them, wherever all days are usable', () => {
    const histories = GOLDEN.map((symbol) => {
      const path = sharedDir('vectors', 'golden_5m', `ohlcv_5m_${symbol}.csv`);
      return dailyHistory(resample(candlesFromColumns(readNumberCsv(path), 300_000), DAY_MS));
    });
    const ranks = new CrossSection(
      { mode: 'weekly', score: 'return' },
      histories,
      GOLDEN.map(() => ALWAYS),
    );
    let compared = 0;
    for (const { usableFromMs, isComplete, percentiles, returns } of goldenWeeks()) {
      const scores = histories.map((days) => strengthScore(days, usableFromMs, 'return'));
      const sameSymbols = scores.every((score, k) => Number.isNaN(score) === Number.isNaN(returns[k]));
      if (!isComplete || !sameSymbols) continue;
      compared += 1;
      expect(columnDifference(ranks.percentilesAt(usableFromMs), percentiles)).toBe('');
    }
    expect(compared).toBeGreaterThanOrEqual(4);
  });
});
