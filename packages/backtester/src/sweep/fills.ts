/** Prices and costs of fills, as the bar venue books them. */
import { marketFillPrice, type CostSettings } from '@donch/sim';
import { exitSlippage, type ResolvedExit } from './resolve-exit.ts';

/** Price of an entry after slippage. */
export function entryFillPrice(direction: number, price: number, { slippageFrac }: CostSettings): number {
  return fillPrice(direction > 0, price, slippageFrac);
}

/** Price of an exit after slippage. */
export function exitFillPrice({ cause, price }: ResolvedExit, direction: number, costs: CostSettings): number {
  const slippageFrac = exitSlippage(cause, costs);
  return slippageFrac === null ? price : fillPrice(direction < 0, price, slippageFrac);
}

function fillPrice(isBuy: boolean, price: number, slippageFrac: number): number {
  return marketFillPrice({ side: isBuy ? 'buy' : 'sell', price, qty: 0, barVolume: Number.NaN, slippageFrac }, 0);
}

/** Fee of a fill, USD. */
export function feeUsdOf(filledPrice: number, qty: number, { feeFrac }: CostSettings): number {
  return filledPrice * qty * feeFrac;
}

/** What slippage cost in a fill, USD. */
export function slippageUsdOf(filledPrice: number, price: number, qty: number): number {
  return Math.abs(filledPrice - price) * qty;
}
