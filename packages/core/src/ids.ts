/** Identities that join tables and survive restarts: pure functions of what they name. */
import { DonchError } from './errors.ts';
import { hashText } from './hash.ts';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** `venue:symbol`, e.g. `binance:BTCUSDT`. */
export type InstrumentId = Branded<'InstrumentId'>;
/** 24 hex digits, see `signalId`. */
export type SignalId = Branded<'SignalId'>;
/** Slug of the strategy's name; stands in every signal, decision, order, position and trade. */
export type StrategyId = Branded<'StrategyId'>;
/** Id of one physical order on the venue: `[A-Za-z0-9_-]`, at most 36 characters, never reused. */
export type ClientOrderId = Branded<'ClientOrderId'>;

const VENUE = /^[a-z][a-z0-9_]{0,31}$/;
/** Exchanges list names outside ASCII (CJK memes); what a symbol may never hold is a separator or a path. */
const SYMBOL = /^[\p{L}\p{N}][\p{L}\p{N}_.-]{0,39}$/u;

/** True for text that may name a venue: lower case letters, digits, underscore. */
export function isVenue(text: string): boolean {
  return VENUE.test(text);
}

/** True for text that may name a symbol: it is also a folder name in the candle store. */
export function isSymbol(text: string): boolean {
  return SYMBOL.test(text) && !text.includes('..') && !text.endsWith('.');
}

/** Joins venue and symbol; throws `bad_instrument` when either is malformed. */
export function instrumentId(venue: string, symbol: string): InstrumentId {
  if (!isVenue(venue))
    throw new DonchError('bad_instrument', `venue is "${venue}"`, { expected: 'lower-case letters, digits, _' });
  if (!isSymbol(symbol))
    throw new DonchError('bad_instrument', `symbol is "${symbol}"`, { expected: 'letters, digits, _ . -' });
  return `${venue}:${symbol}` as InstrumentId;
}

/** The symbol part of an instrument id. */
export function symbolOf(id: InstrumentId): string {
  return id.slice(id.indexOf(':') + 1);
}

/** The venue part of an instrument id. */
export function venueOf(id: InstrumentId): string {
  return id.slice(0, id.indexOf(':'));
}

/** `Donchian Pullback` -> `donchian_pullback`. Throws `bad_strategy_name` when nothing is left. */
export function strategyId(name: string): StrategyId {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  if (slug === '')
    throw new DonchError('bad_strategy_name', `strategy name is "${name}"`, {
      expected: 'a name with letters or digits',
    });
  return slug.slice(0, 64) as StrategyId;
}

export interface SignalKey {
  readonly setupHash: string;
  readonly instrumentId: InstrumentId;
  readonly decisionTimeMs: number;
}

/** THE join key of every later table. A change of filters or exits does not change it (SEMANTICS 4); 96 bits of SHA-256. */
export function signalId({ setupHash, instrumentId: instrument, decisionTimeMs }: SignalKey): SignalId {
  return hashText(`${setupHash}|${instrument}|${decisionTimeMs}`).slice(0, 24) as SignalId;
}

export type OrderLeg = 'entry' | 'exit' | 'tp1';
const LEG_CODE: Readonly<Record<OrderLeg, string>> = { entry: 'en', exit: 'ex', tp1: 'tp' };

/** `d-<signal>-<leg>-<attempt>`: deterministic, so a resend after a crash carries the same id and cannot double an order. */
export function clientOrderId(signal: SignalId, leg: OrderLeg, attempt: number): ClientOrderId {
  return `d-${signal}-${LEG_CODE[leg]}-${attempt}` as ClientOrderId;
}
