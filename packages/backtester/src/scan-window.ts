/** The window of a run. */

/** Decisions count in `[startMs, endMs)` of their decision time; history before it warms up. */
export interface ScanWindow {
  readonly startMs: number;
  readonly endMs: number;
}

/** First decision time of a window: base bars close at multiples of their interval, a window may start anywhere. */
export function firstDecisionMs({ startMs }: ScanWindow, intervalMs: number): number {
  return Math.ceil(startMs / intervalMs) * intervalMs;
}
