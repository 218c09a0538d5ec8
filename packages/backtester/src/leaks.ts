/**
 * Deliberate look-ahead mistakes, each one that a real system has made. They exist to prove that `donch lookahead` names them
 * and that the null test sees their profit; nothing else plants one.
 */
import {
  bucketStartMs,
  DAY_MS,
  HOUR_MS,
  invariant,
  resample,
  WEEK_MS,
  type BarSet,
  type Candles,
  type ResampledSeries,
} from '@donch/core';
import { trailStop, type EngineState } from '@donch/engine';
import type { BarVenue, RulesAt } from '@donch/sim';
import { fitSwitching, smoothSwitching } from '@donch/stats';
import {
  allUsable,
  MacdTrack,
  SwitchingTrack,
  type BarSeries,
  type PlantedLeak,
  type SetupBar,
  type SetupPhase,
  type SymbolState,
  type TrackClasses,
} from '@donch/strategy';

export const LEAKS = ['rs_week', 'htf_open', 'day_open', 'future_high', 'smoothed_regime', 'same_bar_trail'] as const;
export type LeakName = (typeof LEAKS)[number];

/** What each leak does, for people. */
export const LEAK_TEXT: Readonly<Record<LeakName, string>> = {
  rs_week: 'relative strength of the week in progress, up to a week too early',
  htf_open: 'higher-interval bars (1h, 4h) are read as soon as they open',
  day_open: 'the day in progress is read as if it had ended',
  future_high: 'the rebreak trigger knows the highest high of the next hour',
  smoothed_regime: 'regimes are smoothed, with parameters fitted on all data',
  same_bar_trail: 'the trailing stop of a bar is moved by the close of that very bar',
};

/** Settings under which a leak can act, where the strategy at hand would not show it. */
export const LEAK_SETTINGS: Readonly<Record<LeakName, Readonly<Record<string, unknown>>>> = {
  rs_week: {},
  htf_open: {},
  day_open: {},
  future_high: { ENTRY_RULE: 'rebreak_high' },
  smoothed_regime: {},
  same_bar_trail: { TRAIL_AFTER_TP1: true, TRAIL_START: 'entry', TRAIL_ATR_MULT: 1, TRAIL_MIN_MOVE_PCT: 0 },
};

/** The instant at which a rank is asked for. */
export function leakedRankTimeMs(leak: LeakName | null, decisionTimeMs: number): number {
  return leak === 'rs_week' ? decisionTimeMs + WEEK_MS : decisionTimeMs;
}

/** Classes of the reference tracks. */
export function leakedTracks(leak: LeakName | null): TrackClasses {
  return {
    Macd: leak === 'htf_open' ? UnshiftedTrack : MacdTrack,
    Switching: leak === 'smoothed_regime' ? SmoothedTrack : SwitchingTrack,
  };
}

/** What the scanner of one instrument is shown; undefined = the truth. */
export function leakOf(leak: LeakName | null, candles: Candles): PlantedLeak | undefined {
  if (leak === 'htf_open')
    return { seriesOf: (intervalMs) => (intervalMs < DAY_MS ? new UnshiftedSeries(candles, intervalMs) : null) };
  if (leak === 'day_open')
    return { seriesOf: (intervalMs) => (intervalMs === DAY_MS ? new UnshiftedSeries(candles, intervalMs) : null) };
  if (leak === 'future_high') return { barView: futureHighView };
  return undefined;
}

/** Higher-interval bars without the shift: a bar can be read, complete, from the moment at which it opens. */
class UnshiftedSeries implements BarSeries {
  readonly intervalMs: number;
  readonly resampled: ResampledSeries;
  readonly #onUsable: ((bars: Candles, row: number) => void)[] = [];
  #row = -1;

  constructor(candles: Candles, intervalMs: number) {
    this.intervalMs = intervalMs;
    this.resampled = resample(candles, intervalMs);
  }

  get bars(): Candles {
    return this.resampled.bars;
  }

