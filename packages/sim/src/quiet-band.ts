/** The prices between which nothing of a position trades: bars that stay inside need not be looked at one by one. */
import type { Candles } from '@donch/core';
import type { SimPosition } from './sim-position.ts';

type Resting = Pick<SimPosition, 'protection' | 'limit' | 'liquidation'>;

/** Made for what rests on a position at a time; when that is replaced, the band is made anew. */
export interface QuietBand extends Resting {
  readonly candles: Candles;
  /** A bar is quiet when its low is above and its high below. */
  readonly above: number;
  readonly below: number;
  /** Bars of the row it was first asked for, up to this one, are known to be quiet. */
  clearRow: number;
}

/** The band of a position, the one made before as long as nothing has changed. */
export function quietBand(position: SimPosition, candles: Candles, row: number): QuietBand {
  const { band, protection, limit, liquidation } = position;
  if (
    band !== null &&
    band.protection === protection &&
    band.limit === limit &&
    band.liquidation === liquidation &&
    band.candles === candles
  )
    return band;
  const stop = protection?.stopPrice ?? Number.NaN;
  const target = protection?.targetPrice ?? Number.NaN;
  const liquidated = liquidation?.price ?? Number.NaN;
  const first = limit?.order.limitPrice ?? Number.NaN;
  const isLong = position.side === 'long';
  const made = {
    candles,
    protection,
    limit,
    liquidation,
    above: isLong ? higher(stop, liquidated) : higher(target, first),
    below: isLong ? lower(target, first) : lower(stop, liquidated),
    clearRow: row,
  };
  position.band = made;
  return made;
}

/** Of two prices, where NaN is none. */
function higher(a: number, b: number): number {
  return Math.max(Number.isNaN(a) ? -Infinity : a, Number.isNaN(b) ? -Infinity : b);
}

function lower(a: number, b: number): number {
  return -higher(-a, -b);
}

/** Number of bars from `row` on that stay inside the band, `rows` at most. Each bar is looked at once in the life of a band. */
export function quietRows(band: QuietBand, row: number, rows: number): number {
  const end = row + rows;
  if (band.clearRow < end) band.clearRow = firstOutside(band, Math.max(row, band.clearRow), end);
  return Math.min(band.clearRow, end) - row;
}

/** First row that leaves the band (one without a number does), or `end`. */
function firstOutside({ candles, above, below }: QuietBand, row: number, end: number): number {
  const { high, low } = candles;
  let k = row;
  while (k < end && low[k] > above && high[k] < below) k += 1;
  return k;
}
