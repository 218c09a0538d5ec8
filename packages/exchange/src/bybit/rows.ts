/** Rows of Bybit's answers as values. A row that cannot be read is no answer: `no_answer`. */
import type { FillCause, OrderReport, Side } from '@donch/core';
import { unclear, type Rows } from './calls.ts';

type Row = Rows[number];

export function textAt(row: Row, name: string): string {
  const value = row[name];
  if (typeof value !== 'string') throw unclear(name, `a row without ${name}`);
  return value;
}

/** A text that may be missing; '' = it is. */
function optionalText(row: Row, name: string): string {
  const value = row[name];
  return typeof value === 'string' ? value : '';
}

/** Rows without the repeated ones, which pages that shift bring: the first of each identity. */
export function once(rows: Rows, names: readonly string[]): Rows {
  const seen = new Set<string>();
  return rows.filter((row) => {
    const identity = names.map((name) => textAt(row, name)).join(' ');
    return !seen.has(identity) && seen.add(identity);
  });
}

/** A number text that has to be one. */
export function numberAt(row: Row, name: string): number {
  const text = textAt(row, name);
  const value = text === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw unclear(name, `${name} is "${text}"`);
  return value;
}

/** A price text; '' and '0' mean none. */
export function priceAt(row: Row, name: string): number | null {
  const text = optionalText(row, name);
  const value = text === '' ? 0 : Number(text);
  if (!Number.isFinite(value)) throw unclear(name, `${name} is "${text}"`);
  return value === 0 ? null : value;
}

/** 'Buy' and 'Sell' of orders and fills. */
export function tradeSide(row: Row): 'buy' | 'sell' {
  const text = textAt(row, 'side');
  if (text === 'Buy') return 'buy';
  if (text === 'Sell') return 'sell';
  throw unclear('side', `side is "${text}"`);
}

/** Side of a position row; null = flat. */
export function positionSide(row: Row): Side | null {
  return textAt(row, 'side') === '' ? null : tradeSide(row) === 'buy' ? 'long' : 'short';
}

const LIVE: readonly string[] = ['New', 'PartiallyFilled', 'Untriggered', 'Triggered'];
const DONE: readonly string[] = ['Filled', 'Cancelled', 'PartiallyFilledCanceled', 'Deactivated'];

/** What an order row says became of the order; the quantity is trusted, the word is not. */
export function reportOf(row: Row): OrderReport {
  const status = textAt(row, 'orderStatus');
  const filledQty = numberAt(row, 'cumExecQty');
  if (LIVE.includes(status)) return { kind: 'live', filledQty };
  if (DONE.includes(status)) return { kind: 'done', filledQty };
  if (status === 'Rejected' && filledQty === 0)
    return { kind: 'rejected', reason: optionalText(row, 'rejectReason') || 'rejected without a reason' };
  throw unclear('orderStatus', `orderStatus is "${status}"`);
}

const LEG_CAUSES: Readonly<Record<string, FillCause>> = { en: 'entry', ex: 'exit', tp: 'tp1' };
const OWN_ID = /^d-[0-9a-f]{24}-(en|ex|tp)-\d+$/;

/** True for ids that `clientOrderId` makes. */
export function isOwnId(id: string): boolean {
  return OWN_ID.test(id);
}

/** Why an execution happened. What neither our ids nor the venue's words explain was a person. */
export function causeOf(row: Row): FillCause {
  switch (textAt(row, 'execType')) {
    case 'BustTrade':
      return 'liquidation';
    case 'AdlTrade':
      return 'adl';
    case 'Settle':
    case 'Delivery':
    case 'SessionSettlePnL':
      return 'delisted';
    default:
  }
  const leg = OWN_ID.exec(textAt(row, 'orderLinkId'))?.[1];
  if (leg !== undefined) return LEG_CAUSES[leg];
  const stop = optionalText(row, 'stopOrderType');
  if (stop.endsWith('StopLoss') || stop === 'TrailingStop') return 'sl';
  if (stop.endsWith('TakeProfit')) return 'tp';
  return optionalText(row, 'createType') === 'CreateBySettle' ? 'delisted' : 'manual';
}
