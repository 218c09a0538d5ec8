/**
 * Bybit's linear contracts behind the venue port, through any `BybitApi`. It translates and never decides: what is wanted comes in
 * as a command, what the venue says comes out as accepted, rejected or unknown. Reads throw `no_answer` when there is no answer.
 */
import {
  instrumentId,
  symbolOf,
  type Answer,
  type ClientOrderId,
  type Fill,
  type InstrumentId,
  type InstrumentRules,
  type OpenOrder,
  type OrderIntent,
  type OrderReport,
  type Protection,
  type Side,
  type Venue,
  type VenueEvent,
  type VenuePosition,
} from '@donch/core';
import { LeverageBook } from './account.ts';
import { BybitCalls, type CallsOptions, type Rows } from './calls.ts';
import { isTradableQty, priceText, qtyText, stopText } from './decimal-text.ts';
import { causeOf, isOwnId, numberAt, once, positionSide, priceAt, reportOf, textAt, tradeSide } from './rows.ts';
import type { Verdict } from './verdict.ts';

export interface BybitVenueOptions extends CallsOptions {
  /** Name of the venue in instrument ids. */
  readonly venue: string;
  readonly rulesOf: (instrumentId: InstrumentId) => InstrumentRules;
  readonly stopTrigger: 'LastPrice' | 'MarkPrice';
  /** Executions of before are not asked for: the account may be years old. */
  readonly ledgerStartMs: number;
  /** Price that slippage of an execution is measured against; null = not known. */
  readonly referencePriceOf: (fill: Pick<Fill, 'clientOrderId' | 'instrumentId' | 'cause'>) => number | null;
}

type FundingEvent = Extract<VenueEvent, { kind: 'funding' }>;

/** Everything that was executed, oldest first. */
export interface Executions {
  readonly fills: readonly Fill[];
  readonly funding: readonly FundingEvent[];
}

const LINEAR = { category: 'linear' } as const;
const USDT = { ...LINEAR, settleCoin: 'USDT' } as const;
const ORDERS_LIMIT = 50;
const POSITIONS_LIMIT = 200;
const EXECUTIONS_LIMIT = 100;
/** Longest window of one question for executions. */
const EXECUTION_WINDOW_MS = 7 * 86_400_000;
/** Executions of the very instant of the question. */
const WINDOW_AHEAD_MS = 60_000;

export class BybitVenue implements Venue {
  readonly #options: BybitVenueOptions;
  readonly #calls: BybitCalls;
  readonly #leverage: LeverageBook;
  /** Orders that never got to the venue, or were refused at its door: it does not know them. */
  readonly #refused = new Map<ClientOrderId, string>();

  constructor(options: BybitVenueOptions) {
    this.#options = options;
    this.#calls = new BybitCalls(options);
    this.#leverage = new LeverageBook(this.#calls);
  }

  /** For reads and changes of the account as a whole: `prepareAccount`, `readWallet`. */
  get calls(): BybitCalls {
    return this.#calls;
  }

  async submit(order: OrderIntent): Promise<Answer> {
    const refusal = this.#refusalOf(order) ?? (await this.#leverageRefusal(order));
    if (refusal !== null) return this.#refuse(order, refusal);
    if (this.#isExpired(order)) return this.#refuse(order, 'not sent: expired');
    const verdict = await this.#calls.change(
      'v5/order/create',
      this.#orderParams(order),
      () => !this.#isExpired(order),
    );
    if (verdict.kind === 'definite') return this.#refuse(order, verdict.reason);
    if (verdict.kind !== 'ok') return { kind: 'unknown', reason: verdict.reason };
    return acknowledged(verdict.result, order.clientOrderId);
  }

