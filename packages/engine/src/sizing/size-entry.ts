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
import { atLeast } from '../gates/gate.ts';
import type { EngineSettings, SizingSettings } from '../settings.ts';
import { sizingEquityUsd, type EngineState, type StrategyTerms } from '../state.ts';
import { grossNotionalUsd, marginUsedUsd, openRiskUsd } from './exposure.ts';
import { riskFactors } from './multipliers.ts';

export interface SizedEntry {
  /** 0 when a check failed. */
  readonly qty: number;
  readonly sizing: SizingChain;
  /** Caps and minimum checks in order. */
  readonly checks: readonly GateCheck[];
}

export interface SizeInput {
  readonly signal: Signal;
  readonly protection: Protection;
  readonly rules: InstrumentRules;
  readonly terms: StrategyTerms;
  readonly settings: EngineSettings;
  readonly state: EngineState;
}

/** Sizes one entry at the reference price. Entries accepted before it at the same instant are already in `state`. */
export function sizeEntry(input: SizeInput): SizedEntry {
  const { signal, protection, settings, state, terms } = input;
  const equityUsd = sizingEquityUsd(state);
  const baseRiskUsd =
    settings.sizing.risk.mode === 'fixed' ? settings.sizing.risk.riskUsd : settings.sizing.risk.equityFrac * equityUsd;
  const factors = riskFactors(signal, settings.sizing, terms);
  const product =
    factors.barometer *
    factors.vwapStack *
    factors.probability *
    factors.scalers *
    factors.regimeDown *
    factors.riskScale;
  const { riskUsdMin, riskUsdMax } = settings.sizing;
  const riskUsd = clamp(baseRiskUsd * product, riskUsdMin ?? 0, riskUsdMax ?? Infinity);
  const stopDistance = directionOf(signal.side) * (signal.referencePrice - protection.stopPrice);
  const wantedQty = riskUsd / stopDistance;
  const checks: GateCheck[] = [];
  const capped = applyCaps(
    { wantedQty, stopDistance, price: signal.referencePrice, equityUsd, leverageMax: input.rules.leverageMax },
    settings.sizing,
    state,
    checks,
  );
  const qty = checks.some(({ result }) => result !== 'pass')
    ? 0
    : roundAndCheck(capped, signal.referencePrice, input.rules, checks);
  return { qty, sizing: { baseRiskUsd, ...factors, capped: qty / wantedQty }, checks };
}

interface Wanted {
  readonly wantedQty: number;
  readonly stopDistance: number;
  readonly price: number;
  readonly equityUsd: number;
  readonly leverageMax: number | null;
}

/** Notional, leverage, open risk, gross exposure: each scales the quantity down or refuses the trade. */
function applyCaps(
  { wantedQty, stopDistance, price, equityUsd, leverageMax }: Wanted,
  sizing: SizingSettings,
  state: EngineState,
  checks: GateCheck[],
): number {
  const leverage = Math.min(sizing.leverageMax, leverageMax ?? Infinity);
  const freeMarginUsd = equityUsd - marginUsedUsd(state.trades, sizing.leverageMax);
  const limits: readonly (readonly [string, number])[] = [
    ['notional_cap', (sizing.notionalCapFrac * equityUsd) / price],
    ['leverage_cap', (freeMarginUsd * leverage) / price],
    ['open_risk_cap', (sizing.openRiskCapFrac * equityUsd - openRiskUsd(state.trades)) / stopDistance],
    ['gross_exposure_cap', (sizing.grossExposureCapMult * equityUsd - grossNotionalUsd(state.trades)) / price],
  ];
  let qty = wantedQty;
  for (const [gate, qtyMax] of limits) {
    const room = Math.max(0, qtyMax);
    const within = qty <= room;
    if (!within && sizing.onCapBreach === 'scale') qty = room;
    // scaled to nothing is a refusal too
    const passes = qty > 0 && (within || sizing.onCapBreach === 'scale');
    checks.push({
      gate,
      value: wantedQty,
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
  return checks.every(({ result }) => result === 'pass') ? qty : 0;
}
