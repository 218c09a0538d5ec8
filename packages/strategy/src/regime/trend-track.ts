/**
 * Daily trend of the benchmark: BULL when the close lies more than a band of ATRs above a double SMA, BEAR when it lies more than
 * the band below; inside the band the last of the two holds on.
 */
import { MIN_COVERAGE_FRAC, type Candles, type ConfigValues } from '@donch/core';
import { Atr } from '@donch/indicators';
import { GrowingColumn } from './growing-column.ts';
import { ReferenceTrack, type ReferenceTrackOptions } from './reference-track.ts';

/** Values of the trend, in code order. */
export const TRENDS = ['BEAR', 'BULL'] as const;

export interface TrendRule {
  /** Length of both averages: the second one is the average of the first. */
  readonly averageBars: number;
  readonly atrBars: number;
  /** Half of the band in ATRs. */
  readonly bandAtr: number;
}

/** The rule of the settings. */
export function trendRule(settings: ConfigValues): TrendRule {
  return {
    averageBars: settings.REGIME_MA_PERIOD,
    atrBars: settings.REGIME_ATR_PERIOD,
    bandAtr: settings.REGIME_ATR_MULT,
  };
}

/** Bars until average and ATR can be computed: a double average of n needs 2n - 1. */
export function trendSettleBars({ averageBars, atrBars }: TrendRule): number {
  return Math.max(Math.ceil((2 * averageBars - 1) / MIN_COVERAGE_FRAC), new Atr(atrBars).settleBars) + 1;
}

export class TrendTrack extends ReferenceTrack {
  readonly #rule: TrendRule;
  readonly #atr: Atr;
  readonly #trend = new GrowingColumn();
  /** Of the usable bars alone. */
  readonly #openMs = new GrowingColumn();
  readonly #close = new GrowingColumn();
  readonly #average = new GrowingColumn();
  #last = Number.NaN;

  constructor({ rule, ...options }: ReferenceTrackOptions & { readonly rule: TrendRule }) {
    super(options);
    this.#rule = rule;
    this.#atr = new Atr(rule.atrBars);
  }

  protected override closeBar(bars: Candles, row: number, isUsable: boolean): void {
    if (isUsable) this.#last = this.#next(bars, row);
    this.#trend.push(isUsable ? this.#last : Number.NaN);
  }

  #next(bars: Candles, row: number): number {
    const { averageBars, bandAtr } = this.#rule;
    const atr = this.#atr.step(bars, row);
    const close = bars.close[row];
    this.#openMs.push(bars.openTimeMs[row]);
    this.#close.push(close);
    this.#average.push(meanOfLast(this.#close, averageBars));
    const center = meanOfLast(this.#average, averageBars);
    if (!this.#isCovered() || this.#close.length < this.#atr.settleBars) return Number.NaN;
    if (close > center + bandAtr * atr) return 1;
    if (close < center - bandAtr * atr) return 0;
    return this.#last;
  }

  /** True when at most a tenth of the bars behind the double average is missing. */
  #isCovered(): boolean {
    const bars = 2 * this.#rule.averageBars - 1;
    const { length, values } = this.#openMs;
    if (length < bars) return false;
    return values[length - 1] - values[length - bars] <= ((bars - 1) * this.intervalMs) / MIN_COVERAGE_FRAC;
  }

  /** Code in `TRENDS` as of the instant; NaN = unknown. */
  trendAt(timeMs: number): number {
    return this.valueAsOf(this.#trend, timeMs);
  }
}

/** Added up anew each time, so that nothing but the window counts; NaN while there are fewer values. */
function meanOfLast({ values, length }: GrowingColumn, count: number): number {
  if (length < count) return Number.NaN;
  let sum = 0;
  for (let k = length - count; k < length; k += 1) sum += values[k];
  return sum / count;
}
