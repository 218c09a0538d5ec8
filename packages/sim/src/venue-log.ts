/** What the simulated venue tells: the events of a step, and for look-ups what became of orders and which fills there were. */
import {
  invariant,
  type ClientOrderId,
  type Fill,
  type InstrumentId,
  type OrderReport,
  type VenueEvent,
} from '@donch/core';

export interface VenueLogOptions {
  /** Whether `fillsSince` can answer. */
  readonly keepsFills: boolean;
  /** Whether `reportOf` can answer. */
  readonly keepsReports: boolean;
}

export interface FundingBooking {
  readonly timeMs: number;
  readonly instrumentId: InstrumentId;
  readonly amountUsd: number;
  readonly assumed: boolean;
}

const NOTHING: readonly VenueEvent[] = [];

export class VenueLog {
  readonly #options: VenueLogOptions;
  readonly #reports = new Map<ClientOrderId, OrderReport>();
  readonly #fills: Fill[] = [];
  #executions = 0;
  #events: VenueEvent[] = [];

  constructor(options: VenueLogOptions) {
    this.#options = options;
  }

  /** An execution; it gets the next id. */
  execution(execution: Omit<Fill, 'execId'>): void {
    const { timeMs, instrumentId, clientOrderId, cause, side, price, qty, feeUsd, slippageUsd } = execution;
    this.#executions += 1;
    const execId = `x${this.#executions}`;
    const fill = { execId, timeMs, instrumentId, clientOrderId, cause, side, price, qty, feeUsd, slippageUsd };
    if (this.#options.keepsFills) this.#fills.push(fill);
    this.#events.push({ kind: 'fill', timeMs: fill.timeMs, fill });
  }

  funding({ timeMs, instrumentId, amountUsd, assumed }: FundingBooking): void {
    this.#executions += 1;
    const execId = `f${this.#executions}`;
    this.#events.push({ kind: 'funding', execId, timeMs, instrumentId, amountUsd, assumed });
  }

  /** An order that will not trade any more. */
  done(clientOrderId: ClientOrderId, filledQty: number, timeMs: number): void {
    this.report(clientOrderId, { kind: 'done', filledQty });
    this.#events.push({ kind: 'order_done', timeMs, clientOrderId, filledQty });
  }

  /** An order that had been accepted and could not be carried out. */
  refused(clientOrderId: ClientOrderId, reason: string, timeMs: number): void {
    this.report(clientOrderId, { kind: 'rejected', reason });
    this.#events.push({ kind: 'order_rejected', timeMs, clientOrderId, reason });
  }

  /** The end of an order that nobody need be told of. */
  report(id: ClientOrderId, report: OrderReport): void {
    if (this.#options.keepsReports) this.#reports.set(id, report);
  }

  /** How an order ended; undefined = it did not. */
  reportOf(id: ClientOrderId): OrderReport | undefined {
    return this.#reports.get(id);
  }

  fillsSince(sinceMs: number): readonly Fill[] {
    invariant(this.#options.keepsFills, 'a venue that answers for the past keeps its fills');
    return this.#fills.filter(({ timeMs }) => timeMs >= sinceMs);
  }

  /** The events since the last call. */
  take(): readonly VenueEvent[] {
    if (this.#events.length === 0) return NOTHING;
    const events = this.#events;
    this.#events = [];
    return events;
  }
}
