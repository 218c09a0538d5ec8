/**
 * Growth per depth of drawdown. All return Infinity for a gain without any drawdown and NaN for neither (or for a missing input).
 */

/** MAR ratio: CAGR / |deepest relative drawdown|, since inception. NaN below one year, as the CAGR is. */
export function marRatio(cagr: number, drawdownFrac: number): number {
  return cagr / Math.abs(drawdownFrac);
}

/** Recovery factor: net profit / |deepest drawdown in cash|. */
export function recoveryFactor(netProfit: number, cashDrawdown: number): number {
  return netProfit / Math.abs(cashDrawdown);
}
