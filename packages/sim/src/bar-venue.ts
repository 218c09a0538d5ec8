/**
 * A venue made of bars: the simulator of backtests and of paper trading. It never sees a bar before the bar has closed; what
 * happened inside is told in the order in which it can have happened, doubtful cases against us:
 *
 *   openBars    market orders of the previous instant trade at the open, exits before entries;
 *   tradeBars   gaps at the open, then stop before targets, first target before final target;
 *   settle      funding that fell due.
 *
 * What an execution inside a bar causes takes effect from the next bar on, for commands arrive between these calls. A fill at the
 * open belongs to the instant before: what it causes (first target, re-anchored stop) is in place for the bar that it opens.
 * A position is liquidated where its isolated margin ends before its stop does: a stop that went missing, or an entry that filled
 * far from its reference (the engine refuses plans that would come to it). A gap beyond both trades at the open as a stop, which is
 * worse than the margin that isolated liquidation would take.
 */
import {
  directionOf,
  invariant,
  type Answer,
  type BarSet,
  type ClientOrderId,
  type Fill,
  type InstrumentId,
  type OpenOrder,
  type OrderIntent,
  type OrderReport,
  type Protection,
  type Venue,
  type VenueEvent,
  type VenuePosition,
} from '@donch/core';
import { BarLookup, type BarView } from './bar-lookup.ts';
import { PARTICIPATION_WARNING_FRAC, type CostSettings } from './costs.ts';
import { drawFate, drawProtectionRefused, type DisturbanceOptions } from './disturbance.ts';
import { fundingDue, nextFundingMs, type FundingOf } from './funding.ts';
import type { RulesAt } from './instrument-rules.ts';
import { triggersOf, type BarTrigger, type RestingPrices } from './intrabar.ts';
import { liquidationOf } from './liquidation.ts';
import { isInDoubt, triggersByMinute, type MinuteBarsOf } from './minute-bars.ts';
import { quietBand, quietRows } from './quiet-band.ts';
import {
  changePosition,
  isBeyond,
  reaches,
  reduces,
  refusalOf,
  type Execution,
  type SimOrder,
  type SimPosition,
} from './sim-position.ts';
import { VenueLog } from './venue-log.ts';

export interface BarVenueOptions {
  readonly costs: CostSettings;
  readonly rulesAt: RulesAt;
  readonly fundingOf: FundingOf;
  /** `signal_close` fills entries at the reference price: cannot be traded, for comparisons with older systems only. */
  readonly entryFill: 'next_open' | 'signal_close';
  readonly disturbance: DisturbanceOptions | null;
  /** Decides what came first inside a bar where it can; missing or null = `TIE_BREAKER` alone. */
  readonly minuteBarsOf?: MinuteBarsOf | null;
}

/** A market order that waits for the open of its instrument's next bar. */
interface PendingOrder extends SimOrder {
  delayBars: number;
}

/** A bar that comes as far as something that rests on the position. */
interface TradedBar {
  readonly bar: BarView;
  readonly intervalMs: number;
  readonly resting: RestingPrices;
}

const NOTHING: readonly VenueEvent[] = [];

export class BarVenue implements Venue {
  readonly #options: BarVenueOptions;
  /** In order of their entry. */
  readonly #positions: SimPosition[] = [];
  readonly #byInstrument = new Map<InstrumentId, SimPosition>();
  readonly #pending: PendingOrder[] = [];
  readonly #bars = new BarLookup();
  #barsVersion = 0;
  readonly #log: VenueLog;
  readonly #keepsReports: boolean;
  /** Time that fills carry. */
  #timeMs = 0;
  /** Fills above `PARTICIPATION_WARNING_FRAC` of their bar's volume. */
  participationWarnings = 0;
  /** Exits inside bars that came as far as the stop and as far as a target: told by 1m bars, or left to the tie-breaker. */
  readonly doubtfulExits = { byMinutes: 0, byTieBreaker: 0 };
  /** Instruments of which `isWatched` may have changed; who brings the bars takes them off. */
  readonly watchChanges = new Set<InstrumentId>();

