import { createPrng, HOUR_MS, medianOf } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { chooseThreshold, formatThreshold, type ThresholdChoice, type ThresholdOptions } from './choose-threshold.ts';
import type { ScoredRows } from './scored-rows.ts';
import { type PlantedWorld, plantedRows, shuffled } from './testing/planted-rows.ts';

const base = { groups: 6, embargoMs: 24 * HOUR_MS, minTrades: 150 };

function choose(rows: ScoredRows, options: Partial<ThresholdOptions> = {}): ThresholdChoice {
  return chooseThreshold(rows, { ...base, prng: createPrng(1, 'threshold'), ...options });
}

const pstarOf = (choice: ThresholdChoice): number => (choice.kind === 'named' ? choice.pstar : Number.NaN);
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const standardError = (values: readonly number[]): number =>
  Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)) / values.length);

/** The best third is worth 0.4 R more than the rest. */
const STEP = (z: number): number => (z >= 0.45 ? 0.27 : -0.13);
const NOISE = (): number => 0;
const world: PlantedWorld = { rows: 2_000, weeks: 80, effectR: STEP };

describe('chooseThreshold on noise', () => {
  const choices = Array.from({ length: 200 }, (_, seed) =>
    choose(plantedRows(seed, { rows: 700, weeks: 40, effectR: NOISE }), { prng: createPrng(seed, 'noise') }),
  );

  it('names a p* in about one data set of twenty at most', () => {
    // 5 % and one standard error of 200 data sets
    expect(choices.filter(({ kind }) => kind === 'named').length / choices.length).toBeLessThanOrEqual(0.065);
  });

  it('finds an improvement of 0 across groups, where the rows of the choice show 0.05 R and more', () => {
    const crossFitted = choices.map(({ evidence }) => evidence.improvementR);
    expect(Math.abs(mean(crossFitted))).toBeLessThan(2.5 * standardError(crossFitted));
    expect(standardError(crossFitted)).toBeLessThan(0.01);
    const naive = choices.map(({ evidence }) => evidence.inSampleImprovementR).filter((value) => !Number.isNaN(value));
    expect(naive.length).toBeGreaterThan(80);
    expect(Math.min(...naive)).toBeGreaterThan(0);
    expect(mean(naive)).toBeGreaterThan(0.05);
    expect(mean(naive)).toBeGreaterThan(5 * standardError(naive));
  });
});

describe('chooseThreshold on a planted effect', () => {
  const choices = Array.from({ length: 40 }, (_, seed) => choose(plantedRows(seed, world)));

  it('finds it', () => {
    expect(choices.filter(({ kind }) => kind === 'named').length / choices.length).toBeGreaterThan(0.9);
  });

  it('reports what it is worth: about 0.27 R, less what the choice costs', () => {
    const found = choices.map(({ evidence }) => evidence.improvementR);
    expect(mean(found)).toBeGreaterThan(0.2);
    expect(mean(found)).toBeLessThan(0.28);
    expect(mean(choices.map(({ evidence }) => evidence.inSampleImprovementR))).toBeGreaterThan(mean(found));
  });

  it('puts p* where the step is', () => {
    const margins = Array.from({ length: 40 }, (_, seed) => {
      const choice = choose(plantedRows(seed, world), { calibrators: ['none'] });
      return Math.log(pstarOf(choice) / (1 - pstarOf(choice)));
    });
    // the step lies at z = 0.45, that is at a margin of -1 + 0.4 x 0.45
    expect(medianOf(margins.filter((margin) => !Number.isNaN(margin)))).toBeCloseTo(-0.82, 1);
  });

  it('takes every path by itself', () => {
    const choice = choose(plantedRows(3, { ...world, paths: 5 }));
    expect(choice.kind).toBe('named');
    expect(choice.evidence.n).toBeLessThan(2_000);
    expect(choice.evidence.coverageFrac).toBeCloseTo(choice.evidence.n / 2_000, 12);
  });
});

const inGroup = ({ decisionTimeMs }: ScoredRows, row: number, group: { fromMs: number; toMs: number }): boolean =>
  decisionTimeMs[row] >= group.fromMs && decisionTimeMs[row] <= group.toMs;

