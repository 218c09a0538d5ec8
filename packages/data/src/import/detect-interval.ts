/** Bar length from the times themselves: the most frequent step, checked against option and file name. */

import { bucketStartMs, DonchError, formatMinute, type Interval, INTERVALS, intervalMs } from '@donch/core';

export interface IntervalEvidence {
  /** Times of the usable rows in ascending order, may repeat. */
  readonly timesMs: Float64Array;
  readonly stated: Interval | null;
  readonly ofName: readonly Interval[];
}

export interface DetectedInterval {
  readonly interval: Interval;
  readonly assumption: string;
  /** Another known bar length that a tenth or more of the steps have, or null. */
  readonly mixedWith: { readonly interval: Interval; readonly steps: number } | null;
}

/** Share of steps that makes a second bar length worth a warning; thin symbols without empty bars stay below it. */
const MIXED_SHARE_MIN = 0.1;

/** Share of steps that must be whole multiples of the most frequent one. */
const REGULAR_SHARE_MIN = 0.5;

/**
 * Throws `interval_unclear` when the steps show no known bar length and none is stated, `interval_conflict` when the steps
 * contradict the option or the file name.
 */
export function detectInterval({ timesMs, stated, ofName }: IntervalEvidence): DetectedInterval {
  const steps = countSteps(timesMs);
  const found = mostFrequent(steps);
  if (stated !== null) {
    if (found !== null && found !== stated) refuseConflict(`--interval says ${stated}`, found, steps);
    return { interval: stated, assumption: `bar length ${stated} as stated`, mixedWith: mixedStep(steps, stated) };
  }
  const named = ofName.length === 1 ? ofName[0] : null;
  if (found === null) {
    if (named !== null && timesMs.length > 0 && steps.size === 0) {
      return {
        interval: named,
        assumption: `bar length ${named} from the file name (one row shows no step)`,
        mixedWith: null,
      };
    }
    throw new DonchError('interval_unclear', `the times show no known bar length (${describeSteps(steps)})`, {
      remedy: 'Set --interval, for example --interval 5m.',
    });
  }
  if (named !== null && named !== found) refuseConflict(`the file name says ${named}`, found, steps);
  const assumption = `bar length ${found} (most frequent step, ${steps.get(intervalMs(found)) ?? 0} of ${totalOf(steps)})`;
  return { interval: found, assumption, mixedWith: mixedStep(steps, found) };
}

/** How often each step between different neighbouring times occurs. */
function countSteps(timesMs: Float64Array): Map<number, number> {
  const steps = new Map<number, number>();
  for (let k = 1; k < timesMs.length; k += 1) {
    const step = timesMs[k] - timesMs[k - 1];
    if (step > 0) steps.set(step, (steps.get(step) ?? 0) + 1);
  }
  return steps;
}

/** The most frequent step when it is a known bar length and most steps are its multiples; of equals the shorter. */
function mostFrequent(steps: ReadonlyMap<number, number>): Interval | null {
  let best = Number.NaN;
  let bestCount = 0;
  for (const [step, count] of steps) {
    if (count > bestCount || (count === bestCount && step < best)) {
      best = step;
      bestCount = count;
    }
  }
  let regular = 0;
  for (const [step, count] of steps) if (step % best === 0) regular += count;
  if (!(regular >= totalOf(steps) * REGULAR_SHARE_MIN)) return null;
  return INTERVALS.find((interval) => intervalMs(interval) === best) ?? null;
}

function mixedStep(steps: ReadonlyMap<number, number>, interval: Interval): DetectedInterval['mixedWith'] {
  const total = totalOf(steps);
  for (const other of INTERVALS) {
    const count = steps.get(intervalMs(other)) ?? 0;
    if (other !== interval && count >= total * MIXED_SHARE_MIN && count > 1) return { interval: other, steps: count };
  }
  return null;
}

function totalOf(steps: ReadonlyMap<number, number>): number {
  let total = 0;
  for (const count of steps.values()) total += count;
  return total;
}

function refuseConflict(claim: string, found: Interval, steps: ReadonlyMap<number, number>): never {
  throw new DonchError('interval_conflict', `${claim}, the times say ${found} (${describeSteps(steps)})`, {
    remedy: `Set --interval ${found} when the file is right.`,
  });
}

function describeSteps(steps: ReadonlyMap<number, number>): string {
  if (steps.size === 0) return 'fewer than two different times';
  const frequent = [...steps].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, 3);
  return frequent.map(([step, count]) => `${count} steps of ${describeMs(step)}`).join(', ');
}

function describeMs(ms: number): string {
  const known = INTERVALS.find((interval) => intervalMs(interval) === ms);
  return known ?? (ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1_000} s`);
}

/** True when a bar of this length may open at this instant. */
export function isOnGrid(timeMs: number, interval: Interval): boolean {
  return bucketStartMs(timeMs, intervalMs(interval)) === timeMs;
}

/**
 * Throws `off_grid_file` when most times lie beside the grid: then it is the whole column that is misread (closing times, a
 * time zone), and leaving the rows out would hide it.
 */
export function requireGrid(timesMs: Float64Array, interval: Interval): void {
  const offGrid = timesMs.filter((time) => !isOnGrid(time, interval));
  if (!(offGrid.length * 2 > timesMs.length)) return;
  const hint = offGrid.every((time) => isOnGrid(time + 1, interval))
    ? 'They look like closing times: set --time-label close, or name the column of opening times (--columns time=...).'
    : 'Set --time-zone when the times are local, or --interval when the bar length is another.';
  throw new DonchError(
    'off_grid_file',
    `${offGrid.length} of ${timesMs.length} times are no openings of ${interval} bars (${formatMinute(offGrid[0])})`,
    {
      remedy: hint,
    },
  );
}
