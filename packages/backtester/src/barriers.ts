/**
 * Which price comes first, and how far prices go: the questions that labels ask of the bars behind a decision.
 * Rules as in the bar venue: a touch is inclusive, what lies beyond the open counts at the open, the stop wins inside one bar.
 * Source of the method: Lopez de Prado, Advances in Financial Machine Learning, ch. 3 (on bars instead of closes: closes are bars
 * whose four prices are equal). Prices are compared with prices, never returns: 102 / 100 - 1 is more than 0.02.
 */
import { directionOf, invariant, type Candles, type Side } from '@donch/core';

export type PriceBars = Pick<Candles, 'open' | 'high' | 'low' | 'close'>;

/** Rows `firstRow .. endRow - 1`: the bars after a decision. */
export interface RowRange {
  readonly firstRow: number;
  readonly endRow: number;
}

export interface Barriers {
  readonly side: Side;
  /** Null = none. */
  readonly targetPrice: number | null;
  /** Null = none. */
  readonly stopPrice: number | null;
}

export interface FirstTouch {
  /** `time`: neither was touched. */
  readonly kind: 'target' | 'stop' | 'time';
  /** Row of the touch; the last row for `time`. */
  readonly row: number;
  /** The barrier, the open where it lies beyond the barrier, the last close for `time`. */
  readonly price: number;
}

/** The first barrier that prices touch. */
export function firstTouch(bars: PriceBars, { firstRow, endRow }: RowRange, barriers: Barriers): FirstTouch {
  invariant(endRow > firstRow, 'there is a bar to look at');
  const { side, targetPrice, stopPrice } = barriers;
  const direction = directionOf(side);
  const [best, worst] = side === 'long' ? [bars.high, bars.low] : [bars.low, bars.high];
  for (let row = firstRow; row < endRow; row += 1) {
    const open = bars.open[row];
    const stopped = stopPrice !== null && direction * (worst[row] - stopPrice) <= 0;
    if (stopped && direction * (open - stopPrice) <= 0) return { kind: 'stop', row, price: open };
    if (targetPrice !== null && direction * (open - targetPrice) >= 0) return { kind: 'target', row, price: open };
    if (stopped) return { kind: 'stop', row, price: stopPrice };
    if (targetPrice !== null && direction * (best[row] - targetPrice) >= 0)
      return { kind: 'target', row, price: targetPrice };
  }
  return { kind: 'time', row: endRow - 1, price: bars.close[endRow - 1] };
}

export interface Excursions {
  readonly bestPrice: number;
  /** First row that has it. */
  readonly bestRow: number;
  readonly worstPrice: number;
  readonly worstRow: number;
}

/** Best and worst price of the rows for a position of that side, whatever else would have happened to it. */
export function excursions(bars: PriceBars, { firstRow, endRow }: RowRange, side: Side): Excursions {
  invariant(endRow > firstRow, 'there is a bar to look at');
  const direction = directionOf(side);
  const [best, worst] = side === 'long' ? [bars.high, bars.low] : [bars.low, bars.high];
  let bestRow = firstRow;
  let worstRow = firstRow;
  for (let row = firstRow + 1; row < endRow; row += 1) {
    if (direction * (best[row] - best[bestRow]) > 0) bestRow = row;
    if (direction * (worst[row] - worst[worstRow]) < 0) worstRow = row;
  }
  return { bestPrice: best[bestRow], bestRow, worstPrice: worst[worstRow], worstRow };
}
