import { describe, expect, it } from 'vitest';
import { nearestWord } from './nearest-word.ts';

describe('nearestWord', () => {
  const words = ['multiple', 'quantile', 'lookback_days', 'rs_percentile_min'];

  it.each([
    ['multipel', 'multiple'],
    ['quantil', 'quantile'],
    ['lookback_day', 'lookback_days'],
    ['rs_percentil', 'rs_percentile_min'],
    ['multiple', 'multiple'],
    ['look', 'lookback_days'],
  ])('%s is probably %s', (word, meant) => {
    expect(nearestWord(word, words)).toBe(meant);
  });

  it.each(['', 'zzz', 'entry_window', 'x'.repeat(10_000)])('%s is like none of them', (word) => {
    expect(nearestWord(word, words)).toBeNull();
  });

  it('has nothing to suggest without candidates', () => {
    expect(nearestWord('multiple', [])).toBeNull();
  });
});
