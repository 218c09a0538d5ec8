/** Endpoints of positions and of the account. */
import { numberOf, refused, stopSideRefusal, textOf } from './create-order.ts';
import { syncProtection } from './fills.ts';
import { no, ok, type AccountEndpoint } from './order-endpoints.ts';
import { pageOf } from './pages.ts';
import { plainText } from './plain-text.ts';
import { executionRow, positionRow, walletRow } from './rows.ts';
import { instrumentOf, positionOf, type LoopbackState } from './state.ts';
import type { EndpointAnswer, EndpointParams } from './wire.ts';

export const ACCOUNT_ENDPOINTS: Readonly<Record<string, AccountEndpoint>> = {
  'GET /v5/position/list': positions,
  'POST /v5/position/trading-stop': tradingStop,
  'POST /v5/position/set-leverage': setLeverage,
  'POST /v5/position/switch-mode': switchMode,
  'POST /v5/account/set-margin-mode': setMarginMode,
  'GET /v5/account/wallet-balance': (state) => ok({ list: [walletRow(state)] }),
  'GET /v5/account/info': (state) =>
    ok({
      unifiedMarginStatus: 6,
      marginMode: state.marginMode,
      isMasterTrader: false,
      spotHedgingStatus: 'OFF',
      updatedTime: '0',
    }),
  'GET /v5/user/query-api': () =>
    ok({
      id: '1',
      note: 'loopback',
      readOnly: 0,
      unified: 1,
      uta: 1,
      permissions: { ContractTrade: ['Order', 'Position'] },
    }),
  'GET /v5/account/fee-rate': (state, params) => {
    const { takerFeeFrac, makerFeeFrac } = state.options;
    return ok({
      list: [
        {
          symbol: textOf(params, 'symbol'),
          takerFeeRate: plainText(takerFeeFrac),
          makerFeeRate: plainText(makerFeeFrac),
        },
      ],
    });
  },
  'GET /v5/position/closed-pnl': (state, params) => ok({ category: 'linear', ...closedRows(state, params) }),
  'GET /v5/account/transaction-log': (state, params) => ok(transactions(state, params)),
};

function positions(state: LoopbackState, params: EndpointParams): EndpointAnswer {
  const symbol = textOf(params, 'symbol');
  if (symbol === '' && textOf(params, 'settleCoin') === '')
    return no(refused(10001, 'symbol or settleCoin is required'));
  if (symbol !== '' && state.market.instrument(symbol) === undefined) return no(refused(10001, 'symbol invalid'));
  const held =
    symbol === '' ? [...state.positions.values()].filter(({ steps }) => steps !== 0) : [positionOf(state, symbol)];
  const isSeen = ({ updatedMs, createdMs }: { updatedMs: number; createdMs: number }): boolean =>
    Math.max(updatedMs, createdMs) + state.options.visibilityLagMs <= state.nowMs;
  // what changed a moment ago cannot be seen yet: then a symbol that was flat before still is
  const rows = held.flatMap((position) => {
    if (isSeen(position)) return [positionRow(state, position)];
    return symbol === ''
      ? []
      : [positionRow(state, { ...position, steps: 0, avgPrice: 0, stopLoss: 0, takeProfit: 0 })];
  });
  return ok({ category: 'linear', ...pageOf(rows, params, { limit: 20, limitMax: 200 }) });
}