  onUsableBar(listener: (bars: Candles, row: number) => void): void {
    this.#onUsable.push(listener);
  }

  step(base: Candles, i: number): void {
    const startMs = bucketStartMs(base.openTimeMs[i], this.intervalMs);
    const { bars, usable } = this.resampled;
    while (this.#row + 1 < bars.length && bars.openTimeMs[this.#row + 1] <= startMs) {
      this.#row += 1;
      if (usable[this.#row] === 1) for (const listener of this.#onUsable) listener(bars, this.#row);
    }
  }

  rowAsOf(): number {
    return this.#row >= 0 && this.resampled.usable[this.#row] === 1 ? this.#row : -1;
  }

  allUsable(row: number, count: number): boolean {
    return allUsable(this.resampled, row, count);
  }

  rebase(): void {
    invariant(false, 'a leak is planted in research only');
  }
}

/** A benchmark's MACD read one bar too early. */
class UnshiftedTrack extends MacdTrack {
  override histogramAt(timeMs: number): number {
    return super.histogramAt(this.#early(timeMs));
  }

  override histogramFracAt(timeMs: number): number {
    return super.histogramFracAt(this.#early(timeMs));
  }

  override aboveSignalAt(timeMs: number): number {
    return super.aboveSignalAt(this.#early(timeMs));
  }

  #early(timeMs: number): number {
    return bucketStartMs(timeMs, this.intervalMs) + this.intervalMs;
  }
}

/** Probabilities that know the whole series: smoothed, under parameters that were fitted on all of it. */
class SmoothedTrack extends SwitchingTrack {
  #smoothed: ReadonlyMap<number, number> | null = null;

  override probability1At(timeMs: number): number {
    this.#smoothed ??= this.#smooth();
    return this.#smoothed.get(bucketStartMs(timeMs, this.intervalMs)) ?? Number.NaN;
  }

  #smooth(): ReadonlyMap<number, number> {
    const { returns, endMs } = this.grid;
    const values = returns.values.slice(0, returns.length);
    const { smoothed1 } = smoothSwitching(fitSwitching(values, 'variance').parameters, values);
    return new Map(Array.from(smoothed1, (probability, k) => [endMs.values[k], probability] as const));
  }
}

/** A waiting set-up is shown the extreme of the hour that follows the bar. */
function futureHighView(state: SymbolState, phase: SetupPhase): SetupBar {
  if (phase !== 'touched') return state;
  const { base, row } = state;
  const last = Math.min(base.length - 1, row + Math.round(HOUR_MS / base.intervalMs));
  let high = base.high[row];
  let low = base.low[row];
  for (let k = row + 1; k <= last; k += 1) {
    high = Math.max(high, base.high[k]);
    low = Math.min(low, base.low[k]);
  }
  return {
    closeTimeMs: state.closeTimeMs,
    high,
    low,
    close: state.close,
    volume: state.volume,
    levelPrice: state.levelPrice,
    atr: state.atr,
    volumeMedian: () => state.volumeMedian(),
    volumeQuantile: (q) => state.volumeQuantile(q),
    pullbackEma: () => state.pullbackEma(),
  };
}

/** Moves trailing stops by the bars of this very set before the venue looks at them. */
export function trailOnSameBar(state: Readonly<EngineState>, venue: BarVenue, barSet: BarSet, rulesAt: RulesAt): void {
  for (const trade of state.trades) {
    const { trailing } = trade.exits;
    const index = barSet.instruments.indexOf(trade.instrumentId);
    const row = index < 0 ? -1 : barSet.rows[index];
    const candles = index < 0 ? null : barSet.candles[index];
    if (trailing === null || row < 0 || candles === null || !(trade.qtyOpen > 0)) continue;
    const { tickSize } = rulesAt(trade.instrumentId, barSet.closeTimeMs);
    const step = trailStop(trade, trailing, candles.close[row], tickSize);
    if (step.kind === 'move')
      venue.setProtection(trade.instrumentId, { ...trade.protection, stopPrice: step.stopPrice });
  }
}
