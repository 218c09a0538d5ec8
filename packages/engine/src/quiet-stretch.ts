/**
 * Bar sets in a row at which nothing can happen but that prices move: no order works, no exit falls due, no stop moves, no signal
 * comes, no bar reaches what rests on the venue. What `applyInstant` does bar set by bar set is done here column by column, with the
 * same additions in the same order, so that every bit of the account is the same. The live edge has no use for it.
 */
import { directionOf, invariant, type BarSet, type Candles, type Command } from '@donch/core';
import type { EngineContext } from './context.ts';
import { breakEvenStop } from './exits/break-even.ts';
import { markAccount } from './instant.ts';
import { heldExposure } from './sizing/exposure.ts';
import { entryPriceOf, isOver, type OpenTrade } from './state.ts';

export interface QuietStretch {
  /** The first bar set; the rows of its instruments are followed by those of the others, without a gap. */
  readonly barSet: BarSet;
  readonly intervalMs: number;
  /** Number of bar sets, at most `QUIET_BAR_SETS_MAX`. */
  readonly barSets: number;
}

/** What an engine has made of a quiet stretch. */
export interface QuietPass {
  /** Bar sets that were taken: fewer than asked for when a guard spoke at the last one of them. */
  readonly barSets: number;
  readonly commands: readonly Command[];
  /** Quantities held, the same at all of them. */
  readonly positions: number;
  readonly riskUsd: number;
  /** By bar set; the next stretch writes over them. */
  readonly unrealisedUsd: Float64Array;
  readonly notionalUsd: Float64Array;
}

/** Longer than positions are left alone, and short enough for the columns to stay in the nearest cache. */
export const QUIET_BAR_SETS_MAX = 512;

/**
 * First instant at which time alone may do something, as long as no event comes: `-Infinity` while any trade wants to see every bar,
 * `Infinity` when none waits for anything.
 */
export function quietUntilMs({ state, rulesAt }: EngineContext): number {
  if (isOver(state)) return -Infinity;
  let untilMs = Infinity;
  for (const trade of state.trades) {
    if (!isSettled(trade)) return -Infinity;
    if (trade.timeExitAtMs !== null && trade.timeExitAtMs < untilMs) untilMs = trade.timeExitAtMs;
    const { trailing, partial } = trade.exits;
    if (trailing === null && partial === null) continue;
    if (trailing !== null && (trailing.start === 'entry' || trade.firstTarget?.taken === true)) return -Infinity;
    const { tickSize } = rulesAt(trade.instrumentId, state.timeMs);
    if (breakEvenStop(trade, trade.markPrice, tickSize).kind !== 'hold') return -Infinity;
  }
  return untilMs;
}

/** Entered completely, protected as far as known, and nobody wants it closed. */
function isSettled({ state, entryWorking, exitDue, unprotectedSinceMs, qtyOpen }: OpenTrade): boolean {
  return state === 'open' && !entryWorking && !exitDue && unprotectedSinceMs === null && qtyOpen > 0;
}

/** Marks and account over a quiet stretch. Its end comes before `quietUntilMs`, and what the venue does it must not reach. */
export function applyQuiet(
  context: EngineContext,
  stretch: QuietStretch,
  columns: QuietColumns,
): Omit<QuietPass, 'commands'> {
  const { trades } = context.state;
  const { instruments, candles, rows } = stretch.barSet;
  context.useInstruments(instruments);
  columns.start(stretch.barSets);
  for (const trade of trades) {
    const index = context.memberIndexOf(trade);
    const bars = index < 0 ? null : candles[index];
    invariant(bars !== null && rows[index] >= 0, 'every trade has its bar in a quiet stretch');
    columns.add(trade, bars, rows[index]);
  }
  columns.sum();
  const barSets = markAccounts(context, stretch, columns.unrealisedUsd);
  columns.mark(barSets);
  const { positions, riskUsd } = heldExposure(trades);
  const { unrealisedUsd, notionalUsd } = columns;
  return { barSets, positions, riskUsd, unrealisedUsd, notionalUsd };
}

/**
 * The account at each bar set, up to and with the one at which a guard speaks: somebody may want to act on it. Where nothing is held
 * it stays what it is at the first one, but for the day.
 */
