/**
 * A venue made of bars: the simulator of backtests and of paper trading. It never sees a bar before the bar has closed; what
 * happened inside is told in the order in which it can have happened, doubtful cases against us:
 *
 *   openBars    market orders of the previous instant trade at the open, exits before entries;
 *   tradeBars   gaps at the open, then stop before targets, first target before final target;
 *   settle      funding that fell due.
 *
 * What an execution inside a bar causes takes effect from the next bar on: commands arrive between these calls.
 */
import {
  directionOf,
  floorToStep,
  invariant,
  type BarSet,
  type ClientOrderId,
  type Fill,
  type FillCause,
  type InstrumentId,
  type OrderIntent,
  type Protection,
  type VenueEvent,
} from '@donch/core';
import type { Answer, OpenOrder, OrderReport, Venue, VenuePosition } from '@donch/core';
import { marketFillPrice, PARTICIPATION_WARNING_FRAC, type CostSettings } from './costs.ts';
import { drawFate, type DisturbanceOptions, type Fate } from './disturbance.ts';
import { fundingDue, nextFundingMs, type FundingOf } from './funding.ts';
import type { RulesAt } from './instrument-rules.ts';
import { triggersOf, type BarTrigger } from './intrabar.ts';

export interface BarVenueOptions {
  readonly costs: CostSettings;
  readonly rulesAt: RulesAt;
  readonly fundingOf: FundingOf;
  /** `signal_close` fills entries at the reference price: cannot be traded, for comparisons with older systems only. */
  readonly entryFill: 'next_open' | 'signal_close';
  readonly disturbance: DisturbanceOptions | null;
}

interface PendingOrder {
  readonly order: OrderIntent;
  readonly fate: Fate;
  delayBars: number;
}

interface RestingLimit {
  readonly order: OrderIntent;
  readonly fate: Fate;
}

interface SimPosition {
  readonly instrumentId: InstrumentId;
  /** Position in the lists of the bar sets. */
  index: number;
  readonly side: 'long' | 'short';
  qty: number;
  entryPrice: number;
  protection: Protection | null;
  /** Funding is settled up to here; at first the entry, for it falls on positions filled before it is due. */
  fundedMs: number;
  nextFundingMs: number;
  markPrice: number;
}

/** One bar of a bar set, as scalars. */
interface BarView {
  readonly index: number;
  readonly openTimeMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

const NOTHING: readonly VenueEvent[] = [];

export class BarVenue implements Venue {
  readonly #options: BarVenueOptions;
  /** A handful: searched through, and walked once per bar set. */
  readonly #positions: SimPosition[] = [];
  readonly #pending: PendingOrder[] = [];
  readonly #resting: RestingLimit[] = [];
  /** What became of every order that ended, for look-ups. */
  readonly #reports = new Map<ClientOrderId, OrderReport>();
  readonly #fills: Fill[] = [];
  readonly #keepFills: boolean;
  #executions = 0;
  #events: VenueEvent[] = [];
  #timeMs = 0;
  #indexed: readonly InstrumentId[] = [];
  #indexes: ReadonlyMap<InstrumentId, number> = new Map();
  /** Fills above `PARTICIPATION_WARNING_FRAC` of their bar's volume. */
  participationWarnings = 0;
  /** Changes whenever `watched()` does. */
  watchVersion = 0;

  /** @param keepFills whether `fills()` and `lookup()` can answer for the past (paper, contract tests); backtests do without. */
  constructor(options: BarVenueOptions, keepFills = false) {
    this.#options = options;
    this.#keepFills = keepFills;
  }

