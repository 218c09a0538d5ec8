/**
 * Everything one instrument carries from bar to bar: higher-interval series, level, volume window, feature kernels. Stepped once
 * per closed bar, in a loop over history and at the live edge alike; values are computed where a decision asks for them.
 */
import {
  bucketStartMs,
  intervalMs,
  invariant,
  NO_EVENTS,
  MIN_COVERAGE_FRAC,
  DAY_MS,
  type Candles,
  type ConfigValues,
  type Interval,
  type Side,
} from '@donch/core';
import { Atr, DonchianBars, DonchianDays, Ema, VolumeWindow } from '@donch/indicators';
import type { SetupBar, SetupState } from '../entry/breakout-setup.ts';
import type { SetupRules } from '../entry/setup-rules.ts';
import type { FeatureContext, FeatureDef, FeatureKernel, ReferenceTracks, SymbolEvents } from './feature.ts';
import { OwnSeries, type BarSeries } from './own-series.ts';
import { ownKernel } from './own-trend.ts';
import { levelSettleMs } from './settle.ts';

/** Days of volume below which there is no median, however short the history. */
const VOLUME_DAYS_MIN = 7.5;

/** The day in progress is summed up when it ends, and the next bar may come after a gap. */
const BUCKETS_MS = 2 * DAY_MS;

const EVENTLESS: SymbolEvents = { funding: NO_EVENTS, openInterest: NO_EVENTS };

export interface SymbolStateOptions {
  readonly settings: ConfigValues;
  readonly rules: SetupRules;
  readonly features: readonly FeatureDef[];
  /** What is computed from other symbols; stepped before this symbol is. */
  readonly tracks: ReferenceTracks;
  /** NaN = not known. */
  readonly listedMs: number;
  /** Without them features of events are missing. */
  readonly events?: SymbolEvents | undefined;
  /** Where higher-interval bars come from; set only to plant a leak (`PlantedLeak`). */
  readonly seriesOf?: ((intervalMs: number) => BarSeries | null) | undefined;
}

export class SymbolState implements FeatureContext, SetupBar {
  base: Candles;
  row = -1;
  decisionTimeMs = Number.NaN;
  /** Donchian level as read at the open of `row`, for the strategy's side; NaN = not ready. */
  levelPrice = Number.NaN;
  rsPercentile = Number.NaN;
  readonly listedMs: number;
  setup: SetupState;
  readonly features: readonly FeatureDef[];
  readonly tracks: ReferenceTracks;
  readonly events: SymbolEvents;
  readonly #rules: SetupRules;
  readonly #kernels: readonly FeatureKernel[];
  readonly #series = new Map<Interval, BarSeries>();
  /** The same series as an array: stepped every bar. */
  readonly #stepped: readonly BarSeries[];
  readonly #seriesOf: SymbolStateOptions['seriesOf'];
  readonly #level: LevelReader;
  readonly #volume: VolumeWindow;
  readonly #atr: FeatureKernel;
  readonly #ema: PullbackEma | null;
  readonly #setupSettleMs: number;

