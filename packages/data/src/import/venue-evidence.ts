/** What the names of columns say about where a file comes from. */

import { plainName } from './column-names.ts';

/** Names that only one exchange uses, and use together. */
const SIGNATURES = [
  { venue: 'bybit', names: ['starttime', 'openprice', 'highprice', 'lowprice', 'closeprice', 'turnover'] },
  { venue: 'bybit', names: ['startat', 'turnover'] },
  { venue: 'bybit', names: ['fundingratetimestamp'] },
  { venue: 'binance', names: ['takerbuyvolume', 'takerbuyquotevolume'] },
  { venue: 'binance', names: ['takerbuybaseassetvolume', 'takerbuyquoteassetvolume'] },
  { venue: 'binance', names: ['calctime', 'lastfundingrate'] },
  { venue: 'binance', names: ['createtime', 'sumopeninterest'] },
] as const;

/** The venue whose columns these are, or null. */
export function evidenceOfColumns(names: readonly string[]): string | null {
  const plain = new Set(names.map(plainName));
  return SIGNATURES.find((signature) => signature.names.every((name) => plain.has(name)))?.venue ?? null;
}
