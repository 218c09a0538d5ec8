/** The instants of a run as whole numbers: step k is the bar set that closes at `firstMs + k x intervalMs`. */
import { firstDecisionMs, type ScanWindow } from '../scan-window.ts';

export interface Timeline {
  /** First decision time. */
  readonly firstMs: number;
  readonly intervalMs: number;
  /** Step of the last instant; -1 = the window has none. */
  readonly lastStep: number;
}

/** A step that never comes; small enough that no runtime keeps it as a fraction. */
export const NEVER = 0x3fff_ffff;

export interface TimelineOptions {
  readonly window: ScanWindow;
  readonly intervalMs: number;
  /** Close of the newest bar of the whole store; default: the data reach the end of the window. */
  readonly dataEndMs?: number;
}

/** The instants that `runBacktest` goes through for the same options. */
export function timelineOf({ window, intervalMs, dataEndMs = Infinity }: TimelineOptions): Timeline {
  const firstMs = firstDecisionMs(window, intervalMs);
  const endMs = Math.min(window.endMs, dataEndMs + 1);
  return { firstMs, intervalMs, lastStep: Math.max(0, Math.ceil((endMs - firstMs) / intervalMs)) - 1 };
}

/** Instant of a step. */
export function timeOfStep({ firstMs, intervalMs }: Timeline, step: number): number {
  return firstMs + step * intervalMs;
}

/** First step at or after an instant. */
export function stepAtOrAfter({ firstMs, intervalMs }: Timeline, timeMs: number): number {
  return Math.ceil((timeMs - firstMs) / intervalMs);
}
