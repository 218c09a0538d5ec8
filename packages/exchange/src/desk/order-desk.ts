/**
 * The order desk: performs what the engine commands on a venue that answers late, never, or twice, and tells the engine what is
 * certain. It decides nothing about trading; what it decides is when a look-up is proof.
 *
 * - A submit without a certain answer is looked up until it is found, or until nobody can accept it any more: the fence (last moment
 *   at which the venue may take the request, plus the longest delay until an order can be seen), several clean look-ups behind it,
 *   and a position that is what our fills make of it.
 * - Every order is watched until it has ended; fills come first, the end of the order second.
 * - Fills and funding are the ledger: each execution once, in order of time, found again by an overlap of the questions.
 * - Every round looks at all positions: stop and target there or not, positions that no trade explains.
 */
import type {
  Answer,
  ClientOrderId,
  InstrumentId,
  OrderIntent,
  Protection,
  VenueCommand,
  VenueEvent,
  VenuePosition,
} from '@donch/core';
import type { DeskOptions } from './desk-options.ts';
import { ForeignWatch } from './foreign-watch.ts';
import { isSameQty, QTY_NOISE_FRAC, signedQty } from './quantity.ts';

/** An order that may still trade. */
interface Watched {
  readonly instrumentId: InstrumentId;
  /** Nothing of it was executed before. */
  readonly decidedMs: number;
  /** Last moment at which its request may have left. */
  sentMs: number;
  state: 'sending' | 'live' | 'unknown';
  /** The venue has said once that it has the order: absence then means that its rows are gone. */
  wasSeen: boolean;
  cleanMisses: number;
}

/** On top of the receive window: the venue's clock may be ahead of ours by as much. */
const CLOCK_SLACK_MS = 1_000;

export class OrderDesk {
  readonly #options: DeskOptions;
  readonly #watched = new Map<ClientOrderId, Watched>();
  /** Executions told, by id, with their time. */
  readonly #told = new Map<string, number>();
  #ledgerFromMs: number;
  readonly #foreign = new ForeignWatch();
  /** Last command of each instrument. */
  readonly #chains = new Map<InstrumentId, Promise<void>>();
  #isClosed = false;

  /** @param ledgerFromMs executions from here on are told: the start of the session, or what its journal has booked, with an overlap. */
  constructor(options: DeskOptions, ledgerFromMs: number) {
    this.#options = options;
    this.#ledgerFromMs = ledgerFromMs;
  }

