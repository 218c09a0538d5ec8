/** Break-even: once the first target was taken, the stop goes to the entry price. */
import { directionOf, roundToStep } from '@donch/core';
import { entryPriceOf, type OpenTrade } from '../state.ts';
import { HOLD, type StopStep } from './stop-step.ts';

/**
 * What break-even makes of the stop at the close of a bar: decided there and not at the fill, so that it acts from the next bar on
 * in backtest and live alike. A price that has fallen back beyond the entry is an exit at market: no venue takes a stop there.
 */
export function breakEvenStop(trade: OpenTrade, closePrice: number, tickSize: number): StopStep {
  if (trade.exits.partial?.breakEvenAfter !== true || trade.firstTarget?.taken !== true) return HOLD;
  const direction = directionOf(trade.side);
  const stopPrice = roundToStep(entryPriceOf(trade), tickSize);
  if (!(direction * (stopPrice - trade.protection.stopPrice) > 0)) return HOLD;
  return direction * (closePrice - stopPrice) > 0 ? { kind: 'move', stopPrice } : { kind: 'exit' };
}
