/** The plan of a training: nothing that is tested has taught. */
import { createPrng, DAY_MS, HOUR_MS, instrumentId, type Prng } from '@donch/core';
import { groupBounds } from '@donch/stats';
import { describe, expect, it } from 'vitest';
import type { Dataset } from '../dataset/dataset.ts';
import { GBDT_DEFAULTS } from '../trainer/gbdt-params.ts';
import { assessModel } from './assess-model.ts';
import { planCpcv } from './cpcv-fits.ts';
import { ONLY_SCORES, runFit, type FitTask } from './fit.ts';
import {
  permutedOutcomes,
  PLANTED_FEATURE,
  suspiciousFeatures,
  withFutureFeature,
  withSpoiltRows,
} from './leakage-probes.ts';
import { planWalkForward } from './walk-forward-plan.ts';

const LABEL_MS = 72 * HOUR_MS;

/** Signals of 300 days; the first feature moves the outcome by `effect` (log odds per unit). */
function market(rows: number, effect: number, prng: Prng): Dataset {
  const times = Array.from({ length: rows }, () => Math.floor(prng.next() * 300) * DAY_MS).sort((a, b) => a - b);
  const columns = Array.from({ length: 5 }, () => Float32Array.from({ length: rows }, () => prng.normal()));
  const y = Float64Array.from(times, (_, row) => (prng.next() < 1 / (1 + Math.exp(-effect * columns[0][row])) ? 1 : 0));
  return {
    features: { names: ['x0', 'x1', 'x2', 'x3', 'x4'], columns },
    signalId: times.map(String),
    instrumentId: times.map(() => instrumentId('v', 'AUSDT')),
    decisionTimeMs: Float64Array.from(times),
    labelEndMs: Float64Array.from(times, (time) => time + LABEL_MS),
    y,
    pnlR: y.map((value) => (value === 1 ? 1.5 : -1) + prng.normal() / 4),
  };
}

const PARAMS = { ...GBDT_DEFAULTS, trees: 40, leaves: 4, learningRate: 0.1, rowsInLeafMin: 20 };
const CPCV = { groups: 6, testGroups: 2, splitsMax: 30, embargoMs: DAY_MS, seed: 1 };

const taskOf = (dataset: Dataset, split: { readonly train: Int32Array; readonly test: Int32Array }): FitTask => ({
  features: dataset.features,
  y: dataset.y,
  weight: null,
  params: PARAMS,
  ...split,
  seed: 1,
  wants: ONLY_SCORES,
});

function assessed(dataset: Dataset) {
  const plan = planCpcv(dataset, CPCV);
  const margins = plan.splits.map((split) => runFit(taskOf(dataset, split)).margin);
  return assessModel(dataset, { plan, margins }, { groups: 6, embargoMs: DAY_MS, minTrades: 50, seed: 1 });
}

describe('cross-validation', () => {
  const dataset = market(600, 1.5, createPrng(1));

  it('tests every row once on every path, and no label of its training touches it', () => {
    const { splits, paths } = planCpcv(dataset, CPCV);
    expect([splits.length, paths]).toEqual([15, 5]);
    const seen = new Map<string, number>();
    const bounds = groupBounds(600, 6);
    for (const { testGroups, pathIds, train, test } of splits) {
      for (const [k, group] of testGroups.entries())
        for (let row = bounds[group]; row < bounds[group + 1]; row += 1)
          seen.set(`${row} ${pathIds[k]}`, (seen.get(`${row} ${pathIds[k]}`) ?? 0) + 1);
      for (const row of train.filter((_, k) => k % 29 === 0))
        for (const other of test)
          expect(
            dataset.labelEndMs[row] < dataset.decisionTimeMs[other] ||
              dataset.labelEndMs[other] < dataset.decisionTimeMs[row],
          ).toBe(true);
    }
    expect(seen.size).toBe(600 * 5);
    expect(new Set(seen.values())).toEqual(new Set([1]));
  });

  it('finds an effect that is there, in every path, and names a p*', () => {
    const { metrics, threshold, placed } = assessed(dataset);
    expect(placed.length).toBe(600 * 5);
    const paths = metrics.filter(({ scope, stage }) => scope === 'path' && stage === 'raw');
    expect(paths.length).toBe(5);
    for (const { rocAuc } of paths) expect(rocAuc).toBeGreaterThan(0.65);
    expect(threshold.kind).toBe('named');
  });

  it('judges a model of noise as what it is', () => {
    const { metrics, threshold } = assessed(market(600, 0, createPrng(2)));
    const paths = metrics.filter(({ scope }) => scope === 'path');
    for (const { rocAuc } of paths) expect(Math.abs(rocAuc - 0.5)).toBeLessThan(0.1);
    expect(threshold.kind).toBe('none');
  });
});

