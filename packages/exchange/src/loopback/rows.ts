/** Rows as Bybit writes them: decimal texts, '' for what is not there. */
import { decimalsOf } from '@donch/core';
import { plainText } from './plain-text.ts';
import {
  equityUsd,
  instrumentOf,
  qtyOf,
  unrealisedUsd,
  usedMarginUsd,
  type LoopbackExecution,
  type LoopbackOrder,
  type LoopbackPosition,
  type LoopbackState,
} from './state.ts';

type Row = Record<string, unknown>;

function qtyText(state: LoopbackState, symbol: string, steps: number): string {
  return qtyOf(state, symbol, steps).toFixed(decimalsOf(Number(instrumentOf(state, symbol).qtyStep)));
}

/** A price on the grid; 0 = '' unless told otherwise. */
function priceText(state: LoopbackState, symbol: string, price: number, none = ''): string {
  return price === 0 ? none : price.toFixed(decimalsOf(Number(instrumentOf(state, symbol).tickSize)));
}

const amountText = (value: number): string => plainText(Number(value.toFixed(8)));

export function orderRow(state: LoopbackState, order: LoopbackOrder): Row {
  const { symbol } = order;
  const left = order.status === 'New' || order.status === 'PartiallyFilled' || order.status === 'Untriggered';
  const leavesSteps = left ? order.steps - order.filledSteps : 0;
  return {
    orderId: order.orderId,
    orderLinkId: order.orderLinkId,
    parentOrderLinkId: order.parentOrderLinkId,
    symbol,
    side: order.side,
    orderType: order.orderType,
    price: priceText(state, symbol, order.price, '0'),
    qty: qtyText(state, symbol, order.steps),
    timeInForce: order.timeInForce,
    orderStatus: order.status,
    cancelType: order.cancelType === '' ? 'UNKNOWN' : order.cancelType,
    rejectReason: order.rejectReason === '' ? 'EC_NoError' : order.rejectReason,
    avgPrice: order.filledSteps === 0 ? '' : plainText(order.filledValueUsd / qtyOf(state, symbol, order.filledSteps)),
    leavesQty: qtyText(state, symbol, leavesSteps),
    leavesValue: amountText(qtyOf(state, symbol, leavesSteps) * order.price),
    cumExecQty: qtyText(state, symbol, order.filledSteps),
    cumExecValue: amountText(order.filledValueUsd),
    cumExecFee: amountText(order.feeUsd),
    cumFeeDetail: { USDT: amountText(order.feeUsd) },
    stopOrderType: order.stopOrderType,
    createType: order.createType,
    triggerPrice: priceText(state, symbol, order.triggerPrice, '0'),
    triggerDirection: order.triggerDirection,
    triggerBy: order.triggerDirection === 0 ? '' : order.triggerBy,
    takeProfit: priceText(state, symbol, order.attached?.takeProfit ?? 0),
    stopLoss: priceText(state, symbol, order.attached?.stopLoss ?? 0),
    tpslMode: order.attached === null ? '' : 'Full',
    slTriggerBy: order.attached?.slTriggerBy ?? '',
    tpTriggerBy: order.attached?.tpTriggerBy ?? '',
    reduceOnly: order.reduceOnly,
    closeOnTrigger: order.closeOnTrigger,
    positionIdx: 0,
    lastPriceOnCreated: priceText(state, symbol, order.lastPriceOnCreated),
    createdTime: String(order.createdMs),
    updatedTime: String(order.updatedMs),
  };
}

export function executionRow(state: LoopbackState, execution: LoopbackExecution): Row {
  const { symbol } = execution;
  return {
    execId: execution.execId,
    orderId: execution.orderId,
    orderLinkId: execution.orderLinkId,
    symbol,
    side: execution.side,
    execPrice: plainText(execution.price),
    execQty: qtyText(state, symbol, execution.steps),
    execValue: amountText(execution.valueUsd),
    // as many digits as it takes: whoever adds these up must come to the wallet
    execFee: plainText(execution.feeUsd),
    feeRate: plainText(execution.feeRate),
    feeCurrency: 'USDT',
    isMaker: execution.isMaker,
    execType: execution.execType,
    orderType: execution.orderType,
    orderQty: qtyText(state, symbol, execution.orderSteps),
    leavesQty: qtyText(state, symbol, execution.leavesSteps),
    closedSize: qtyText(state, symbol, execution.closedSteps),
    createType: execution.createType,
    stopOrderType: execution.stopOrderType === '' ? 'UNKNOWN' : execution.stopOrderType,
    execTime: String(execution.timeMs),
    seq: execution.seq,
  };
}

/** Size, average price and what rests on it, as of one moment. */
export function positionRow(state: LoopbackState, position: LoopbackPosition): Row {
  const { symbol, steps, leverage } = position;
  const size = Math.abs(steps);
  const valueUsd = qtyOf(state, symbol, size) * position.avgPrice;
  return {
    positionIdx: 0,
    symbol,
    side: steps === 0 ? '' : steps > 0 ? 'Buy' : 'Sell',
    size: qtyText(state, symbol, size),
    avgPrice: steps === 0 ? '0' : plainText(position.avgPrice),
    positionValue: steps === 0 ? '' : amountText(valueUsd),
    leverage: String(leverage),
    markPrice: plainText(state.market.markPrice(symbol, state.nowMs)),
    liqPrice: '',
    positionIM: amountText(valueUsd / leverage),
    positionMM: amountText(valueUsd / leverage / 2),
    takeProfit: priceText(state, symbol, position.takeProfit, '0'),
    stopLoss: priceText(state, symbol, position.stopLoss, '0'),
    trailingStop: '0',
    unrealisedPnl: amountText(unrealisedUsd(state, position)),
    curRealisedPnl: amountText(position.realisedUsd),
    cumRealisedPnl: amountText(position.realisedUsd),
    adlRankIndicator: 0,
    positionStatus: 'Normal',
    tpslMode: 'Full',
    bustPrice: '',
    isReduceOnly: false,
    createdTime: String(position.createdMs),
    updatedTime: String(position.updatedMs),
    seq: state.seq,
  };
}

export function walletRow(state: LoopbackState): Row {
  const equity = equityUsd(state);
  const used = usedMarginUsd(state);
  const unrealised = equity - state.walletUsd;
  const coin = {
    coin: 'USDT',
    equity: amountText(equity),
    usdValue: amountText(equity),
    walletBalance: plainText(state.walletUsd),
    locked: '0',
    totalPositionIM: amountText(used),
    totalOrderIM: '0',
    totalPositionMM: amountText(used / 2),
    unrealisedPnl: amountText(unrealised),
    cumRealisedPnl: amountText(state.watch.realisedUsd),
    borrowAmount: '0',
    accruedInterest: '0',
    availableToWithdraw: '',
    bonus: '0',
  };
  return {
    accountType: 'UNIFIED',
    totalEquity: coin.equity,
    totalWalletBalance: coin.walletBalance,
    totalMarginBalance: coin.equity,
    totalAvailableBalance: amountText(equity - used),
    totalPerpUPL: coin.unrealisedPnl,
    totalInitialMargin: coin.totalPositionIM,
    totalMaintenanceMargin: coin.totalPositionMM,
    accountIMRate: '0',
    accountMMRate: '0',
    coin: [coin],
  };
}
