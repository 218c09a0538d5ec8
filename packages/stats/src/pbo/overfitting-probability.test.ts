import { createPrng, type Prng } from '@donch/core';
import { describe, expect, it } from 'vitest';
import edge from '../../test-data/cscv_edge.json' with { type: 'json' };
import hand from '../../test-data/cscv_hand_checkable.json' with { type: 'json' };
import noise from '../../test-data/cscv_noise.json' with { type: 'json' };
import { sharpeRatio } from '../metrics/sharpe-ratio.ts';
import { combinations } from '../splits/purged-splits.ts';
import { stochasticDominance } from './dominance.ts';
import { type HalfMetric, SHARPE_METRIC } from './half-metric.ts';
import {
  overfittingProbability,
  type OverfittingOptions,
  type OverfittingProbability,
} from './overfitting-probability.ts';

const MEAN_METRIC: HalfMetric = { observationsMin: 1, ofSums: (sum, _squares, count) => sum / count };

/** Columns of a matrix that is given row by row. */
function columnsOf(matrix: readonly (readonly number[])[]): Float64Array[] {
  return matrix[0].map((_, trial) => Float64Array.from(matrix, (row) => row[trial]));
}

function pboOf(columns: readonly Float64Array[], options: OverfittingOptions = {}): OverfittingProbability {
  const found = overfittingProbability(columns, options);
  if (found.kind === 'refused') throw new Error(`refused: ${JSON.stringify(found)}`);
  return found;
}

function noiseColumns(prng: Prng, trials: number, rows: number): Float64Array[] {
  return Array.from({ length: trials }, () => Float64Array.from({ length: rows }, () => prng.normal()));
}

describe.each([
  { name: 'means that can be checked by hand', file: hand, metric: MEAN_METRIC },
  { name: 'noise', file: noise, metric: SHARPE_METRIC },
  { name: 'noise and one trial with an edge', file: edge, metric: SHARPE_METRIC },
])('overfittingProbability of $name', ({ file, metric }) => {
  const found = pboOf(columnsOf(file.matrix), { blocks: file.S, metric });
  const { expected, abs } = file;
  const isNear = (value: number, wanted: number): void => expect(Math.abs(value - wanted)).toBeLessThanOrEqual(abs);

  it('agrees combination by combination', () => {
    const { selected, inSample, outOfSample, rank, logit } = found.combinations;
    expect(expected.rows).toHaveLength(selected.length);
    expect(expected.rows.map(({ combo }) => combo)).toEqual(combinations(file.S, file.S / 2));
    for (const [k, row] of expected.rows.entries()) {
      expect(selected[k]).toBe(row.n_star);
      expect(rank[k]).toBe(row.oos_rank);
      isNear(inSample[k], row.is_metric);
      isNear(outOfSample[k], row.oos_metric);
      isNear(logit[k], row.logit);
    }
  });

  it('agrees in the figures', () => {
    expect(found.pbo).toBeCloseTo(expected.pbo_le0, 12);
    expect(found.pboStrict).toBeCloseTo(expected.pbo_lt0, 12);
    expect(found.lossFrac).toBeCloseTo(expected.prob_oos_loss, 12);
    isNear(found.degradation.slope, expected.degradation_slope);
    isNear(found.degradation.intercept, expected.degradation_intercept);
    isNear(found.degradation.rSquared, expected.degradation_r2);
  });
});

describe('the halves', () => {
  it('give the bits of sums that are taken anew, and Sharpe ratios of the rows put together', () => {
    const columns = noiseColumns(createPrng(1, 'halves'), 7, 83);
    const found = pboOf(columns, { blocks: 8 });
    expect(found).toMatchObject({ trials: 7, blocks: 8, rowsPerBlock: 10, droppedRows: 3 });
    for (const [k, combo] of combinations(8, 4).entries()) {
      const rows = combo.flatMap((block) => Array.from({ length: 10 }, (_, row) => 3 + 10 * block + row));
      const rest = Array.from({ length: 80 }, (_, row) => row + 3).filter((row) => !rows.includes(row));
      const sharpes = (of: readonly number[]): number[] =>
        columns.map((column) => sharpeRatio(of.map((row) => column[row])));
      const inSample = sharpes(rows);
      const best = inSample.indexOf(Math.max(...inSample));
      expect(found.combinations.selected[k]).toBe(best);
      expect(found.combinations.inSample[k]).toBeCloseTo(inSample[best], 12);
      expect(found.combinations.outOfSample[k]).toBeCloseTo(sharpes(rest)[best], 12);
    }
  });

  it('are as many as the paper counts', () => {
    const columns = noiseColumns(createPrng(2, 'halves'), 2, 160);
    for (const [blocks, count] of [
      [2, 2],
      [4, 6],
      [6, 20],
      [8, 70],
      [16, 12_870],
    ]) {
      expect(pboOf(columns, { blocks }).combinations.logit).toHaveLength(count);
    }
    expect(pboOf(columns).blocks).toBe(16);
  });

  it('leave out the oldest rows when they do not divide evenly', () => {
    const columns = noiseColumns(createPrng(3, 'halves'), 5, 100);
    const older = columns.map((column) => Float64Array.of(9, -9, 9, ...column));
    expect(pboOf(older, { blocks: 10 })).toEqual({ ...pboOf(columns, { blocks: 10 }), droppedRows: 3 });
  });
});

