import { createPrng, DAY_MS, WEEK_MS } from '@donch/core';
import { clusterBootstrap } from '@donch/stats';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { betweenProbabilities, type CalibratedRows, defaultThresholds, evCurve } from './ev-curve.ts';
import { plantedRows, shuffled } from './testing/planted-rows.ts';

/** 2024-01-01, a Monday. */
const MONDAY_MS = 19_723 * DAY_MS;
const options = (thresholds: readonly number[], groups = 2) => ({ thresholds, groups, prng: createPrng(1, 'ev') });

const rowsOf = (seed: number, paths = 1): CalibratedRows => {
  const { score, ...rows } = plantedRows(seed, { rows: 600, weeks: 30, paths, effectR: (z) => 0.4 * z });
  return { ...rows, probability: Array.from(score, (margin) => 1 / (1 + Math.exp(-margin))) };
};

describe('evCurve', () => {
  it('by hand: two paths, four rows', () => {
    const rows = {
      decisionTimeMs: [0, 1, 2, 3].map((week) => MONDAY_MS + week * WEEK_MS),
      pnlR: [2, -1, 3, -1],
      paths: 2,
      probability: [0.6, 0.5, 0.5, 0.4, 0.7, Number.NaN, 0.2, 0.6],
    };
    const { all, points } = evCurve(rows, options([0.5, 0.6]));
    expect(all).toMatchObject({
      n: 4,
      evR: 0.75,
      totalR: 3,
      winRateFrac: 0.5,
      groupEvR: [0.5, 1],
      pathEvR: [0.75, 0.75],
    });
    // at or above 0.5: row 0 twice, row 1 once, row 2 once, row 3 once; half a row each
    expect(points[0]).toMatchObject({
      threshold: 0.5,
      n: 2.5,
      coverageFrac: 0.625,
      totalR: 2.5,
      evR: 1,
      winRateFrac: 0.6,
    });
    expect(points[0].groupEvR).toEqual([1, 1]);
    expect(points[0].pathEvR[0]).toBeCloseTo(4 / 3, 12);
    expect(points[0].pathEvR[1]).toBeCloseTo(0.5, 12);
    expect(points[1]).toMatchObject({ n: 1.5, totalR: 2, groupEvR: [2, 1], pathEvR: [2.5, -1] });
    expect(points[1].ev).toEqual({ kind: 'refused', reason: 'too_few_clusters', found: 3, needed: 12 });
  });

  it('has the bands of the cluster bootstrap of the same rows and draws', () => {
    const rows = rowsOf(1);
    const point = evCurve(rows, options([0.27])).points[0];
    // in every week some row lies above, so the weeks drawn are the same
    const kept = Array.from(rows.pnlR, (_, row) => row).filter((row) => rows.probability[row] >= 0.27);
    const alone = clusterBootstrap(
      {
        entryTimeMs: kept.map((row) => rows.decisionTimeMs[row]),
        pnl: kept.map((row) => rows.pnlR[row]),
      },
      'mean',
      { prng: createPrng(1, 'ev') },
    );
    expect(alone.kind).toBe('interval');
    for (const name of ['weeks', 'draws', 'low', 'estimate', 'high'] as const)
      expect(at(point.ev, name)).toBeCloseTo(at(alone, name), 10);
  });

  it('compares with all rows on the same draws: nothing is gained by taking everything', () => {
    const { all, points } = evCurve(rowsOf(2), options([0, 0.3]));
    expect(points[0].improvement).toMatchObject({ kind: 'interval', low: 0, estimate: 0, high: 0 });
    expect(points[0].ev).toEqual(all.ev);
    const [ev, improvement] = [points[1].ev, points[1].improvement];
    expect(at(improvement, 'estimate')).toBeCloseTo(at(ev, 'estimate') - all.evR, 12);
    expect(at(improvement, 'high') - at(improvement, 'low')).toBeLessThan(at(ev, 'high') - at(ev, 'low'));
  });

  it('gives no band to fewer than 12 weeks above the threshold and says how many there are', () => {
    const rows = rowsOf(3);
    const probability = Array.from(rows.probability, (_, row) => (row < 180 ? 0.9 : 0.1));
    const [half, tenth] = evCurve({ ...rows, probability }, options([0.1, 0.5])).points;
    expect(half.ev.kind).toBe('interval');
    expect(tenth.ev).toMatchObject({ kind: 'refused', reason: 'too_few_clusters', found: 9 });
    expect(tenth.improvement).toMatchObject({ kind: 'refused', found: 9 });
    expect(tenth.n).toBe(180);
  });

  it('is the same for rows in another order, bit for bit', () => {
    const planted = plantedRows(4, { rows: 500, weeks: 20, paths: 3, effectR: () => 0 });
    const of = ({ score, ...rows }: typeof planted) =>
      evCurve({ ...rows, probability: score }, options([-1.2, -1, -0.8], 4));
    expect(of(shuffled(planted, 2).rows)).toEqual(of(planted));
  });

  it('counts what lies at or above a threshold, whatever the thresholds and probabilities', () => {
    const outcome = fc.check(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 10 }), fc.integer({ min: -3, max: 3 })), {
          minLength: 1,
          maxLength: 30,
        }),
        fc.uniqueArray(fc.integer({ min: -1, max: 12 }), { minLength: 1, maxLength: 6 }),
        (cells, cuts) => {
          const thresholds = cuts.map((cut) => cut / 10).sort((a, b) => a - b);
          const rows = {
            decisionTimeMs: cells.map((_, row) => MONDAY_MS + row * DAY_MS),
            pnlR: cells.map(([, pnl]) => pnl),
            paths: 1,
            probability: cells.map(([p]) => (p === 10 ? Number.NaN : p / 10)),
          };
          return evCurve(rows, options(thresholds)).points.every(({ threshold, n, totalR, winRateFrac }) => {
            const kept = cells.filter((_, row) => rows.probability[row] >= threshold);
            const wins = kept.filter(([, pnl]) => pnl > 0).length;
            const isSame = n === kept.length && totalR === kept.reduce((sum, [, pnl]) => sum + pnl, 0);
            return isSame && (n === 0 || winRateFrac === wins / n);
          });
        },
      ),
      { numRuns: 50, seed: 1 },
    );
    expect(outcome.counterexample).toBe(null);
  });

  it('takes thresholds in order only', () => {
    expect(() => evCurve(rowsOf(1), options([0.5, 0.4]))).toThrow('thresholds ascend');
  });
});