describe('walk-forward', () => {
  const dataset = market(600, 1, createPrng(3));
  const months = planWalkForward(dataset, { trainRowsMin: 100, innerGroups: 5, embargoMs: DAY_MS });

  it('knows at the start of a month only what had ended before it', () => {
    expect(months.length).toBeGreaterThan(5);
    for (const { fromMs, toMs, train, test, inner } of months) {
      for (const row of train) expect(dataset.labelEndMs[row]).toBeLessThan(fromMs);
      for (const row of test)
        expect(dataset.decisionTimeMs[row] >= fromMs && dataset.decisionTimeMs[row] < toMs).toBe(true);
      expect(inner.flatMap((fold) => [...fold.test]).sort((a, b) => a - b)).toEqual([...train]);
      for (const fold of inner)
        expect(fold.train.every((row) => train.includes(row) && !fold.test.includes(row))).toBe(true);
    }
  });

  it('takes the rows of each month once, all from the first one with enough before it', () => {
    const rows = months.flatMap(({ test }) => [...test]);
    expect(rows).toEqual(Array.from({ length: 600 - rows[0] }, (_, k) => rows[0] + k));
  });
});

describe('probes', () => {
  const dataset = market(400, 1, createPrng(4));

  it('shuffle outcomes inside groups, label and result together', () => {
    const { y, pnlR } = permutedOutcomes(dataset, { groups: 4, seed: 1 });
    const bounds = groupBounds(400, 4);
    for (let group = 0; group < 4; group += 1) {
      const part = (values: Float64Array): number[] => [...values.slice(bounds[group], bounds[group + 1]).sort()];
      expect(part(pnlR)).toEqual(part(dataset.pnlR));
      expect(part(y)).toEqual(part(dataset.y));
    }
    expect(
      y.map((value, row) => (value === 1 ? 1 : 0) - (pnlR[row] > 0.25 ? 1 : 0)).filter((d) => d !== 0).length,
    ).toBeLessThan(8);
    expect(pnlR).not.toEqual(dataset.pnlR);
  });

  it('find a feature that knows the outcome, and accuse no other', () => {
    const planted = withFutureFeature(dataset.features, dataset.y, 1);
    expect(suspiciousFeatures(planted, dataset.y, 6).map(({ name }) => name)).toEqual([PLANTED_FEATURE]);
    expect(suspiciousFeatures(dataset.features, dataset.y, 6)).toEqual([]);
  });

  it('leave the model as it was when only rows of its test change', () => {
    const [split] = planCpcv(dataset, CPCV).splits;
    const { modelHash } = runFit(taskOf(dataset, split));
    const spoilt = { ...dataset, ...withSpoiltRows(dataset, split.test, 1) };
    expect(runFit(taskOf(spoilt, split)).modelHash).toBe(modelHash);
    const other = { ...dataset, ...withSpoiltRows(dataset, split.train.slice(0, 50), 1) };
    expect(runFit(taskOf(other, split)).modelHash).not.toBe(modelHash);
  });
});

describe('a fit', () => {
  const dataset = market(400, 1.5, createPrng(5));
  const [split] = planCpcv(dataset, CPCV).splits;
  const wants = { model: true, learningCurve: true, permutationImportance: true, shapRows: 50 };
  const result = runFit({ ...taskOf(dataset, split), wants });

  it('tells which feature it uses, by rows it has not seen and by contributions', () => {
    expect(result.permutationImportance.indexOf(Math.max(...result.permutationImportance))).toBe(0);
    expect(result.shap.indexOf(Math.max(...result.shap))).toBe(0);
    expect(result.shap.length).toBe(5);
  });

  it('learns: the loss of its own rows falls, that of others first falls', () => {
    const { learningCurve } = result;
    expect(learningCurve.at(-1)?.trees).toBe(40);
    expect(learningCurve.at(-1)?.trainLogLoss).toBeLessThan(learningCurve[0].trainLogLoss);
    expect(Math.min(...learningCurve.map(({ testLogLoss }) => testLogLoss))).toBeLessThan(Math.log(2));
  });

  it('is the same again', () => {
    expect(runFit({ ...taskOf(dataset, split), wants })).toEqual(result);
  });
});
