import { readFileSync } from 'node:fs';
import { describeWithShared, sharedDir } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import {
  averagePrecision,
  baseRate,
  brierScore,
  expectedCalibrationError,
  logLoss,
  reliabilityBins,
  rocAuc,
  type Scored,
} from './probability-metrics.ts';

describeWithShared('figures of others', () => {
  const read = (name: string): unknown => JSON.parse(readFileSync(sharedDir('vectors', 'metrics', name), 'utf8'));

  interface Expected {
    readonly brier: number;
    readonly log_loss_eps_2_22e_16: number;
    readonly average_precision: number;
    readonly roc_auc: number;
    readonly base_rate: number;
    readonly ece10_right?: number;
    readonly bins_right?: readonly {
      readonly bin: number;
      readonly n: number;
      readonly mean_p: number;
      readonly freq: number;
    }[];
  }
  const ties = read('probability_metrics_ties.json') as {
    readonly y: number[];
    readonly p: number[];
    readonly weight: number[];
    readonly expected: Expected;
    readonly expected_weighted: Expected;
  };

  it.each<[string, Scored, Expected]>([
    ['plain', { y: ties.y, p: ties.p }, ties.expected],
    ['weighted', { y: ties.y, p: ties.p, weight: ties.weight }, ties.expected_weighted],
  ])('with ties, %s', (_, scored, expected) => {
    expect(brierScore(scored)).toBeCloseTo(expected.brier, 12);
    expect(logLoss(scored)).toBeCloseTo(expected.log_loss_eps_2_22e_16, 12);
    expect(averagePrecision(scored)).toBeCloseTo(expected.average_precision, 12);
    expect(rocAuc(scored)).toBeCloseTo(expected.roc_auc, 12);
  });

  it('base rate', () => {
    expect(baseRate({ y: ties.y, p: ties.p })).toBeCloseTo(ties.expected.base_rate, 12);
    expect(baseRate({ y: [1, 0], p: [1, 0], weight: [3, 1] })).toBe(0.75);
  });

  it('calibration error and reliability bins', () => {
    expect(expectedCalibrationError(ties)).not.toBeCloseTo(ties.expected.ece10_right ?? 0, 6); // weighted is another figure
    const scored = { y: ties.y, p: ties.p };
    expect(expectedCalibrationError(scored)).toBeCloseTo(ties.expected.ece10_right ?? 0, 12);
    const bins = reliabilityBins(scored);
    expect(bins.map(({ bin, rows }) => [bin, rows])).toEqual(ties.expected.bins_right?.map(({ bin, n }) => [bin, n]));
    bins.forEach(({ meanP, frequency }, k) => {
      expect(meanP).toBeCloseTo(ties.expected.bins_right?.[k].mean_p ?? Number.NaN, 12);
      expect(frequency).toBeCloseTo(ties.expected.bins_right?.[k].freq ?? Number.NaN, 12);
    });
  });

  it('scikit-learn: documentation and calibration curve', () => {
    const { cases } = read('sklearn_doc_examples.json') as {
      readonly cases: readonly {
        readonly y: number[];
        readonly p: number[];
        readonly average_precision?: number;
        readonly roc_auc?: number;
      }[];
    };
    for (const { y, p, average_precision: precision, roc_auc: auc } of cases) {
      expect(precision === undefined ? 0 : averagePrecision({ y, p }) - precision).toBeCloseTo(0, 9);
      expect(auc === undefined ? 0 : rocAuc({ y, p }) - auc).toBeCloseTo(0, 9);
    }
    const curve = read('calibration_curve.json') as {
      readonly y: number[];
      readonly p: number[];
      readonly n_bins: number;
      readonly uniform: { readonly prob_true: number[]; readonly prob_pred: number[] };
    };
    const bins = reliabilityBins(curve, curve.n_bins);
    expect(bins.length).toBe(curve.uniform.prob_true.length);
    bins.forEach(({ meanP, frequency }, k) => {
      expect(frequency).toBeCloseTo(curve.uniform.prob_true[k], 12);
      expect(meanP).toBeCloseTo(curve.uniform.prob_pred[k], 12);
    });
  });
});

describe('what does not exist', () => {
  it('is NaN, never a number that flatters', () => {
    for (const y of [[], [1, 1], [0, 0]]) expect(rocAuc({ y, p: y.map(() => 0.5) })).toBeNaN();
    expect(averagePrecision({ y: [0, 0], p: [0.2, 0.3] })).toBeNaN();
    expect(brierScore({ y: [], p: [] })).toBeNaN();
  });

  it('certainty that is wrong costs a finite loss', () => {
    expect(logLoss({ y: [0], p: [1] })).toBeCloseTo(36.04, 1);
  });
});
