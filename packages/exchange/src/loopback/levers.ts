/** What scenarios do to the venue and its account from outside. */
import { createOrder, refused, textOf } from './create-order.ts';
import { bookFill, endOrder, isSystemStop, onGrid, syncProtection } from './fills.ts';
import { forceClose, unbindStops } from './matching.ts';
import { instrumentOf, money, PLAIN_FATE, positionOf, workingOf, type LoopbackState, type OrderFate } from './state.ts';
import type { EndpointAnswer, EndpointParams } from './wire.ts';

type FatePlan = Partial<OrderFate> & { readonly for: 'entry' | 'reduce' | 'any' };

export class Levers {
  readonly #state: LoopbackState;
  readonly #fates: FatePlan[] = [];
  readonly #refusals: { readonly retCode: number; readonly retMsg: string; readonly for: 'entry' | 'any' }[] = [];
  /** Answer to every signed request; null = none. */
  keyProblem: number | null = null;

  constructor(state: LoopbackState) {
    this.#state = state;
  }

  /** The next order of this kind has this fate (partial or no fill, several executions, late rejection, no stop). */
  planFate(plan: FatePlan): void {
    this.#fates.push(plan);
  }

  /** The next order of this kind is refused at the door. */
  planRefusal(retCode: number, retMsg: string, kind: 'entry' | 'any' = 'entry'): void {
    this.#refusals.push({ retCode, retMsg, for: kind });
  }

  takeFate(params: EndpointParams): OrderFate {
    const kind = params['reduceOnly'] === true ? 'reduce' : 'entry';
    const at = this.#fates.findIndex((plan) => plan.for === 'any' || plan.for === kind);
    if (at < 0) return PLAIN_FATE;
    const [{ for: _, ...fate }] = this.#fates.splice(at, 1);
    return { ...PLAIN_FATE, ...fate };
  }

  refusalOfCreate(params: EndpointParams): EndpointAnswer | null {
    const isEntry = params['reduceOnly'] !== true;
    // an id that exists is a duplicate whatever else would be wrong
    if (this.#state.byLinkId.has(textOf(params, 'orderLinkId'))) return null;
    const at = this.#refusals.findIndex((plan) => plan.for === 'any' || isEntry);
    if (at < 0) return null;
    const [{ retCode, retMsg }] = this.#refusals.splice(at, 1);
    return { ...refused(retCode, retMsg), result: {} };
  }

  /** A third party takes the stop of a position away. */
  removeStop(symbol: string): void {
    const position = positionOf(this.#state, symbol);
    position.stopLoss = 0;
    syncProtection(this.#state, symbol);
  }

  /** The stop triggers now and finds liquidity for a part. */
  failStop(symbol: string, fillFrac: number): void {
    const state = this.#state;
    const stop = workingOf(state, symbol).find((order) => order.stopOrderType === 'StopLoss');
    if (stop === undefined) return;
    const steps = Math.floor(Math.abs(positionOf(state, symbol).steps) * fillFrac);
    unbindStops(state, stop);
    const price = onGrid(state, symbol, state.market.lastPrice(symbol, state.nowMs));
    if (steps > 0)
      bookFill(state, { order: stop, symbol, side: stop.side, steps, price, isMaker: false, execType: 'Trade' });
    if (stop.filledSteps === stop.steps) endOrder(state, stop, { status: 'Filled' });
    else endOrder(state, stop, { status: 'Cancelled', rejectReason: 'EC_NoImmediateQtyToFill' });
    syncProtection(state, symbol);
  }

  /** A person closes a share of the position by hand. */
  userCloses(symbol: string, frac: number): void {
    const { steps } = positionOf(this.#state, symbol);
    const closing = Math.ceil(Math.abs(steps) * frac);
    if (closing > 0) this.#userOrder(symbol, steps > 0 ? 'Sell' : 'Buy', { steps: closing, reduceOnly: true });
  }

  /** A person opens or adds by hand. */
  userOpens(symbol: string, side: 'Buy' | 'Sell', steps: number): void {
    this.#userOrder(symbol, side, { steps, reduceOnly: false });
  }

  #userOrder(
    symbol: string,
    side: 'Buy' | 'Sell',
    { steps, reduceOnly }: { readonly steps: number; readonly reduceOnly: boolean },
  ): void {
    const { qtyStep } = instrumentOf(this.#state, symbol);
    const qty = String(Number((steps * Number(qtyStep)).toFixed(12)));
    createOrder(this.#state, {
      category: 'linear',
      symbol,
      side,
      orderType: 'Market',
      qty,
      reduceOnly,
      positionIdx: 0,
    });
  }

  /** Auto-deleveraging: the position is closed at the mark. */
  deleverage(symbol: string): void {
    forceClose(this.#state, symbol, {
      price: this.#state.market.markPrice(symbol, this.#state.nowMs),
      execType: 'AdlTrade',
    });
  }

  /** Liquidation, whatever the price. */
  bust(symbol: string): void {
    const { avgPrice, leverage, steps } = positionOf(this.#state, symbol);
    forceClose(this.#state, symbol, { price: avgPrice * (1 - Math.sign(steps) / leverage), execType: 'BustTrade' });
  }

  /** The contract is delivered at an instant; until then only reducing is allowed. */
  delist(symbol: string, deliveryMs: number): void {
    const instrument = instrumentOf(this.#state, symbol);
    instrument.deliveryMs = deliveryMs;
    instrument.status = 'Delivering';
  }

  /** Somebody changes leverage, margin mode or position mode of the account. */
  drift(change: {
    readonly symbol?: string;
    readonly leverage?: number;
    readonly marginMode?: 'ISOLATED_MARGIN' | 'REGULAR_MARGIN';
    readonly positionMode?: 3;
  }): void {
    const state = this.#state;
    if (change.symbol !== undefined && change.leverage !== undefined)
      positionOf(state, change.symbol).leverage = change.leverage;
    if (change.marginMode !== undefined) state.marginMode = change.marginMode;
    if (change.positionMode !== undefined) state.positionMode = change.positionMode;
  }

  /** A restart of the venue: orders that have ended are gone from realtime. */
  wipeRealtime(): void {
    this.#state.wipedBeforeMs = this.#state.nowMs;
  }

  /** A deposit or a withdrawal. */
  deposit(usd: number): void {
    const state = this.#state;
    state.walletUsd = money(state.walletUsd + usd);
    state.watch.depositsUsd = money(state.watch.depositsUsd + usd);
  }

  setFees(takerFeeFrac: number, makerFeeFrac: number): void {
    this.#state.options = { ...this.#state.options, takerFeeFrac, makerFeeFrac };
  }

  setVisibilityLag(visibilityLagMs: number): void {
    this.#state.options = { ...this.#state.options, visibilityLagMs };
  }

  /** Symbols with a position. */
  held(): string[] {
    return [...this.#state.positions.values()].filter(({ steps }) => steps !== 0).map(({ symbol }) => symbol);
  }

  /** Symbols whose stop rests. */
  guarded(): string[] {
    return [...this.#state.working]
      .filter((order) => isSystemStop(order) && order.stopOrderType === 'StopLoss')
      .map(({ symbol }) => symbol);
  }
}
