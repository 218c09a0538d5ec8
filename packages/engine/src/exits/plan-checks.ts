/** What must hold of stop and target before an entry may carry them. */
import { directionOf, type GateCheck, type InstrumentRules, type Signal } from '@donch/core';
import { atLeast, atMost } from '../gates/gate.ts';
import type { EngineSettings } from '../settings.ts';
import type { ExitPlan } from './plan.ts';

/**
 * Maintenance margin where the venue's is not known: half of the initial margin at the instrument's highest leverage, and 25
 * times where that is not known either.
 */
const MAINTENANCE_OF_INITIAL_FRAC = 0.5;
const LEVERAGE_MAX_ASSUMED = 25;

/** Leverage that a position of this instrument has on the venue: the configured one, or less where the venue allows less. */
export function leverageOf({ leverageMax }: InstrumentRules, settings: EngineSettings): number {
  return Math.min(settings.sizing.leverageMax, leverageMax ?? Infinity);
}

/**
 * Checks of a plan in order: the stop is far enough (`MIN_STOP_ATR`, before rounding to the tick), lies at least a tick from the
 * reference and above 0, the target lies above 0 (a short's may not), and the stop comes before the liquidation of an isolated
 * position: with initial margin 1/L and maintenance margin m it is liquidated at a distance of 1/L - m of the entry price.
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
  const maintenanceFrac = MAINTENANCE_OF_INITIAL_FRAC / (rules.leverageMax ?? LEVERAGE_MAX_ASSUMED);
  return [
    atLeast('stop_distance_atr', stopDistanceAtr, settings.stopAtrMin),
    atLeast('stop_distance_ticks', Math.round(distance / tickSize), 1),
    atLeast('stop_price', stopPrice, tickSize),
    ...(targetPrice === null ? [] : [atLeast('target_price', targetPrice, tickSize)]),
    atMost('before_liquidation', distance / referencePrice, 1 / leverageOf(rules, settings) - maintenanceFrac),
  ];
}
