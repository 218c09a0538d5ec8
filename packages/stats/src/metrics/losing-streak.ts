/** Longest run of losing trades, in the order given; a trade with exactly 0 ends a run. NaN with a missing one. */
export function losingStreakMax(pnl: ArrayLike<number>): number {
  let longest = 0;
  let run = 0;
  for (let i = 0; i < pnl.length; i += 1) {
    if (Number.isNaN(pnl[i])) return Number.NaN;
    run = pnl[i] < 0 ? run + 1 : 0;
    if (run > longest) longest = run;
  }
  return longest;
}