function at(interval: object, name: string): number {
  return Number(new Map(Object.entries(interval)).get(name));
}

describe('thresholds', () => {
  it('are the manual grid and those that keep whole tenths, half-way between neighbours', () => {
    const probability = Array.from({ length: 1_000 }, (_, k) => 0.2 + k / 10_000);
    const found = defaultThresholds(probability);
    expect(found).toHaveLength(13 + 9);
    expect(found).toEqual([...found].sort((a, b) => a - b));
    for (let k = 6; k <= 18; k += 1) expect(found).toContain(k / 20);
    for (const threshold of found.filter((value) => value < 0.3))
      expect(probability.filter((p) => p >= threshold).length % 100).toBe(0);
  });

  it('do not cut a plateau, not even one that differs in its last bits', () => {
    const probability = Array.from({ length: 100 }, (_, k) => (k < 55 ? 0.25 : 0.35) + (k % 2) * 1e-15);
    const added = defaultThresholds([...probability, Number.NaN]).filter((threshold) => (threshold * 20) % 1 !== 0);
    expect(added).toHaveLength(1);
    expect(added[0]).toBeCloseTo(0.3, 12);
    expect(defaultThresholds([])).toHaveLength(13);
  });

  it('lie strictly between', () => {
    expect(betweenProbabilities(0.2, 0.4)).toBeCloseTo(0.3, 15);
    expect(betweenProbabilities(0.3, 0.3 + 1e-12)).toBeNaN();
    expect(betweenProbabilities(0.3, Number.NaN)).toBeNaN();
  });
});
