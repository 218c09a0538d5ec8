import type { Protection } from '../domain/exit-rules.ts';
import type { Side } from '../domain/market.ts';
import type { Fill, OrderIntent } from '../domain/order.ts';
/**
 * The venue as the engine's performer sees it: simulator, paper venue, loopback exchange and Bybit all answer to it, and
 * one contract suite runs on each. Adapters translate, never decide. A synchronous venue returns the value itself.
 */
import type { ClientOrderId, InstrumentId } from '../ids.ts';

type Later<T> = T | Promise<T>;

/** Accepted is not filled; unknown is neither accepted nor rejected: look it up, never resend under a new id. */
export type Answer =
  | { readonly kind: 'accepted' }
  /** `stopPassed`: the price is already beyond the stop that was to be set. */
  | { readonly kind: 'rejected'; readonly reason: string; readonly stopPassed?: true }
  | { readonly kind: 'unknown'; readonly reason: string };

export interface OpenOrder {
  readonly clientOrderId: ClientOrderId;
  readonly instrumentId: InstrumentId;
  readonly side: 'buy' | 'sell';
  readonly qty: number;
  readonly filledQty: number;
  readonly reduceOnly: boolean;
}

export interface VenuePosition {
  readonly instrumentId: InstrumentId;
  readonly side: Side;
  readonly qty: number;
  readonly entryPrice: number;
  /** Null = no stop rests on the position. */
  readonly protection: Protection | null;
}

/** What a look-up of one order found. `absent` counts as proof only after the fence (see `order_never`). */
export type OrderReport =
  | { readonly kind: 'live'; readonly filledQty: number }
  | { readonly kind: 'done'; readonly filledQty: number }
  | { readonly kind: 'rejected'; readonly reason: string }
  | { readonly kind: 'absent' };

export interface Venue {
  submit(order: OrderIntent): Later<Answer>;
  cancel(instrumentId: InstrumentId, clientOrderId: ClientOrderId): Later<Answer>;
  setProtection(instrumentId: InstrumentId, protection: Protection): Later<Answer>;
  lookup(instrumentId: InstrumentId, clientOrderId: ClientOrderId): Later<OrderReport>;
  openOrders(): Later<readonly OpenOrder[]>;
  positions(): Later<readonly VenuePosition[]>;
  /** Executions at or after an instant, oldest first, each with its own `execId`. */
  fills(sinceMs: number): Later<readonly Fill[]>;
}
