import { createPrng, HOUR_MS } from '@donch/core';
import { groupBounds, purgedSplit } from '@donch/stats';
import { describe, expect, it } from 'vitest';
import { calibrate, fitPlatt } from '../calibration/calibrator.ts';
import { chooseCalibrator, ISOTONIC_ROWS_MIN } from './choose-calibrator.ts';
import type { ScoredRows } from './scored-rows.ts';
import { plantedRows, shuffled } from './testing/planted-rows.ts';

const options = { groups: 6, embargoMs: 24 * HOUR_MS };

/** Labels drawn with the probability that `chanceOf` gives a margin. */
function drawn(seed: number, rows: number, chanceOf: (margin: number) => number): ScoredRows {
  const prng = createPrng(seed, 'drawn');
  const score = Array.from({ length: rows }, () => 2 * prng.normal());
  const decisionTimeMs = score.map((_, row) => row * HOUR_MS);
  return {
    decisionTimeMs,
    labelEndMs: decisionTimeMs.map((time) => time + HOUR_MS),
    y: score.map((margin) => (prng.next() < chanceOf(margin) ? 1 : 0)),
    pnlR: score.map(() => 0),
    paths: 1,
    scoreKind: 'margin',
    score,
  };
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

describe('chooseCalibrator', () => {
  it.each([
    ['none', 'scores that mean what they say', sigmoid],
    ['platt', 'scores that are too sure by a factor of three', (x: number) => sigmoid(x / 3 - 1)],
    ['isotonic', 'a step, which no sigmoid follows', (x: number) => (x > 1 ? 0.8 : 0.2)],
  ] as const)('takes %s for %s', (kind, _, chanceOf) => {
    const found = chooseCalibrator(drawn(1, 4_000, chanceOf), options);
    expect(found.calibrator.kind).toBe(kind);
    const losses = found.logLoss;
    expect(Math.min(losses.none, losses.platt, losses.isotonic)).toBe(losses[kind]);
  });

  it('does not try isotonic below its least number of rows; paths are no rows', () => {
    const step = (x: number): number => (x > 1 ? 0.8 : 0.2);
    expect(chooseCalibrator(drawn(1, ISOTONIC_ROWS_MIN, step), options).logLoss.isotonic).toBeGreaterThan(0);
    const few = drawn(1, ISOTONIC_ROWS_MIN - 1, step);
    const fivefold = {
      ...few,
      paths: 5,
      score: Array.from(few.score).flatMap((score) => [score, score, score, score, score]),
    };
    for (const rows of [few, fivefold]) expect(chooseCalibrator(rows, options).logLoss.isotonic).toBeNaN();
  });

  it('weighs paths, so that the same predictions five times over fit the same', () => {
    const once = drawn(2, 400, (x) => sigmoid(x / 3));
    const fivefold = {
      ...once,
      paths: 5,
      score: Array.from(once.score).flatMap((score) => [score, score, score, score, score]),
    };
    const [one, five] = [chooseCalibrator(once, options), chooseCalibrator(fivefold, options)];
    expect(five.logLoss.platt).toBeCloseTo(one.logLoss.platt, 12);
    for (const row of [0, 200, 399])
      for (const path of [0, 4]) expect(five.probability[5 * row + path]).toBeCloseTo(one.probability[row], 12);
  });

  it('scores a group by what the others teach, without overlapping labels and the embargo', () => {
    const rows = drawn(3, 300, (x) => sigmoid(x / 3));
    const found = chooseCalibrator(rows, { ...options, calibrators: ['platt'] });
    const bounds = groupBounds(300, 6);
    for (let group = 0; group < 6; group += 1) {
      const [from, to] = [bounds[group], bounds[group + 1]];
      const { train } = purgedSplit(
        { startMs: rows.decisionTimeMs, endMs: rows.labelEndMs },
        [{ from, to }],
        24 * HOUR_MS,
      );
      const fitted = fitPlatt({
        score: Array.from(train, (row) => rows.score[row]),
        y: Array.from(train, (row) => rows.y[row]),
      });
      for (const row of [from, to - 1])
        expect(found.probability[row]).toBeCloseTo(calibrate(fitted, rows.score[row]), 12);
    }
  });

  it('does not turn a forecast around: the base rate of the others is no forecast of a group', () => {
    // what a model without any knowledge scores: the share of successes in its training rows, against which the labels run
    const prng = createPrng(4, 'drift');
    const bounds = groupBounds(1_200, 6);
    const rate = [0.2, 0.45, 0.25, 0.4, 0.2, 0.45];
    const group = Array.from({ length: 1_200 }, (_, row) => bounds.findIndex((to) => row < to) - 1);
    const y = group.map((at) => (prng.next() < rate[at] ? 1 : 0));
    const share = rate.map((_, at) => {
      const others = y.filter((__, row) => group[row] !== at);
      return others.reduce((sum: number, value) => sum + value, 0) / others.length;
    });
    const score = group.map((at) => Math.log(share[at] / (1 - share[at])));
    const rows = { ...drawn(4, 1_200, () => 0), y, score };
    expect(fitPlatt({ score, y }).a).toBeGreaterThan(5);
    const { calibrator, probability } = chooseCalibrator(rows, options);
    expect(calibrator.kind === 'platt' && calibrator.a > 0).toBe(false);
    for (const at of [0, 1, 2, 3, 4, 5]) {
      const own = Array.from(probability).filter((_, row) => group[row] === at);
      expect(Math.max(...own) - Math.min(...own)).toBe(0);
    }
    const onPlatt = chooseCalibrator(rows, { ...options, calibrators: ['platt'] });
    expect(onPlatt.calibrator).toMatchObject({ kind: 'platt', a: 0 });
  });

  it('is the same for rows in another order, bit for bit', () => {
    const rows = plantedRows(5, { rows: 1_500, weeks: 40, paths: 3, effectR: (z) => 0.2 * z });
    const found = chooseCalibrator(rows, options);
    const other = shuffled(rows, 9);
    const again = chooseCalibrator(other.rows, options);
    expect(again.calibrator).toEqual(found.calibrator);
    expect(again.logLoss).toEqual(found.logLoss);
    other.from.forEach((row, at) => {
      expect(again.probability[3 * at + 1]).toBe(found.probability[3 * row + 1]);
    });
  });

  it('leaves raw probabilities of others as they are when told so, and gives an unpredicted row none', () => {
    const rows = drawn(6, 60, sigmoid);
    const score = Array.from(rows.score, (margin, row) =>
      row === 7 ? Number.NaN : Math.round(100 * sigmoid(margin)) / 100,
    );
    const found = chooseCalibrator({ ...rows, score, scoreKind: 'probability' }, { ...options, calibrators: ['none'] });
    expect(Array.from(found.probability)).toEqual(score);
    expect(found.calibrator).toEqual({ kind: 'none' });
    expect(found.logLoss.platt).toBeNaN();
  });

  it('takes what cannot be fitted for no calibrator', () => {
    const alike = { ...drawn(7, 30, sigmoid), y: Array.from({ length: 30 }, () => 1) };
    expect(chooseCalibrator(alike, options).calibrator.kind).toBe('none');
    const none = { ...alike, decisionTimeMs: [], labelEndMs: [], y: [], pnlR: [], score: [] };
    expect(chooseCalibrator(none, options).calibrator.kind).toBe('none');
  });

  it('refuses rows without outcome', () => {
    const rows = drawn(8, 30, sigmoid);
    for (const bad of [{ y: rows.y, pnlR: Array.from(rows.y, () => Number.NaN) }, { y: Array.from(rows.y, () => 0.5) }])
      expect(() => chooseCalibrator({ ...rows, ...bad }, options)).toThrow('Invariant');
    expect(() => chooseCalibrator({ ...rows, paths: 2 }, options)).toThrow('one score per path');
  });
});