function tradingStop(state: LoopbackState, params: EndpointParams): EndpointAnswer {
  const symbol = textOf(params, 'symbol');
  if (state.market.instrument(symbol) === undefined) return no(refused(10001, 'symbol invalid'));
  if (textOf(params, 'tpslMode') === '' || textOf(params, 'positionIdx') === '')
    return no(refused(34040, 'not modified'));
  const position = positionOf(state, symbol);
  if (position.steps === 0) return no(refused(10001, 'can not set tp/sl/ts for zero position'));
  const given = (name: string, now: number): number => (textOf(params, name) === '' ? now : numberOf(params, name));
  const stopLoss = given('stopLoss', position.stopLoss);
  const takeProfit = given('takeProfit', position.takeProfit);
  if (stopLoss === position.stopLoss && takeProfit === position.takeProfit) return no(refused(34040, 'not modified'));
  const refusal = stopSideRefusal({
    stopLoss,
    takeProfit,
    side: position.steps > 0 ? 'Buy' : 'Sell',
    base: state.market.lastPrice(symbol, state.nowMs),
    tick: Number(instrumentOf(state, symbol).tickSize),
  });
  if (refusal !== null) return no(refusal);
  position.stopLoss = stopLoss;
  position.takeProfit = takeProfit;
  if (textOf(params, 'slTriggerBy') === 'MarkPrice') position.slTriggerBy = 'MarkPrice';
  if (textOf(params, 'tpTriggerBy') === 'MarkPrice') position.tpTriggerBy = 'MarkPrice';
  syncProtection(state, symbol);
  return ok({});
}

function setLeverage(state: LoopbackState, params: EndpointParams): EndpointAnswer {
  const symbol = textOf(params, 'symbol');
  const instrument = state.market.instrument(symbol);
  const leverage = numberOf(params, 'buyLeverage');
  if (instrument === undefined) return no(refused(10001, 'symbol invalid'));
  if (!(leverage >= 1) || leverage > Number(instrument.maxLeverage) || leverage !== numberOf(params, 'sellLeverage'))
    return no(refused(110013, 'cannot set leverage due to risk limit'));
  const position = positionOf(state, symbol);
  if (position.leverage === leverage) return no(refused(110043, 'leverage not modified'));
  position.leverage = leverage;
  return ok({});
}

const isBusy = (state: LoopbackState): boolean =>
  state.working.size > 0 || [...state.positions.values()].some(({ steps }) => steps !== 0);

function switchMode(state: LoopbackState, params: EndpointParams): EndpointAnswer {
  const mode = numberOf(params, 'mode');
  if (mode !== 0 && mode !== 3) return no(refused(10001, 'mode invalid'));
  if (mode === state.positionMode) return no(refused(110025, 'Position mode is not modified'));
  if (isBusy(state)) return no(refused(110024, 'You have an existing position, so position mode cannot be switched'));
  state.positionMode = mode;
  return ok({});
}

function setMarginMode(state: LoopbackState, params: EndpointParams): EndpointAnswer {
  const mode = textOf(params, 'setMarginMode');
  if (mode !== 'ISOLATED_MARGIN' && mode !== 'REGULAR_MARGIN') return no(refused(10001, 'setMarginMode invalid'));
  if (mode === state.marginMode) return no(refused(110026, 'Cross/isolated margin mode is not modified'));
  if (isBusy(state)) return ok({ reasons: [{ reasonCode: '3400045', reasonMsg: 'Existing positions or orders' }] });
  state.marginMode = mode;
  return ok({ reasons: [] });
}

function closedRows(
  state: LoopbackState,
  params: EndpointParams,
): { readonly list: readonly unknown[]; readonly nextPageCursor: string } {
  const symbol = textOf(params, 'symbol');
  const rows = state.executions
    .filter((execution) => execution.closedSteps > 0 && (symbol === '' || execution.symbol === symbol))
    .map((execution) => executionRow(state, execution))
    .toReversed();
  return pageOf(rows, params, { limit: 50, limitMax: 100 });
}

function transactions(
  state: LoopbackState,
  params: EndpointParams,
): { readonly list: readonly unknown[]; readonly nextPageCursor: string } {
  const rows = state.executions
    .map((execution) => ({
      symbol: execution.symbol,
      type: execution.execType === 'Funding' ? 'SETTLEMENT' : 'TRADE',
      currency: 'USDT',
      fee: plainText(execution.feeUsd),
      tradeId: execution.execId,
      orderLinkId: execution.orderLinkId,
      transactionTime: String(execution.timeMs),
    }))
    .toReversed();
  return pageOf(rows, params, { limit: 20, limitMax: 50 });
}
