import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  asOfIndex,
  bucketStartMs,
  civilFromMs,
  DAY_MS,
  dayIndex,
  daysFromCivil,
  formatCsvTime,
  formatDay,
  formatMinute,
  formatMonth,
  HOUR_MS,
  INTERVALS,
  intervalMs,
  intervalOf,
  isCivilDate,
  isInterval,
  MINUTE_MS,
  monthStartMs,
  nextMonthStartMs,
  parseIsoTime,
  parseTimeArgument,
  WEEK_MS,
  weekdayIndex,
  weekIndex,
} from './time.ts';

/** Years 1 to 9999, so that all kinds of leap years are among them. */
const instant = fc.integer({ min: Date.UTC(2, 0, 1) - 1_899 * 365 * DAY_MS, max: Date.UTC(9999, 11, 31) });
const check = (property: (timeMs: number) => void) =>
  fc.assert(fc.property(instant, property), { seed: 1, numRuns: 2_000 });

describe('calendar', () => {
  it('agrees with the platform on dates', () => {
    check((timeMs) => {
      const date = new Date(timeMs);
      const civil = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
      expect(civilFromMs(timeMs)).toEqual(civil);
      expect(daysFromCivil(civil)).toBe(dayIndex(timeMs));
      expect(isCivilDate(civil)).toBe(true);
    });
  });

  it('agrees with the platform on weekdays, Monday = 0', () => {
    check((timeMs) => {
      expect(weekdayIndex(timeMs)).toBe((new Date(timeMs).getUTCDay() + 6) % 7);
    });
  });

  it('agrees with the platform on months', () => {
    check((timeMs) => {
      const date = new Date(timeMs);
      const start = new Date(0).setUTCFullYear(date.getUTCFullYear(), date.getUTCMonth(), 1);
      const next = new Date(0).setUTCFullYear(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
      expect(monthStartMs(timeMs)).toBe(start);
      expect(nextMonthStartMs(timeMs)).toBe(next);
    });
  });

  it('knows which dates exist', () => {
    for (const [year, month, day, exists] of [
      [2024, 2, 29, true],
      [2023, 2, 29, false],
      [1900, 2, 29, false],
      [2000, 2, 29, true],
      [2024, 4, 31, false],
      [2024, 13, 1, false],
      [2024, 0, 1, false],
      [2024, 1, 0, false],
      [2024, 1, Number.NaN, false],
    ] as const) {
      expect(isCivilDate({ year, month, day })).toBe(exists);
    }
  });
});

describe('buckets', () => {
  it('hold their instant, start on their grid and are as long as they say', () => {
    check((timeMs) => {
      for (const interval of INTERVALS) {
        const length = intervalMs(interval);
        const start = bucketStartMs(timeMs, length);
        expect(start <= timeMs && timeMs < start + length).toBe(true);
        expect(bucketStartMs(start, length)).toBe(start);
      }
    });
  });

  it('of weeks start on Monday 00:00 UTC, those of days and hours on the epoch', () => {
    check((timeMs) => {
      const weekStartMs = bucketStartMs(timeMs, WEEK_MS);
      expect(new Date(weekStartMs).getUTCDay()).toBe(1);
      expect(weekStartMs % DAY_MS).toBe(weekStartMs < 0 ? -0 : 0);
      expect(weekIndex(timeMs)).toBe(weekIndex(weekStartMs));
      expect(weekIndex(weekStartMs - 1)).toBe(weekIndex(weekStartMs) - 1);
      expect(Math.abs(bucketStartMs(timeMs, 4 * HOUR_MS) % (4 * HOUR_MS))).toBe(0);
    });
  });

  it('count weeks from 1970-01-05', () => {
    expect(weekIndex(Date.UTC(1970, 0, 5))).toBe(0);
    expect(weekIndex(Date.UTC(1970, 0, 4, 23, 59, 59, 999))).toBe(-1);
    expect(weekIndex(Date.UTC(2024, 2, 11))).toBe(weekIndex(Date.UTC(2024, 2, 10)) + 1);
  });
});

describe('intervals', () => {
  it('translate both ways', () => {
    for (const interval of INTERVALS) expect(intervalOf(intervalMs(interval))).toBe(interval);
    expect(intervalMs('15m')).toBe(15 * MINUTE_MS);
    expect(isInterval('5m')).toBe(true);
    expect(isInterval('7m')).toBe(false);
    expect(() => intervalOf(7 * MINUTE_MS)).toThrow('bar length is 420000 ms');
  });
});

describe('formats', () => {
  it('agree with the platform', () => {
    check((timeMs) => {
      const iso = new Date(timeMs).toISOString();
      expect(formatDay(timeMs)).toBe(iso.slice(0, 10));
      expect(formatMonth(timeMs)).toBe(iso.slice(0, 7));
      const clock = iso.slice(11, 23).replace(/\.000$/, '');
      expect(formatCsvTime(timeMs)).toBe(`${iso.slice(0, 10)} ${clock}+00:00`);
    });
  });

  it('show minutes to people, and seconds when there are any', () => {
    expect(formatMinute(Date.UTC(2025, 0, 22, 0, 30))).toBe('2025-01-22 00:30');
    expect(formatMinute(Date.UTC(2025, 0, 22, 0, 30, 5))).toBe('2025-01-22 00:30:05');
  });
});

describe('parseIsoTime', () => {
  it('reads what the platform writes', () => {
    check((timeMs) => {
      expect(parseIsoTime(new Date(timeMs).toISOString())).toEqual({ timeMs, zoneGiven: true });
      expect(parseIsoTime(formatCsvTime(timeMs))).toEqual({ timeMs, zoneGiven: true });
    });
  });

  it.each([
    ['2025-01-22', Date.UTC(2025, 0, 22), false],
    ['2025-01-22 00:30', Date.UTC(2025, 0, 22, 0, 30), false],
    ['2025-01-22T00:30:15', Date.UTC(2025, 0, 22, 0, 30, 15), false],
    ['2025-01-22T02:30:00.5+02:00', Date.UTC(2025, 0, 22, 0, 30, 0, 500), true],
    ['2025-01-22 02:30:00,123456789 -0530', Date.UTC(2025, 0, 22, 8, 0, 0, 123), true],
    ['2025-01-22 02:30 UTC', Date.UTC(2025, 0, 22, 2, 30), true],
    ['2025-01-22T23:59:59.999Z', Date.UTC(2025, 0, 22, 23, 59, 59, 999), true],
    ['2024-03-10T02:30:00', Date.UTC(2024, 2, 10, 2, 30), false],
  ])('reads %s', (text, timeMs, zoneGiven) => {
    expect(parseIsoTime(text)).toEqual({ timeMs, zoneGiven });
  });

  it.each([
    '',
    '2025',
    '2025-1-2',
    '2025-02-30',
    '2025-01-22 24:00',
    '2025-01-22 12:60',
    '2025-01-22 12:00:61',
    '2025-01-22 12',
    '2025-01-22 12:00+15:00',
    '2025-01-22 12:00+02:60',
    '22.01.2025',
    '1737504000000',
    ' 2025-01-22',
    '2025-01-22Z',
  ])('refuses "%s"', (text) => {
    expect(parseIsoTime(text)).toBeNull();
  });
});

describe('parseTimeArgument', () => {
  it('takes a date as its 00:00 UTC and names the flag it refuses', () => {
    expect(parseTimeArgument(' 2025-01-31 ', '--start')).toBe(Date.UTC(2025, 0, 31));
    expect(() => parseTimeArgument('yesterday', '--start')).toThrow('--start is "yesterday"');
  });
});

describe('asOfIndex', () => {
  it('is the last entry that has closed by then', () => {
    const times = fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { maxLength: 30, size: 'max' });
    fc.assert(
      fc.property(times, fc.integer({ min: -1, max: 61 }), fc.nat(30), (list, timeMs, cut) => {
        const ascending = Float64Array.from(list).sort();
        const length = Math.min(cut, ascending.length);
        const expected = ascending.subarray(0, length).findLastIndex((closeMs) => closeMs <= timeMs);
        expect(asOfIndex(ascending, length, timeMs)).toBe(expected);
      }),
      { seed: 2, numRuns: 2_000 },
    );
  });

  it('reads a value at its very close and not a millisecond before', () => {
    const closes = Float64Array.of(100, 200);
    expect([99, 100, 199, 200].map((timeMs) => asOfIndex(closes, 2, timeMs))).toEqual([-1, 0, 0, 1]);
    expect(() => asOfIndex(closes, 3, 1)).toThrow('inside the array');
  });
});