describe('PBO', () => {
  it('is about one half for noise and near 0 for one trial that is truly better', () => {
    const prng = createPrng(4, 'pbo');
    let sum = 0;
    for (let seed = 0; seed < 30; seed += 1) sum += pboOf(noiseColumns(prng, 40, 240), { blocks: 8 }).pbo;
    expect(Math.abs(sum / 30 - 0.5)).toBeLessThan(0.1);
    const better = noiseColumns(prng, 40, 240).map((column, trial) => column.map((x) => x + (trial === 11 ? 0.6 : 0)));
    const found = pboOf(better, { blocks: 8 });
    expect(found.pbo).toBe(0);
    expect(found.dominance).toEqual({ firstOrder: true, secondOrder: true, betterFrac: 1 });
  });

  it('is high where what was best turns', () => {
    // each trial wins in one half of the time what it loses in the other
    const prng = createPrng(5, 'pbo');
    const columns = noiseColumns(prng, 20, 160).map((column, trial) => {
      const drift = (trial - 9.5) / 40;
      return column.map((x, row) => x + (row < 80 ? drift : -drift));
    });
    const found = pboOf(columns, { blocks: 2 });
    expect(found.pbo).toBe(1);
    expect(found.dominance.secondOrder).toBe(false);
  });

  it('does not depend on the order of the trials, and takes the first of equals', () => {
    const columns = noiseColumns(createPrng(6, 'pbo'), 9, 120);
    const found = pboOf(columns, { blocks: 6 });
    const reversed = pboOf(columns.toReversed(), { blocks: 6 });
    expect(reversed.combinations.logit).toEqual(found.combinations.logit);
    const doubled = pboOf([...columns, ...columns], { blocks: 6 });
    expect(doubled.combinations.selected).toEqual(found.combinations.selected);
    // both copies share the mean of their two ranks
    expect(doubled.combinations.rank).toEqual(found.combinations.rank.map((rank) => 2 * rank - 0.5));
  });

  it('ranks a trial that stood aside between what won and what lost', () => {
    const noise2 = noiseColumns(createPrng(7, 'pbo'), 2, 80);
    const flatLate = noise2[0].map((x, row) => (row < 40 ? x + 1 : 0));
    const columns = [flatLate, noise2[1].map((x) => x - 0.5), noise2[1].map((x) => x + 0.5)];
    const { selected, outOfSample, rank } = pboOf(columns, { blocks: 2 }).combinations;
    expect([selected[0], outOfSample[0], rank[0]]).toEqual([0, 0, 2]);
  });
});

describe('refusals of PBO', () => {
  const columns = noiseColumns(createPrng(8, 'refused'), 3, 64);
  const refused = (of: readonly Float64Array[], options?: OverfittingOptions) => overfittingProbability(of, options);

  it('name what was found and what is needed', () => {
    expect(refused([])).toEqual({ kind: 'refused', reason: 'too_few_trials', found: 0, needed: 2 });
    expect(refused(columns.slice(1, 2))).toMatchObject({ reason: 'too_few_trials', found: 1, needed: 2 });
    const short = (rows: number) => columns.map((column) => column.subarray(0, rows));
    expect(refused(short(47))).toEqual({ kind: 'refused', reason: 'too_few_observations', found: 47, needed: 48 });
    expect(refused(short(48)).kind).toBe('pbo');
    expect(refused(short(39), { blocks: 2 })).toMatchObject({ reason: 'too_few_observations', found: 39, needed: 40 });
    const holed = columns.map((column, trial) => (trial === 1 ? column.with(3, Number.NaN) : column));
    expect(refused(holed)).toEqual({ kind: 'refused', reason: 'missing_value', found: 1, needed: 0 });
    const constant = [...columns, new Float64Array(64).fill(0.001)];
    expect(refused(constant, { blocks: 4 })).toEqual({
      kind: 'refused',
      reason: 'undefined_metric',
      found: 6,
      needed: 0,
    });
  });

  it('are errors where a program is wrong', () => {
    expect(() => refused(columns, { blocks: 7 })).toThrow('even');
    expect(() => refused(columns, { blocks: 22 })).toThrow('2 to 20');
    expect(() => refused([...columns, new Float64Array(63)])).toThrow('same rows');
  });
});

describe('stochastic dominance', () => {
  const of = (...values: number[]): Float64Array => Float64Array.from(values);
  it.each([
    { chosen: of(3, 1, 2), alternative: of(2, 0, 1), firstOrder: true, secondOrder: true, betterFrac: 1 },
    // the same mean with less spread: only whoever dislikes risk prefers it
    { chosen: of(1, 2, 3), alternative: of(0, 2, 4), firstOrder: false, secondOrder: true, betterFrac: 1 / 3 },
    { chosen: of(0, 2, 4), alternative: of(1, 2, 3), firstOrder: false, secondOrder: false, betterFrac: 1 / 3 },
    { chosen: of(1, 2, 3), alternative: of(3, 2, 1), firstOrder: false, secondOrder: false, betterFrac: 0 },
    { chosen: of(1, 2, 4), alternative: of(3, 2, 1), firstOrder: true, secondOrder: true, betterFrac: 1 / 3 },
  ])('of $chosen over $alternative', ({ chosen, alternative, ...expected }) => {
    expect(stochasticDominance(chosen, alternative)).toEqual(expected);
  });
});
