/** Which instrument a file is about: the caller's word, else what content and names say, as long as they agree. */

import { DonchError, instrumentId, type InstrumentId, isSymbol } from '@donch/core';
import { type NameEvidence, readSymbol } from './file-name.ts';
import type { ImportKind, ResolvedOptions } from './import-options.ts';
import type { ParsedRows } from './parsed-rows.ts';

export interface Identity {
  readonly instrumentId: InstrumentId;
  readonly symbol: string;
  readonly venue: string;
  readonly assumptions: readonly string[];
}

type Content = Pick<ParsedRows, 'symbol' | 'venue'>;

/** Throws `symbol_unclear`, `venue_unclear`, `kind_unclear` or `foreign_price` naming the option that decides. */
export function identify(content: Content, name: NameEvidence, options: ResolvedOptions): Identity {
  if (name.foreignPrice !== null && options.symbol === null) {
    throw new DonchError('foreign_price', `the name says "${name.foreignPrice}": not the prices of trades`, {
      remedy:
        'Mark, index and premium prices must not stand among candles of trades. If the name misleads, set --symbol.',
    });
  }
  const symbol = findSymbol(content, name, options);
  const venue = findVenue(content, name, options);
  return {
    instrumentId: instrumentId(venue.value, symbol.value),
    symbol: symbol.value,
    venue: venue.value,
    assumptions: [`symbol ${symbol.value} (${symbol.how})`, `venue ${venue.value} (${venue.how})`],
  };
}

/** A file whose name says funding and whose columns say prices is one of the two by mistake. */
export function requireKind(kind: ImportKind, name: NameEvidence, options: ResolvedOptions): void {
  if (options.kind !== null || !name.isFunding || kind !== 'candles') return;
  throw new DonchError('kind_unclear', 'the name says funding, the columns are those of candles', {
    remedy: 'Set --kind candles, or --kind funding with --columns rate=... naming the rates.',
  });
}

interface Answer {
  readonly value: string;
  readonly how: string;
}

function findSymbol(content: Content, name: NameEvidence, options: ResolvedOptions): Answer {
  if (options.symbol !== null) return { value: options.symbol, how: 'as stated' };
  const inside = content.symbol === null ? null : readSymbol(content.symbol);
  if (inside !== null && isSymbol(inside)) {
    if (name.symbols.length === 0 || name.symbols.includes(inside)) return { value: inside, how: 'from the content' };
    return unclear('symbol', `the content says ${inside}, the name says ${name.symbols.join(' or ')}`);
  }
  if (name.symbols.length === 1) return { value: name.symbols[0], how: 'from the file name' };
  return unclear(
    'symbol',
    name.symbols.length === 0
      ? 'neither name nor content say which symbol it is'
      : `the name may mean ${name.symbols.join(' or ')}`,
  );
}

function findVenue(content: Content, name: NameEvidence, options: ResolvedOptions): Answer {
  if (options.venue !== null) return { value: options.venue, how: 'as stated' };
  const found = [...new Set([...(content.venue === null ? [] : [content.venue]), ...name.venues])];
  if (found.length === 1)
    return { value: found[0], how: content.venue === null ? 'from the name of file or folder' : 'from the columns' };
  return unclear(
    'venue',
    found.length === 0
      ? 'neither name nor content say which exchange it is from'
      : `names and columns say ${found.join(' and ')}`,
  );
}

function unclear(option: 'symbol' | 'venue', found: string): never {
  throw new DonchError(`${option}_unclear`, found, {
    remedy: `Set --${option}, for example --${option} ${option === 'symbol' ? 'BTCUSDT' : 'bybit'}.`,
  });
}