  submit(order: OrderIntent): Answer {
    const refusal = this.#refusal(order);
    if (refusal !== null) return this.#refuse(order, refusal);
    const fate = drawFate(this.#options.disturbance);
    if (fate.answer === 'rejected') return this.#refuse(order, 'disturbance: refused');
    if (fate.answer === 'lost_absent') return { kind: 'unknown', reason: 'disturbance: no answer' };
    if (order.type === 'limit') this.#resting.push({ order, fate });
    else this.#pending.push({ order, fate, delayBars: fate.delayed ? 1 : 0 });
    this.watchVersion += 1;
    return fate.answer === 'accepted' ? { kind: 'accepted' } : { kind: 'unknown', reason: 'disturbance: answer lost' };
  }

  #refuse({ clientOrderId }: OrderIntent, reason: string): Answer {
    if (this.#keepFills) this.#reports.set(clientOrderId, { kind: 'rejected', reason });
    return { kind: 'rejected', reason };
  }

  /** Why the venue would refuse the order; null = it would not. */
  #refusal(order: OrderIntent): string | null {
    const { instrumentId, qty, reduceOnly, side } = order;
    const rules = this.#options.rulesAt(instrumentId, order.decidedMs);
    const position = this.#find(instrumentId);
    if (this.#isKnown(order.clientOrderId)) return 'duplicate client order id';
    if (!(qty > 0)) return 'quantity is not positive';
    if (floorToStep(qty, rules.qtyStep) !== qty) return `quantity is no multiple of ${rules.qtyStep}`;
    if (rules.marketQtyMax !== null && order.type === 'market' && qty > rules.marketQtyMax)
      return 'quantity above the market maximum';
    if (reduceOnly)
      return position === undefined || (position.side === 'long') === (side === 'buy') ? 'nothing to reduce' : null;
    if (qty < rules.qtyMin) return 'quantity below the minimum';
    if (qty * order.referencePrice < rules.notionalMinUsd) return 'order value below the minimum';
    return position === undefined ? null : 'instrument already has a position';
  }

  #isKnown(id: ClientOrderId): boolean {
    return (
      this.#reports.has(id) ||
      this.#pending.some(({ order }) => order.clientOrderId === id) ||
      this.#resting.some(({ order }) => order.clientOrderId === id)
    );
  }

  cancel(_instrumentId: InstrumentId, clientOrderId: ClientOrderId): Answer {
    const at = this.#resting.findIndex(({ order }) => order.clientOrderId === clientOrderId);
    if (at < 0) return { kind: 'rejected', reason: 'no such open order' };
    this.#resting.splice(at, 1);
    this.#report(clientOrderId, { kind: 'done', filledQty: 0 });
    return { kind: 'accepted' };
  }

  setProtection(instrumentId: InstrumentId, protection: Protection): Answer {
    const position = this.#find(instrumentId);
    if (position === undefined) return { kind: 'rejected', reason: 'no position' };
    position.protection = protection;
    return { kind: 'accepted' };
  }

  lookup(_instrumentId: InstrumentId, clientOrderId: ClientOrderId): OrderReport {
    const ended = this.#reports.get(clientOrderId);
    if (ended !== undefined) return ended;
    return this.#isKnown(clientOrderId) ? { kind: 'live', filledQty: 0 } : { kind: 'absent' };
  }

