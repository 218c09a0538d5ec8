/** What must hold of stop and target before an entry may carry them. */
import { directionOf, type ExitRules, type GateCheck, type InstrumentRules, type Signal } from '@donch/core';
import { atLeast } from '../gates/gate.ts';
import type { EngineSettings } from '../settings.ts';
import { leverageBeyondStop } from '../sizing/leverage.ts';
import type { ExitPlan } from './plan.ts';

/** Least leverage that a venue sets. */
const LEVERAGE_MIN = 1;

export interface PlanTerms {
  readonly exits: ExitRules;
  readonly rules: InstrumentRules;
  readonly settings: EngineSettings;
}

/**
 * Checks of a plan in order: the stop is far enough (`MIN_STOP_ATR`, before rounding to the tick), lies at least a tick from the
 * reference and above 0, the target lies above 0 (a short's may not), targets counted from a VWAP lie at least a tick beyond the
 * reference (the price may have run past them), and there is a leverage at which the stop comes before the liquidation of an
 * isolated position.
 */
export function planChecks(
  { side, referencePrice }: Pick<Signal, 'side' | 'referencePrice'>,
  { protection, stopDistanceAtr, firstTargetPrice }: ExitPlan,
  { exits, rules, settings }: PlanTerms,
): GateCheck[] {
  const { tickSize } = rules;
  const { stopPrice, targetPrice } = protection;
  const direction = directionOf(side);
  const distance = direction * (referencePrice - stopPrice);
  const ticksTo = (price: number): number => Math.round((direction * (price - referencePrice)) / tickSize);
  const checks = [
    atLeast('stop_distance_atr', stopDistanceAtr, settings.stopAtrMin),
    atLeast('stop_distance_ticks', Math.round(distance / tickSize), 1),
    atLeast('stop_price', stopPrice, tickSize),
  ];
  if (targetPrice !== null) checks.push(atLeast('target_price', targetPrice, tickSize));
  if (exits.basis !== 'price_atr') {
    if (targetPrice !== null) checks.push(atLeast('target_distance_ticks', ticksTo(targetPrice), 1));
    if (firstTargetPrice !== null) checks.push(atLeast('first_target_distance_ticks', ticksTo(firstTargetPrice), 1));
  }
  checks.push(atLeast('before_liquidation', leverageBeyondStop(distance / referencePrice, rules), LEVERAGE_MIN));
  return checks;
}