describe('chooseThreshold', () => {
  const raw = { calibrators: ['none'] } as const;
  const planted = plantedRows(1, world);

  it('is the same for rows in another order, bit for bit', () => {
    const rows = plantedRows(2, { ...world, paths: 2 });
    expect(choose(shuffled(rows, 5).rows)).toEqual(choose(rows));
  });

  it('judges each group by a threshold of the others', () => {
    const { groups } = choose(planted).evidence;
    expect(groups).toHaveLength(6);
    expect(new Set(groups.map(({ pstar }) => pstar)).size).toBeGreaterThan(1);
    // what happens in a group does not move its own threshold, only those of the others
    const last = { ...planted, pnlR: Array.from(planted.pnlR, (value, row) => (row >= 1_667 ? 3 - value : value)) };
    const moved = choose(last).evidence.groups;
    expect(moved[5].pstar).toBe(groups[5].pstar);
    expect(moved[5].evR).not.toBe(groups[5].evR);
    expect(moved[0].pstar).not.toBe(groups[0].pstar);
  });

  it('does not learn from labels that reach into the group, nor from the embargo behind it', () => {
    // row 900 lies outside of group 3 (rows 1,001 to 1,333) but its label ends inside; its result would decide everything
    const reaching = {
      ...planted,
      labelEndMs: Array.from(planted.labelEndMs, (end, row) => (row === 900 ? planted.decisionTimeMs[1_002] : end)),
    };
    const extreme = { ...reaching, pnlR: Array.from(planted.pnlR, (value, row) => (row === 900 ? 5_000 : value)) };
    const [plain, leaky] = [choose(reaching).evidence.groups, choose(extreme).evidence.groups];
    expect(leaky[3].pstar).toBe(plain[3].pstar);
    expect(leaky[0].pstar).not.toBe(plain[0].pstar);
    // the first row behind the labels of group 3 is taught from without an embargo only
    const lastMs = Math.max(...Array.from(planted.labelEndMs).slice(1_001, 1_334));
    const next = Array.from(planted.decisionTimeMs).findIndex((time) => time > lastMs);
    const behind = { ...planted, pnlR: Array.from(planted.pnlR, (value, row) => (row === next ? 5_000 : value)) };
    const taught = (rows: ScoredRows, embargoMs: number) => choose(rows, { embargoMs }).evidence.groups[3].pstar;
    expect(taught(behind, 48 * HOUR_MS)).toBe(taught(planted, 48 * HOUR_MS));
    expect(taught(behind, 0)).not.toBe(taught(planted, 0));
  });

  it('lies half-way between two probabilities and never inside a plateau', () => {
    const steps = Array.from(planted.score, (margin) => Math.round(10 / (1 + Math.exp(-margin))) / 10);
    // a plateau whose values differ in their last bits is one plateau
    const score = steps.map((p, row) => p * (1 + (row % 3) * Number.EPSILON));
    const choice = choose({ ...planted, score, scoreKind: 'probability' }, raw);
    // half-way between two tenths is an odd number of twentieths
    expect((pstarOf(choice) * 20) % 2).toBeCloseTo(1, 9);
  });

  it('never takes an unpredicted row', () => {
    const score = Array.from(planted.score, (margin, row) => (row % 5 === 0 ? Number.NaN : margin));
    const { evidence } = choose({ ...planted, score }, raw);
    const gated = evidence.groups.filter(({ pstar }) => !Number.isNaN(pstar));
    expect(gated.length).toBeGreaterThan(0);
    const isAbove = (row: number): boolean => 1 / (1 + Math.exp(-score[row])) >= gated[0].pstar;
    const own = score.map((_, row) => row).filter((row) => inGroup(planted, row, gated[0]) && isAbove(row));
    expect(gated[0].n).toBe(own.length);
    for (const { n, rows } of gated) expect(n).toBeLessThan(0.8 * rows);
    const unpredicted = choose({ ...planted, score: score.map(() => Number.NaN) });
    expect(unpredicted).toMatchObject({ kind: 'none', reason: 'constant_probability' });
  });

  it.each([
    ['constant_probability', 'no row differs', { ...planted, score: Array.from(planted.score, () => 0.3) }, {}],
    ['too_few_trades', 'fewer rows than the minimum', plantedRows(1, { ...world, rows: 120, weeks: 40 }), raw],
    ['no_improvement', 'the best rows lose most', plantedRows(1, { ...world, effectR: (z) => -0.5 * z }), raw],
    ['too_few_weeks', 'eleven weeks', plantedRows(1, { ...world, weeks: 11 }), {}],
    ['not_proven', 'noise', plantedRows(2, { rows: 700, weeks: 40, effectR: NOISE }), raw],
    ['loses', 'less bad is not good', plantedRows(12, { ...world, effectR: (z) => 1.5 * STEP(z) - 0.4 }), {}],
  ] as const)('names no p* and says %s: %s', (reason, _, rows, options) => {
    const choice = choose(rows, options);
    expect(choice).toMatchObject({ kind: 'none', reason });
    const { found, needed } = choice as Extract<ThresholdChoice, { kind: 'none' }>;
    expect(found).toBeLessThanOrEqual(needed);
  });

  it('has about the minimum of trades above p* at least, across groups, and names none below it', () => {
    const best = plantedRows(6, { ...world, effectR: (z) => (z > 1.8 ? 2 : 0) });
    const choices = [20, 300, 900].map((minTrades) => ({ minTrades, choice: choose(best, { minTrades }) }));
    for (const { minTrades, choice } of choices) {
      expect(choice.evidence.n).toBeGreaterThan(0.8 * minTrades);
      expect(choice.kind === 'named' && choice.evidence.n < minTrades).toBe(false);
    }
    expect(choices[0].choice.kind).toBe('named');
    expect(choices[0].choice.evidence.n).toBeLessThan(500);
  });

  it('gives more than none where the average trade loses: the rows it keeps must earn', () => {
    const losing = plantedRows(1, { ...world, rows: 4_000, effectR: (z) => 0.5 * z, baseR: -0.2 });
    const { evidence } = choose(losing);
    expect(evidence.evAllR).toBeLessThan(-0.1);
    expect(evidence.evR).toBeGreaterThan(0.1);
  });
});

it('the text of a threshold reads back to the same bits', () => {
  const prng = createPrng(1, 'digits');
  for (const p of [0.6, 1 / 3, 0.1 + 0.2, Number.MIN_VALUE, ...Array.from({ length: 500 }, () => prng.next())])
    expect(Number(formatThreshold(p))).toBe(p);
  expect(formatThreshold(0.6)).toBe('0.59999999999999998');
});
