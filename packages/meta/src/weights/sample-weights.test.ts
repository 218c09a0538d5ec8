import { readFileSync } from 'node:fs';
import { describeWithShared, sharedDir } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import type { Dataset } from '../dataset/dataset.ts';
import { rowWeights } from './row-weights.ts';
import {
  averageUniqueness,
  concurrency,
  returnAttribution,
  sequentialBootstrapChances,
  timeDecay,
} from './sample-weights.ts';

interface Vectors {
  readonly t0: number[];
  readonly t1: number[];
  readonly n_bars: number;
  readonly concurrency: number[];
  readonly average_uniqueness: number[];
  readonly close?: number[];
  readonly return_attribution_scaled?: number[];
  readonly time_decay?: Readonly<Record<string, number[]>>;
  readonly sequential_bootstrap: { readonly drawn: number[]; readonly next_prob: number[] };
}

function expectClose(found: ArrayLike<number>, expected: readonly number[], digits: number): void {
  expect(found.length).toBe(expected.length);
  expected.forEach((value, k) => {
    expect(found[k]).toBeCloseTo(value, digits);
  });
}

describeWithShared('weights of the book and by brute force', () => {
  const read = (name: string): Vectors =>
    JSON.parse(readFileSync(sharedDir('vectors', 'weights', name), 'utf8')) as Vectors;

  it.each([
    ['afml_three_labels.json', 8],
    ['random_12_labels.json', 12],
  ])('%s', (name, digits) => {
    const file = read(name);
    expect(file.t0.length).toBeGreaterThan(2);
    const labels = { startBar: file.t0, endBar: file.t1 };
    expectClose(concurrency(labels, file.n_bars), file.concurrency, digits);
    expectClose(averageUniqueness(labels, file.n_bars), file.average_uniqueness, digits);
    const { drawn, next_prob: chances } = file.sequential_bootstrap;
    expectClose(sequentialBootstrapChances(labels, file.n_bars, drawn), chances, digits);
  });

  it('return attribution and time decay', () => {
    const file = read('random_12_labels.json');
    const labels = { startBar: file.t0, endBar: file.t1 };
    expectClose(returnAttribution(labels, file.close ?? []), file.return_attribution_scaled ?? [], 12);
    const uniqueness = averageUniqueness(labels, file.n_bars);
    const decays = Object.entries(file.time_decay ?? {});
    expect(decays.length).toBeGreaterThan(2);
    for (const [oldest, weights] of decays) expectClose(timeDecay(uniqueness, Number(oldest)), weights, 12);
  });
});

it('labels that overlap nobody weigh one each', () => {
  const labels = { startBar: [0, 2], endBar: [1, 3] };
  expect([...averageUniqueness(labels, 4)]).toEqual([1, 1]);
  expect([...sequentialBootstrapChances(labels, 4, [])]).toEqual([0.5, 0.5]);
});

describe('weights of rows', () => {
  const hour = 3_600_000;
  const dataset: Dataset = {
    features: { names: [], columns: [] },
    signalId: ['a', 'b', 'c'],
    instrumentId: [],
    // a and b share their hours, c is alone
    decisionTimeMs: Float64Array.of(0, 0, 10 * hour),
    labelEndMs: Float64Array.of(4 * hour, 4 * hour, 14 * hour),
    y: Float64Array.of(0, 1, 0),
    pnlR: Float64Array.of(0, 1, 0),
  };

  it('are none, or what is alone counts as much as what is shared together', () => {
    expect(rowWeights(dataset, 'none')).toBeNull();
    expect([...(rowWeights(dataset, 'uniqueness') ?? [])]).toEqual([0.75, 0.75, 1.5]);
  });

  it('fall with age when asked to, with a mean of 1', () => {
    const weights = rowWeights(dataset, 'time_decay') ?? new Float64Array();
    expect(weights[0]).toBeLessThan(weights[1]);
    expect(weights[1]).toBeLessThan(weights[2]);
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(3, 12);
  });
});
