import { invariant } from '@donch/core';

/** Times in which something was held; parallel arrays, each `[fromMs, toMs)`. */
export interface HeldTimes {
  readonly fromMs: ArrayLike<number>;
  readonly toMs: ArrayLike<number>;
}

export interface Exposure {
  /** Share (0..1) of the period in which at least one position was open. */
  readonly timeInMarketFrac: number;
  /** Open positions on average over the whole period. */
  readonly positionsMean: number;
  /** Most positions open at one time. */
  readonly positionsMax: number;
}

/**
 * Exposure over `[startMs, endMs)`. Positions are cut to the period; one that ends when another begins does not overlap it.
 * NaN shares for an empty period.
 */
export function exposureOf({ fromMs, toMs }: HeldTimes, startMs: number, endMs: number): Exposure {
  invariant(fromMs.length === toMs.length, 'every position has a begin and an end');
  const begins: number[] = [];
  const ends: number[] = [];
  let heldMs = 0;
  for (let k = 0; k < fromMs.length; k += 1) {
    const from = Math.max(fromMs[k], startMs);
    const to = Math.min(toMs[k], endMs);
    if (!(to > from)) continue;
    begins.push(from);
    ends.push(to);
    heldMs += to - from;
  }
  begins.sort((a, b) => a - b);
  ends.sort((a, b) => a - b);
  const { busyMs, positionsMax } = sweep(begins, ends);
  const periodMs = endMs - startMs;
  return { timeInMarketFrac: busyMs / periodMs, positionsMean: heldMs / periodMs, positionsMax };
}

/** Walks over the sorted begins; `open` counts those that have begun and not ended. */
function sweep(begins: readonly number[], ends: readonly number[]): { busyMs: number; positionsMax: number } {
  let busyMs = 0;
  let positionsMax = 0;
  let ended = 0;
  let busyFromMs = Number.NaN;
  for (let begun = 0; begun < begins.length; begun += 1) {
    while (ends[ended] <= begins[begun]) {
      ended += 1;
      if (ended === begun) busyMs += ends[ended - 1] - busyFromMs;
    }
    if (ended === begun) busyFromMs = begins[begun];
    positionsMax = Math.max(positionsMax, begun + 1 - ended);
  }
  if (begins.length > 0) busyMs += ends[ends.length - 1] - busyFromMs;
  return { busyMs, positionsMax };
}
