/** How much each row of a data set counts in training. */
import { HOUR_MS } from '@donch/core';
import type { Dataset } from '../dataset/dataset.ts';
import { averageUniqueness, timeDecay, type LabelBars } from './sample-weights.ts';

/** `uniqueness`: rows whose labels share their hours count less; `time_decay`: that, and the oldest half as much as the newest. */
export const ROW_WEIGHTS = ['none', 'uniqueness', 'time_decay'] as const;
export type RowWeights = (typeof ROW_WEIGHTS)[number];

/** Weight of the oldest row beside the newest. */
const OLDEST = 0.5;

/**
 * Weights with a mean of 1, in memory that threads share; null = all count the same. Labels of all instruments share the hours: signals
 * of one week are of one market.
 */
export function rowWeights({ decisionTimeMs, labelEndMs }: Dataset, kind: RowWeights): Float64Array | null {
  if (kind === 'none') return null;
  const hourOf = (timeMs: number): number => Math.floor((timeMs - decisionTimeMs[0]) / HOUR_MS);
  const labels: LabelBars = { startBar: decisionTimeMs.map(hourOf), endBar: labelEndMs.map(hourOf) };
  const uniqueness = averageUniqueness(labels, Math.max(...labelEndMs.map(hourOf)) + 1);
  const decay = kind === 'time_decay' ? timeDecay(uniqueness, OLDEST) : null;
  const weights = uniqueness.map((value, row) => value * (decay?.[row] ?? 1));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const shared = new Float64Array(new SharedArrayBuffer(weights.byteLength));
  shared.set(weights.map((weight) => (weight * weights.length) / sum));
  return shared;
}
