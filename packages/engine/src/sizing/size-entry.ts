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
import { grossNotionalUsd, marginUsedUsd, openRiskUsd } from './exposure.ts';
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

/** Sizes one entry at the reference price. Entries accepted before it at the same instant are already in `state`. */
export function sizeEntry(input: SizeInput): SizedEntry {
  const { signal, protection, rules, settings, state, terms } = input;
  const { risk, riskUsdMin, riskUsdMax } = settings.sizing;
  const equityUsd = sizingEquityUsd(state);
  const baseRiskUsd = risk.mode === 'fixed' ? risk.riskUsd : risk.equityFrac * equityUsd;
  const factors = riskFactors(signal, settings.sizing, terms);
  const chainRiskUsd = baseRiskUsd * productOf(factors);
  const riskUsd = clamp(chainRiskUsd, riskUsdMin ?? 0, riskUsdMax ?? Infinity);
  const stopDistance = directionOf(signal.side) * (signal.referencePrice - protection.stopPrice);
  // a factor of 0 is a refusal, which RISK_USD_MIN does not lift; a NaN must not reach the caps, which would size it
  const checks: GateCheck[] = [moreThan('risk_usd', chainRiskUsd, 0)];
  const leverage = leverageOf(stopDistance / signal.referencePrice, rules, settings.sizing);
  const wanted = { signal, rules, settings, state, equityUsd, riskUsd, stopDistance, leverage };
  const qty = allPass(checks) ? cappedQty(wanted, checks) : 0;
  return { qty, leverage, sizing: { baseRiskUsd, ...factors, capped: (qty * stopDistance) / chainRiskUsd }, checks };
}

function productOf({ barometer, vwapStack, probability, scalers, regimeDown, riskScale }: Factors): number {
  return barometer * vwapStack * probability * scalers * regimeDown * riskScale;
}

const allPass = (checks: readonly GateCheck[]): boolean => checks.every(({ result }) => result === 'pass');

interface Wanted extends Pick<SizeInput, 'signal' | 'rules' | 'settings' | 'state'> {
  readonly equityUsd: number;
  readonly riskUsd: number;
  readonly stopDistance: number;
  readonly leverage: number;
}

/** Quantity after caps, lot rounding and minimum checks; 0 when one of them refuses. */
function cappedQty(wanted: Wanted, checks: GateCheck[]): number {
  const capped = applyCaps(wanted, checks);
  return allPass(checks) ? roundAndCheck(capped, wanted.signal.referencePrice, wanted.rules, checks) : 0;
}

/** Notional, leverage, open risk, gross exposure: each scales the quantity down or refuses the trade. */
function applyCaps({ signal, settings, state, ...wanted }: Wanted, checks: GateCheck[]): number {
  const { sizing } = settings;
  const { equityUsd, riskUsd, stopDistance, leverage } = wanted;
  const price = signal.referencePrice;
  const freeMarginUsd = equityUsd - marginUsedUsd(state.trades);
  const limits: readonly (readonly [string, number])[] = [
    ['notional_cap', (sizing.notionalCapFrac * equityUsd) / price],
    ['leverage_cap', (freeMarginUsd * leverage) / price],
    ['open_risk_cap', (sizing.openRiskCapFrac * equityUsd - openRiskUsd(state.trades)) / stopDistance],
    ['gross_exposure_cap', (sizing.grossExposureCapMult * equityUsd - grossNotionalUsd(state.trades)) / price],
  ];
  let qty = riskUsd / stopDistance;
  for (const [gate, qtyMax] of limits) {
    const room = Math.max(0, qtyMax);
    const before = qty;
    const within = before <= room;
    if (!within && sizing.onCapBreach === 'scale') qty = room;
    // scaled to nothing is a refusal too
    const passes = qty > 0 && (within || sizing.onCapBreach === 'scale');
    checks.push({
      gate,
      value: before,
      comparison: '<=',
      threshold: room,
      thresholdHigh: Number.NaN,
      result: passes ? 'pass' : 'fail',
      detail: within ? '' : sizing.onCapBreach === 'scale' ? `scaled to ${qty}` : 'over the cap',
    });
  }
  return qty;
}

function roundAndCheck(wanted: number, price: number, rules: InstrumentRules, checks: GateCheck[]): number {
  const qty = floorToStep(Math.min(wanted, rules.marketQtyMax ?? Infinity), rules.qtyStep);
  checks.push(
    atLeast('qty_min', qty, Math.max(rules.qtyMin, rules.qtyStep)),
    atLeast('notional_min', qty * price, rules.notionalMinUsd),
  );
  return allPass(checks) ? qty : 0;
}
