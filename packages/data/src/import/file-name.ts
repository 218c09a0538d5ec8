/** What the name of a file and of its folders says: symbol, venue, bar length, content. Reported, never taken in silence. */

import { basename } from 'node:path';
import { type Interval, isInterval, isSymbol } from '@donch/core';

export interface NameEvidence {
  /** Every symbol the name may mean; exactly one is an answer. */
  readonly symbols: readonly string[];
  /** Venues named by the file or its folders, without repetition. */
  readonly venues: readonly string[];
  readonly intervals: readonly Interval[];
  /** The name says funding rates. */
  readonly isFunding: boolean;
  /** A word that says the bars are not those of trades: mark, index, premium. */
  readonly foreignPrice: string | null;
}

const QUOTES = ['USDT', 'USDC', 'FDUSD', 'BUSD', 'USD', 'PERP'];
const KNOWN_VENUES = new Set(
  'binance bingx bitget bitmex bybit coinbase deribit dydx gate gateio htx huobi hyperliquid kraken kucoin mexc okx phemex'.split(
    ' ',
  ),
);
const FOREIGN_PRICES = new Set(['mark', 'index', 'premium', 'markprice', 'indexprice', 'premiumindex']);
const FOREIGN_KLINES = /^(mark|index|premiumindex|premium)(?:price)?klines?$/;
const INTERVAL_WORDS: Readonly<Record<string, Interval>> = {
  '1min': '1m',
  '5min': '5m',
  '15min': '15m',
  '30min': '30m',
  '60min': '1h',
  '1hour': '1h',
  '1H': '1h',
  '4H': '4h',
  '1D': '1d',
  '1day': '1d',
};

/** Endings that the importer opens, and whether gzip may follow them. */
const EXTENSION = /\.(?:csv|tsv|txt|json|jsonl|ndjson|parquet)(?:\.gz)?$/i;

/** True when the ending is one of a file that can be imported. */
export function isImportable(path: string): boolean {
  return EXTENSION.test(path);
}

/** Reads the evidence of a file name and of the names of the folders that belong to the import. */
export function readFileName(path: string, folders: readonly string[] = []): NameEvidence {
  const stem = basename(path).replace(EXTENSION, '').replace(/\.gz$/i, '');
  const words = wordsOf(stem);
  const allWords = [...folders.flatMap(wordsOf), ...words];
  const lower = allWords.map((word) => word.toLowerCase());
  const foreign = lower.find((word) => FOREIGN_PRICES.has(word) || FOREIGN_KLINES.test(word));
  return {
    symbols: unique(symbolsOf(words)),
    venues: unique(lower.filter((word) => KNOWN_VENUES.has(word)).map((word) => (word === 'gateio' ? 'gate' : word))),
    intervals: unique(words.map((word) => INTERVAL_WORDS[word] ?? word).filter(isInterval)),
    isFunding: lower.some((word) => word.startsWith('funding')),
    foreignPrice: foreign ?? null,
  };
}

/** `BTC/USDT:USDT`, `BTC-USDT-SWAP`, `btcusdt` -> `BTCUSDT`; null when the text names no single symbol. */
export function readSymbol(text: string): string | null {
  const found = unique(symbolsOf(wordsOf(text)));
  if (found.length === 1) return found[0];
  return found.length === 0 && isSymbol(text) ? text : null;
}

function wordsOf(text: string): string[] {
  return text.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
}

/**
 * `BTCUSDT`, `BTC` + `USDT` (+ the settlement coin, as in BTC_USDT_USDT). Six digits behind the symbol may be a date or a
 * delivery month, so they give two candidates.
 */
function symbolsOf(words: readonly string[]): string[] {
  const found: string[] = [];
  words.forEach((word, at) => {
    const upper = word.toUpperCase();
    const before = words[at - 1]?.toUpperCase() ?? '';
    const isQuote = QUOTES.includes(upper);
    if (isQuote && isBase(before)) found.push(before + upper);
    if (!isQuote && QUOTES.some((quote) => upper.endsWith(quote))) {
      found.push(upper);
      if (/^\d{6}$/.test(words[at + 1] ?? '')) found.push(`${upper}_${words[at + 1]}`);
    }
  });
  return found.filter(isSymbol);
}

function isBase(word: string): boolean {
  return word !== '' && !QUOTES.some((quote) => word.endsWith(quote)) && !KNOWN_VENUES.has(word.toLowerCase());
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
