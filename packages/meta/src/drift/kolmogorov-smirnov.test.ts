import { readFileSync } from 'node:fs';
import { createPrng } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { kolmogorovSurvival, ksStatistic, ksTwoSample } from './kolmogorov-smirnov.ts';

interface Reference {
  /** Where the numbers are from: scipy. */
  readonly source: string;
  readonly cases: readonly {
    readonly name: string;
    readonly a: readonly number[];
    readonly b: readonly number[];
    readonly statistic: number;
    readonly kolmogorov: number;
    readonly exact: number;
  }[];
  readonly survival: readonly (readonly [number, number])[];
}

const { cases, survival } = JSON.parse(
  readFileSync(new URL('../../test-data/ks-two-sample.json', import.meta.url), 'utf8'),
) as Reference;

const sorted = (values: readonly number[]): Float64Array => Float64Array.from(values).sort();

describe('two samples', () => {
  it.each(cases)('are as far apart as scipy says: $name', ({ a, b, statistic, kolmogorov, exact }) => {
    const found = ksTwoSample(sorted(a), sorted(b));
    expect(found.statistic).toBeCloseTo(statistic, 12);
    expect(Math.abs(found.pValue - kolmogorov)).toBeLessThanOrEqual(1e-12 + 1e-9 * kolmogorov);
    // the limit law errs on the side of no alarm, except for one value on each side
    expect(found.pValue).toBeGreaterThan(Math.min(exact, 0.69));
  });

  it('have a distance that does not hang on which is first, and none when one is empty', () => {
    const [a, b] = [sorted(cases[1].a), sorted(cases[1].b)];
    expect(ksStatistic(b, a)).toBe(ksStatistic(a, b));
    expect(ksTwoSample(a, []).statistic).toBeNaN();
    expect(ksTwoSample([], []).pValue).toBeNaN();
  });

  it('of one law differ at the 5 % level about once in twenty', () => {
    const prng = createPrng(1, 'same law');
    const draw = (): Float64Array => Float64Array.from({ length: 200 }, () => prng.normal()).sort();
    let alarms = 0;
    for (let trial = 0; trial < 1_000; trial += 1) if (ksTwoSample(draw(), draw()).pValue < 0.05) alarms += 1;
    expect(alarms).toBeGreaterThan(25);
    expect(alarms).toBeLessThan(65);
  });
});

it("Kolmogorov's law is scipy's, in both of its series", () => {
  for (const [x, expected] of survival)
    expect(Math.abs(kolmogorovSurvival(x) - expected)).toBeLessThanOrEqual(1e-15 + 1e-12 * expected);
  expect(kolmogorovSurvival(1.18 - 1e-9)).toBeCloseTo(kolmogorovSurvival(1.18 + 1e-9), 8);
});
