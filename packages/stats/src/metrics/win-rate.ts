/** Share (0..1) of trades that made money. A trade with exactly 0 is no win. NaN without trades or with a missing one. */
export function winRateFrac(pnl: ArrayLike<number>): number {
  let wins = 0;
  for (let i = 0; i < pnl.length; i += 1) {
    if (pnl[i] > 0) wins += 1;
    else if (Number.isNaN(pnl[i])) return Number.NaN;
  }
  return wins / pnl.length;
}
