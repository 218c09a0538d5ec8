/** The store as the importer needs it: merging that reports what it met. */

import type {
  Bar,
  Candles,
  FundingEvents,
  InstrumentId,
  InstrumentRules,
  Interval,
  OpenInterestEvents,
} from '@donch/core';

type Later<T> = T | Promise<T>;

/** What a merge of candles did; values that differed are revisions, and `kept` of each says which stayed. */
export interface CandleMergeReport {
  readonly added: number;
  readonly identical: number;
  /** Rows that were there without turnover and got it. */
  readonly completed: number;
  readonly revised: readonly { readonly openTimeMs: number; readonly old: Bar; readonly new: Bar }[];
}

/** What a merge of events did: settlements, open interest. */
export interface EventMergeCounts {
  readonly added: number;
  readonly identical: number;
  readonly revised: readonly { readonly timeMs: number; readonly old: number; readonly new: number }[];
}

/** Where a file's rows go. */
export interface CandleTarget {
  readonly instrumentId: InstrumentId;
  readonly interval: Interval;
}

/** Each merge is atomic: after a crash the store holds all of it or nothing. */
export interface ImportSink {
  /** Adds bars; a stored bar with other values stays (`old`) or is replaced (`new`). */
  mergeCandles(target: CandleTarget, candles: Candles, kept: 'old' | 'new'): Later<CandleMergeReport>;
  /** Open times of all stored bars, ascending. */
  openTimes(target: CandleTarget): Later<Float64Array>;
  mergeFunding(id: InstrumentId, events: FundingEvents, kept: 'old' | 'new'): Later<EventMergeCounts>;
  /** All stored settlements, ascending. */
  settlementTimes(id: InstrumentId): Later<Float64Array>;
  mergeOpenInterest(id: InstrumentId, events: OpenInterestEvents, kept: 'old' | 'new'): Later<EventMergeCounts>;
  /** Times of all stored open interest, ascending. */
  openInterestTimes(id: InstrumentId): Later<Float64Array>;
  /** All rows of the instruments table about one instrument. */
  rules(id: InstrumentId): Later<readonly InstrumentRules[]>;
  /** Writes a row; one with the same instrument and `validFromMs` is replaced. */
  putRules(rules: InstrumentRules): Later<void>;
}