  /** @param keepsFills whether `fills()` and `lookup()` can answer for the past (paper, contract tests); backtests do without. */
  constructor(options: BarVenueOptions, keepsFills = false) {
    this.#options = options;
    // orders without a certain answer are looked up
    this.#keepsReports = keepsFills || options.disturbance !== null;
    this.#log = new VenueLog({ keepsFills, keepsReports: this.#keepsReports });
  }

  submit(order: OrderIntent): Answer {
    const rules = this.#options.rulesAt(order.instrumentId, order.decidedMs);
    const position = this.#find(order.instrumentId);
    // the order that has the id stays what it is
    if (this.#isKnown(order.clientOrderId)) return { kind: 'rejected', reason: 'duplicate client order id' };
    const refusal = refusalOf(order, rules, position);
    if (refusal !== null) return this.#refuse(order, refusal);
    const fate = drawFate(this.#options.disturbance);
    if (fate.answer === 'rejected') return this.#refuse(order, 'disturbance: refused');
    if (fate.answer === 'lost_absent') return { kind: 'unknown', reason: 'disturbance: no answer' };
    if (order.type === 'limit' && position !== undefined) position.limit = { order, fate };
    else {
      this.#pending.push({ order, fate, delayBars: fate.delayed ? 1 : 0 });
      if (position === undefined) this.watchChanges.add(order.instrumentId);
    }
    return fate.answer === 'accepted' ? { kind: 'accepted' } : { kind: 'unknown', reason: 'disturbance: answer lost' };
  }

  #refuse({ clientOrderId }: OrderIntent, reason: string): Answer {
    this.#log.report(clientOrderId, { kind: 'rejected', reason });
    return { kind: 'rejected', reason };
  }

  #isKnown(id: ClientOrderId): boolean {
    return this.#log.reportOf(id) !== undefined || this.#openOrder(id) !== undefined;
  }

  #openOrder(id: ClientOrderId): OrderIntent | undefined {
    const pending = this.#pending.find(({ order }) => order.clientOrderId === id);
    return (pending ?? this.#positions.find(({ limit }) => limit?.order.clientOrderId === id)?.limit ?? undefined)
      ?.order;
  }

  cancel(instrumentId: InstrumentId, clientOrderId: ClientOrderId): Answer {
    const at = this.#pending.findIndex(({ order }) => order.clientOrderId === clientOrderId);
    const position = this.#positions.find(({ limit }) => limit?.order.clientOrderId === clientOrderId);
    if (at >= 0) this.#pending.splice(at, 1);
    else if (position !== undefined) position.limit = null;
    else return { kind: 'rejected', reason: 'no such open order' };
    this.watchChanges.add(instrumentId);
    this.#log.report(clientOrderId, { kind: 'done', filledQty: 0 });
    return { kind: 'accepted' };
  }

