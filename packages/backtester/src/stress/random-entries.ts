/** The positions of a run at random times: what is left of its result when the timing of the entries is chance. */
import { createPrng, invariant, type Prng } from '@donch/core';
import { annualSharpeRatio, type Refusal } from '@donch/stats';
import { settledBefore } from '../sweep/funding-schedule.ts';
import { distributionOf } from './stress-figures.ts';
import type { RandomEntries } from './stress-report.ts';
import type { DayMarks, VisitedInstrument, VisitedPosition } from './visited-instruments.ts';

const DRAWS = 500;

export interface RandomEntryOptions {
  readonly marksMs: DayMarks;
  readonly seed: number;
}

/**
 * Daily returns of many draws, summed up instrument by instrument. A position adds `fraction of equity x its return on its entry`
 * to each of its days, so a draw is compounded from day to day.
 */
export class RandomDraws {
  readonly #marksMs: DayMarks;
  readonly #days: number;
  readonly #prng: Prng;
  /** `draw x days + day`. */
  readonly #returns: Float64Array;
  #positions = 0;

  constructor({ marksMs, seed }: RandomEntryOptions) {
    this.#marksMs = marksMs;
    this.#days = marksMs.length - 1;
    this.#prng = createPrng(seed, 'random entries');
    this.#returns = new Float64Array(DRAWS * this.#days);
  }

