/**
 * The candles around one trade in a few hundred characters: what the page draws a trade from.
 *
 * Which candles: from some bars before the entry (or before the breakout, where that is not far) to some bars after the exit, in
 * the shortest standard interval with which they are at most `candlesMax`. Prices are kept to 1/4095 of the range of the path, which
 * is less than a tenth of a pixel.
 */
import { bucketStartMs, INTERVALS, intervalMs, invariant, lowerBound, type Candles } from '@donch/core';

/** When a trade was on its way; NaN = not known. */
export interface TradeTimes {
  readonly breakTimeMs: number;
  readonly decisionTimeMs: number;
  readonly entryTimeMs: number;
  readonly exitTimeMs: number;
}

/** `[fromMs, toMs)` in open times. */
export interface PathWindow {
  readonly fromMs: number;
  readonly toMs: number;
  /** Length of the candles that are drawn. */
  readonly candleMs: number;
}

/** Start of the first slot, length of a slot, price of code 0, price of code 4095, codes. Plain JSON. */
export type EncodedPath = readonly [startMs: number, candleMs: number, low: number, high: number, codes: string];

const LEAD_BARS = 30;
const LEAD_FRAC = 0.35;
const TAIL_BARS = 12;
const TAIL_FRAC = 0.15;
/** A breakout further back than this would squeeze the trade itself. */
const SETUP_HOLDS = 2;
const SETUP_BARS = 48;

export interface PathOptions {
  /** Length of the base bars. */
  readonly baseMs: number;
  readonly candlesMax: number;
}

/** Which candles the path of a trade shows. */
export function pathWindow(times: TradeTimes, { baseMs, candlesMax }: PathOptions): PathWindow {
  const { breakTimeMs, entryTimeMs, exitTimeMs } = times;
  invariant(exitTimeMs >= entryTimeMs && candlesMax > 8, 'a trade ends after its entry and has room for its candles');
  const heldMs = exitTimeMs - entryTimeMs;
  const leadMs = Math.max(LEAD_BARS * baseMs, LEAD_FRAC * heldMs);
  const setupMs = Math.max(SETUP_BARS * baseMs, SETUP_HOLDS * heldMs);
  const isNear = breakTimeMs >= entryTimeMs - setupMs;
  const fromMs = Math.min(entryTimeMs - leadMs, isNear ? breakTimeMs - 6 * baseMs : Number.POSITIVE_INFINITY);
  const toMs = exitTimeMs + Math.max(TAIL_BARS * baseMs, TAIL_FRAC * heldMs);
  // two slots may be cut by the ends
  const shortest = INTERVALS.map(intervalMs).find(
    (lengthMs) => lengthMs >= baseMs && lengthMs % baseMs === 0 && (toMs - fromMs) / lengthMs <= candlesMax - 2,
  );
  const candleMs = shortest ?? Math.ceil((toMs - fromMs) / (candlesMax - 2) / baseMs) * baseMs;
  return { fromMs: bucketStartMs(fromMs, candleMs), toMs, candleMs };
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** A slot without a bar. */
const MISSING = '.';
const CODE_MAX = 4_095;

/** The path from base candles; null when there is no bar in the window. Slots without bars stay empty. */
export function encodePath(base: Candles, { fromMs, toMs, candleMs }: PathWindow): EncodedPath | null {
  const first = lowerBound(base, fromMs);
  const end = lowerBound(base, toMs);
  if (!(end > first)) return null;
  const { low, high } = rangeOf(base, first, end);
  const slots: string[] = [];
  for (let row = first, slotMs = fromMs; row < end; slotMs = nextSlotMs(slotMs, candleMs)) {
    const slotEndMs = nextSlotMs(slotMs, candleMs);
    const from = row;
    while (row < end && base.openTimeMs[row] < slotEndMs) row += 1;
    slots.push(row === from ? MISSING : slotText(base, { from, to: row, low, high }));
  }
  return [fromMs, candleMs, low, high, slots.join('')];
}

const nextSlotMs = (slotMs: number, candleMs: number): number => slotMs + candleMs;

interface Slot {
  readonly from: number;
  readonly to: number;
  readonly low: number;
  readonly high: number;
}

function slotText(base: Candles, { from, to, low, high }: Slot): string {
  const own = rangeOf(base, from, to);
  const code = (price: number): string => {
    const step = high > low ? Math.round(((price - low) / (high - low)) * CODE_MAX) : 0;
    return ALPHABET[step >> 6] + ALPHABET[step & 63];
  };
  return code(base.open[from]) + code(own.high) + code(own.low) + code(base.close[to - 1]);
}

function rangeOf({ low: lows, high: highs }: Candles, from: number, to: number): { low: number; high: number } {
  let [low, high] = [lows[from], highs[from]];
  for (let row = from + 1; row < to; row += 1) {
    if (lows[row] < low) low = lows[row];
    if (highs[row] > high) high = highs[row];
  }
  return { low, high };
}