  setProtection(instrumentId: InstrumentId, protection: Protection): Answer {
    const position = this.#find(instrumentId);
    if (position === undefined) return { kind: 'rejected', reason: 'no position' };
    if (drawProtectionRefused(this.#options.disturbance)) return { kind: 'rejected', reason: 'disturbance: refused' };
    position.protection = protection;
    return { kind: 'accepted' };
  }

  lookup(_instrumentId: InstrumentId, clientOrderId: ClientOrderId): OrderReport {
    invariant(this.#keepsReports, 'a venue that answers for the past keeps its reports');
    const ended = this.#log.reportOf(clientOrderId);
    if (ended !== undefined) return ended;
    return this.#openOrder(clientOrderId) === undefined ? { kind: 'absent' } : { kind: 'live', filledQty: 0 };
  }

  openOrders(): readonly OpenOrder[] {
    const limits = this.#positions.flatMap(({ limit }) => (limit === null ? [] : [limit]));
    return [...this.#pending, ...limits].map(({ order }) => ({ ...order, filledQty: 0 }));
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
    return this.#byInstrument.get(instrumentId);
  }

  fills(sinceMs: number): readonly Fill[] {
    return this.#log.fillsSince(sinceMs);
  }

  /** True when nothing is held and nothing waits: a bar set changes nothing. */
  get isIdle(): boolean {
    return this.#positions.length === 0 && this.#pending.length === 0;
  }

  get holdsPositions(): boolean {
    return this.#positions.length > 0;
  }

  /**
   * First instant at which the venue may do something whatever prices do: `-Infinity` while an order waits, and always where chance
   * has a say.
   */
  get quietUntilMs(): number {
    if (this.#pending.length > 0 || this.#options.disturbance !== null) return -Infinity;
    let untilMs = Infinity;
    for (const { nextFundingMs: dueMs } of this.#positions) if (dueMs < untilMs) untilMs = dueMs;
    return untilMs;
  }

  /** How many bar sets after this one, `barSets` at most, bring no bar that comes as far as anything that rests here. */
  quietBarSets(barSet: BarSet, barSets: number): number {
    if (this.#positions.length > 0) this.#reindex(barSet);
    let quiet = barSets;
    for (const position of this.#positions) {
      if (quiet === 0) break;
      const row = barSet.rows[position.index];
      const candles = barSet.candles[position.index];
      quiet = row < 0 || candles === null ? 0 : quietRows(quietBand(position, candles, row + 1), row + 1, quiet);
    }
    return quiet;
  }

  /** Takes bar sets at once, this one first: the others bring nothing that trades or falls due (`quietUntilMs`, `quietBarSets`). */
  passQuiet(barSet: BarSet, barSets: number): void {
    for (const position of this.#positions) {
      const candles = barSet.candles[position.index];
      invariant(candles !== null, 'a position that is passed over has its bars');
      position.markPrice = candles.close[barSet.rows[position.index] + barSets - 1];
    }
  }

  /** Whether the next bar set must bring the bar of an instrument: it is held, or an order waits for its open. */
  isWatched(instrumentId: InstrumentId): boolean {
    return (
      this.#byInstrument.has(instrumentId) || this.#pending.some(({ order }) => order.instrumentId === instrumentId)
    );
  }

  /** Market orders of the previous instant at the open of the bars of this set: exits before entries. Events carry the open's time. */
  openBars(barSet: BarSet): readonly VenueEvent[] {
    if (this.#pending.length === 0) return NOTHING;
    const waiting = this.#pending.splice(0);
    const unfilled: PendingOrder[] = [];
    for (const reducing of [true, false]) {
      for (const pending of waiting) {
        if (pending.order.reduceOnly !== reducing) continue;
        if (!this.#tradeAtOpen(barSet, pending)) unfilled.push(pending);
        else if (this.#find(pending.order.instrumentId) === undefined)
          this.watchChanges.add(pending.order.instrumentId);
      }
    }
    for (const pending of unfilled) this.#keepOrExpire(pending, barSet.closeTimeMs);
    return this.#log.take();
  }

  /** Trades an order at the open of its bar; false when it has no bar in this set or is delayed. */
  #tradeAtOpen(barSet: BarSet, pending: PendingOrder): boolean {
    const bar = this.#bars.barOf(barSet, pending.order.instrumentId);
    if (bar === null || pending.delayBars > 0) return false;
    this.#timeMs = bar.openTimeMs;
    if (pending.order.reduceOnly) this.#exitAtOpen(pending, bar);
    else this.#enterAtOpen(pending, bar);
    return true;
  }

  #keepOrExpire(pending: PendingOrder, closeTimeMs: number): void {
    const { order } = pending;
    pending.delayBars = Math.max(0, pending.delayBars - 1);
    if (order.expiresMs === null || closeTimeMs < order.expiresMs) {
      this.#pending.push(pending);
      return;
    }
    this.watchChanges.add(order.instrumentId);
    this.#log.done(order.clientOrderId, 0, closeTimeMs);
  }

  #enterAtOpen(pending: PendingOrder, bar: BarView): void {
    const { order, fate } = pending;
    const { entryFill, costs, fundingOf } = this.#options;
    const price = entryFill === 'next_open' ? bar.open : order.referencePrice;
    const side = order.side === 'buy' ? 'long' : 'short';
    if (isBeyond(price, side, order.protection))
      return this.#log.refused(order.clientOrderId, 'open lies at or beyond stop or target', bar.openTimeMs);
    if (this.#find(order.instrumentId) !== undefined)
      return this.#log.refused(order.clientOrderId, 'instrument already has a position', bar.openTimeMs);
    const position: SimPosition = {
      instrumentId: order.instrumentId,
      index: bar.index,
      side,
      qty: 0,
      entryPrice: 0,
      protection: fate.stopMissing ? null : order.protection,
      liquidation: null,
      limit: null,
      fundedMs: bar.openTimeMs,
      nextFundingMs: nextFundingMs(fundingOf(order.instrumentId), bar.openTimeMs),
      markPrice: price,
      band: null,
    };
    this.#positions.push(position);
    this.#byInstrument.set(order.instrumentId, position);
    const { slippageFrac } = costs;
    this.#execute(position, {
      cause: 'entry',
      price,
      qty: order.qty,
      order: pending,
      slippageFrac,
      barVolume: bar.volume,
    });
    const { leverage } = order;
    if (leverage !== null)
      position.liquidation = liquidationOf(
        { side, entryPrice: position.entryPrice, leverage },
        this.#options.rulesAt(order.instrumentId, bar.openTimeMs),
      );
    this.#log.done(order.clientOrderId, order.qty, bar.openTimeMs);
    return undefined;
  }

  /** A reduce-only order trades what there is to reduce, and nothing else. */
  #exitAtOpen(pending: PendingOrder, bar: BarView): void {
    const { order } = pending;
    const position = this.#find(order.instrumentId);
    const qty = position !== undefined && reduces(position, order.side) ? Math.min(order.qty, position.qty) : 0;
    if (position !== undefined && qty > 0) {
      const { slippageFrac } = this.#options.costs;
      this.#execute(position, {
        cause: 'exit',
        price: bar.open,
        qty,
        order: pending,
        slippageFrac,
        barVolume: bar.volume,
      });
    }
    this.#log.done(order.clientOrderId, qty, bar.openTimeMs);
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
      if (reaches(position, candles.high[row], candles.low[row])) this.#tradeBar(position, barSet);
    }
    return this.#log.take();
  }

  #reindex(barSet: BarSet): void {
    this.#bars.use(barSet);
    if (this.#barsVersion === this.#bars.version) return;
    this.#barsVersion = this.#bars.version;
    for (const position of this.#positions) {
      position.index = this.#bars.indexOf(position.instrumentId);
      invariant(position.index >= 0, 'a bar set lists every instrument that is held');
    }
  }

  #tradeBar(position: SimPosition, barSet: BarSet): void {
    const bar = this.#bars.barOf(barSet, position.instrumentId);
    invariant(bar !== null, 'a traded bar exists');
    const { side, protection, limit, liquidation } = position;
    const { tickSize } = this.#options.rulesAt(position.instrumentId, bar.openTimeMs);
    const limitPrice = limit === null ? null : limit.order.limitPrice;
    const resting = { side, protection, limitPrice, tickSize, liquidation };
    const intervalMs = barSet.closeTimeMs - bar.openTimeMs;
    for (const trigger of this.#triggersOf(position.instrumentId, { bar, intervalMs, resting }))
      this.#trigger(position, trigger, bar);
  }

  #triggersOf(instrumentId: InstrumentId, { bar, intervalMs, resting }: TradedBar): readonly BarTrigger[] {
    const triggers = triggersOf(bar, resting);
    if (triggers.length === 0 || !isInDoubt(bar, resting)) return triggers;
    const minutes = this.#options.minuteBarsOf?.(instrumentId) ?? null;
    const told = minutes === null ? null : triggersByMinute(bar, intervalMs, resting, minutes);
    this.doubtfulExits[told === null ? 'byTieBreaker' : 'byMinutes'] += 1;
    return told ?? triggers;
  }

  #trigger(position: SimPosition, { cause, price }: BarTrigger, { volume }: BarView): void {
    const { limit } = position;
    if (cause === 'tp1' && limit !== null) {
      const qty = Math.min(limit.order.qty, position.qty);
      position.limit = null;
      this.#execute(position, { cause, price, qty, order: limit, slippageFrac: null, barVolume: volume });
      this.#log.done(limit.order.clientOrderId, qty, this.#timeMs);
    } else if (position.qty > 0) {
      // a liquidation is booked at its price, whatever the market does
      const slippageFrac = cause === 'liquidation' ? null : this.#options.costs.stopSlippageFrac;
      const { qty } = position;
      this.#execute(position, { cause, price, qty, order: null, slippageFrac, barVolume: volume });
    }
  }

