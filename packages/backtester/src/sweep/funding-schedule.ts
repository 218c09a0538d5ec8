/** Funding of one instrument as a list: what the venue books on any position that is held at the instant. */
import type { Candles, FundingEvents } from '@donch/core';
import { fundingDue, nextFundingMs } from '@donch/sim';
import { NEVER, stepAtOrAfter, timeOfStep, type Timeline } from './timeline.ts';

/**
 * What falls due at a step does not depend on when a position was entered: settlements and 8-hour boundaries are booked with the first
 * bar set at or after them, and entries lie on bar sets.
 */
export interface FundingSchedule {
  /** Ascending. */
  readonly steps: Int32Array;
  /** Received per unit of notional, < 0 = paid. */
  readonly longFrac: Float64Array;
  readonly shortFrac: Float64Array;
  /** Last close at the step: what notional is counted with. */
  readonly markPrice: Float64Array;
  /** 1 = part of it is assumed. */
  readonly assumed: Uint8Array;
}

export interface FundingInput {
  readonly events: FundingEvents | null;
  /** Per 8-hour period without a known settlement. */
  readonly assumedFrac: number;
  readonly candles: Candles;
  readonly timeline: Timeline;
  /** Steps after `fromStep` up to `toStep`. */
  readonly fromStep: number;
  readonly toStep: number;
}

/** The schedule of an instrument over a range of steps. */
export function fundingSchedule({
  events,
  assumedFrac,
  candles,
  timeline,
  fromStep,
  toStep,
}: FundingInput): FundingSchedule {
  const steps: number[] = [];
  const longFrac: number[] = [];
  const shortFrac: number[] = [];
  const markPrice: number[] = [];
  const assumed: number[] = [];
  let fundedMs = timeOfStep(timeline, fromStep);
  let row = -1;
  for (;;) {
    const step = stepAtOrAfter(timeline, nextFundingMs(events, fundedMs));
    if (!(step <= toStep)) break;
    const timeMs = timeOfStep(timeline, step);
    const due = fundingDue(events, fundedMs, timeMs);
    fundedMs = timeMs;
    if (due.settlements === 0 && due.assumedPeriods === 0) continue;
    while (row + 1 < candles.length && candles.openTimeMs[row + 1] + candles.intervalMs <= timeMs) row += 1;
    const chargeFrac = due.assumedPeriods * assumedFrac;
    steps.push(step);
    longFrac.push(-(due.rate + chargeFrac));
    shortFrac.push(-(-due.rate + chargeFrac));
    markPrice.push(row < 0 ? Number.NaN : candles.close[row]);
    assumed.push(Number(due.assumedPeriods > 0));
  }
  return {
    steps: Int32Array.from(steps),
    longFrac: Float64Array.from(longFrac),
    shortFrac: Float64Array.from(shortFrac),
    markPrice: Float64Array.from(markPrice),
    assumed: Uint8Array.from(assumed),
  };
}

/** Places in a row of joined schedules: step, what a long and what a short receives per unit of notional, mark. */
export const FUNDING_STEP = 0;
export const FUNDING_LONG = 1;
export const FUNDING_SHORT = 2;
export const FUNDING_MARK = 3;
/** Numbers of a row: what is booked together lies together. */
export const FUNDING_WIDTH = 4;

/** Rows of schedules one after the other, each closed by a row at a step that never comes. */
export function joinSchedules(schedules: readonly FundingSchedule[]): Float64Array {
  const rows: number[] = [];
  for (const { steps, longFrac, shortFrac, markPrice } of schedules) {
    steps.forEach((step, k) => rows.push(step, longFrac[k], shortFrac[k], markPrice[k]));
    rows.push(NEVER, Number.NaN, Number.NaN, Number.NaN);
  }
  return Float64Array.from(rows);
}

/** Number of entries at steps before `step`. */
export function settledBefore({ steps }: Pick<FundingSchedule, 'steps'>, step: number): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (steps[middle] < step) low = middle + 1;
    else high = middle;
  }
  return low;
}