  #refuse({ clientOrderId }: OrderIntent, reason: string): Answer {
    // an id that was refused before and is known to the venue stays what the venue says: the look-up asks there first
    this.#refused.set(clientOrderId, reason);
    return { kind: 'rejected', reason };
  }

  #isExpired({ expiresMs }: OrderIntent): boolean {
    return expiresMs !== null && this.#options.clock.nowMs() >= expiresMs;
  }

  #refusalOf({ instrumentId: id, qty, leg, type, protection, referencePrice }: OrderIntent): string | null {
    const { qtyStep, qtyMin, notionalMinUsd, marketQtyMax } = this.#options.rulesOf(id);
    if (!isTradableQty(qty, qtyStep)) return `quantity ${qty} is no multiple of ${qtyStep}`;
    if (type === 'market' && marketQtyMax !== null && qty > marketQtyMax)
      return `quantity ${qty} is above ${marketQtyMax}, the most that one market order may have`;
    if (leg !== 'entry') return null;
    if (qty < qtyMin) return `quantity ${qty} is below ${qtyMin}`;
    if (qty * referencePrice < notionalMinUsd) return `${qty * referencePrice} USD is below ${notionalMinUsd}`;
    return protection === null ? 'an entry without a stop' : null;
  }

  async #leverageRefusal({ instrumentId: id, leg, leverage }: OrderIntent): Promise<string | null> {
    if (leg !== 'entry' || leverage === null) return null;
    try {
      const problem = await this.#leverage.ensure(symbolOf(id), leverage);
      return problem === '' ? null : `not sent: ${problem}`;
    } catch (error) {
      return `not sent, leverage is not known: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  #orderParams(order: OrderIntent): Readonly<Record<string, string | number | boolean | undefined>> {
    const { qtyStep, tickSize } = this.#options.rulesOf(order.instrumentId);
    return {
      ...LINEAR,
      symbol: symbolOf(order.instrumentId),
      side: order.side === 'buy' ? 'Buy' : 'Sell',
      orderType: order.type === 'market' ? 'Market' : 'Limit',
      qty: qtyText(order.qty, qtyStep),
      price: order.limitPrice === null ? undefined : priceText(order.limitPrice, tickSize),
      timeInForce: order.type === 'market' ? 'IOC' : 'GTC',
      orderLinkId: order.clientOrderId,
      positionIdx: 0,
      reduceOnly: order.reduceOnly ? true : undefined,
      ...(order.protection === null
        ? {}
        : this.#protectionParams(order.protection, order.side === 'buy' ? 'long' : 'short', tickSize)),
    };
  }

  #protectionParams({ stopPrice, targetPrice }: Protection, side: Side, tickSize: number): Record<string, string> {
    const { stopTrigger } = this.#options;
    return {
      tpslMode: 'Full',
      stopLoss: stopText(stopPrice, side, tickSize),
      slTriggerBy: stopTrigger,
      slOrderType: 'Market',
      ...(targetPrice === null
        ? {}
        : { takeProfit: priceText(targetPrice, tickSize), tpTriggerBy: stopTrigger, tpOrderType: 'Market' }),
    };
  }

  async cancel(id: InstrumentId, clientOrderId: ClientOrderId): Promise<Answer> {
    const verdict = await this.#calls.change('v5/order/cancel', {
      ...LINEAR,
      symbol: symbolOf(id),
      orderLinkId: clientOrderId,
    });
    return verdict.kind === 'ok' ? acknowledged(verdict.result, clientOrderId) : answerOf(verdict);
  }

  /** Amends stop and target in one request; no moment is without a stop. */
  async setProtection(id: InstrumentId, protection: Protection): Promise<Answer> {
    const held = (await this.#positionRows(symbolOf(id))).at(0);
    const side = held === undefined ? null : positionSide(held);
    if (side === null) return { kind: 'rejected', reason: 'no position' };
    const { tickSize } = this.#options.rulesOf(id);
    const wanted = this.#protectionParams(protection, side, tickSize);
    const verdict = await this.#calls.change('v5/position/trading-stop', {
      ...LINEAR,
      symbol: symbolOf(id),
      positionIdx: 0,
      ...wanted,
      // '0' takes a target away; it may not be left out, for then the old one stays
      takeProfit: wanted['takeProfit'] ?? '0',
    });
    if (verdict.kind === 'definite' && verdict.remedy === 'exit_now')
      return { kind: 'rejected', reason: verdict.reason, stopPassed: true };
    if (verdict.kind !== 'unknown') return answerOf(verdict);
    const [shown] = await this.#positionRows(symbolOf(id));
    const holds =
      shown !== undefined &&
      priceAt(shown, 'stopLoss') === Number(wanted['stopLoss']) &&
      priceAt(shown, 'takeProfit') === (protection.targetPrice === null ? null : Number(wanted['takeProfit']));
    return holds ? { kind: 'accepted' } : { kind: 'unknown', reason: verdict.reason };
  }

  async #positionRows(symbol: string): Promise<Rows> {
    const rows = await this.#calls.readAll('v5/position/list', { ...LINEAR, symbol }, POSITIONS_LIMIT);
    return rows.filter((row) => row['symbol'] === symbol && numberAt(row, 'size') > 0);
  }

  /** The order first, then its history, then what it traded: only when all three are clean and empty it is absent. */
  async lookup(id: InstrumentId, clientOrderId: ClientOrderId): Promise<OrderReport> {
    const asked = { ...LINEAR, symbol: symbolOf(id), orderLinkId: clientOrderId };
    for (const path of ['v5/order/realtime', 'v5/order/history']) {
      const rows = await this.#calls.readAll(path, asked, ORDERS_LIMIT);
      const row = rows.find(({ orderLinkId }) => orderLinkId === clientOrderId);
      if (row !== undefined) return reportOf(row);
    }
    const executions = await this.#calls.readAll('v5/execution/list', asked, EXECUTIONS_LIMIT);
    const own = once(executions, ['execId']).filter(({ orderLinkId }) => orderLinkId === clientOrderId);
    if (own.length > 0) return { kind: 'done', filledQty: own.reduce((sum, row) => sum + numberAt(row, 'execQty'), 0) };
    const reason = this.#refused.get(clientOrderId);
    return reason === undefined ? { kind: 'absent' } : { kind: 'rejected', reason };
  }

  /** Our own resting orders; the venue's (attached stops and targets) and other people's are not among them. */
  async openOrders(): Promise<readonly OpenOrder[]> {
    const rows = await this.#calls.readAll('v5/order/realtime', { ...USDT, openOnly: 0 }, ORDERS_LIMIT);
    return once(rows, ['orderId'])
      .filter((row) => isOwnId(textAt(row, 'orderLinkId')) && reportOf(row).kind === 'live')
      .map((row) => ({
        clientOrderId: textAt(row, 'orderLinkId') as ClientOrderId,
        instrumentId: this.#idOf(row),
        side: tradeSide(row),
        qty: numberAt(row, 'qty'),
        filledQty: numberAt(row, 'cumExecQty'),
        reduceOnly: row['reduceOnly'] === true,
      }));
  }

  /** A stop counts when the position shows it and its order waits. */
  async positions(): Promise<readonly VenuePosition[]> {
    const held = await this.#calls.readAll('v5/position/list', USDT, POSITIONS_LIMIT);
    const rows = once(held, ['symbol', 'side']).filter((row) => numberAt(row, 'size') > 0);
    if (rows.length === 0) return [];
    const waiting = await this.#calls.readAll('v5/order/realtime', { ...USDT, orderFilter: 'StopOrder' }, ORDERS_LIMIT);
    const guarded = new Set(
      waiting
        .filter((row) => row['stopOrderType'] === 'StopLoss' && row['orderStatus'] === 'Untriggered')
        .map((row) => textAt(row, 'symbol')),
    );
    return rows.flatMap((row) => {
      const side = positionSide(row);
      if (side === null) return [];
      const stopPrice = guarded.has(textAt(row, 'symbol')) ? priceAt(row, 'stopLoss') : null;
      return [
        {
          instrumentId: this.#idOf(row),
          side,
          qty: numberAt(row, 'size'),
          entryPrice: numberAt(row, 'avgPrice'),
          protection: stopPrice === null ? null : { stopPrice, targetPrice: priceAt(row, 'takeProfit') },
        },
      ];
    });
  }

  async fills(sinceMs: number): Promise<readonly Fill[]> {
    return (await this.executions(sinceMs)).fills;
  }

  /** Fills and funding at or after an instant, of every kind, oldest first. */
  async executions(sinceMs: number): Promise<Executions> {
    const untilMs = this.#options.clock.nowMs() + WINDOW_AHEAD_MS;
    const fills: Fill[] = [];
    const funding: FundingEvent[] = [];
    let startTime = Math.max(sinceMs, this.#options.ledgerStartMs);
    const rows: Rows[number][] = [];
    while (startTime <= untilMs) {
      const endTime = Math.min(startTime + EXECUTION_WINDOW_MS - 1, untilMs);
      rows.push(
        ...(await this.#calls.readAll('v5/execution/list', { ...LINEAR, startTime, endTime }, EXECUTIONS_LIMIT)),
      );
      startTime = endTime + 1;
    }
    for (const row of once(rows, ['execId']).toSorted(byTime)) {
      if (row['execType'] === 'Funding') funding.push(this.#fundingOf(row));
      else fills.push(this.#fillOf(row));
    }
    return { fills, funding };
  }

  #fundingOf(row: Rows[number]): FundingEvent {
    return {
      kind: 'funding',
      timeMs: numberAt(row, 'execTime'),
      execId: textAt(row, 'execId'),
      instrumentId: this.#idOf(row),
      // a fee > 0 was paid
      amountUsd: 0 - numberAt(row, 'execFee'),
      assumed: false,
    };
  }

  #fillOf(row: Rows[number]): Fill {
    const linkId = textAt(row, 'orderLinkId');
    const clientOrderId = isOwnId(linkId) ? (linkId as ClientOrderId) : null;
    const price = numberAt(row, 'execPrice');
    const qty = numberAt(row, 'execQty');
    const cause = causeOf(row);
    const id = this.#idOf(row);
    const reference = this.#options.referencePriceOf({ clientOrderId, instrumentId: id, cause });
    const side = tradeSide(row);
    const worse = reference === null ? 0 : (side === 'buy' ? 1 : -1) * (price - reference);
    return {
      execId: textAt(row, 'execId'),
      timeMs: numberAt(row, 'execTime'),
      instrumentId: id,
      clientOrderId,
      cause,
      side,
      price,
      qty,
      feeUsd: numberAt(row, 'execFee'),
      slippageUsd: Math.max(0, worse) * qty,
    };
  }

  #idOf(row: Rows[number]): InstrumentId {
    return instrumentId(this.#options.venue, textAt(row, 'symbol'));
  }
}

function byTime(a: Rows[number], b: Rows[number]): number {
  return numberAt(a, 'execTime') - numberAt(b, 'execTime') || Number(a['seq'] ?? 0) - Number(b['seq'] ?? 0);
}

/** An answer that names the order; one that does not may be anything. */
function acknowledged({ orderId, orderLinkId }: Rows[number], clientOrderId: ClientOrderId): Answer {
  if (typeof orderId === 'string' && orderId !== '' && orderLinkId === clientOrderId) return { kind: 'accepted' };
  return { kind: 'unknown', reason: 'an acknowledgement without the ids of the order' };
}

function answerOf(verdict: Verdict): Answer {
  if (verdict.kind === 'ok' || verdict.kind === 'done') return { kind: 'accepted' };
  return { kind: verdict.kind === 'definite' ? 'rejected' : 'unknown', reason: verdict.reason };
}
