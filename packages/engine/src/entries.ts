/** Entries of one instant: each signal judged by all gates, sized, reserved, sent - before the next one is looked at. */
import { clientOrderId, type EngineEvent, type GateCheck, type Signal } from '@donch/core';
import type { EngineContext } from './context.ts';
import { planChecks } from './exits/plan-checks.ts';
import { planEntry, type ExitPlan } from './exits/plan.ts';
import { GATES } from './gates/gate-list.ts';
import { checkGates } from './gates/gate.ts';
import { sendOrder } from './send-order.ts';
import { featureOf } from './sizing/multipliers.ts';
import { sizeEntry, type SizedEntry } from './sizing/size-entry.ts';
import { sizingEquityUsd, storedFeatures, type OpenTrade } from './state.ts';

type SignalsEvent = Extract<EngineEvent, { kind: 'signals' }>;

/** Judges the signals of one instant in `ENTRY_PRIORITY` order; every one leaves a decision record. */
export function judgeSignals(context: EngineContext, { signals, staleReason }: SignalsEvent): void {
  for (const signal of inPriorityOrder(signals, context.settings.priority)) judgeSignal(context, signal, staleReason);
}

/**
 * Highest p or relative strength first (for shorts too: nothing is mirrored), unknown last; ties and mode `hash` by signal id, then
 * strategy: never by name or arrival.
 */
export function inPriorityOrder(signals: readonly Signal[], priority: 'p' | 'rs' | 'hash'): Signal[] {
  const rank = (signal: Signal): number => {
    const value = priority === 'p' ? signal.p : priority === 'rs' ? featureOf(signal, 'rs_percentile') : 0;
    return Number.isNaN(value) ? -Infinity : value;
  };
  return [...signals].sort((a, b) => {
    const left = rank(a);
    const right = rank(b);
    if (left !== right) return right > left ? 1 : -1;
    if (a.signalId !== b.signalId) return a.signalId < b.signalId ? -1 : 1;
    return a.strategyId < b.strategyId ? -1 : 1;
  });
}

function judgeSignal(context: EngineContext, signal: Signal, staleReason: string): void {
  const { state, settings } = context;
  const gateContext = { state, settings, staleReason, timeMs: signal.decisionTimeMs };
  const gates = checkGates(GATES, signal, gateContext);
  if (!allPass(gates)) return record(context, signal, gates, 'skipped');
  const terms = context.termsOf(signal.strategyId);
  const rules = context.rulesAt(signal.instrumentId, signal.decisionTimeMs);
  const plan = planEntry(signal, terms.exits, rules);
  gates.push(...planChecks(signal, plan, { exits: terms.exits, rules, settings }));
  if (!allPass(gates)) return record(context, signal, gates, 'skipped');
  const sized = sizeEntry({ signal, protection: plan.protection, rules, terms, settings, state }, gates);
  if (!(sized.qty > 0)) return record(context, signal, gates, 'skipped');
  record(context, signal, gates, 'accepted');
  return enter(context, signal, { plan, sized });
}

function allPass(gates: readonly GateCheck[]): boolean {
  return gates.every(({ result }) => result === 'pass');
}

function record(
  { emit }: EngineContext,
  signal: Signal,
  gates: readonly GateCheck[],
  verdict: 'accepted' | 'skipped',
): void {
  emit({
    kind: 'decision',
    decision: {
      decisionTimeMs: signal.decisionTimeMs,
      strategyId: signal.strategyId,
      instrumentId: signal.instrumentId,
      stage: 'engine',
      event: 'judged',
      signalId: signal.signalId,
      verdict,
      reason: gates.find(({ result }) => result !== 'pass')?.gate ?? '',
      gates,
    },
  });
}

interface AcceptedEntry {
  readonly plan: ExitPlan;
  readonly sized: SizedEntry;
}

/** Reserves slot, day count, risk and notional, and sends the entry with stop and target in the same request. */
function enter(context: EngineContext, signal: Signal, entry: AcceptedEntry): void {
  const { state } = context;
  const { qty, leverage } = entry.sized;
  const { protection } = entry.plan;
  state.trades.push(newTrade(context, signal, entry));
  state.entriesToday += 1;
  state.acceptedMs[signal.instrumentId] = signal.decisionTimeMs;
  sendOrder(context, {
    clientOrderId: clientOrderId(signal.signalId, 'entry', 0),
    tradeId: signal.signalId,
    instrumentId: signal.instrumentId,
    strategyId: signal.strategyId,
    leg: 'entry',
    side: signal.side === 'long' ? 'buy' : 'sell',
    type: 'market',
    qty,
    limitPrice: null,
    reduceOnly: false,
    leverage,
    protection,
    referencePrice: signal.referencePrice,
    decidedMs: state.timeMs,
    expiresMs: signal.decisionTimeMs + context.termsOf(signal.strategyId).intervalMs,
  });
}

/** A trade before its first fill. */
function newTrade({ state, termsOf }: EngineContext, signal: Signal, { plan, sized }: AcceptedEntry): OpenTrade {
  const { exits } = termsOf(signal.strategyId);
  const { firstTargetPrice } = plan;
  return {
    tradeId: signal.signalId,
    strategyId: signal.strategyId,
    instrumentId: signal.instrumentId,
    // our own word: one that came from another thread is compared letter by letter, at every bar
    side: signal.side === 'long' ? 'long' : 'short',
    decisionTimeMs: signal.decisionTimeMs,
    referencePrice: signal.referencePrice,
    atr: signal.atr,
    levelPrice: signal.levelPrice,
    qtyPlanned: sized.qty,
    leverage: sized.leverage,
    sizing: sized.sizing,
    equityAtDecisionUsd: sizingEquityUsd(state),
    p: Number.isNaN(signal.p) ? null : signal.p,
    features: storedFeatures(signal.features),
    exits,
    state: 'entering',
    memberIndex: -1,
    entryWorking: true,
    entryTimeMs: 0,
    qtyOpen: 0,
    entryQty: 0,
    entryNotionalUsd: 0,
    exitQty: 0,
    exitNotionalUsd: 0,
    feesUsd: 0,
    fundingUsd: 0,
    fundingAssumed: false,
    slippageUsd: 0,
    protection: plan.protection,
    initialStopPrice: plan.protection.stopPrice,
    stopKind: 'initial',
    unprotectedSinceMs: null,
    firstTarget:
      firstTargetPrice === null || exits.partial === null
        ? null
        : { price: firstTargetPrice, ratioFrac: exits.partial.ratioFrac, clientOrderId: null, taken: false },
    timeExitAtMs: null,
    exitCause: null,
    exitAttempts: 0,
    exitDue: false,
    bestPrice: signal.referencePrice,
    worstPrice: signal.referencePrice,
    markPrice: signal.referencePrice,
  };
}
