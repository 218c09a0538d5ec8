/** Does a result stand on a plateau or on a needle? A parameter is worth something when its neighbours are worth nearly as much. */

/** Variants of a grid; columns are parallel, one entry per variant. The grid may be sparse (drawn by lot). */
export interface PlateauInput {
  /** Per axis: place of each variant on it, 0, 1, ...; places of an ordered axis are in the order of its values. */
  readonly places: readonly Int32Array[];
  /** Per axis: false = its values have no order (names), and every other value is next to it. */
  readonly isOrdered: readonly boolean[];
  /** Per variant, the larger the better; NaN = none. */
  readonly metric: Float64Array;
}

/** One entry per variant. Neighbours have a metric and differ by one step along one ordered axis, or by the value of an unordered one. */
export interface PlateauScores {
  readonly neighbours: Int32Array;
  /** Median metric of the neighbours; NaN without any. */
  readonly neighbourMedian: Float64Array;
  /** Neighbour median / own metric; NaN when the own metric is not above 0, and without neighbours. Above 1: its neighbours are better. */
  readonly keptFrac: Float64Array;
}

/** A parameter pair for a heat map: cells of places on two axes, row by row, over all values of the other axes. */
export interface AxisPair {
  /** Indices of the axes; rows are places on the first one. */
  readonly axes: readonly [number, number];
  readonly rows: number;
  readonly columns: number;
  /** Median and best metric of the variants of a cell; NaN where none has one. */
  readonly median: Float64Array;
  readonly best: Float64Array;
  /** Variants of a cell that have a metric. */
  readonly counts: Int32Array;
}