  constructor(
    candles: Candles,
    setup: SetupState,
    { settings, rules, features, tracks, listedMs, events = EVENTLESS, seriesOf }: SymbolStateOptions,
  ) {
    this.base = candles;
    this.setup = setup;
    this.listedMs = listedMs;
    this.features = features;
    this.#rules = rules;
    this.tracks = tracks;
    this.events = events;
    this.#seriesOf = seriesOf;
    this.#kernels = features.map((def) => this.#attach(def.create(settings), def.interval));
    this.#atr = this.#attach(ownKernel(new Atr(rules.atr.length), settings.ATR_TIMEFRAME), settings.ATR_TIMEFRAME);
    this.series('1d');
    this.#stepped = [...this.#series.values()];
    this.#level = levelReader(rules);
    const lookbackDays = rules.volumeLookbackMs / DAY_MS;
    this.#volume = new VolumeWindow({
      windowMs: rules.volumeLookbackMs,
      intervalMs: rules.intervalMs,
      coverageMinFrac: Math.min(VOLUME_DAYS_MIN / lookbackDays, MIN_COVERAGE_FRAC),
    });
    this.#ema = rules.pullback.type === 'mean' ? new PullbackEma(rules.pullback.emaBars) : null;
    this.#setupSettleMs = Math.max(
      levelSettleMs(settings),
      rules.volumeLookbackMs,
      this.#atr.settleMs,
      (this.#ema?.settleBars ?? 0) * rules.intervalMs,
    );
  }

  #attach(kernel: FeatureKernel, interval: 'base' | Interval): FeatureKernel {
    if (interval !== 'base' && kernel.onBar !== undefined) {
      this.series(interval).onUsableBar((bars, row) => kernel.onBar?.(bars, row));
    }
    return kernel;
  }

  /** Own higher-interval bars; made on first use, which must be before the first step. */
  series(interval: Interval): BarSeries {
    let series = this.#series.get(interval);
    if (series === undefined) {
      invariant(this.row < 0, 'a series is asked for before the first bar');
      const lengthMs = intervalMs(interval);
      series = this.#seriesOf?.(lengthMs) ?? new OwnSeries(this.#rules.intervalMs, lengthMs);
      this.#series.set(interval, series);
    }
    return series;
  }

  /** Takes closed row i of `candles` (the same growing columns every time). */
  step(candles: Candles, i: number): void {
    this.base = candles;
    this.row = i;
    this.decisionTimeMs = candles.openTimeMs[i] + candles.intervalMs;
    this.levelPrice = this.#level.step(candles, i);
    for (const series of this.#stepped) series.step(candles, i);
    this.#ema?.step(candles, i);
  }

  /**
   * From the next step on `candles` come without the first rows of those before; what is left reaches back `readsBackMs` from the
   * last row. Called while the rows are still there.
   */
  rebase(candles: Candles, rows: number): void {
    this.#volume.absorb(this.base, this.row);
    this.base = candles;
    this.row -= rows;
    this.#level.rebase(rows);
    this.#volume.rebase(rows);
    for (const series of this.#stepped) series.rebase(rows);
    for (const kernel of this.#kernels) kernel.rebase?.(rows);
  }

  get closeTimeMs(): number {
    return this.decisionTimeMs;
  }

  get high(): number {
    return this.base.high[this.row];
  }

  get low(): number {
    return this.base.low[this.row];
  }

  get close(): number {
    return this.base.close[this.row];
  }

  get volume(): number {
    return this.base.volume[this.row];
  }

  get atr(): number {
    return this.#atr.value(this);
  }

  volumeMedian(): number {
    this.#volume.absorb(this.base, this.row);
    const median = this.#volume.median();
    return median > 0 ? median : Number.NaN;
  }

  volumeQuantile(q: number): number {
    this.#volume.absorb(this.base, this.row);
    return this.#volume.quantile(q);
  }

  pullbackEma(): number {
    return this.#ema?.value ?? Number.NaN;
  }

  /** Writes the value of every feature at the last bar into `into` (parallel to `features`); categories as codes. */
  readFeatures(into: Float64Array): void {
    for (let k = 0; k < this.#kernels.length; k += 1) into[k] = this.#kernels[k].value(this);
  }

  /** How far back from the last bar base rows are read, in time: what a buffer at the live edge must keep. */
  get readsBackMs(): number {
    const { level, intervalMs: baseMs } = this.#rules;
    const levelMs = level.basis === 'bars' ? (level.length * baseMs) / MIN_COVERAGE_FRAC + baseMs : 0;
    return Math.max(BUCKETS_MS, levelMs, ...this.#kernels.map((kernel) => kernel.readsBackMs ?? 0));
  }

  /** History, in time, that level, volume condition, pullback and every feature need: derived from the kernels. */
  get settleMs(): number {
    return Math.max(this.#setupSettleMs, ...this.#kernels.map((kernel) => kernel.settleMs));
  }
}

/** EMA of the base closes; NaN until where the history began weighs less than 1e-3. */
class PullbackEma {
  readonly settleBars: number;
  value = Number.NaN;
  readonly #kernel: Ema;
  #bars = 0;

  constructor(bars: number) {
    this.#kernel = new Ema(bars);
    this.settleBars = this.#kernel.settleBars;
  }

  step(candles: Candles, i: number): void {
    const value = this.#kernel.step(candles, i);
    this.#bars += 1;
    if (this.#bars >= this.settleBars) this.value = value;
  }
}

/** Level as read at the open of row i; NaN while its window is not complete enough (coverage rule of max and min). */
interface LevelReader {
  step(candles: Candles, i: number): number;
  rebase(rows: number): void;
}

function levelReader({ level: rule, intervalMs: baseMs, side }: SetupRules): LevelReader {
  return rule.basis === 'days' ? daysLevel(rule.length, baseMs, side) : barsLevel(rule.length, baseMs, side);
}

function daysLevel(days: number, baseMs: number, side: Side): LevelReader {
  const channel = new DonchianDays({ days, intervalMs: baseMs });
  const barsMin = MIN_COVERAGE_FRAC * (DAY_MS / baseMs);
  let level = Number.NaN;
  let dayEndMs = Number.NEGATIVE_INFINITY;
  return {
    step(candles, i) {
      // completed days only: the level is the same for all bars of a day
      if (candles.openTimeMs[i] < dayEndMs) return level;
      dayEndMs = bucketStartMs(candles.openTimeMs[i], DAY_MS) + DAY_MS;
      channel.step(candles, i);
      const ready = channel.consecutive && !channel.cutByStart && channel.barsMin >= barsMin;
      level = ready ? (side === 'long' ? channel.upper : channel.lower) : Number.NaN;
      return level;
    },
    rebase: (rows) => channel.rebase(rows),
  };
}

function barsLevel(bars: number, baseMs: number, side: Side): LevelReader {
  const channel = new DonchianBars(bars);
  const spanMaxMs = (bars * baseMs) / MIN_COVERAGE_FRAC;
  return {
    step(candles, i) {
      channel.step(candles, i);
      const ready = i >= bars && candles.openTimeMs[i] - candles.openTimeMs[i - bars] <= spanMaxMs;
      return ready ? (side === 'long' ? channel.upper : channel.lower) : Number.NaN;
    },
    rebase: (rows) => channel.rebase(rows),
  };
}
