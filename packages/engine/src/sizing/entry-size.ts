/** The arithmetic of sizing: numbers in, numbers out and nothing allocated, so that a sweep sizes with the very same code. */
import { clamp, floorToStep, type GateCheck, type InstrumentRules } from '@donch/core';
import { atLeast, moreThan } from '../gates/gate.ts';
import type { SizingSettings } from '../settings.ts';
import { nothingTied, type TiedUp } from './exposure.ts';
import { leverageOf } from './leverage.ts';

/** One entry in numbers: what its quantity depends on, and what follows. Written over where many are sized one after the other. */
export interface EntrySize {
  /** +1 = long. */
  direction: number;
  referencePrice: number;
  stopPrice: number;
  equityUsd: number;
  /** Product of all factors on risk. */
  factor: number;
  /** By open trades, entries accepted before this one included. */
  readonly tied: TiedUp;
  /** Before factors. */
  baseRiskUsd: number;
  /** After factors, before the clamps. */
  chainRiskUsd: number;
  /** From the reference price to the stop. */
  stopDistance: number;
  leverage: number;
  /** 0 when a check failed. */
  qty: number;
}

/** Nothing given, nothing found. */
export function emptyEntrySize(): EntrySize {
  return {
    direction: 1,
    referencePrice: Number.NaN,
    stopPrice: Number.NaN,
    equityUsd: Number.NaN,
    factor: Number.NaN,
    tied: nothingTied(),
    baseRiskUsd: Number.NaN,
    chainRiskUsd: Number.NaN,
    stopDistance: Number.NaN,
    leverage: Number.NaN,
    qty: Number.NaN,
  };
}

/** Writes risk and stop distance of an entry. */
export function sizeRisk(size: EntrySize, { risk }: SizingSettings): void {
  size.baseRiskUsd = risk.mode === 'fixed' ? risk.riskUsd : risk.equityFrac * size.equityUsd;
  size.chainRiskUsd = size.baseRiskUsd * size.factor;
  size.stopDistance = size.direction * (size.referencePrice - size.stopPrice);
}

/**
 * Writes risk, leverage and quantity of an entry: caps in their order, lot rounding down, minimum checks. `checks`: list that they are
 * added to; null = nobody reads them.
 */
export function sizeQuantity(
  size: EntrySize,
  rules: InstrumentRules,
  sizing: SizingSettings,
  checks: GateCheck[] | null,
): void {
  sizeRisk(size, sizing);
  const { chainRiskUsd, stopDistance, referencePrice } = size;
  // a factor of 0 is a refusal, which RISK_USD_MIN does not lift; a NaN must not reach the caps, which would size it
  checks?.push(moreThan('risk_usd', chainRiskUsd, 0));
  size.leverage = leverageOf(stopDistance / referencePrice, rules, sizing);
  const riskUsd = clamp(chainRiskUsd, sizing.riskUsdMin ?? 0, sizing.riskUsdMax ?? Infinity);
  const capped = chainRiskUsd > 0 ? capQuantity(riskUsd / stopDistance, size, sizing, checks) : 0;
  size.qty = capped > 0 ? roundAndCheck(capped, referencePrice, rules, checks) : 0;
}

/** In the order in which they act. */
const CAPS = ['notional_cap', 'leverage_cap', 'open_risk_cap', 'gross_exposure_cap'] as const;

/** Notional, leverage, open risk, gross exposure: each scales the quantity down or refuses the trade (0). */
function capQuantity(wanted: number, size: EntrySize, sizing: SizingSettings, checks: GateCheck[] | null): number {
  const scales = sizing.onCapBreach === 'scale';
  let qty = wanted;
  let isRefused = false;
  for (let cap = 0; cap < CAPS.length; cap += 1) {
    const room = Math.max(0, roomOf(cap, size, sizing));
    const before = qty;
    const within = before <= room;
    if (!within && scales) qty = room;
    // scaled to nothing is a refusal too
    const passes = qty > 0 && (within || scales);
    isRefused ||= !passes;
    checks?.push({
      gate: CAPS[cap],
      value: before,
      comparison: '<=',
      threshold: room,
      thresholdHigh: Number.NaN,
      result: passes ? 'pass' : 'fail',
      detail: within ? '' : scales ? `scaled to ${qty}` : 'over the cap',
    });
  }
  return isRefused ? 0 : qty;
}

/** Largest quantity under a cap, by its place in the list. */
function roomOf(cap: number, size: EntrySize, sizing: SizingSettings): number {
  const { equityUsd, referencePrice, tied, leverage, stopDistance } = size;
  switch (CAPS[cap]) {
    case 'notional_cap':
      return (sizing.notionalCapFrac * equityUsd) / referencePrice;
    case 'leverage_cap':
      return ((equityUsd - tied.marginUsd) * leverage) / referencePrice;
    case 'open_risk_cap':
      return (sizing.openRiskCapFrac * equityUsd - tied.riskUsd) / stopDistance;
    case 'gross_exposure_cap':
      return (sizing.grossExposureCapMult * equityUsd - tied.notionalUsd) / referencePrice;
  }
}

function roundAndCheck(wanted: number, price: number, rules: InstrumentRules, checks: GateCheck[] | null): number {
  const qty = floorToStep(Math.min(wanted, rules.marketQtyMax ?? Infinity), rules.qtyStep);
  const qtyLeast = Math.max(rules.qtyMin, rules.qtyStep);
  checks?.push(atLeast('qty_min', qty, qtyLeast), atLeast('notional_min', qty * price, rules.notionalMinUsd));
  return qty >= qtyLeast && qty * price >= rules.notionalMinUsd ? qty : 0;
}
