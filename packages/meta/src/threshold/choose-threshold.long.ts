/**
 * How often a p* is named where there is nothing to name, and how often where there is: the figures that the docstring of
 * `chooseThreshold` states, on many data sets. Prints one line per kind of data.
 */
import { createPrng, HOUR_MS } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { chooseThreshold } from './choose-threshold.ts';
import { type PlantedWorld, plantedRows } from './testing/planted-rows.ts';

interface Figures {
  readonly namedFrac: number;
  readonly improvementR: number;
  readonly standardError: number;
  readonly inSampleR: number;
}

function figuresOf(name: string, world: PlantedWorld, sets: number): Figures {
  let named = 0;
  const [improvements, inSample]: [number[], number[]] = [[], []];
  for (let seed = 0; seed < sets; seed += 1) {
    const choice = chooseThreshold(plantedRows(seed + 50_000, world), {
      groups: 6,
      embargoMs: 24 * HOUR_MS,
      minTrades: 150,
      prng: createPrng(seed, 'long'),
    });
    if (choice.kind === 'named') named += 1;
    improvements.push(choice.evidence.improvementR);
    if (!Number.isNaN(choice.evidence.inSampleImprovementR)) inSample.push(choice.evidence.inSampleImprovementR);
  }
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const improvementR = mean(improvements);
  const found = {
    namedFrac: named / sets,
    improvementR,
    standardError: Math.sqrt(mean(improvements.map((value) => (value - improvementR) ** 2)) / sets),
    inSampleR: mean(inSample),
  };
  const text = [found.namedFrac, improvementR, found.standardError, found.inSampleR].map((value) => value.toFixed(4));
  console.log(
    `${name}: named ${text[0]}, improvement ${text[1]} +- ${text[2]} R, on the rows of the choice ${text[3]} R`,
  );
  return found;
}

const NOISE = (): number => 0;

describe('noise', () => {
  it.each([
    ['600 rows, 40 weeks', { rows: 600, weeks: 40, effectR: NOISE }],
    ['1,500 rows, 60 weeks', { rows: 1_500, weeks: 60, effectR: NOISE }],
    ['1,500 rows, 200 weeks', { rows: 1_500, weeks: 200, effectR: NOISE }],
    ['800 rows, 40 weeks, 3 paths', { rows: 800, weeks: 40, paths: 3, effectR: NOISE }],
    ['1,500 rows, 60 weeks, losing', { rows: 1_500, weeks: 60, effectR: NOISE, baseR: -0.1 }],
  ] as const)('%s', (name, world) => {
    const { namedFrac, improvementR, standardError, inSampleR } = figuresOf(name, world, 500);
    // 5 % and two standard errors of 500 data sets
    expect(namedFrac).toBeLessThan(0.07);
    expect(Math.abs(improvementR)).toBeLessThan(3 * standardError);
    expect(inSampleR).toBeGreaterThan(0.05);
  });
});

/** The best third is worth `sizeR` more than the rest, the mean of all stays. */
const step =
  (sizeR: number) =>
  (z: number): number =>
    z >= 0.43 ? (2 * sizeR) / 3 : -sizeR / 3;

describe('effects', () => {
  it.each([
    ['step of 0.2 R, 2,000 rows', step(0.2), 2_000, 0.15],
    ['step of 0.4 R, 2,000 rows', step(0.4), 2_000, 0.75],
    ['step of 0.6 R, 2,000 rows', step(0.6), 2_000, 0.95],
    ['step of 0.4 R, 800 rows', step(0.4), 800, 0.4],
    ['slope of 0.12 R per sd, 2,000 rows', (z: number) => 0.12 * z, 2_000, 0.2],
    ['slope of 0.25 R per sd, 2,000 rows', (z: number) => 0.25 * z, 2_000, 0.8],
  ] as const)('%s', (name, effectR, rows, namedMin) => {
    const { namedFrac, improvementR, inSampleR } = figuresOf(name, { rows, weeks: rows / 20, effectR }, 100);
    expect(namedFrac).toBeGreaterThan(namedMin);
    expect(inSampleR).toBeGreaterThan(improvementR);
  });
});
