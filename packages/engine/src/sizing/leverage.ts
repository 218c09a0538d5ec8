/** Leverage of a position: as high as configured, and low enough that its stop comes before its liquidation. */
import { maintenanceMarginFrac, type InstrumentRules } from '@donch/core';

/** Liquidation lies at least this many times as far from the entry as the stop: room for slippage and for a gap through the stop. */
const LIQUIDATION_BUFFER = 1.25;
/** Venues take leverage in steps of 0.01. */
const LEVERAGE_STEPS = 100;

/**
 * Highest leverage at which an isolated position is liquidated beyond its stop: with initial margin 1/L and maintenance margin m
 * the liquidation lies 1/L - m of the entry price away. In whole hundredths, rounded down; NaN for a distance that is no number.
 */
export function leverageBeyondStop(stopDistanceFrac: number, rules: InstrumentRules): number {
  const leverage = 1 / (LIQUIDATION_BUFFER * stopDistanceFrac + maintenanceMarginFrac(rules));
  return Math.floor(leverage * LEVERAGE_STEPS) / LEVERAGE_STEPS;
}

/** Leverage of an entry: `MAX_LEVERAGE`, the venue's maximum, or what its stop allows - the least of them. */
export function leverageOf(
  stopDistanceFrac: number,
  rules: InstrumentRules,
  { leverageMax }: { readonly leverageMax: number },
): number {
  return Math.min(leverageMax, rules.leverageMax ?? Infinity, leverageBeyondStop(stopDistanceFrac, rules));
}