  /**
   * Orders of before a restart: whatever the journal says of them, it is not known whether their requests left. Executions are asked
   * for from the oldest open trade or order on: the venue may not have told them for long before the end of the last run.
   */
  recover(): void {
    const { book, clock, fence } = this.#options;
    const sentMs = clock.nowMs();
    const { intents, trades } = book();
    for (const { decisionTimeMs } of trades)
      this.#ledgerFromMs = Math.min(this.#ledgerFromMs, decisionTimeMs - fence.overlapMs);
    for (const { order } of intents) {
      this.#ledgerFromMs = Math.min(this.#ledgerFromMs, order.decidedMs - fence.overlapMs);
      this.#watched.set(order.clientOrderId, {
        instrumentId: order.instrumentId,
        decidedMs: order.decidedMs,
        sentMs,
        state: 'unknown',
        wasSeen: false,
        cleanMisses: 0,
      });
    }
  }

  /** From now on nothing is told and nothing new is sent. */
  close(): void {
    this.#isClosed = true;
  }

  /** True while orders wait for an answer or for their end: the next round should come soon. */
  get isWaiting(): boolean {
    return this.#watched.size > 0;
  }

  /**
   * Performs one command, behind the ones of the same instrument and beside those of all others. The caller has journaled what led to
   * it. Resolves when it was answered or given up; never rejects.
   */
  perform(command: VenueCommand): Promise<void> {
    const instrumentId = command.kind === 'submit' ? command.order.instrumentId : command.instrumentId;
    const before = this.#chains.get(instrumentId) ?? Promise.resolve();
    const after = before.then(() => this.#performNow(command));
    this.#chains.set(instrumentId, after);
    return after;
  }

  async #performNow(command: VenueCommand): Promise<void> {
    if (this.#isClosed) return;
    try {
      await this.#dispatch(command);
    } catch (error) {
      this.#tellProblem(
        `${command.kind} ${command.kind === 'submit' ? command.order.clientOrderId : command.instrumentId}: ${textOf(error)}`,
      );
    }
  }

  async #dispatch(command: VenueCommand): Promise<void> {
    const { venue } = this.#options;
    switch (command.kind) {
      case 'submit':
        return this.#submit(command.order);
      case 'cancel':
        // what became of it is seen by watching the order
        return void (await venue.cancel(command.instrumentId, command.clientOrderId));
      case 'set_protection':
        return this.#protect(command.instrumentId, command.protection);
      case 'verify_protection':
        return this.#inspectPositions();
      case 'lookup':
        // watched already, and asked about in every round
        return undefined;
    }
  }

  async #submit(order: OrderIntent): Promise<void> {
    const { venue, clock } = this.#options;
    const { clientOrderId, instrumentId, decidedMs } = order;
    const watched: Watched = {
      instrumentId,
      decidedMs,
      sentMs: clock.nowMs(),
      state: 'sending',
      wasSeen: false,
      cleanMisses: 0,
    };
    this.#watched.set(clientOrderId, watched);
    const answer: Answer = await this.#asked(() => venue.submit(order));
    // the last moment at which it can have left: a wait for the rate limit lies before it
    watched.sentMs = clock.nowMs();
    if (answer.kind === 'rejected') this.#watched.delete(clientOrderId);
    else watched.state = answer.kind === 'accepted' ? 'live' : 'unknown';
    watched.wasSeen = answer.kind === 'accepted';
    const timeMs = clock.nowMs();
    if (answer.kind === 'accepted') this.#emit({ kind: 'order_accepted', timeMs, clientOrderId });
    else
      this.#emit({
        kind: answer.kind === 'rejected' ? 'order_rejected' : 'order_unknown',
        timeMs,
        clientOrderId,
        reason: answer.reason,
      });
  }

  /** An exception while changing something says nothing about what happened. */
  async #asked(change: () => Answer | Promise<Answer>): Promise<Answer> {
    try {
      return await change();
    } catch (error) {
      return { kind: 'unknown', reason: textOf(error) };
    }
  }

  async #protect(instrumentId: InstrumentId, protection: Protection): Promise<void> {
    const answer = await this.#asked(() => this.#options.venue.setProtection(instrumentId, protection));
    const timeMs = this.#options.clock.nowMs();
    if (answer.kind === 'accepted') this.#emit({ kind: 'protection_verified', timeMs, instrumentId, protection });
    else if (answer.kind === 'rejected' && answer.stopPassed === true)
      this.#emit({ kind: 'stop_passed', timeMs, instrumentId, reason: answer.reason });
    else this.#tellProblem(`stop of ${instrumentId}: ${answer.reason}`);
  }

  /** One round: executions, orders, positions. Each part that the venue does not answer waits for the next round. */
  async round(): Promise<void> {
    for (const part of [() => this.#tellExecutions(), () => this.#watchOrders(), () => this.#inspectPositions()]) {
      if (this.#isClosed) return;
      try {
        await part();
      } catch (error) {
        this.#tellProblem(textOf(error));
      }
    }
  }

  async #tellExecutions(sinceMs = this.#ledgerFromMs): Promise<void> {
    const { venue, clock, fence } = this.#options;
    const askedMs = clock.nowMs();
    const { fills, funding } = await venue.executions(sinceMs);
    const events: VenueEvent[] = [
      ...fills.map((fill): VenueEvent => ({ kind: 'fill', timeMs: fill.timeMs, fill })),
      ...funding,
    ];
    events.sort((a, b) => a.timeMs - b.timeMs);
    for (const event of events) {
      const execId = event.kind === 'fill' ? event.fill.execId : event.kind === 'funding' ? event.execId : '';
      if (this.#told.has(execId)) continue;
      this.#told.set(execId, event.timeMs);
      this.#emit({ ...event, timeMs: clock.nowMs() });
    }
    this.#ledgerFromMs = Math.max(this.#ledgerFromMs, askedMs - fence.overlapMs);
    this.#forgetTold();
  }

  /** Executions that no question reaches any more: the end of an order asks from its beginning on. */
  #forgetTold(): void {
    const { overlapMs } = this.#options.fence;
    let oldestMs = this.#ledgerFromMs;
    for (const { decidedMs } of this.#watched.values()) oldestMs = Math.min(oldestMs, decidedMs - overlapMs);
    for (const [execId, timeMs] of this.#told) if (timeMs < oldestMs - overlapMs) this.#told.delete(execId);
  }

  async #watchOrders(): Promise<void> {
    if (this.#watched.size === 0) return;
    const open = new Set((await this.#options.venue.openOrders()).map(({ clientOrderId }) => clientOrderId));
    for (const [id, watched] of this.#watched) {
      if (this.#isClosed) return;
      if (watched.state === 'sending') continue;
      if (!open.has(id)) await this.#lookUp(id, watched);
      else if (watched.state === 'unknown') this.#found(id, watched);
    }
  }

  #found(clientOrderId: ClientOrderId, watched: Watched): void {
    watched.state = 'live';
    watched.wasSeen = true;
    watched.cleanMisses = 0;
    this.#emit({ kind: 'order_accepted', timeMs: this.#options.clock.nowMs(), clientOrderId });
  }

  async #lookUp(clientOrderId: ClientOrderId, watched: Watched): Promise<void> {
    const { venue, clock } = this.#options;
    const askedMs = clock.nowMs();
    const report = await venue.lookup(watched.instrumentId, clientOrderId);
    switch (report.kind) {
      case 'live':
        if (watched.state === 'unknown') this.#found(clientOrderId, watched);
        return undefined;
      case 'done':
        return this.#ended(clientOrderId, watched, report.filledQty);
      case 'rejected':
        this.#watched.delete(clientOrderId);
        this.#emit({ kind: 'order_rejected', timeMs: clock.nowMs(), clientOrderId, reason: report.reason });
        return undefined;
      case 'absent':
        return this.#missed(clientOrderId, watched, askedMs);
    }
  }

  /** Fills first: they must be booked when the engine hears that the order has ended. */
  async #ended(clientOrderId: ClientOrderId, watched: Watched, filledQty: number): Promise<void> {
    await this.#tellExecutionsOf(watched);
    const told = this.#bookedQty(clientOrderId);
    if (told !== null && told < filledQty * (1 - QTY_NOISE_FRAC)) return; // the executions are not all visible yet
    this.#watched.delete(clientOrderId);
    this.#emit({ kind: 'order_done', timeMs: this.#options.clock.nowMs(), clientOrderId, filledQty });
  }

  async #tellExecutionsOf({ decidedMs }: Watched): Promise<void> {
    await this.#tellExecutions(Math.min(this.#ledgerFromMs, decidedMs - this.#options.fence.overlapMs));
  }

  /** What the engine has booked of an order; null = it does not hold the order any more. */
  #bookedQty(clientOrderId: ClientOrderId): number | null {
    const intent = this.#options.book().intents.find(({ order }) => order.clientOrderId === clientOrderId);
    return intent === undefined ? null : intent.filledQty;
  }

  /** A clean look-up that found no trace: of an order that cannot be seen yet, or of one that never was. */
  async #missed(clientOrderId: ClientOrderId, watched: Watched, askedMs: number): Promise<void> {
    const { fence, clock } = this.#options;
    const fenceMs = watched.sentMs + fence.recvWindowMs + CLOCK_SLACK_MS + fence.visibilityMs;
    if (askedMs <= fenceMs) return;
    watched.cleanMisses += 1;
    if (watched.cleanMisses < fence.cleanMissesMin || !(await this.#positionIsExplained(watched))) return;
    const filledQty = this.#bookedQty(clientOrderId) ?? 0;
    this.#watched.delete(clientOrderId);
    const timeMs = clock.nowMs();
    if (watched.wasSeen || filledQty > 0) this.#emit({ kind: 'order_done', timeMs, clientOrderId, filledQty });
    else this.#emit({ kind: 'order_never', timeMs, clientOrderId });
  }

  async #positionIsExplained(watched: Watched): Promise<boolean> {
    const { instrumentId } = watched;
    await this.#tellExecutionsOf(watched);
    const positions = await this.#options.venue.positions();
    const held = positions.find((position) => position.instrumentId === instrumentId);
    return isSameQty(signedQty(held), this.#bookedPosition(instrumentId));
  }

  #bookedPosition(instrumentId: InstrumentId): number {
    const trade = this.#options.book().trades.find((one) => one.instrumentId === instrumentId);
    return trade === undefined ? 0 : trade.side === 'long' ? trade.qtyOpen : 0 - trade.qtyOpen;
  }

  async #inspectPositions(): Promise<void> {
    const { venue, clock } = this.#options;
    const positions = await venue.positions();
    const timeMs = clock.nowMs();
    for (const { instrumentId, qtyOpen, protection } of this.#options.book().trades) {
      const held = positions.find((position) => position.instrumentId === instrumentId);
      if (held === undefined || !(qtyOpen > 0)) continue;
      if (held.protection === null)
        this.#emit({ kind: 'protection_missing', timeMs, instrumentId, reason: 'the venue shows no stop' });
      else
        this.#emit({
          kind: 'protection_verified',
          timeMs,
          instrumentId,
          protection: this.#asWanted(instrumentId, held.protection, protection),
        });
    }
    this.#tellForeign(positions, timeMs);
  }

  /** A price on the venue's grid is what was wanted when it lies within a tick of it. */
  #asWanted(instrumentId: InstrumentId, shown: Protection, wanted: Protection): Protection {
    const tick = this.#options.tickSizeOf(instrumentId) * (1 - 1e-9);
    const near = (a: number, b: number): boolean => Math.abs(a - b) < tick;
    const isTarget =
      shown.targetPrice === null || wanted.targetPrice === null
        ? shown.targetPrice === wanted.targetPrice
        : near(shown.targetPrice, wanted.targetPrice);
    return near(shown.stopPrice, wanted.stopPrice) && isTarget ? wanted : shown;
  }

  #tellForeign(positions: readonly VenuePosition[], timeMs: number): void {
    const { trades, foreign } = this.#options.book();
    const working = new Set([...this.#watched.values()].map(({ instrumentId }) => instrumentId));
    const events = this.#foreign.look({
      positions,
      timeMs,
      known: foreign,
      booked: trades.filter(({ qtyOpen }) => qtyOpen > 0).map(({ instrumentId }) => instrumentId),
      bookedQty: (id) => this.#bookedPosition(id),
      mayChange: (id) => working.has(id) && trades.some(({ instrumentId }) => instrumentId === id),
    });
    for (const event of events) this.#emit(event);
  }

  #tellProblem(text: string): void {
    if (!this.#isClosed) this.#options.onProblem(text);
  }

  #emit(event: VenueEvent): void {
    if (!this.#isClosed) this.#options.emit(event);
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
