/** The window of a run. */
import { DonchError, type Signal } from '@donch/core';

/** Decisions count in `[startMs, endMs)` of their decision time; history before it warms up. */
export interface ScanWindow {
  readonly startMs: number;
  readonly endMs: number;
}

/** First decision time of a window: base bars close at multiples of their interval, a window may start anywhere. */
export function firstDecisionMs({ startMs }: ScanWindow, intervalMs: number): number {
  return Math.ceil(startMs / intervalMs) * intervalMs;
}

export function isInWindow({ decisionTimeMs }: Signal, { startMs, endMs }: ScanWindow): boolean {
  return decisionTimeMs >= startMs && decisionTimeMs < endMs;
}

/** Throws `signal_off_grid` for a signal that no bar closes with: it could never be traded. */
export function checkOnGrid({ decisionTimeMs, instrumentId, signalId }: Signal, intervalMs: number): void {
  if (decisionTimeMs % intervalMs === 0) return;
  throw new DonchError('signal_off_grid', `signal ${signalId} of ${instrumentId} is decided at ${decisionTimeMs}`, {
    expected: `a bar close: a multiple of ${intervalMs} ms`,
    remedy: 'is the file of another base interval, or are its times not UTC?',
  });
}
