/**
 * Gross profit / gross loss. Trades with exactly 0 belong to neither. Infinity when there is profit and no loss (Lean prints 10
 * there); NaN when there is neither.
 */
export function profitFactor(pnl: ArrayLike<number>): number {
  const { profit, loss } = grossOf(pnl);
  return profit / loss;
}

/** Sum of the winning trades and, as a positive number, of the losing ones. */
export function grossOf(pnl: ArrayLike<number>): { readonly profit: number; readonly loss: number } {
  let profit = 0;
  let loss = 0;
  for (let i = 0; i < pnl.length; i += 1) {
    if (pnl[i] > 0) profit += pnl[i];
    else loss -= pnl[i];
  }
  return { profit, loss };
}
