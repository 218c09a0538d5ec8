/**
 * Relative strength across the universe: each symbol's own value first, then the rank. A rank is made at one instant (Monday
 * 00:00 UTC, or each day) from days that had closed and arrived by then, and holds until the next.
 */
import { bucketStartMs, DAY_MS, lowerBoundOf, WEEK_MS, type ConfigValues, type ResampledSeries } from '@donch/core';

const DAYS = 7;

export interface CrossSectionOptions {
  readonly mode: ConfigValues['RS_MODE'];
  readonly score: ConfigValues['RS_SCORE'];
}

/** Completed days of one instrument: what its score is made of. */
export interface DailyHistory {
  readonly length: number;
  /** Start of each UTC day. */
  readonly dayMs: Float64Array;
  readonly close: Float64Array;
  /** Instant from which the day may be read. */
  readonly availableMs: Float64Array;
  readonly usable: Uint8Array;
}

/** The completed days of a daily resampling (a view: it grows with the series). */
export function dailyHistory(series: ResampledSeries): DailyHistory {
  return {
    get length() {
      return series.bars.length;
    },
    get dayMs() {
      return series.bars.openTimeMs;
    },
    get close() {
      return series.bars.close;
    },
    get availableMs() {
      return series.availableMs;
    },
    get usable() {
      return series.usable;
    },
  };
}

/**
 * Own value at a ranking instant: return of the 7 days that ended there, divided by the sd (ddof 1) of their daily returns (with
 * `return`: not divided). NaN when one of the 8 closes is missing, not usable or had not arrived at the ranking instant: ranks
 * use the symbols present. With `return_over_vol` also when the sd is 0; with `return` a symbol that did not move is ranked.
 */
export function strengthScore(days: DailyHistory, rankMs: number, score: ConfigValues['RS_SCORE']): number {
  const last = rowOfDay(days, rankMs - DAY_MS);
  if (last < DAYS) return Number.NaN;
  for (let row = last - DAYS; row <= last; row += 1) {
    if (days.usable[row] !== 1 || days.availableMs[row] > rankMs) return Number.NaN;
    if (days.dayMs[row] !== rankMs - DAY_MS - (last - row) * DAY_MS) return Number.NaN;
  }
  const total = days.close[last] / days.close[last - DAYS] - 1;
  if (score === 'return') return total;
  const deviation = dailyReturnSd(days, last);
  return deviation > 0 ? total / deviation : Number.NaN;
}

/** Row of a day, -1 when it is missing. */
function rowOfDay(days: DailyHistory, dayMs: number): number {
  const row = lowerBoundOf(days.dayMs, dayMs, days.length);
  return row < days.length && days.dayMs[row] === dayMs ? row : -1;
}

function dailyReturnSd(days: DailyHistory, last: number): number {
  let sum = 0;
  for (let row = last - DAYS + 1; row <= last; row += 1) sum += days.close[row] / days.close[row - 1] - 1;
  const mean = sum / DAYS;
  let squares = 0;
  for (let row = last - DAYS + 1; row <= last; row += 1)
    squares += (days.close[row] / days.close[row - 1] - 1 - mean) ** 2;
  return Math.sqrt(squares / (DAYS - 1));
}

/**
 * Percentiles 100 x (1 - (rank - 1) / n), rank 1 = highest score, average ranks on ties, n = symbols that have a score.
 * NaN in, NaN out. Does not depend on the order of the scores.
 */
export function percentileRanks(scores: Float64Array): Float64Array {
  const ranked = Array.from(scores.keys()).filter((k) => !Number.isNaN(scores[k]));
  ranked.sort((a, b) => (scores[b] > scores[a] ? 1 : scores[b] < scores[a] ? -1 : 0));
  const percentiles = new Float64Array(scores.length).fill(Number.NaN);
  for (let first = 0; first < ranked.length;) {
    let next = first + 1;
    while (next < ranked.length && scores[ranked[next]] === scores[ranked[first]]) next += 1;
    const averageRank = (first + 1 + next) / 2;
    for (let k = first; k < next; k += 1) percentiles[ranked[k]] = 100 * (1 - (averageRank - 1) / ranked.length);
    first = next;
  }
  return percentiles;
}

/** Membership of a universe member: `[fromMs, toMs)`, null = open end. */
export interface Membership {
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

/** True when the member belongs to the universe at the instant. */
export function isMember({ fromMs, toMs }: Membership, timeMs: number): boolean {
  return (fromMs === null || timeMs >= fromMs) && (toMs === null || timeMs < toMs);
}

/** Ranks of all members at all ranking instants; made on demand, remembered per instant. */
export class CrossSection {
  readonly #options: CrossSectionOptions;
  readonly #periodMs: number;
  readonly #histories: readonly (DailyHistory | null)[];
  readonly #members: readonly Membership[];
  readonly #ranks = new Map<number, Float64Array>();

  /** `histories` and `members` are parallel to the universe's members; null = no data. */
  constructor(
    options: CrossSectionOptions,
    histories: readonly (DailyHistory | null)[],
    members: readonly Membership[],
  ) {
    this.#options = options;
    this.#periodMs = options.mode === 'weekly' ? WEEK_MS : DAY_MS;
    this.#histories = histories;
    this.#members = members;
  }

  /** The instant whose ranking holds at a decision time. */
  rankTimeMs(decisionTimeMs: number): number {
    return bucketStartMs(decisionTimeMs, this.#periodMs);
  }

  /** Percentiles of all members that hold at a decision time, parallel to the members. */
  percentilesAt(decisionTimeMs: number): Float64Array {
    const rankMs = this.rankTimeMs(decisionTimeMs);
    let percentiles = this.#ranks.get(rankMs);
    if (percentiles === undefined) {
      const scores = Float64Array.from(this.#histories, (days, k) =>
        days !== null && isMember(this.#members[k], rankMs)
          ? strengthScore(days, rankMs, this.#options.score)
          : Number.NaN,
      );
      percentiles = percentileRanks(scores);
      this.#ranks.set(rankMs, percentiles);
    }
    return percentiles;
  }

  /** Percentile of one member at a decision time, NaN = not ranked. */
  percentileAt(member: number, decisionTimeMs: number): number {
    return this.percentilesAt(decisionTimeMs)[member];
  }
}