  /** Adds the positions of one instrument at random times to every draw. */
  add(instrument: VisitedInstrument): void {
    const { positions } = instrument;
    if (positions.length === 0) return;
    this.#positions += positions.length;
    const book = new PositionReturns(instrument, this.#marksMs);
    const order = positions.map((_, k) => k);
    for (let draw = 0; draw < DRAWS; draw += 1) {
      const returns = this.#returns.subarray(draw * this.#days, (draw + 1) * this.#days);
      const rows = randomRows(instrument, order, this.#prng);
      for (let k = 0; k < order.length; k += 1) book.add(returns, positions[order[k]], rows[k]);
    }
  }

  /** Compares the run with the draws. */
  finish(runReturns: Float64Array): RandomEntries | Refusal<'no_positions'> {
    if (this.#positions === 0) return { kind: 'refused', reason: 'no_positions', found: 0, needed: 1 };
    const totals = new Float64Array(DRAWS);
    const sharpes = new Float64Array(DRAWS);
    const meanReturns = new Float64Array(this.#days);
    for (let draw = 0; draw < DRAWS; draw += 1) {
      const returns = this.#returns.subarray(draw * this.#days, (draw + 1) * this.#days);
      totals[draw] = totalReturnOf(returns);
      sharpes[draw] = annualSharpeRatio(returns);
      for (let day = 0; day < this.#days; day += 1) meanReturns[day] += returns[day] / DRAWS;
    }
    const runTotalReturnFrac = totalReturnOf(runReturns);
    const runDailySharpe = annualSharpeRatio(runReturns);
    return {
      kind: 'random_entries',
      draws: DRAWS,
      positions: this.#positions,
      runTotalReturnFrac,
      runDailySharpe,
      totalReturnFrac: distributionOf(totals),
      dailySharpe: distributionOf(sharpes),
      totalReturnP: pValue(totals, runTotalReturnFrac),
      dailySharpeP: pValue(sharpes, runDailySharpe),
      meanReturns,
    };
  }
}

/** Compounded; -1 once the capital is gone. */
export function totalReturnOf(returns: Float64Array): number {
  return returns.reduce((equity, value) => equity * Math.max(0, 1 + value), 1) - 1;
}

/** (1 + draws at least as good) / (1 + draws); NaN when the run has no such figure. */
function pValue(draws: Float64Array, found: number): number {
  if (Number.isNaN(found)) return Number.NaN;
  return (1 + draws.filter((value) => value >= found).length) / (1 + draws.length);
}

/**
 * Rows of the entries of all positions of an instrument, in a random order (`order` is shuffled) with random pauses between them: no
 * two overlap, every bar inside the run may be the first of one.
 */
function randomRows({ positions, firstRow, endRow }: VisitedInstrument, order: number[], prng: Prng): number[] {
  for (let k = order.length - 1; k > 0; k -= 1) {
    const other = prng.below(k + 1);
    [order[k], order[other]] = [order[other], order[k]];
  }
  const free = positions.reduce((rows, { barsHeld }) => rows - barsHeld, endRow - firstRow);
  invariant(free >= 0, 'the positions of an instrument lie side by side in its bars');
  const pauses = Float64Array.from(order, () => prng.below(free + 1)).sort();
  let held = 0;
  return order.map((position, k) => {
    const row = firstRow + pauses[k] + held;
    held += positions[position].barsHeld;
    return row;
  });
}

/** Returns of a position on its entry, day by day. */
class PositionReturns {
  readonly #instrument: VisitedInstrument;
  readonly #marksMs: DayMarks;
  /** Funding received per unit of quantity after 0, 1, 2 .. settlements. */
  readonly #longFunding: Float64Array;
  readonly #shortFunding: Float64Array;
  /** Settlements at or before each day mark. */
  readonly #settled: Int32Array;

  constructor(instrument: VisitedInstrument, marksMs: DayMarks) {
    const { funding } = instrument;
    this.#instrument = instrument;
    this.#marksMs = marksMs;
    this.#longFunding = runningSum(funding.longFrac, funding.markPrice);
    this.#shortFunding = runningSum(funding.shortFrac, funding.markPrice);
    this.#settled = Int32Array.from(marksMs, (timeMs) => this.#settledAt(timeMs));
  }

  /** Adds the position, entered at the open of a row and left at the close of its last bar, to the returns of its days. */
  add(returns: Float64Array, { direction, barsHeld, equityFrac, costFrac }: VisitedPosition, row: number): void {
    const { candles, closes } = this.#instrument;
    const { openTimeMs, open, close, intervalMs } = candles;
    const marksMs = this.#marksMs;
    const exitRow = row + barsHeld - 1;
    const exitMs = openTimeMs[exitRow] + intervalMs;
    const funding = direction > 0 ? this.#longFunding : this.#shortFunding;
    let day = dayOf(marksMs, openTimeMs[row]);
    let price = open[row];
    let settled = this.#settledAt(openTimeMs[row]);
    const perUnit = equityFrac / price;
    returns[day] -= (equityFrac * costFrac) / 2;
    for (;;) {
      const isLast = exitMs <= marksMs[day + 1];
      const nextPrice = isLast ? close[exitRow] : closes[day + 1];
      const nextSettled = isLast ? this.#settledAt(exitMs) : this.#settled[day + 1];
      returns[day] += perUnit * (direction * (nextPrice - price) + funding[nextSettled] - funding[settled]);
      if (isLast) break;
      price = nextPrice;
      settled = nextSettled;
      day += 1;
    }
    returns[day] -= (equityFrac * costFrac) / 2;
  }

  /** Settlements at or before an instant. */
  #settledAt(timeMs: number): number {
    const { funding, timeline } = this.#instrument;
    return settledBefore(funding, (timeMs - timeline.firstMs) / timeline.intervalMs + 1);
  }
}

/** Day that an instant begins in: a mark belongs to the day after it. */
function dayOf(marksMs: DayMarks, timeMs: number): number {
  let low = 0;
  let high = marksMs.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (marksMs[middle] <= timeMs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Sums of `frac x price` over the first 0, 1, 2 .. settlements; those before the first bar fall on nobody. */
function runningSum(frac: Float64Array, price: Float64Array): Float64Array {
  const sums = new Float64Array(frac.length + 1);
  for (let k = 0; k < frac.length; k += 1) sums[k + 1] = sums[k] + (Number.isNaN(price[k]) ? 0 : frac[k] * price[k]);
  return sums;
}
