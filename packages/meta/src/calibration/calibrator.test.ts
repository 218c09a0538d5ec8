import { readFileSync } from 'node:fs';
import { describeWithShared, sharedDir } from '@donch/testkit';
import { expect, it } from 'vitest';
import { calibrate, fitIsotonic, fitPlatt } from './calibrator.ts';

const read = (name: string): unknown => JSON.parse(readFileSync(sharedDir('vectors', 'calibration', name), 'utf8'));

interface Isotonic {
  readonly x_thresholds: number[];
  readonly y_thresholds: number[];
  readonly query: number[];
  readonly predict: number[];
}

interface Platt {
  readonly A: number;
  readonly B: number;
  readonly predict_at_query?: number[];
}

describeWithShared('calibrators of others', () => {
  const file = read('isotonic_platt.json') as {
    readonly score: number[];
    readonly y: number[];
    readonly weight: number[];
    readonly isotonic: Isotonic;
    readonly isotonic_weighted: Isotonic;
    readonly platt: Platt;
    readonly platt_weighted: Platt;
  };
  const { score, y, weight } = file;

  it.each([
    ['plain', { score, y }, file.isotonic],
    ['weighted', { score, y, weight }, file.isotonic_weighted],
  ])('isotonic, %s', (_, rows, expected) => {
    const calibrator = fitIsotonic(rows);
    expected.query.forEach((query, k) => {
      expect(calibrate(calibrator, query)).toBeCloseTo(expected.predict[k], 12);
    });
    expected.x_thresholds.forEach((x, k) => {
      expect(calibrate(calibrator, x)).toBeCloseTo(expected.y_thresholds[k], 12);
    });
  });

  it('isotonic by hand', () => {
    const { cases } = read('isotonic_hand.json') as {
      readonly cases: readonly { readonly x: number[]; readonly y: number[]; readonly fitted: number[] }[];
    };
    for (const { x, y: outcome, fitted } of cases) {
      const calibrator = fitIsotonic({ score: x, y: outcome });
      x.forEach((value, k) => {
        expect(calibrate(calibrator, value)).toBeCloseTo(fitted[k], 12);
      });
    }
  });

  it('Platt', () => {
    const plain = fitPlatt({ score, y });
    expect(plain.a).toBeCloseTo(file.platt.A, 9);
    expect(plain.b).toBeCloseTo(file.platt.B, 9);
    file.isotonic.query.forEach((query, k) => {
      expect(calibrate(plain, query)).toBeCloseTo(file.platt.predict_at_query?.[k] ?? Number.NaN, 9);
    });
    const weighted = fitPlatt({ score, y, weight });
    expect(weighted.a).toBeCloseTo(file.platt_weighted.A, 6);
    expect(weighted.b).toBeCloseTo(file.platt_weighted.B, 6);
  });

  it('one per fold and one for all', () => {
    const folds = read('cross_validated_calibrator.json') as {
      readonly score: number[];
      readonly y: number[];
      readonly n_folds: number;
      readonly query: number[];
      readonly expected: Readonly<Record<'isotonic_mean_over_folds' | 'isotonic_one_calibrator_on_all_oof', number[]>>;
      readonly sigmoid_folds_high_precision: readonly {
        readonly test: number[];
        readonly A: number;
        readonly B: number;
      }[];
    };
    const parts = folds.sigmoid_folds_high_precision.map(({ test }) => ({
      score: test.map((row) => folds.score[row]),
      y: test.map((row) => folds.y[row]),
    }));
    parts.forEach((rows, k) => {
      expect(fitPlatt(rows).a).toBeCloseTo(folds.sigmoid_folds_high_precision[k].A, 9);
      expect(fitPlatt(rows).b).toBeCloseTo(folds.sigmoid_folds_high_precision[k].B, 9);
    });
    const each = parts.map((rows) => fitIsotonic(rows));
    const all = fitIsotonic(folds);
    folds.query.forEach((query, k) => {
      const mean = each.reduce((sum, calibrator) => sum + calibrate(calibrator, query), 0) / each.length;
      expect(mean).toBeCloseTo(folds.expected.isotonic_mean_over_folds[k], 9);
      expect(calibrate(all, query)).toBeCloseTo(folds.expected.isotonic_one_calibrator_on_all_oof[k], 9);
    });
  });
});

it('what cannot be fitted is NaN, what cannot be scored too', () => {
  expect(fitPlatt({ score: [1, 2], y: [1, 1] }).a).toBeNaN();
  expect(calibrate(fitIsotonic({ score: [1, 2], y: [0, 1] }), Number.NaN)).toBeNaN();
  expect(calibrate({ kind: 'none' }, 0.3)).toBe(0.3);
});

it('scores that do not differ give the smoothed share', () => {
  const { a, b } = fitPlatt({ score: [1, 1, 1, 1], y: [0, 0, 0, 1] });
  expect(1 / (1 + Math.exp(a + b))).toBeCloseTo((3 * (1 / 5) + 2 / 3) / 4, 9);
});
