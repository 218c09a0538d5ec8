/** From a signal to a quantity: risk, factors, caps in their order, lot rounding down, minimum checks. Never padded up. */
import {
  directionOf,
  type GateCheck,
  type InstrumentRules,
  type Protection,
  type Signal,
  type SizingChain,
} from '@donch/core';
import type { EngineSettings } from '../settings.ts';
import { sizingEquityUsd, type EngineState, type ExposedTrade, type StrategyTerms } from '../state.ts';
import { emptyEntrySize, sizeQuantity, sizeRisk, type EntrySize } from './entry-size.ts';
import { tieUp } from './exposure.ts';
import { productOf, riskFactors, type Factors } from './multipliers.ts';

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
  const { rules, settings, state } = input;
  const factors = factorsOf(input);
  const size = entrySize({ ...input, equityUsd: sizingEquityUsd(state) }, factors);
  for (const trade of state.trades) tieUp(size.tied, trade);
  sizeQuantity(size, rules, settings.sizing, checks);
  return { qty: size.qty, leverage: size.leverage, sizing: chainOf(size, factors), checks: checks ?? [] };
}

/** An entry that was sized: what its record says of the way to its quantity. */
export interface SizedInput extends Pick<SizeInput, 'signal' | 'protection' | 'terms' | 'settings'> {
  readonly equityUsd: number;
  readonly qty: number;
}

/** The chain of factors that `sizeEntry` wrote for an entry. */
export function sizingChainOf(input: SizedInput): SizingChain {
  const factors = factorsOf(input);
  const size = entrySize(input, factors);
  sizeRisk(size, input.settings.sizing);
  size.qty = input.qty;
  return chainOf(size, factors);
}

function factorsOf({ signal, settings, terms }: Pick<SizeInput, 'signal' | 'settings' | 'terms'>): Factors {
  return riskFactors(signal, settings.sizing, terms);
}

function entrySize(
  { signal, protection, equityUsd }: Pick<SizedInput, 'signal' | 'protection' | 'equityUsd'>,
  factors: Factors,
): EntrySize {
  const size = emptyEntrySize();
  size.direction = directionOf(signal.side);
  size.referencePrice = signal.referencePrice;
  size.stopPrice = protection.stopPrice;
  size.equityUsd = equityUsd;
  size.factor = productOf(factors);
  return size;
}

function chainOf({ baseRiskUsd, chainRiskUsd, stopDistance, qty }: EntrySize, factors: Factors): SizingChain {
  const { barometer, vwapStack, probability, scalers, regimeDown, riskScale } = factors;
  const capped = (qty * stopDistance) / chainRiskUsd;
  return { baseRiskUsd, barometer, vwapStack, probability, scalers, regimeDown, riskScale, capped };
}
