/** From a signal to a quantity: risk, factors, caps in their order, lot rounding down, minimum checks. Never padded up. */
import {
  clamp,
  directionOf,
  floorToStep,
  type GateCheck,
  type InstrumentRules,
  type Protection,
  type Signal,
  type SizingChain,
} from '@donch/core';
import { atLeast, moreThan } from '../gates/gate.ts';
import type { EngineSettings } from '../settings.ts';
import { sizingEquityUsd, type EngineState, type ExposedTrade, type StrategyTerms } from '../state.ts';
import { tiedUp } from './exposure.ts';
import { leverageOf } from './leverage.ts';
import { riskFactors, type Factors } from './multipliers.ts';

export interface SizedEntry {
  /** 0 when a check failed. */
  readonly qty: number;
  /** Leverage of the position on the venue. */
  readonly leverage: number;
  readonly sizing: SizingChain;
  /** Risk, caps and minimum checks in order. */
  readonly checks: readonly GateCheck[];
}

export interface SizeInput {
  readonly signal: Signal;
  readonly protection: Protection;
  readonly rules: InstrumentRules;
  readonly terms: StrategyTerms;
  readonly settings: EngineSettings;
  readonly state: SizingState;
}

/** What sizing reads of the account. */
interface SizingState extends Pick<EngineState, 'walletUsd' | 'equityUsd'> {
  readonly trades: readonly ExposedTrade[];
}

/**
 * Sizes one entry at the reference price. Entries accepted before it at the same instant are already in `state`. `checks`: list that
 * they are added to; null = nobody reads them.
 */
export function sizeEntry(input: SizeInput, checks: GateCheck[] | null = []): SizedEntry {
  const { signal, protection, rules, settings, state, terms } = input;
  const { risk, riskUsdMin, riskUsdMax } = settings.sizing;
  const equityUsd = sizingEquityUsd(state);
  const baseRiskUsd = risk.mode === 'fixed' ? risk.riskUsd : risk.equityFrac * equityUsd;
  const factors = riskFactors(signal, settings.sizing, terms);
  const chainRiskUsd = baseRiskUsd * productOf(factors);
  const riskUsd = clamp(chainRiskUsd, riskUsdMin ?? 0, riskUsdMax ?? Infinity);
  const stopDistance = directionOf(signal.side) * (signal.referencePrice - protection.stopPrice);
  // a factor of 0 is a refusal, which RISK_USD_MIN does not lift; a NaN must not reach the caps, which would size it
  checks?.push(moreThan('risk_usd', chainRiskUsd, 0));
  const leverage = leverageOf(stopDistance / signal.referencePrice, rules, settings.sizing);
  const wanted = { signal, rules, settings, state, equityUsd, riskUsd, stopDistance, leverage };
  const qty = chainRiskUsd > 0 ? cappedQty(wanted, checks) : 0;
  const { barometer, vwapStack, probability, scalers, regimeDown, riskScale } = factors;
  const capped = (qty * stopDistance) / chainRiskUsd;
  const sizing = { baseRiskUsd, barometer, vwapStack, probability, scalers, regimeDown, riskScale, capped };
  return { qty, leverage, sizing, checks: checks ?? [] };
}

function productOf({ barometer, vwapStack, probability, scalers, regimeDown, riskScale }: Factors): number {
  return barometer * vwapStack * probability * scalers * regimeDown * riskScale;
}

interface Wanted extends Pick<SizeInput, 'signal' | 'rules' | 'settings' | 'state'> {
  readonly equityUsd: number;
  readonly riskUsd: number;
  readonly stopDistance: number;
  readonly leverage: number;
}

/** Quantity after caps, lot rounding and minimum checks; 0 when one of them refuses. */
function cappedQty(wanted: Wanted, checks: GateCheck[] | null): number {
  const capped = applyCaps(wanted, checks);
  return capped > 0 ? roundAndCheck(capped, wanted.signal.referencePrice, wanted.rules, checks) : 0;
}

const CAPS = ['notional_cap', 'leverage_cap', 'open_risk_cap', 'gross_exposure_cap'] as const;

/** Notional, leverage, open risk, gross exposure: each scales the quantity down or refuses the trade (0). */
function applyCaps(wanted: Wanted, checks: GateCheck[] | null): number {
  const { signal, settings, state, equityUsd, riskUsd, stopDistance, leverage } = wanted;
  const { sizing } = settings;
  const price = signal.referencePrice;
  const tied = tiedUp(state.trades);
  const limitOf = (gate: (typeof CAPS)[number]): number => {
    switch (gate) {
      case 'notional_cap':
        return (sizing.notionalCapFrac * equityUsd) / price;
      case 'leverage_cap':
        return ((equityUsd - tied.marginUsd) * leverage) / price;
      case 'open_risk_cap':
        return (sizing.openRiskCapFrac * equityUsd - tied.riskUsd) / stopDistance;
      case 'gross_exposure_cap':
        return (sizing.grossExposureCapMult * equityUsd - tied.notionalUsd) / price;
    }
  };
  let qty = riskUsd / stopDistance;
  let isRefused = false;
  for (const gate of CAPS) {
    const room = Math.max(0, limitOf(gate));
    const before = qty;
    const within = before <= room;
    if (!within && sizing.onCapBreach === 'scale') qty = room;
    // scaled to nothing is a refusal too
    const passes = qty > 0 && (within || sizing.onCapBreach === 'scale');
    isRefused ||= !passes;
    checks?.push({
      gate,
      value: before,
      comparison: '<=',
      threshold: room,
      thresholdHigh: Number.NaN,
      result: passes ? 'pass' : 'fail',
      detail: within ? '' : sizing.onCapBreach === 'scale' ? `scaled to ${qty}` : 'over the cap',
    });
  }
  return isRefused ? 0 : qty;
}

function roundAndCheck(wanted: number, price: number, rules: InstrumentRules, checks: GateCheck[] | null): number {
  const qty = floorToStep(Math.min(wanted, rules.marketQtyMax ?? Infinity), rules.qtyStep);
  const qtyLeast = Math.max(rules.qtyMin, rules.qtyStep);
  checks?.push(atLeast('qty_min', qty, qtyLeast), atLeast('notional_min', qty * price, rules.notionalMinUsd));
  return qty >= qtyLeast && qty * price >= rules.notionalMinUsd ? qty : 0;
}
