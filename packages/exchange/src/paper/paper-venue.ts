/**
 * The paper venue: the bar simulator of the backtest behind the port of a live venue, fed with bars as they close. Orders of an
 * instant trade at the open of the next bar, which is known when that bar has closed: paper trades what a backtest trades, one bar
 * later in life. It answers like a venue: late, by look-up, from a ledger.
 */
import type {
  Answer,
  BarSet,
  ClientOrderId,
  InstrumentId,
  OpenOrder,
  OrderIntent,
  OrderReport,
  Protection,
  VenueEvent,
  VenuePosition,
} from '@donch/core';
import { BarVenue, type BarVenueOptions } from '@donch/sim';
import type { Executions } from '../bybit/bybit-venue.ts';
import type { LedgerVenue } from '../desk/desk-options.ts';

type FundingEvent = Extract<VenueEvent, { kind: 'funding' }>;

export class PaperVenue implements LedgerVenue {
  readonly #venue: BarVenue;
  readonly #funding: FundingEvent[] = [];

  constructor(options: BarVenueOptions) {
    this.#venue = new BarVenue(options, true);
  }

  /** Lets the market trade the bars of a set: orders at the opens, stops and targets inside, funding at the close. */
  trade(barSet: BarSet): void {
    this.#venue.openBars(barSet);
    this.#venue.tradeBars(barSet);
    for (const event of this.#venue.settle(barSet.closeTimeMs)) if (event.kind === 'funding') this.#funding.push(event);
  }

  async submit(order: OrderIntent): Promise<Answer> {
    return this.#venue.submit(order);
  }

  async cancel(instrumentId: InstrumentId, clientOrderId: ClientOrderId): Promise<Answer> {
    return this.#venue.cancel(instrumentId, clientOrderId);
  }

  async setProtection(instrumentId: InstrumentId, protection: Protection): Promise<Answer> {
    return this.#venue.setProtection(instrumentId, protection);
  }

  async lookup(instrumentId: InstrumentId, clientOrderId: ClientOrderId): Promise<OrderReport> {
    return this.#venue.lookup(instrumentId, clientOrderId);
  }

  async openOrders(): Promise<readonly OpenOrder[]> {
    return this.#venue.openOrders();
  }

  async positions(): Promise<readonly VenuePosition[]> {
    return this.#venue.positions();
  }

  async fills(sinceMs: number): Promise<Executions['fills']> {
    return this.#venue.fills(sinceMs);
  }

  async executions(sinceMs: number): Promise<Executions> {
    return { fills: this.#venue.fills(sinceMs), funding: this.#funding.filter(({ timeMs }) => timeMs >= sinceMs) };
  }
}
