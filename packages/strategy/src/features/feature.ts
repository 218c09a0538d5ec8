/**
 * What a feature is: one declaration in one registry. Its name is the training column and the live column; training, scouting
 * and the live bot read values from here and from nowhere else.
 */
import type { Candles, ConfigKey, ConfigValues, EventSeries, Interval } from '@donch/core';
import type { SetupState } from '../entry/breakout-setup.ts';
import type { MacdTrack } from '../regime/macd-track.ts';
import type { SwitchingTrack } from '../regime/switching-track.ts';
import type { TrendTrack } from '../regime/trend-track.ts';
import type { BarSeries } from './own-series.ts';

export type FeatureDtype = 'float' | 'int' | 'bool' | 'category';

/** Which bars a feature lives on. `base`: base bars; an interval: the instrument's own closed higher-interval bars. */
export type FeatureInterval = 'base' | Interval;

export interface FeatureDef {
  readonly name: string;
  readonly unit: string;
  readonly dtype: FeatureDtype;
  /** Values of a `category` feature in code order. */
  readonly categories?: readonly string[];
  readonly interval: FeatureInterval;
  /** States and features are read as of the close; levels a bar is compared with as of its open. */
  readonly instant: 'close' | 'open';
  /** What it is computed from, in words. */
  readonly inputs: readonly string[];
  /** `context` values stand in the signal row and are never training features (raw prices identify the symbol). */
  readonly role: 'feature' | 'context';
  readonly meaning: string;
  /** What a missing value means; '' = only "not enough history". */
  readonly noneMeans: string;
  /** Typical size: the warm-up test asks for 1e-9 of it. */
  readonly scale: number;
  /** Raised when the definition changes; a bundle is bound to it. */
  readonly version: number;
  /** Configuration keys that change the value: part of what a bundle and the hashes of rules over the feature record. */
  readonly settings: readonly ConfigKey[];
  create(settings: ConfigValues): FeatureKernel;
}

/** One feature of one instrument. Eager work goes to `onBar`, everything else is done when a decision asks. */
export interface FeatureKernel {
  /**
   * History that the value needs, in time, the decision bar included: beyond it nothing changes a finite window, and what lies
   * beyond it weighs less than 1e-3 in a recursive filter (less than 1e-9 beyond three times as much).
   */
  readonly settleMs: number;
  /**
   * How far back from the last bar base rows are read, in time; missing = the last row alone. The live edge keeps that much and no
   * more; the values of its bars are compared with those of research for every feature.
   */
  readonly readsBackMs?: number;
  /** Called once per usable closed bar of the feature's own interval (never for `base`: base features are lazy). */
  onBar?(bars: Candles, row: number): void;
  /** The base bars have dropped their first rows (`Kernel.rebase`). */
  rebase?(rows: number): void;
  /** Value at the close of `context.row`; NaN = missing. Categories return their code. */
  value(context: FeatureContext): number;
}

/** Everything a feature may read at one decision. Nothing in it lies after the close of `row`. */
export interface FeatureContext {
  /** Base bars; rows above `row` must not be read. */
  readonly base: Candles;
  readonly row: number;
  /** Close of `row`. */
  readonly decisionTimeMs: number;
  /** Own higher-interval bars, or undefined when no feature asked for that interval. */
  series(interval: Interval): BarSeries;
  /** THE ATR, price units; NaN = not ready. */
  readonly atr: number;
  /** Median of the volume window, current bar included; NaN = not ready. */
  volumeMedian(): number;
  readonly setup: SetupState;
  /** Relative strength valid at the decision, 0..100; NaN = not ranked. */
  readonly rsPercentile: number;
  /** Listing instant; NaN = not known. */
  readonly listedMs: number;
  /** Events of the instrument; read them as of the decision (`lastEventAt`) and no other way. */
  readonly events: SymbolEvents;
  /** What is computed from other symbols, readable as of the decision. */
  readonly tracks: ReferenceTracks;
}

/** Events of one instrument; empty where there are none. The live edge appends to the same series. */
export interface SymbolEvents {
  readonly funding: EventSeries;
  /** Base units. */
  readonly openInterest: EventSeries;
}

/** Tracks of other symbols that features may read: one object per strategy, shared by all instruments, in research and live. */
export type ReferenceTracks = Readonly<
  /** MACD of ETH, of the benchmark, of the regime gate's symbol. */
  Record<'eth' | 'btc' | 'gate', MacdTrack> &
    /** Switching models of the benchmark: returns on MARKOV_TIMEFRAME (state 1 = up), daily variance (state 1 = high). */
    Record<'markov' | 'volatility', SwitchingTrack> &
    /** Daily trend of the benchmark. */
    Record<'trend', TrendTrack>
>;
