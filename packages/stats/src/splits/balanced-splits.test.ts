import { createPrng } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { balancedSplits } from './balanced-splits.ts';
import { combinations } from './purged-splits.ts';

describe('a balanced subset of splits', () => {
  it.each([
    [6, 2, 10, 9],
    [12, 3, 30, 28],
    [6, 2, 30, 15],
    [7, 3, 8, 7],
  ])('of %i groups, %i tested, at most %i splits: %i, every group equally often', (groups, tested, most, expected) => {
    const splits = combinations(groups, tested);
    const chosen = balancedSplits(splits, { groups, splitsMax: most, prng: createPrng(1) });
    expect(chosen.length).toBe(expected);
    expect(new Set(chosen.map(String)).size).toBe(expected);
    const counts = Array.from({ length: groups }, (_, group) => chosen.filter((split) => split.includes(group)).length);
    expect(new Set(counts)).toEqual(new Set([(expected * tested) / groups]));
    expect(chosen.map(String)).toEqual(splits.map(String).filter((split) => chosen.map(String).includes(split)));
  });

  it('is the same for the same seed and another for another', () => {
    const draw = (seed: number): string =>
      String(balancedSplits(combinations(12, 3), { groups: 12, splitsMax: 30, prng: createPrng(seed) }));
    expect(draw(1)).toBe(draw(1));
    expect(draw(1)).not.toBe(draw(2));
  });
});
