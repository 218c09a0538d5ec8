import { invariant } from '@donch/core';

/** Columns of finished trades, one entry per trade. Fees and slippage >= 0 paid, funding > 0 received, results net of all three. */
export interface TradeCostColumns {
  readonly pnlUsd: ArrayLike<number>;
  readonly riskUsd: ArrayLike<number>;
  readonly feesUsd: ArrayLike<number>;
  readonly slippageUsd: ArrayLike<number>;
  readonly fundingUsd: ArrayLike<number>;
}

/** Sums over all trades. `costs` = fees + slippage - funding, and `net` = `gross` - `costs`. */
export interface TradeCosts {
  readonly gross: number;
  readonly fees: number;
  readonly slippage: number;
  /** > 0 received. */
  readonly funding: number;
  readonly costs: number;
  readonly net: number;
}

/** What trades made before costs and what each cost took, in USD and in R (each amount over the planned risk of its trade). */
export function tradeCosts(columns: TradeCostColumns): { readonly usd: TradeCosts; readonly r: TradeCosts } {
  const { riskUsd, pnlUsd } = columns;
  invariant(riskUsd.length === pnlUsd.length, 'every trade has a risk');
  return { usd: costsPer(columns, () => 1), r: costsPer(columns, (k) => riskUsd[k]) };
}

function costsPer(
  { pnlUsd, feesUsd, slippageUsd, fundingUsd }: TradeCostColumns,
  unit: (k: number) => number,
): TradeCosts {
  let [fees, slippage, funding, net] = [0, 0, 0, 0];
  for (let k = 0; k < pnlUsd.length; k += 1) {
    fees += feesUsd[k] / unit(k);
    slippage += slippageUsd[k] / unit(k);
    funding += fundingUsd[k] / unit(k);
    net += pnlUsd[k] / unit(k);
  }
  const costs = fees + slippage - funding;
  return { gross: net + costs, fees, slippage, funding, costs, net };
}
