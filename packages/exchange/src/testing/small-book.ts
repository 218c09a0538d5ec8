/** What an engine would hold, for tests of the desk: positions and money by fills alone, orders until they end. */
import {
  directionOf,
  type ClientOrderId,
  type InstrumentId,
  type OrderIntent,
  type Protection,
  type Side,
  type VenueEvent,
} from '@donch/core';
import type { DeskBook } from '../desk/desk-options.ts';

interface HeldTrade {
  readonly instrumentId: InstrumentId;
  readonly side: Side;
  qtyOpen: number;
  readonly entryValue: { qty: number; usd: number };
  readonly decisionTimeMs: number;
  protection: Protection;
}

export class SmallBook implements DeskBook {
  readonly events: VenueEvent[] = [];
  /** Change of cash by results, fees and funding. */
  cashUsd = 0;
  readonly #intents = new Map<ClientOrderId, { readonly order: OrderIntent; filledQty: number }>();
  readonly #trades = new Map<InstrumentId, HeldTrade>();
  readonly #foreign = new Set<InstrumentId>();

  get intents(): DeskBook['intents'] {
    return [...this.#intents.values()];
  }

  get trades(): DeskBook['trades'] {
    return [...this.#trades.values()];
  }

  get foreign(): DeskBook['foreign'] {
    return [...this.#foreign];
  }

  /** An order as it goes to the desk; entries say what protects the position to come. */
  plan(order: OrderIntent): OrderIntent {
    this.#intents.set(order.clientOrderId, { order, filledQty: 0 });
    const held = this.#trades.get(order.instrumentId);
    if (order.leg === 'entry' && (held === undefined || held.qtyOpen === 0))
      this.#trades.set(order.instrumentId, {
        instrumentId: order.instrumentId,
        side: order.side === 'buy' ? 'long' : 'short',
        qtyOpen: 0,
        entryValue: { qty: 0, usd: 0 },
        protection: order.protection ?? { stopPrice: Number.NaN, targetPrice: null },
        decisionTimeMs: order.decidedMs,
      });
    return order;
  }

  /** The stop that is wanted from now on. */
  protect(instrumentId: InstrumentId, protection: Protection): void {
    const trade = this.#trades.get(instrumentId);
    if (trade !== undefined) trade.protection = protection;
  }

  take(event: VenueEvent): void {
    this.events.push(event);
    if (event.kind === 'fill') this.#book(event.fill);
    if (event.kind === 'funding') this.cashUsd += event.amountUsd;
    if (event.kind === 'order_done' || event.kind === 'order_rejected' || event.kind === 'order_never')
      this.#intents.delete(event.clientOrderId);
    if (event.kind === 'foreign_position' && event.qty > 0) this.#foreign.add(event.instrumentId);
    if (event.kind === 'foreign_position' && event.qty === 0) this.#foreign.delete(event.instrumentId);
  }

  #book({
    clientOrderId,
    instrumentId,
    side,
    qty,
    price,
    feeUsd,
  }: Extract<VenueEvent, { kind: 'fill' }>['fill']): void {
    const intent = clientOrderId === null ? undefined : this.#intents.get(clientOrderId);
    if (intent !== undefined) intent.filledQty += qty;
    const held = this.#trades.get(instrumentId);
    if (held === undefined || (intent === undefined && held.qtyOpen === 0)) return;
    const { entryValue } = held;
    if ((held.side === 'long') === (side === 'buy')) {
      entryValue.qty += qty;
      entryValue.usd += qty * price;
      held.qtyOpen = Number((held.qtyOpen + qty).toFixed(9));
    } else {
      this.cashUsd += directionOf(held.side) * qty * (price - entryValue.usd / entryValue.qty);
      held.qtyOpen = Number((held.qtyOpen - qty).toFixed(9));
    }
    this.cashUsd -= feeUsd;
  }

  /** Events of one kind. */
  of<Kind extends VenueEvent['kind']>(kind: Kind): Extract<VenueEvent, { kind: Kind }>[] {
    return this.events.filter((event): event is Extract<VenueEvent, { kind: Kind }> => event.kind === kind);
  }

  /** Kinds of all events, in their order; what a round repeats is left out. */
  get story(): string[] {
    return this.events.map(({ kind }) => kind).filter((kind) => kind !== 'protection_verified');
  }
}