function markAccounts(
  context: EngineContext,
  { barSet, intervalMs, barSets }: QuietStretch,
  unrealisedUsd: Float64Array,
): number {
  const { state } = context;
  const { stops } = state;
  const known = stops.length;
  const every = state.trades.length > 0 ? 1 : Math.max(1, barSets - 1);
  for (let k = 0; k < barSets; k += every) {
    state.timeMs = barSet.closeTimeMs + k * intervalMs;
    markAccount(context, unrealisedUsd[k], state.timeMs);
    if (stops.length !== known) return k + 1;
  }
  return barSets;
}

/** A trade and where its bars of a stretch begin. */
interface HeldBars {
  readonly trade: OpenTrade;
  readonly candles: Candles;
  readonly row: number;
  /** Negative for a short. */
  readonly heldQty: number;
  readonly entryPrice: number;
}

/** Sums over trades by bar set, written anew by every stretch. */
export class QuietColumns {
  readonly unrealisedUsd = new Float64Array(QUIET_BAR_SETS_MAX);
  readonly notionalUsd = new Float64Array(QUIET_BAR_SETS_MAX);
  #barSets = 0;
  #held: HeldBars[] = [];

  start(barSets: number): void {
    invariant(barSets > 0 && barSets <= QUIET_BAR_SETS_MAX, 'a quiet stretch has bar sets, and not too many');
    this.#barSets = barSets;
    this.#held = [];
  }

  /** Takes a trade; `row` is that of the first bar set. */
  add(trade: OpenTrade, candles: Candles, row: number): void {
    const heldQty = directionOf(trade.side) * trade.qtyOpen;
    const entryPrice = entryPriceOf(trade);
    this.#held.push({ trade, candles, row, heldQty, entryPrice });
  }

  /** Writes the sums of `unrealisedOf` and notional at each close, in the order of the trades. */
  sum(): void {
    const barSets = this.#barSets;
    this.unrealisedUsd.fill(0, 0, barSets);
    this.notionalUsd.fill(0, 0, barSets);
    const held = this.#held;
    for (let k = 0; k < held.length; k += 2) {
      // an odd one goes with a quantity of nothing, which changes no bit of a sum
      this.#addTwo(held[k], k + 1 < held.length ? held[k + 1] : { ...held[k], heldQty: 0 });
    }
  }

  /** Two trades at a time, one after the other: reading and writing the sums is most of the work. */
  #addTwo(first: HeldBars, second: HeldBars): void {
    const { unrealisedUsd, notionalUsd } = this;
    const barSets = this.#barSets;
    const close1 = first.candles.close;
    const close2 = second.candles.close;
    const { row: row1, heldQty: heldQty1, entryPrice: entryPrice1 } = first;
    const { row: row2, heldQty: heldQty2, entryPrice: entryPrice2 } = second;
    const qty1 = Math.abs(heldQty1);
    const qty2 = Math.abs(heldQty2);
    for (let k = 0; k < barSets; k += 1) {
      const markPrice1 = close1[row1 + k];
      const markPrice2 = close2[row2 + k];
      unrealisedUsd[k] =
        unrealisedUsd[k] + heldQty1 * (markPrice1 - entryPrice1) + heldQty2 * (markPrice2 - entryPrice2);
      notionalUsd[k] = notionalUsd[k] + qty1 * markPrice1 + qty2 * markPrice2;
    }
  }

  /** Excursions and marks as the closes of single bars make them, at the first `barSets` of the stretch. */
  mark(barSets: number): void {
    for (const { trade, candles, row } of this.#held) markBars(trade, candles, row, row + barSets);
  }
}

function markBars(trade: OpenTrade, { high, low, close }: Candles, row: number, endRow: number): void {
  const isLong = trade.side === 'long';
  let highest = isLong ? trade.bestPrice : trade.worstPrice;
  let lowest = isLong ? trade.worstPrice : trade.bestPrice;
  for (let k = row; k < endRow; k += 1) {
    if (high[k] > highest) highest = high[k];
    if (low[k] < lowest) lowest = low[k];
  }
  trade.bestPrice = isLong ? highest : lowest;
  trade.worstPrice = isLong ? lowest : highest;
  trade.markPrice = close[endRow - 1];
}
