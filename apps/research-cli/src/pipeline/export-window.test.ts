import { numbersOf, tableFromRows } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { exportWindow, inWindow } from './export-window.ts';

describe('exportWindow', () => {
  it('reads dates as their 00:00 UTC, whatever the zone of the machine', () => {
    expect(exportWindow({ start: '2025-01-06', end: '2025-01-06T01:00Z' })).toEqual({
      fromMs: Date.UTC(2025, 0, 6),
      toMs: Date.UTC(2025, 0, 6, 1),
    });
    expect(exportWindow({})).toEqual({ fromMs: null, toMs: null });
  });

  it.each([
    ['2025-01-06', '2025-01-06'],
    ['2025-01-07', '2025-01-06'],
    ['yesterday', undefined],
  ])('refuses --start %s --end %s', (start, end) => {
    expect(() => exportWindow({ start, ...(end !== undefined && { end }) })).toThrow('--start');
  });
});

describe('inWindow', () => {
  const table = tableFromRows(
    't',
    [{ name: 'time', type: 'time' }],
    [1, 2, 3, 4].map((time) => ({ time })),
  );
  const timesIn = (fromMs: number | null, toMs: number | null): unknown =>
    Array.from(numbersOf(inWindow(table, 'time', { fromMs, toMs }), 'time'));

  it('includes the start and excludes the end', () => {
    expect(timesIn(2, 4)).toEqual([2, 3]);
    expect(timesIn(null, 2)).toEqual([1]);
    expect(timesIn(4, null)).toEqual([4]);
    expect(timesIn(null, null)).toEqual([1, 2, 3, 4]);
  });
});
