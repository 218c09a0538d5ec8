/** Which rows of two tables are about the same instrument, however it is spelt. */
import { isSymbol, isVenue } from '@donch/core';

/** A symbol and how many rows carry it. */
export interface SymbolRows {
  /** In the file's spelling; the first in the alphabet where there are several. */
  readonly symbol: string;
  readonly rows: number;
}

export interface SymbolGroups {
  /** Number of the instrument of each row; the same number in both tables = the same instrument. */
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly groups: number;
  /** Instruments of one table alone, most rows first. */
  readonly leftOnly: readonly SymbolRows[];
  readonly rightOnly: readonly SymbolRows[];
  /** Two venues of one symbol, although some symbols name no venue: which of them those mean cannot be told. */
  readonly twoVenues: readonly [string, string] | null;
}

/**
 * Numbers the instruments of two columns. `bybit:ETHUSDT` (venue and symbol), `ETHUSDT` and ccxt's name of the linear perpetual,
 * `ETH/USDT:USDT`, are one, upper or lower case (a store has no two symbols that differ in case alone). Anything else is taken
 * letter by letter: `ETH/USDT` is the spot market and joins nothing. Venues must agree where every
 * symbol names one; otherwise they are left out of the comparison (see `twoVenues`).
 */
export function symbolGroups(left: readonly string[], right: readonly string[]): SymbolGroups {
  const names = new Map<string, ParsedSymbol>();
  for (const texts of [left, right]) {
    for (const text of texts) if (!names.has(text)) names.set(text, parseSymbol(text));
  }
  const parsed = [...names.values()];
  const hasVenues = parsed.every(({ venue }) => venue !== null);
  const numbers = new Map<string, number>();
  const numberOf = new Map<string, number>();
  for (const [text, { venue, symbol }] of names) {
    const key = hasVenues ? `${venue}:${symbol}` : symbol;
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    numberOf.set(text, number);
  }
  const group = (text: string): number => numberOf.get(text) ?? -1;
  const groups = { left: Int32Array.from(left, group), right: Int32Array.from(right, group) };
  return {
    ...groups,
    groups: numbers.size,
    leftOnly: oneSided({ texts: left, groups: groups.left }, groups.right),
    rightOnly: oneSided({ texts: right, groups: groups.right }, groups.left),
    twoVenues: hasVenues ? null : twoVenues(parsed),
  };
}

interface ParsedSymbol {
  readonly text: string;
  readonly venue: string | null;
  /** Upper case. */
  readonly symbol: string;
}

/** ccxt's unified name of a perpetual; linear when it settles in its quote currency. */
const CCXT_PERPETUAL = /^([^/:\s]+)\/([^/:\s]+):([^/:\s]+)$/;

function parseSymbol(written: string): ParsedSymbol {
  const text = written.trim();
  const at = text.indexOf(':');
  const [venue, rest] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1)];
  if (isVenue(venue) && isSymbol(rest)) return { text, venue, symbol: rest.toUpperCase() };
  const [, base = '', quote = '', settle = ''] = CCXT_PERPETUAL.exec(text) ?? [];
  const isLinear = base !== '' && quote === settle;
  return { text, venue: null, symbol: (isLinear ? base + quote : text).toUpperCase() };
}

function twoVenues(parsed: readonly ParsedSymbol[]): readonly [string, string] | null {
  const byMarket = new Map<string, ParsedSymbol>();
  for (const one of parsed) {
    if (one.venue === null) continue;
    const other = byMarket.get(one.symbol);
    if (other !== undefined && other.venue !== one.venue) return [other.text, one.text];
    byMarket.set(one.symbol, one);
  }
  return null;
}

interface GroupedTexts {
  readonly texts: readonly string[];
  readonly groups: Int32Array;
}

function oneSided({ texts, groups }: GroupedTexts, others: Int32Array): SymbolRows[] {
  const known = new Set(others);
  const rows = new Map<number, { symbol: string; rows: number }>();
  for (let row = 0; row < texts.length; row += 1) {
    const group = groups[row];
    if (known.has(group)) continue;
    const found = rows.get(group);
    if (found === undefined) rows.set(group, { symbol: texts[row], rows: 1 });
    else {
      found.rows += 1;
      if (texts[row] < found.symbol) found.symbol = texts[row];
    }
  }
  return [...rows.values()].sort((a, b) => b.rows - a.rows || (a.symbol < b.symbol ? -1 : 1));
}
