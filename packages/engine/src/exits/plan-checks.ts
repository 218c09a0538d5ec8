/** What must hold of stop and target before an entry may carry them. */
import { directionOf, type GateCheck, type InstrumentRules, type Signal } from '@donch/core';
import { atLeast } from '../gates/gate.ts';
import type { EngineSettings } from '../settings.ts';
import { leverageBeyondStop } from '../sizing/leverage.ts';
import type { ExitPlan } from './plan.ts';

/** Least leverage that a venue sets. */
const LEVERAGE_MIN = 1;

/**
 * Checks of a plan in order: the stop is far enough (`MIN_STOP_ATR`, before rounding to the tick), lies at least a tick from the
 * reference and above 0, the target lies above 0 (a short's may not), and there is a leverage at which the stop comes before the
 * liquidation of an isolated position.
 */
export function planChecks(
  { side, referencePrice }: Pick<Signal, 'side' | 'referencePrice'>,
  { protection, stopDistanceAtr }: ExitPlan,
  rules: InstrumentRules,
  settings: EngineSettings,
): GateCheck[] {
  const { tickSize } = rules;
  const { stopPrice, targetPrice } = protection;
  const distance = directionOf(side) * (referencePrice - stopPrice);
  return [
    atLeast('stop_distance_atr', stopDistanceAtr, settings.stopAtrMin),
    atLeast('stop_distance_ticks', Math.round(distance / tickSize), 1),
    atLeast('stop_price', stopPrice, tickSize),
    ...(targetPrice === null ? [] : [atLeast('target_price', targetPrice, tickSize)]),
    atLeast('before_liquidation', leverageBeyondStop(distance / referencePrice, rules), LEVERAGE_MIN),
  ];
}