  /** Funding due at or before the close of this bar set, at the close of the bar that ends then (the last one, where it is missing). */
  settle(closeTimeMs: number): readonly VenueEvent[] {
    for (const position of this.#positions) {
      if (closeTimeMs >= position.nextFundingMs) this.#settlePosition(position, closeTimeMs);
    }
    return this.#log.take();
  }

  #settlePosition(position: SimPosition, closeTimeMs: number): void {
    const { instrumentId, side, qty, markPrice, fundedMs } = position;
    const events = this.#options.fundingOf(instrumentId);
    const due = fundingDue(events, fundedMs, closeTimeMs);
    position.fundedMs = closeTimeMs;
    position.nextFundingMs = nextFundingMs(events, closeTimeMs);
    if (due.settlements === 0 && due.assumedPeriods === 0) return;
    const assumedFrac = due.assumedPeriods * this.#options.costs.assumedFundingFrac;
    this.#log.funding({
      timeMs: closeTimeMs,
      instrumentId,
      amountUsd: -(directionOf(side) * due.rate + assumedFrac) * qty * markPrice,
      assumed: due.assumedPeriods > 0,
    });
  }

  /** What a look at all positions shows: the stop and target of each, or that there is none. */
  inspect(timeMs: number): readonly VenueEvent[] {
    return this.#positions.map(({ instrumentId, protection }) =>
      protection === null
        ? { kind: 'protection_missing', timeMs, instrumentId, reason: 'the position shows no stop' }
        : { kind: 'protection_verified', timeMs, instrumentId, protection },
    );
  }

  /** Closes a position at its last close, outside of trading (no impact, no volume): the instrument or the data end here. */
  closeOut(instrumentId: InstrumentId, cause: 'delisted' | 'end_of_data', timeMs: number): readonly VenueEvent[] {
    const position = this.#find(instrumentId);
    if (position === undefined) return NOTHING;
    this.#timeMs = timeMs;
    const { markPrice: price, qty } = position;
    const { slippageFrac } = this.#options.costs;
    this.#execute(position, { cause, price, qty, order: null, slippageFrac, barVolume: Number.NaN });
    return this.#log.take();
  }

  #execute(position: SimPosition, execution: Execution): void {
    const { qty, order } = execution;
    if (order?.fate.split !== true) this.#executePart(position, execution);
    else for (const part of [qty / 2, qty - qty / 2]) this.#executePart(position, { ...execution, qty: part });
    if (position.qty > 0) return;
    this.#positions.splice(this.#positions.indexOf(position), 1);
    this.#byInstrument.delete(position.instrumentId);
    this.watchChanges.add(position.instrumentId);
    if (position.limit !== null) this.#log.report(position.limit.order.clientOrderId, { kind: 'done', filledQty: 0 });
  }

  #executePart(position: SimPosition, execution: Execution): void {
    const { cause, price, qty, order, barVolume } = execution;
    const { side, filledPrice } = changePosition(position, execution, this.#options.costs);
    if (qty > PARTICIPATION_WARNING_FRAC * barVolume) this.participationWarnings += 1;
    this.#log.execution({
      timeMs: this.#timeMs,
      instrumentId: position.instrumentId,
      clientOrderId: order === null ? null : order.order.clientOrderId,
      cause,
      side,
      price: filledPrice,
      qty,
      feeUsd: filledPrice * qty * this.#options.costs.feeFrac,
      slippageUsd: Math.abs(filledPrice - price) * qty,
    });
  }
}
