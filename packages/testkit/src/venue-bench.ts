/** One venue under test with what the promises of the venue contract do to it. */
import {
  clientOrderId,
  directionOf,
  hashText,
  roundToStep,
  type Answer,
  type Fill,
  type InstrumentId,
  type OrderIntent,
  type OrderReport,
  type Protection,
  type Side,
  type SignalId,
  type StrategyId,
  type Venue,
  type VenuePosition,
} from '@donch/core';
import { expect } from 'vitest';

/** A fresh venue with one instrument to trade, and the levers that move its market. */
export interface VenueUnderTest {
  readonly venue: Venue;
  readonly instrumentId: InstrumentId;
  readonly tickSize: number;
  readonly qtyStep: number;
  /** A tradable quantity: an even multiple of the step, half of which is tradable too. */
  readonly qty: number;
  /** Last price. */
  price(): number;
  nowMs(): number;
  /** Lets the market trade at these prices, one after the other; when it is done, so is everything that follows at the venue. */
  trade(prices: readonly number[]): void | Promise<void>;
  /** From now on the answer to a submit is lost, and the order arrived or did not; null = answers arrive. */
  readonly loseAnswers?: (order: 'present' | 'absent' | null) => void;
  readonly dispose?: () => void | Promise<void>;
}

interface Entered {
  readonly order: OrderIntent;
  readonly protection: Protection;
}

/** Distances of stop and target from the price, as fractions of it. */
const STOP_FRAC = 0.05;
const TARGET_FRAC = 0.1;

/** Orders with ids of their own, positions and fills of one venue. */
export class VenueBench {
  readonly under: VenueUnderTest;
  #orders = 0;

  constructor(under: VenueUnderTest) {
    this.under = under;
  }

  get venue(): Venue {
    return this.under.venue;
  }

  /** A price this far above the last one (below for a negative fraction), for a short below. */
  priceAt(side: Side, frac: number): number {
    return roundToStep(this.under.price() * (1 + directionOf(side) * frac), this.under.tickSize);
  }

  protectionOf(side: Side): Protection {
    return { stopPrice: this.priceAt(side, -STOP_FRAC), targetPrice: this.priceAt(side, TARGET_FRAC) };
  }

  /** An order with an id of its own; a market entry where nothing else is said. */
  order(side: Side, changes: Partial<OrderIntent> = {}): OrderIntent {
    this.#orders += 1;
    const tradeId = hashText(`contract ${this.#orders}`).slice(0, 24) as SignalId;
    const { instrumentId, qty } = this.under;
    const leg = changes.leg ?? 'entry';
    return {
      clientOrderId: clientOrderId(tradeId, leg, 0),
      tradeId,
      instrumentId,
      strategyId: 'contract' as StrategyId,
      leg,
      side: (side === 'long') === (leg === 'entry') ? 'buy' : 'sell',
      type: leg === 'tp1' ? 'limit' : 'market',
      qty,
      limitPrice: null,
      reduceOnly: leg !== 'entry',
      leverage: leg === 'entry' ? 1 : null,
      protection: leg === 'entry' ? this.protectionOf(side) : null,
      referencePrice: this.under.price(),
      decidedMs: this.under.nowMs(),
      expiresMs: null,
      ...changes,
    };
  }

  async submit(order: OrderIntent): Promise<Answer> {
    return this.venue.submit(order);
  }

  /** Submits an order that has to be accepted, and lets the market stand still until it has traded. */
  async accepted(order: OrderIntent): Promise<void> {
    expect(await this.submit(order)).toEqual({ kind: 'accepted' });
    await this.under.trade([this.under.price()]);
  }

  async enter(side: Side, changes: Partial<OrderIntent> = {}): Promise<Entered> {
    const order = this.order(side, changes);
    await this.accepted(order);
    return { order, protection: order.protection ?? this.protectionOf(side) };
  }

  async position(): Promise<VenuePosition | undefined> {
    const positions = await this.venue.positions();
    return positions.find(({ instrumentId }) => instrumentId === this.under.instrumentId);
  }

  async fills(): Promise<readonly Fill[]> {
    return this.venue.fills(0);
  }

  /** Position size that the fills make, > 0 long. */
  async filledQty(): Promise<number> {
    const fills = await this.fills();
    return fills.reduce((sum, { side, qty }) => sum + (side === 'buy' ? qty : -qty), 0);
  }

  /** The position is what the fills make of it, and has this size (< 0 for a short). */
  async expectPosition(qty: number): Promise<void> {
    const position = await this.position();
    expect(signedQty(position)).toBeCloseTo(qty, 9);
    expect(await this.filledQty()).toBeCloseTo(qty, 9);
  }

  async openIds(): Promise<string[]> {
    const orders = await this.venue.openOrders();
    return orders.map((order) => order.clientOrderId);
  }

  async lookup({ clientOrderId: id }: OrderIntent): Promise<OrderReport> {
    return this.venue.lookup(this.under.instrumentId, id);
  }
}

/** Size of a position, < 0 for a short, 0 for none. */
export function signedQty(position: VenuePosition | undefined): number {
  return position === undefined ? 0 : directionOf(position.side) * position.qty;
}
