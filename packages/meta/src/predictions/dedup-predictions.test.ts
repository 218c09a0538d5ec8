import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEDUP_WAYS, dedupPredictions, type DedupWay } from './dedup-predictions.ts';

const NAIVE: Readonly<Record<DedupWay, (p: readonly number[]) => number>> = {
  mean: (p) => p.reduce((sum, value) => sum + value, 0) / p.length,
  median: (p) => {
    const sorted = p.toSorted((a, b) => a - b);
    return (sorted[Math.floor((p.length - 1) / 2)] + sorted[Math.ceil((p.length - 1) / 2)]) / 2;
  },
  max: (p) => Math.max(...p),
  min: (p) => Math.min(...p),
  first: (p) => p[0],
  last: (p) => p[p.length - 1],
};

const SIGNALS = 6;
const predictions = fc.array(
  fc.record({ signal: fc.nat(SIGNALS - 1), p: fc.double({ min: 0, max: 1, noNaN: true }) }),
  { maxLength: 40, size: 'max' },
);

describe('dedupPredictions', () => {
  it.each(DEDUP_WAYS)('merges by %s as the naive function does', (way) => {
    fc.assert(
      fc.property(predictions, (rows) => {
        const columns = { signal: rows.map(({ signal }) => signal), p: rows.map(({ p }) => p), signals: SIGNALS };
        const { p, merged } = dedupPredictions(columns, way);
        const groups = Array.from({ length: SIGNALS }, (_, k) =>
          rows.filter(({ signal }) => signal === k).map((row) => row.p),
        );
        groups.forEach((group, k) => {
          const expected = group.length === 0 ? Number.NaN : NAIVE[way](group);
          expect(Object.is(p[k], expected) || Math.abs(p[k] - expected) < 1e-14).toBe(true);
        });
        expect(merged).toBe(groups.reduce((sum, { length }) => sum + Math.max(0, length - 1), 0));
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  it('gives the same bits whatever the order of rows', () => {
    const p = [0.1, 0.7, 0.3, 0.2, 0.9, 1e-17];
    const signal = p.map(() => 0);
    for (const way of ['mean', 'median', 'max', 'min'] as const) {
      const forward = dedupPredictions({ signal, p, signals: 1 }, way).p[0];
      expect(dedupPredictions({ signal, p: p.toReversed(), signals: 1 }, way).p[0]).toBe(forward);
    }
  });

  it('gives the mean of equal values as that value', () => {
    expect(dedupPredictions({ signal: [0, 0, 0], p: [0.1, 0.1, 0.1], signals: 1 }, 'mean').p[0]).toBe(0.1);
  });

  it('refuses a second prediction without a way to merge it', () => {
    const columns = { signal: [0, 1, 1, 1, 2, 2], p: [0, 0, 0, 0, 0, 0], signals: 3 };
    expect(() => dedupPredictions(columns)).toThrow(
      '6 predictions for 3 signals: 3 more than one each, up to 3 for one signal; expected one prediction per signal\n  several of the same signal (one per validation split) become one with --dedup mean|median|max|min|first|last',
    );
    expect(dedupPredictions({ signal: [2, 0], p: [0.2, 0.1], signals: 3 })).toEqual({
      p: Float64Array.of(0.1, Number.NaN, 0.2),
      merged: 0,
    });
  });
});