  openOrders(): readonly OpenOrder[] {
    return [...this.#pending, ...this.#resting].map(({ order }) => ({ ...order, filledQty: 0 }));
  }

  positions(): readonly VenuePosition[] {
    return this.#positions.map(({ instrumentId, side, qty, entryPrice, protection }) => ({
      instrumentId,
      side,
      qty,
      entryPrice,
      protection,
    }));
  }

  /** One position, without a list. */
  positionOf(instrumentId: InstrumentId): VenuePosition | undefined {
    return this.#find(instrumentId);
  }

  #find(instrumentId: InstrumentId): SimPosition | undefined {
    return this.#positions.find((position) => position.instrumentId === instrumentId);
  }

  fills(sinceMs: number): readonly Fill[] {
    invariant(this.#keepFills, 'a venue that answers for the past keeps its fills');
    return this.#fills.filter(({ timeMs }) => timeMs >= sinceMs);
  }

  /** True when nothing is held and nothing waits: a bar set changes nothing. */
  get isIdle(): boolean {
    return this.#positions.length === 0 && this.#pending.length === 0;
  }

  /** Instruments whose bars the next bar set must bring. */
  *watched(): Iterable<InstrumentId> {
    for (const { instrumentId } of this.#positions) yield instrumentId;
    for (const { order } of this.#pending) yield order.instrumentId;
  }

  /** Market orders of the previous instant at the open of the bars of this set: exits before entries. Events carry the open's time. */
  openBars(barSet: BarSet): readonly VenueEvent[] {
    if (this.#pending.length === 0) return NOTHING;
    const waiting = this.#pending.splice(0);
    this.watchVersion += 1;
    const unfilled: PendingOrder[] = [];
    for (const reducing of [true, false]) {
      for (const pending of waiting) {
        if (pending.order.reduceOnly === reducing && !this.#openOrder(barSet, pending)) unfilled.push(pending);
      }
    }
    for (const pending of unfilled) this.#keepOrExpire(pending, barSet.closeTimeMs);
    return this.#take();
  }

  /** Trades an order at the open of its bar; false when it has no bar in this set or is delayed. */
  #openOrder(barSet: BarSet, pending: PendingOrder): boolean {
    const bar = this.#barOf(barSet, pending.order.instrumentId);
    if (bar === null || pending.delayBars > 0) return false;
    this.#timeMs = bar.openTimeMs;
    if (pending.order.reduceOnly) this.#exitAtOpen(pending, bar);
    else this.#enterAtOpen(pending, bar);
    return true;
  }

  #keepOrExpire(pending: PendingOrder, closeTimeMs: number): void {
    const { order } = pending;
    pending.delayBars = Math.max(0, pending.delayBars - 1);
    if (order.expiresMs !== null && closeTimeMs >= order.expiresMs) this.#done(order, 0, closeTimeMs);
    else this.#pending.push(pending);
  }

  #enterAtOpen({ order, fate }: PendingOrder, bar: BarView): void {
    const price = this.#options.entryFill === 'next_open' ? bar.open : order.referencePrice;
    const side = order.side === 'buy' ? 'long' : 'short';
    const direction = directionOf(side);
    const { protection } = order;
    const beyond =
      protection !== null &&
      (direction * (price - protection.stopPrice) <= 0 ||
        (protection.targetPrice !== null && direction * (protection.targetPrice - price) <= 0));
    if (beyond || this.#find(order.instrumentId) !== undefined) {
      const reason = beyond ? 'open lies at or beyond stop or target' : 'instrument already has a position';
      this.#report(order.clientOrderId, { kind: 'rejected', reason });
      this.#events.push({ kind: 'order_rejected', timeMs: bar.openTimeMs, clientOrderId: order.clientOrderId, reason });
      return;
    }
    const fundingEvents = this.#options.fundingOf(order.instrumentId);
    const position: SimPosition = {
      instrumentId: order.instrumentId,
      index: bar.index,
      side,
      qty: 0,
      entryPrice: 0,
      protection: fate.stopMissing ? null : protection,
      fundedMs: bar.openTimeMs,
      nextFundingMs: nextFundingMs(fundingEvents, bar.openTimeMs),
      markPrice: price,
    };
    this.#positions.push(position);
    this.#execute(position, {
      cause: 'entry',
      price,
      qty: order.qty,
      order,
      fate,
      slips: this.#options.costs.slippageFrac,
      bar,
    });
    this.#done(order, order.qty, bar.openTimeMs);
  }

  #exitAtOpen({ order, fate }: PendingOrder, bar: BarView): void {
    const position = this.#find(order.instrumentId);
    const qty = position === undefined ? 0 : Math.min(order.qty, position.qty);
    if (position !== undefined && qty > 0) {
      this.#execute(position, {
        cause: 'exit',
        price: bar.open,
        qty,
        order,
        fate,
        slips: this.#options.costs.slippageFrac,
        bar,
      });
    }
    this.#done(order, qty, bar.openTimeMs);
  }

  /** Stops, targets and limit orders inside the bars of this set. Events carry the bars' close: when inside is not known. */
  tradeBars(barSet: BarSet): readonly VenueEvent[] {
    const positions = this.#positions;
    if (positions.length === 0) return NOTHING;
    this.#reindex(barSet);
    this.#timeMs = barSet.closeTimeMs;
    // backwards: a position that closes leaves the list
    for (let k = positions.length - 1; k >= 0; k -= 1) {
      const position = positions[k];
      const row = barSet.rows[position.index];
      const candles = barSet.candles[position.index];
      if (row < 0 || candles === null) continue;
      position.markPrice = candles.close[row];
      if (this.#resting.length > 0 || reaches(position, candles.high[row], candles.low[row]))
        this.#tradeBar(position, barSet);
    }
    return this.#take();
  }

  #tradeBar(position: SimPosition, barSet: BarSet): void {
    const bar = this.#barOf(barSet, position.instrumentId);
    invariant(bar !== null, 'a traded bar exists');
    const limit = this.#resting.find(({ order }) => order.instrumentId === position.instrumentId);
    const { tickSize } = this.#options.rulesAt(position.instrumentId, bar.openTimeMs);
    const triggers = triggersOf(bar, {
      side: position.side,
      protection: position.protection,
      limitPrice: limit === undefined ? null : limit.order.limitPrice,
      tickSize,
    });
    for (const trigger of triggers) this.#trigger(position, trigger, limit, bar);
  }

  #trigger(position: SimPosition, { cause, price }: BarTrigger, limit: RestingLimit | undefined, bar: BarView): void {
    if (!(position.qty > 0)) return;
    if (cause === 'tp1' && limit !== undefined) {
      const qty = Math.min(limit.order.qty, position.qty);
      this.#resting.splice(this.#resting.indexOf(limit), 1);
      this.#execute(position, { cause, price, qty, order: limit.order, fate: limit.fate, slips: 0, bar });
      this.#done(limit.order, qty, this.#timeMs);
      return;
    }
    this.#execute(position, {
      cause,
      price,
      qty: position.qty,
      order: null,
      fate: null,
      slips: this.#options.costs.stopSlippageFrac,
      bar,
    });
  }

  /** Funding due at or before the close of this bar set, at the close of the bar that ends then. */
  settle(closeTimeMs: number): readonly VenueEvent[] {
    for (const position of this.#positions) {
      if (closeTimeMs >= position.nextFundingMs) this.#settlePosition(position, closeTimeMs);
    }
    return this.#take();
  }

  #settlePosition(position: SimPosition, closeTimeMs: number): void {
    const events = this.#options.fundingOf(position.instrumentId);
    const due = fundingDue(events, position.fundedMs, closeTimeMs);
    const notional = position.qty * position.markPrice;
    const known = -directionOf(position.side) * due.rate * notional;
    const assumed = -due.assumedPeriods * this.#options.costs.assumedFundingFrac * notional;
    position.fundedMs = closeTimeMs;
    position.nextFundingMs = nextFundingMs(events, closeTimeMs);
    if (due.settlements === 0 && due.assumedPeriods === 0) return;
    this.#executions += 1;
    this.#events.push({
      kind: 'funding',
      timeMs: closeTimeMs,
      execId: `f${this.#executions}`,
      instrumentId: position.instrumentId,
      amountUsd: known + assumed,
      assumed: due.assumedPeriods > 0,
    });
  }

  /** Closes a position outside of trading: the instrument or the data end here. */
  closeOut(instrumentId: InstrumentId, cause: 'delisted' | 'end_of_data', timeMs: number): readonly VenueEvent[] {
    const position = this.#find(instrumentId);
    if (position === undefined) return NOTHING;
    this.#timeMs = timeMs;
    const bar = {
      index: position.index,
      openTimeMs: timeMs,
      open: position.markPrice,
      high: position.markPrice,
      low: position.markPrice,
      close: position.markPrice,
      volume: 0,
    };
    this.#execute(position, {
      cause,
      price: position.markPrice,
      qty: position.qty,
      order: null,
      fate: null,
      slips: this.#options.costs.slippageFrac,
      bar,
    });
    return this.#take();
  }

  #execute(position: SimPosition, execution: Execution): void {
    const parts =
      execution.fate?.split === true ? [execution.qty / 2, execution.qty - execution.qty / 2] : [execution.qty];
    for (const qty of parts) this.#executePart(position, { ...execution, qty });
    if (position.qty <= 0) {
      this.#positions.splice(this.#positions.indexOf(position), 1);
      this.watchVersion += 1;
      this.#dropResting(position.instrumentId);
    }
  }

  #executePart(position: SimPosition, { cause, price, qty, order, slips, bar }: Execution): void {
    const entering = cause === 'entry';
    const buys = entering === (position.side === 'long');
    const side = buys ? 'buy' : 'sell';
    const { feeFrac, impactFrac } = this.#options.costs;
    const filled =
      slips === 0
        ? price
        : marketFillPrice({ side, price, qty, barVolume: bar.volume, slippageFrac: slips }, impactFrac);
    if (cause !== 'end_of_data' && qty > PARTICIPATION_WARNING_FRAC * bar.volume) this.participationWarnings += 1;
    const held = position.qty;
    position.qty = entering ? held + qty : Math.max(0, held - qty);
    // what is left of a closed position is a rounding error of the halves
    if (!entering && position.qty < 1e-12 * held) position.qty = 0;
    if (entering) position.entryPrice = (position.entryPrice * held + filled * qty) / (held + qty);
    position.markPrice = filled;
    this.#executions += 1;
    const fill: Fill = {
      execId: `x${this.#executions}`,
      timeMs: this.#timeMs,
      instrumentId: position.instrumentId,
      clientOrderId: order === null ? null : order.clientOrderId,
      cause,
      side,
      price: filled,
      qty,
      feeUsd: filled * qty * feeFrac,
      slippageUsd: Math.abs(filled - price) * qty,
    };
    if (this.#keepFills) this.#fills.push(fill);
    this.#events.push({ kind: 'fill', timeMs: this.#timeMs, fill });
  }

  #dropResting(instrumentId: InstrumentId): void {
    for (let k = this.#resting.length - 1; k >= 0; k -= 1) {
      if (this.#resting[k].order.instrumentId !== instrumentId) continue;
      const [{ order }] = this.#resting.splice(k, 1);
      this.#report(order.clientOrderId, { kind: 'done', filledQty: 0 });
    }
  }

  #done(order: OrderIntent, filledQty: number, timeMs: number): void {
    this.#report(order.clientOrderId, { kind: 'done', filledQty });
    this.#events.push({ kind: 'order_done', timeMs, clientOrderId: order.clientOrderId, filledQty });
  }

  #report(id: ClientOrderId, report: OrderReport): void {
    if (this.#keepFills) this.#reports.set(id, report);
  }

  #take(): readonly VenueEvent[] {
    if (this.#events.length === 0) return NOTHING;
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** Bar sets share their list of instruments; a new list means new positions in it. */
  #reindex({ instruments }: BarSet): void {
    if (this.#indexed === instruments) return;
    this.#indexed = instruments;
    this.#indexes = new Map(instruments.map((id, index) => [id, index]));
    for (const position of this.#positions) position.index = this.#indexes.get(position.instrumentId) ?? -1;
  }

  #barOf(barSet: BarSet, instrumentId: InstrumentId): BarView | null {
    this.#reindex(barSet);
    const index = this.#indexes.get(instrumentId) ?? -1;
    const row = index < 0 ? -1 : barSet.rows[index];
    const candles = index < 0 ? null : barSet.candles[index];
    if (row < 0 || candles === null) return null;
    return {
      index,
      openTimeMs: candles.openTimeMs[row],
      open: candles.open[row],
      high: candles.high[row],
      low: candles.low[row],
      close: candles.close[row],
      volume: candles.volume[row],
    };
  }
}

/** Whether a bar comes as far as the stop or the target: most bars do not. */
function reaches({ side, protection }: SimPosition, high: number, low: number): boolean {
  if (protection === null) return false;
  const { stopPrice, targetPrice } = protection;
  if (side === 'long') return low <= stopPrice || (targetPrice !== null && high >= targetPrice);
  return high >= stopPrice || (targetPrice !== null && low <= targetPrice);
}

interface Execution {
  readonly cause: FillCause;
  /** Price without slippage. */
  readonly price: number;
  readonly qty: number;
  readonly order: OrderIntent | null;
  readonly fate: Fate | null;
  /** Slippage fraction; 0 = a limit order at its price. */
  readonly slips: number;
  readonly bar: BarView;
}
