/** Tick size and quantity step as far as prices and volumes show them: powers of ten. */

import type { Candles, InstrumentRules, InstrumentId } from '@donch/core';
import { POWERS_OF_TEN } from './number-cell.ts';

/** Exchanges quote fewer; what needs more was rounded to float32 or computed. */
const DECIMALS_MAX = 12;

/** Share of values that must have at most the inferred decimals when some need more than `DECIMALS_MAX`. */
const PLAIN_SHARE = 0.999;

/** Distance from a decimal number, relative, that arithmetic leaves (0.1 + 0.2): a few units in the last place. */
const NOISE = 1e-15;

/** Smallest order of Bybit's and Binance's USDT perpetuals; what the venue itself says replaces it. */
const NOTIONAL_MIN_USD = 5;

/**
 * Rules read off the data: tick = 10^-(decimals of the finest price), quantity step = 10^-(decimals of the finest volume).
 * A true tick of 0.5 therefore shows as 0.1. Null without any bar, and when the numbers are no decimals (float32 exports).
 */
export function inferRules(instrumentId: InstrumentId, candles: Candles): InstrumentRules | null {
  if (candles.length === 0) return null;
  const prices = [candles.open, candles.high, candles.low, candles.close];
  const tickSize = stepOf(prices, candles.length);
  const qtyStep = stepOf([candles.volume], candles.length);
  if (tickSize === null || qtyStep === null) return null;
  return {
    instrumentId,
    validFromMs: null,
    tickSize,
    qtyStep,
    qtyMin: qtyStep,
    notionalMinUsd: NOTIONAL_MIN_USD,
    marketQtyMax: null,
    leverageMax: null,
    source: 'inferred',
  };
}

/** The finer of what was inferred before and now: each file shows only part of the truth. */
export function finerRules(a: InstrumentRules, b: InstrumentRules): InstrumentRules {
  const qtyStep = Math.min(a.qtyStep, b.qtyStep);
  return { ...a, tickSize: Math.min(a.tickSize, b.tickSize), qtyStep, qtyMin: qtyStep };
}

function stepOf(columns: readonly Float64Array[], length: number): number | null {
  const finest = Math.max(...columns.map((column) => finestDecimals(column, length)));
  const decimals = finest <= DECIMALS_MAX ? finest : usualDecimals(columns, length);
  return decimals <= DECIMALS_MAX ? Number(`1e-${decimals}`) : null;
}

/** Most decimals of any value. The test costs one multiplication per value because the answer only grows. */
function finestDecimals(column: Float64Array, length: number): number {
  let decimals = 0;
  for (let i = 0; i < length; i += 1) {
    while (decimals <= DECIMALS_MAX && !hasDecimals(column[i], decimals)) decimals += 1;
  }
  return decimals;
}

/** True when the value is a decimal number with this many decimals, up to the noise of arithmetic. */
function hasDecimals(value: number, decimals: number): boolean {
  const power = POWERS_OF_TEN[decimals];
  return Math.abs(Math.round(value * power) / power - value) <= value * NOISE;
}

/** Fewest decimals that all but one in a thousand values have; DECIMALS_MAX + 1 when there is no such number. */
function usualDecimals(columns: readonly Float64Array[], length: number): number {
  const total = columns.length * length;
  for (let decimals = 0; decimals <= DECIMALS_MAX; decimals += 1) {
    let plain = 0;
    for (const column of columns) for (let i = 0; i < length; i += 1) if (hasDecimals(column[i], decimals)) plain += 1;
    if (plain >= total * PLAIN_SHARE) return decimals;
  }
  return DECIMALS_MAX + 1;
}
