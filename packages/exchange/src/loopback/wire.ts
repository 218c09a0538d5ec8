/** Parts of the loopback exchange that know each other by these shapes alone. */

/** A request as it came over the wire; header names in lower case. */
export interface WireRequest {
  readonly method: 'GET' | 'POST';
  /** With leading slash, without query: `/v5/order/create`. */
  readonly path: string;
  /** Raw text behind the `?`; '' = none. What a GET's signature covers. */
  readonly query: string;
  /** Raw text; '' = none. What a POST's signature covers. */
  readonly body: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What an endpoint answers inside the envelope. */
export interface EndpointAnswer {
  readonly retCode: number;
  readonly retMsg: string;
  readonly result: unknown;
}

/** Parameters as sent: strings in a query, JSON values in a body. */
export type EndpointParams = Readonly<Record<string, unknown>>;

/** A message of the private or public stream, before its envelope. */
export interface StreamEvent {
  /** `order`, `execution`, `position`, `wallet`, or a public topic such as `kline.5.BTCUSDT`. */
  readonly topic: string;
  readonly isPrivate: boolean;
  readonly timeMs: number;
  readonly data: readonly unknown[];
}

/** One listed contract as the loopback exchange knows it; scenarios may change it while it runs. */
export interface LoopbackInstrument {
  readonly symbol: string;
  readonly baseCoin: string;
  status: 'PreLaunch' | 'Trading' | 'Delivering' | 'Closed';
  /** Steps and limits as the decimal texts that Bybit sends. */
  tickSize: string;
  qtyStep: string;
  minOrderQty: string;
  maxOrderQty: string;
  maxMktOrderQty: string;
  minNotionalValue: string;
  maxLeverage: string;
  readonly launchMs: number;
  /** 0 = not delisted. */
  deliveryMs: number;
  fundingIntervalMin: number;
}

export interface Tick {
  readonly timeMs: number;
  readonly symbol: string;
  readonly price: number;
}

/** Prices and events of the venue's market: made from candles, known to the account only through this. */
export interface LoopbackMarket {
  instruments(): readonly LoopbackInstrument[];
  instrument(symbol: string): LoopbackInstrument | undefined;
  /** Last traded price at or before an instant; NaN before the first. */
  lastPrice(symbol: string, atMs: number): number;
  markPrice(symbol: string, atMs: number): number;
  /** Trades of one symbol in (fromMs, toMs], oldest first: each candle is walked open, low and high (or high and low), close. */
  ticks(symbol: string, fromMs: number, toMs: number): readonly Tick[];
  /** Settlements in (fromMs, toMs], oldest first; a positive rate is paid by longs. */
  funding(symbol: string, fromMs: number, toMs: number): readonly { readonly timeMs: number; readonly rate: number }[];
}
