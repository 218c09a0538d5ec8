/** Finds out when two files stamp the same instants differently: a bar's open against its close, local time against UTC. */
import { asOfIndex, MINUTE_MS } from '@donch/core';
import type { TimedPredictions, TimedRows } from './match-by-time.ts';

/** Time zones lie on half hours, up to 14 h from UTC. */
const ZONE_STEP_MS = 30 * MINUTE_MS;
const ZONE_STEPS = 28;

export interface LikelyShift {
  /** Signal time - prediction time: above 0, predictions are stamped too early. */
  readonly shiftMs: number;
  /** Signals with a prediction at exactly this distance. */
  readonly signals: number;
  /** Signals whose symbol has predictions at all. */
  readonly comparable: number;
}

/** How many signals have a prediction exactly at their time, and exactly one bar before it. */
export interface StampEvidence {
  readonly same: number;
  readonly oneBarBefore: number;
}

export function stampEvidence(signals: TimedRows, predictions: TimedPredictions, intervalMs: number): StampEvidence {
  return {
    same: signalsAtDistance(signals, predictions, 0),
    oneBarBefore: signalsAtDistance(signals, predictions, intervalMs),
  };
}

/**
 * The distance at which at least half of the comparable signals have a prediction, and at least twice as many as at distance 0;
 * one bar before time zones, smaller before larger. Null where there is none: predictions of every bar fit at any distance.
 */
export function likelyShift(signals: TimedRows, predictions: TimedPredictions, intervalMs: number): LikelyShift | null {
  const comparable = comparableSignals(signals, predictions);
  const same = signalsAtDistance(signals, predictions, 0);
  if (comparable === 0 || same * 2 > comparable) return null;
  let best: LikelyShift | null = null;
  for (const shiftMs of candidates(intervalMs)) {
    const found = signalsAtDistance(signals, predictions, shiftMs);
    if (found > (best?.signals ?? 0)) best = { shiftMs, signals: found, comparable };
  }
  return best !== null && best.signals * 2 >= comparable && best.signals >= same * 2 ? best : null;
}

function candidates(intervalMs: number): number[] {
  const shifts = [intervalMs, -intervalMs];
  for (let step = 1; step <= ZONE_STEPS; step += 1) shifts.push(step * ZONE_STEP_MS, -step * ZONE_STEP_MS);
  return shifts;
}

function comparableSignals({ group }: TimedRows, { times }: TimedPredictions): number {
  let count = 0;
  for (const g of group) if (times[g].length > 0) count += 1;
  return count;
}

function signalsAtDistance({ group, timeMs }: TimedRows, predictions: TimedPredictions, shiftMs: number): number {
  let count = 0;
  for (let row = 0; row < group.length; row += 1) {
    const times = predictions.times[group[row]];
    const wantedMs = timeMs[row] - shiftMs;
    const at = asOfIndex(times, times.length, wantedMs);
    if (at >= 0 && times[at] === wantedMs) count += 1;
  }
  return count;
}
