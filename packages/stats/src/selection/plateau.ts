/** Does a result stand on a plateau or on a needle? A parameter is worth something when its neighbours are worth nearly as much. */
import { invariant, medianOf } from '@donch/core';

/** Variants of a grid; columns are parallel, one entry per variant. The grid may be sparse (drawn by lot). */
export interface Grid {
  /** Per axis: place of each variant on it, 0, 1, ...; places of an ordered axis are in the order of its values. */
  readonly places: readonly Int32Array[];
  /** Per variant, the larger the better; NaN = none. */
  readonly metric: Float64Array;
}

export interface PlateauInput extends Grid {
  /** Per axis: false = its values have no order (names), and every other value is next to it. */
  readonly isOrdered: readonly boolean[];
}

/** One entry per variant. Neighbours have a metric and differ by one step along one ordered axis, or by the value of an unordered one. */
export interface PlateauScores {
  readonly neighbours: Int32Array;
  /** Median metric of the neighbours; NaN without any. */
  readonly neighbourMedian: Float64Array;
  /** Neighbour median / own metric; NaN when the own metric is not above 0, and without neighbours. Above 1: its neighbours are better. */
  readonly keptFrac: Float64Array;
}

/** How the neighbours of every variant did. No two variants may stand at the same places. */
export function plateauScores({ places, isOrdered, metric }: PlateauInput): PlateauScores {
  checkGrid({ places, metric });
  invariant(isOrdered.length === places.length, 'every axis is ordered or not');
  const found = Array.from(metric, (): number[] => []);
  for (const [axis, lines] of linesOf(places, metric.length).entries()) {
    for (const line of lines) {
      const distinct = new Set(line.map((variant) => places[axis][variant])).size;
      invariant(distinct === line.length, 'no two variants stand at the same places');
      if (isOrdered[axis]) meetSteps(line, places[axis], { metric, found });
      else meetAll(line, { metric, found });
    }
  }
  const neighbourMedian = Float64Array.from(found, (list) => (list.length > 0 ? medianOf(list) : Number.NaN));
  return {
    neighbours: Int32Array.from(found, (list) => list.length),
    neighbourMedian,
    keptFrac: neighbourMedian.map((median, k) => (metric[k] > 0 ? median / metric[k] : Number.NaN)),
  };
}

export function checkGrid({ places, metric }: Grid): void {
  invariant(
    places.every((axis) => axis.length === metric.length && axis.every((place) => place >= 0)),
    'every variant has a place on every axis',
  );
}

/** Per axis: variants that differ in their place on it alone, as lists of their numbers. */
function linesOf(places: readonly Int32Array[], variants: number): number[][][] {
  const before = tuplesBefore(places, variants);
  const after = tuplesBefore(places.toReversed(), variants).reverse();
  return places.map((_, axis) => {
    const lines = new Map<number, number[]>();
    for (let k = 0; k < variants; k += 1) {
      const line = before[axis][k] * variants + after[axis][k];
      const members = lines.get(line);
      if (members === undefined) lines.set(line, [k]);
      else members.push(k);
    }
    return [...lines.values()];
  });
}

/** Per axis: a number for each different tuple of places on the axes before it, below the number of variants. */
function tuplesBefore(places: readonly Int32Array[], variants: number): Int32Array[] {
  const tuples = [new Int32Array(variants)];
  for (const axis of places.slice(0, -1)) {
    const seen = new Map<number, number>();
    const last = tuples[tuples.length - 1];
    tuples.push(
      last.map((tuple, k) => {
        const key = axis[k] * variants + tuple;
        const known = seen.get(key) ?? seen.size;
        seen.set(key, known);
        return known;
      }),
    );
  }
  return tuples;
}

interface Meeting {
  readonly metric: Float64Array;
  /** Metrics of the neighbours met so far, per variant. */
  readonly found: readonly number[][];
}

/** Variants one step apart meet. */
function meetSteps(line: readonly number[], place: Int32Array, meeting: Meeting): void {
  const sorted = line.toSorted((a, b) => place[a] - place[b]);
  for (let k = 1; k < sorted.length; k += 1) {
    const isStep = place[sorted[k]] - place[sorted[k - 1]] === 1;
    if (isStep) meet(sorted[k - 1], sorted[k], meeting);
  }
}

/** Everybody meets everybody. */
function meetAll(line: readonly number[], meeting: Meeting): void {
  for (const [k, one] of line.entries()) for (const other of line.slice(k + 1)) meet(one, other, meeting);
}

function meet(one: number, other: number, { metric, found }: Meeting): void {
  if (!Number.isNaN(metric[other])) found[one].push(metric[other]);
  if (!Number.isNaN(metric[one])) found[other].push(metric[one]);
}
