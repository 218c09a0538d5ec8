import { createPrng } from '@donch/core';
import { array, assert, constantFrom, double, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import vector from '../../test-data/adjusted_p.json' with { type: 'json' };
import { adjustPValues, type Adjustment } from './adjusted-p-values.ts';

const ADJUSTMENTS = ['bonferroni', 'sidak', 'holm', 'benjamini_hochberg', 'benjamini_yekutieli'] as const;

function adjusted(pValues: readonly number[], adjustment: Adjustment): number[] {
  const found = adjustPValues(pValues, adjustment);
  if (found.kind === 'refused') throw new Error(`refused: ${found.reason}`);
  return [...found.pValues];
}

describe('adjustPValues', () => {
  it.each([
    ['bonferroni', vector.bonferroni],
    ['holm', vector.holm],
    ['benjamini_hochberg', vector.bh],
    ['benjamini_yekutieli', vector.by],
    ['sidak', vector.sidak],
  ] as const)('%s agrees with statsmodels', (adjustment, expected) => {
    const found = adjusted(vector.p, adjustment);
    expect(found).toHaveLength(expected.length);
    for (const [k, value] of expected.entries()) expect(Math.abs(found[k] - value)).toBeLessThanOrEqual(vector.abs);
  });

  it('agrees with the table of Benjamini and Hochberg (1995), section 3.2: four findings at 5 %, Bonferroni three', () => {
    const p = [
      0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1,
    ];
    const findings = (adjustment: Adjustment) => adjusted(p, adjustment).filter((value) => value <= 0.05).length;
    expect(findings('benjamini_hochberg')).toBe(4);
    expect(findings('bonferroni')).toBe(3);
  });

  const lists = array(double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 });

  it('keeps the order between the corrections and never finds more than without one', () => {
    assert(
      property(lists, (p) => {
        const [bonferroni, sidak, holm, hochberg, yekutieli] = ADJUSTMENTS.map((name) => adjusted(p, name));
        const slack = 1 + 1e-12;
        for (const k of p.keys()) {
          expect(p[k]).toBeLessThanOrEqual(hochberg[k] * slack);
          expect(p[k]).toBeLessThanOrEqual(sidak[k] * slack);
          expect(hochberg[k]).toBeLessThanOrEqual(holm[k] * slack);
          expect(holm[k]).toBeLessThanOrEqual(bonferroni[k] * slack);
          expect(sidak[k]).toBeLessThanOrEqual(bonferroni[k] * slack);
          expect(hochberg[k]).toBeLessThanOrEqual(yekutieli[k] * slack);
          for (const list of [bonferroni, sidak, holm, hochberg, yekutieli]) expect(list[k]).toBeLessThanOrEqual(1);
        }
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('gives the larger p no smaller value, whatever the order of the list, and leaves a single test as it is', () => {
    assert(
      property(lists, constantFrom(...ADJUSTMENTS), (p, name) => {
        const found = adjusted(p, name);
        const reversed = adjusted(p.toReversed(), name).toReversed();
        expect(reversed).toEqual(found);
        const byP = p.map((value, k) => [value, found[k]]).toSorted(([a, x], [b, y]) => a - b || x - y);
        expect(byP.map(([, value]) => value)).toEqual(found.toSorted((a, b) => a - b));
        expect(new Set(byP.map(String)).size, 'equal p values stay equal').toBe(new Set(p.map(String)).size);
        expect(adjusted([p[0]], name)[0]).toBeCloseTo(p[0], 12);
      }),
      { seed: 2, numRuns: 300 },
    );
  });

  it('keeps a small p under Sidak', () => {
    expect(adjusted([1e-20, 1], 'sidak')).toEqual([2e-20, 1]);
  });

  it('has a false finding as often as promised when all tests are of chance', () => {
    const prng = createPrng(3);
    const trials = 4_000;
    for (const name of ['bonferroni', 'sidak', 'holm', 'benjamini_hochberg'] as const) {
      let wrong = 0;
      for (let trial = 0; trial < trials; trial += 1) {
        if (
          Math.min(
            ...adjusted(
              Array.from({ length: 20 }, () => prng.next()),
              name,
            ),
          ) <= 0.1
        )
          wrong += 1;
      }
      // 10 %, for Bonferroni and Holm 9.5 %; standard error 0.5 %.
      expect(Math.abs(wrong / trials - 0.0975)).toBeLessThan(0.02);
    }
  });

  it('is refused without tests and with a missing p value', () => {
    for (const name of ADJUSTMENTS) {
      expect(adjustPValues([], name)).toEqual({ kind: 'refused', reason: 'no_tests', found: 0, needed: 1 });
      const gap = { kind: 'refused', reason: 'missing_p_value', found: 2, needed: 3 };
      expect(adjustPValues([0.1, Number.NaN, 0.2], name)).toEqual(gap);
      expect(() => adjustPValues([0.1, 1.1], name)).toThrow('lies in 0..1');
    }
  });
});
