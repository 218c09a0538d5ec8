/** Heat maps of a grid: two parameters at a time, over all values of the others. */
import { medianOf } from '@donch/core';
import { checkGrid, type Grid } from './plateau.ts';

/** Cells of the places on two axes, row by row. */
export interface AxisPair {
  /** Indices of the axes, the smaller one first; rows are places on that one. */
  readonly axes: readonly [number, number];
  readonly rows: number;
  readonly columns: number;
  /** Median and best metric of the variants of a cell; NaN where none has one. */
  readonly median: Float64Array;
  readonly best: Float64Array;
  /** Variants of a cell that have a metric. */
  readonly counts: Int32Array;
}

/**
 * Every pair of axes on which the variants take two places or more. The median says what a cell is worth whatever the others are; the
 * best one of a cell is the best of many and always flatters.
 */
export function axisPairs({ places, metric }: Grid): AxisPair[] {
  checkGrid({ places, metric });
  const sizes = places.map((axis) => axis.reduce((size, place) => Math.max(size, place + 1), 0));
  const isVaried = places.map((axis) => axis.some((place) => place !== axis[0]));
  const pairs: AxisPair[] = [];
  for (let row = 0; row < places.length; row += 1) {
    for (let column = row + 1; column < places.length; column += 1) {
      if (!isVaried[row] || !isVaried[column]) continue;
      const cells = cellsOf(places[row], { place: places[column], size: sizes[column] }, sizes[row]);
      pairs.push({ axes: [row, column], rows: sizes[row], columns: sizes[column], ...figuresOf(cells, metric) });
    }
  }
  return pairs;
}

/** Numbers of the variants of each cell. */
function cellsOf(
  row: Int32Array,
  column: { readonly place: Int32Array; readonly size: number },
  rows: number,
): number[][] {
  const cells = Array.from({ length: rows * column.size }, (): number[] => []);
  for (let k = 0; k < row.length; k += 1) cells[row[k] * column.size + column.place[k]].push(k);
  return cells;
}

function figuresOf(
  cells: readonly (readonly number[])[],
  metric: Float64Array,
): Pick<AxisPair, 'median' | 'best' | 'counts'> {
  const values = cells.map((cell) => cell.map((k) => metric[k]).filter((value) => !Number.isNaN(value)));
  const median = Float64Array.from(values, (list) => (list.length > 0 ? medianOf(list) : Number.NaN));
  return {
    median,
    best: Float64Array.from(values, (list) =>
      list.length > 0 ? list.reduce((best, value) => Math.max(best, value)) : Number.NaN,
    ),
    counts: Int32Array.from(values, (list) => list.length),
  };
}
