import { createPrng, DAY_MS, daysFromCivil } from '@donch/core';
import { array, assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import random60 from '../../test-data/random_60.json' with { type: 'json' };
import { kurtosis, skewness } from '../moments.ts';
import { calmarRatio } from './calmar-ratio.ts';
import { dailyReturns } from './daily-returns.ts';
import { rollingSharpe } from './rolling-sharpe.ts';
import { annualSharpeRatio } from './sharpe-ratio.ts';
import { tailStatistics } from './tail-statistics.ts';
import { worstDay, worstWeek } from './worst-periods.ts';

const MONDAY_MS = daysFromCivil({ year: 2024, month: 1, day: 1 }) * DAY_MS;

function refused(reason: string, found: number, needed: number) {
  return { kind: 'refused', reason, found, needed };
}

describe('tailStatistics', () => {
  it('equals a calculation by hand; a value at the edge of the tail counts in part', () => {
    // -1, -2, ... -100 %: the lowest 5 are 96..100; of 110 values 5.5 are in the tail.
    const losses = (count: number) => Array.from({ length: count }, (_, k) => -((k * 37) % count) - 1);
    expect(tailStatistics(losses(100))).toMatchObject({ expectedShortfallFrac: -98, valueAtRiskFrac: -95.05 });
    const found = tailStatistics(losses(113));
    const wanted = -(113 + 112 + 111 + 110 + 109 + 0.65 * 108) / 5.65;
    expect(found).toMatchObject({ kind: 'tail', tailFrac: 0.05 });
    expect(found.kind === 'tail' && found.expectedShortfallFrac).toBeCloseTo(wanted, 12);
  });

  it('is that of the normal distribution for normal returns', () => {
    const prng = createPrng(1);
    const found = tailStatistics(Float64Array.from({ length: 200_000 }, () => prng.normal()));
    if (found.kind === 'refused') throw new Error(found.reason);
    // Density at the 5 % quantile / 5 %: 0.103136 / 0.05.
    expect(found.expectedShortfallFrac).toBeCloseTo(-2.0627, 1.5);
    expect(found.valueAtRiskFrac).toBeCloseTo(-1.6449, 1.5);
    expect(found.skewness).toBeCloseTo(0, 1.5);
    expect(found.kurtosis).toBeCloseTo(3, 1);
  });

  it('never lies above the quantile, and keeps the moments', () => {
    assert(
      property(array(integer({ min: -50, max: 50 }), { minLength: 100, maxLength: 150 }), (returns) => {
        const found = tailStatistics(returns);
        if (found.kind === 'refused') throw new Error(found.reason);
        expect(found.expectedShortfallFrac).toBeLessThanOrEqual(found.valueAtRiskFrac + 1e-12);
        expect(found.expectedShortfallFrac).toBeGreaterThanOrEqual(Math.min(...returns));
        expect(found.skewness).toBeCloseTo(skewness(returns), 9);
        expect(found.kurtosis).toBeCloseTo(kurtosis(returns), 9);
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it('is refused where it says nothing', () => {
    const { returns } = random60;
    expect(tailStatistics(returns)).toEqual(refused('too_few_returns', 60, 100));
    expect(tailStatistics(returns, 0.1).kind).toBe('tail');
    expect(tailStatistics([...returns, Number.NaN], 0.1)).toEqual(refused('missing_return', 60, 61));
    expect(tailStatistics(new Float64Array(200).fill(0.1))).toEqual(refused('no_spread', 0, 1));
    expect(tailStatistics([])).toEqual(refused('too_few_returns', 0, 100));
  });
});

describe('worst day and week', () => {
  it('are found by their start; a week compounds its days', () => {
    // Sunday -4 %; the next week -3 % and -3 % beside a gain; then a part of a week.
    const dayStartMs = Float64Array.from({ length: 10 }, (_, k) => MONDAY_MS + (k + 6) * DAY_MS);
    const returns = Float64Array.of(-0.04, -0.03, 0, 0.01, -0.03, 0, 0, 0, 0.02, -0.04);
    const daily = { dayStartMs, equity: returns, returns };
    expect(worstDay(daily)).toEqual({ kind: 'period', startMs: MONDAY_MS + 6 * DAY_MS, returnFrac: -0.04 });
    const week = worstWeek(daily);
    expect(week).toMatchObject({ kind: 'period', startMs: MONDAY_MS + 7 * DAY_MS });
    expect(week.kind === 'period' && week.returnFrac).toBeCloseTo(0.97 * 1.01 * 0.97 - 1, 14);
  });

  it('are refused without days or with a missing return', () => {
    const none = dailyReturns([MONDAY_MS], [100]);
    expect(worstDay(none)).toEqual(refused('no_days', 0, 1));
    expect(worstWeek(none)).toEqual(refused('no_days', 0, 1));
    const gap = dailyReturns([MONDAY_MS, MONDAY_MS + DAY_MS, MONDAY_MS + 2 * DAY_MS], [100, Number.NaN, 101]);
    expect(worstDay(gap)).toEqual(refused('missing_return', 0, 2));
    expect(worstWeek(gap)).toEqual(refused('missing_return', 0, 1));
  });
});

describe('rollingSharpe', () => {
  const returns = Float64Array.from(random60.returns);

  it('is the ratio of every window, missing before the first', () => {
    const found = rollingSharpe(returns, 20);
    if (found.kind === 'refused') throw new Error(found.reason);
    expect(found.sharpe).toHaveLength(60);
    for (const [end, value] of found.sharpe.entries()) {
      const window = random60.returns.slice(Math.max(end - 19, 0), end + 1);
      expect(value).toBe(window.length < 20 ? Number.NaN : annualSharpeRatio(window));
    }
    const whole = rollingSharpe(returns, 60);
    expect(whole.kind === 'rolling' && whole.sharpe[59]).toBeCloseTo(random60.expected.sharpe_annual, 10);
  });

  it('is missing where a window does not vary or has a gap', () => {
    const found = rollingSharpe(Float64Array.of(0.1, 0.1, 0.1, 0.2, Number.NaN, 0.1, 0.3), 2);
    const present = found.kind === 'rolling' ? Array.from(found.sharpe, (value) => !Number.isNaN(value)) : [];
    expect(present).toEqual([false, false, false, true, false, false, true]);
  });

  it('is refused below one window', () => {
    expect(rollingSharpe(returns, 61)).toEqual(refused('too_few_returns', 60, 61));
    expect(() => rollingSharpe(returns, 1)).toThrow('two returns or more');
  });
});

describe('calmarRatio', () => {
  const day = (k: number) => MONDAY_MS + k * DAY_MS;

  it('counts the last 36 months alone', () => {
    // A fall by half before the window, then 100 -> 133.1 in 1,095 days with a fall of 20 %.
    const times = [0, 100, 200, 500, 800, 1_295].map(day);
    const found = calmarRatio(times, [200, 90, 100, 120, 96, 133.1]);
    expect(found.kind === 'ratio' && found.ratio).toBeCloseTo(0.1 / 0.2, 12);
    // A mark later the window begins at the last mark before it.
    const later = calmarRatio([...times.slice(0, 5), day(1_296)], [200, 90, 100, 120, 96, 133.1]);
    expect(later.kind === 'ratio' && later.ratio).toBeCloseTo((1.331 ** (365 / 1_096) - 1) / 0.2, 12);
  });

  it('is infinite without a drawdown and refused below three years or without movement', () => {
    expect(calmarRatio([0, 1_095].map(day), [100, 110])).toEqual({ kind: 'ratio', ratio: Number.POSITIVE_INFINITY });
    expect(calmarRatio([0, 1_094].map(day), [100, 110])).toEqual(refused('below_three_years', 1_094, 1_095));
    expect(calmarRatio([0, 1_095].map(day), [100, 100])).toEqual(refused('no_movement', 0, 1));
  });
});
