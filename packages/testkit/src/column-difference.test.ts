import { describe, expect, it } from 'vitest';
import { columnDifference } from './column-difference.ts';

describe('columnDifference', () => {
  it.each([
    { found: [1, Number.NaN], expected: [1 + 1e-10, null], difference: '' },
    { found: [1e12 + 1], expected: [1e12], difference: '' },
    { found: [1, 2], expected: [1, 2.1], difference: 'row 1: found 2, expected 2.1 (abs 1e-9, rel 1e-9)' },
    { found: [1, 2], expected: [1, null], difference: 'row 1: found 2, expected NaN (abs 1e-9, rel 1e-9)' },
    { found: [1, null], expected: [1, 2], difference: 'row 1: found NaN, expected 2 (abs 1e-9, rel 1e-9)' },
    { found: [1], expected: [1, 2], difference: 'found 1 rows, expected 2' },
    { found: [null], expected: [null], difference: 'the reference has no value to compare with' },
  ])('of $found and $expected is "$difference"', ({ found, expected, difference }) => {
    expect(columnDifference(found, expected)).toBe(difference);
  });

  it('accepts the same numbers only when the tolerance is 0', () => {
    expect(columnDifference([0.1 + 0.2], [0.3], { abs: 0 })).toContain('row 0');
    expect(columnDifference([0.3], [0.3], { abs: 0 })).toBe('');
  });
});
