/** Trailing stop: what a closed bar makes of it. Only bars that closed before have a say, so it acts from the next bar on. */
import { directionOf, roundToStep, type TrailingRules } from '@donch/core';
import type { OpenTrade } from '../state.ts';
import { HOLD, type StopStep } from './stop-step.ts';

/**
 * The stop after a bar closed at `closePrice`. It never loosens, moves only when the step is worth an amendment, and asks for
 * an exit at market when it would lie beyond the price already.
 */
export function trailStop(trade: OpenTrade, rules: TrailingRules, closePrice: number, tickSize: number): StopStep {
  if (rules.start === 'after_tp1' && trade.firstTarget?.taken !== true) return HOLD;
  const direction = directionOf(trade.side);
  const reference = rules.reference === 'extreme' ? trade.bestPrice : closePrice;
  const stopPrice = roundToStep(reference - direction * rules.atrMult * trade.atr, tickSize);
  const gain = direction * (stopPrice - trade.protection.stopPrice);
  if (!(gain > 0 && gain >= rules.moveMinFrac * trade.protection.stopPrice)) return HOLD;
  return direction * (closePrice - stopPrice) > 0 ? { kind: 'move', stopPrice } : { kind: 'exit' };
}
