/** Averages per trade, in the unit of the trades (R or USD). */
import { mean } from '../moments.ts';

/** Expectancy: mean of all trades; in R, what one unit of planned risk earns. NaN without trades. */
export function expectancy(pnl: ArrayLike<number>): number {
  return mean(pnl);
}

/** Mean of the trades that made money; NaN when there is none. */
export function averageWin(pnl: ArrayLike<number>): number {
  return meanWhere(pnl, 1);
}

/** Mean of the trades that lost money, negative; NaN when there is none. */
export function averageLoss(pnl: ArrayLike<number>): number {
  return meanWhere(pnl, -1);
}

/** Payoff ratio: average win / |average loss|; NaN unless there are both. */
export function payoffRatio(pnl: ArrayLike<number>): number {
  return averageWin(pnl) / -averageLoss(pnl);
}

function meanWhere(pnl: ArrayLike<number>, sign: 1 | -1): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < pnl.length; i += 1) {
    if (!(sign * pnl[i] > 0)) continue;
    sum += pnl[i];
    count += 1;
  }
  return sum / count;
}
