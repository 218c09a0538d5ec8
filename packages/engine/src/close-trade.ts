/** The end of a trade: its row, what it leaves behind in the account, and the orders that must not outlive it. */
import { directionOf, type ExitCause, type Trade } from '@donch/core';
import { alert, type EngineContext } from './context.ts';
import { entryPriceOf, featuresOf, type OpenTrade } from './state.ts';

/** Why and when the last quantity went. */
export interface TradeEnd {
  readonly cause: ExitCause;
  readonly timeMs: number;
}

/** Removes a flat trade, cancels what may still rest, counts losses, and tells the record. */
export function closeTrade(context: EngineContext, trade: OpenTrade, end: TradeEnd): void {
  const { state } = context;
  const row = tradeRow(trade, end);
  trade.state = 'closed';
  state.trades.splice(state.trades.indexOf(trade), 1);
  state.exitedMs[trade.instrumentId] = end.timeMs;
  state.closedTrades += 1;
  endIntents(context, trade);
  context.emit({ kind: 'trade_closed', trade: row });
  countLosses(context, row);
}

/** The orders of a trade leave the state; those that may still trade are cancelled. */
function endIntents({ state, emit }: EngineContext, { tradeId, instrumentId }: OpenTrade): void {
  for (let k = 0; k < state.intents.length;) {
    const { order, filledQty, doneQty } = state.intents[k];
    if (order.tradeId !== tradeId) {
      k += 1;
      continue;
    }
    state.intents.splice(k, 1);
    if (order.leg !== 'entry' && doneQty === null && filledQty < order.qty)
      emit({ kind: 'cancel', clientOrderId: order.clientOrderId, instrumentId });
  }
}

function countLosses(context: EngineContext, { pnlUsd, instrumentId }: Trade): void {
  const { state, settings } = context;
  state.lossStreak = pnlUsd < 0 ? state.lossStreak + 1 : 0;
  const { lossStreakMax, abortTradesMax } = settings.guards;
  if (
    lossStreakMax !== null &&
    state.lossStreak >= lossStreakMax &&
    !state.stops.some(({ kind }) => kind === 'loss_streak')
  ) {
    state.stops.push({
      kind: 'loss_streak',
      reason: `${state.lossStreak} losing trades in a row, last ${instrumentId}`,
      sinceMs: state.timeMs,
    });
    alert(context, {
      severity: 'critical',
      code: 'kill_switch',
      text: `${state.lossStreak} losing trades in a row: no entries until re-armed; positions stay managed`,
    });
  }
  if (state.closedTrades >= abortTradesMax && !state.stops.some(({ kind }) => kind === 'abort')) {
    state.stops.push({ kind: 'abort', reason: `${state.closedTrades} trades`, sinceMs: state.timeMs });
  }
}

type Booked = Pick<OpenTrade, 'side' | 'exitNotionalUsd' | 'entryNotionalUsd' | 'feesUsd' | 'fundingUsd'>;

/** Result of a flat trade, net of all costs, USD. */
export function pnlUsdOf({ side, exitNotionalUsd, entryNotionalUsd, feesUsd, fundingUsd }: Booked): number {
  return directionOf(side) * (exitNotionalUsd - entryNotionalUsd) - feesUsd + fundingUsd;
}

/** One R: the planned risk, quantity x abs(reference - initial stop), USD. */
export function riskUsdOf(trade: Pick<OpenTrade, 'entryQty' | 'referencePrice' | 'initialStopPrice'>): number {
  return trade.entryQty * Math.abs(trade.referencePrice - trade.initialStopPrice);
}

/** What a row of the trades table is made of. */
export type FlatTrade = Omit<
  OpenTrade,
  | 'exits'
  | 'state'
  | 'memberIndex'
  | 'entryWorking'
  | 'qtyPlanned'
  | 'qtyOpen'
  | 'leverage'
  | 'stopKind'
  | 'unprotectedSinceMs'
  | 'timeExitAtMs'
  | 'exitCause'
  | 'exitAttempts'
  | 'exitDue'
  | 'markPrice'
>;

/** One row of the trades table. R is net of all costs against the planned risk. */
export function tradeRow(trade: FlatTrade, { cause, timeMs }: TradeEnd): Trade {
  const direction = directionOf(trade.side);
  const entryPrice = entryPriceOf(trade);
  const pnlUsd = pnlUsdOf(trade);
  const riskUsd = riskUsdOf(trade);
  return {
    tradeId: trade.tradeId,
    strategyId: trade.strategyId,
    instrumentId: trade.instrumentId,
    side: trade.side,
    decisionTimeMs: trade.decisionTimeMs,
    entryTimeMs: trade.entryTimeMs,
    exitTimeMs: timeMs,
    referencePrice: trade.referencePrice,
    entryPrice,
    exitPrice: trade.exitNotionalUsd / trade.exitQty,
    qty: trade.entryQty,
    atr: trade.atr,
    levelPrice: trade.levelPrice,
    initialStopPrice: trade.initialStopPrice,
    finalStopPrice: trade.protection.stopPrice,
    targetPrice: trade.protection.targetPrice,
    exitReason: trade.firstTarget?.taken === true ? `tp1+${cause}` : cause,
    feesUsd: trade.feesUsd,
    fundingUsd: trade.fundingUsd,
    fundingAssumed: trade.fundingAssumed,
    slippageUsd: trade.slippageUsd,
    pnlUsd,
    riskUsd,
    pnlR: pnlUsd / riskUsd,
    maeAtr: Math.max(0, (direction * (entryPrice - trade.worstPrice)) / trade.atr),
    mfeAtr: Math.max(0, (direction * (trade.bestPrice - entryPrice)) / trade.atr),
    equityAtDecisionUsd: trade.equityAtDecisionUsd,
    sizing: trade.sizing,
    p: trade.p ?? Number.NaN,
    features: featuresOf(trade),
  };
}
