/** What is read off the bars of a run's instruments beside its simulation: one instrument after the other, so that few are in memory. */
import {
  DAY_MS,
  directionOf,
  HOUR_MS,
  invariant,
  lowerBound,
  numbersOf,
  rowAt,
  turnoverUsd,
  type Candles,
  type InstrumentId,
  type Trade,
} from '@donch/core';
import type { BacktestResult } from '../run-backtest.ts';
import { fundingSchedule, type FundingSchedule } from '../sweep/funding-schedule.ts';
import type { Timeline } from '../sweep/timeline.ts';
import { entryNotionalUsd } from './stress-figures.ts';
import type { StressedRun } from './stressed-portfolio.ts';

/** Begin of the run, ends of its days, and its end: daily returns lie between neighbours. */
export type DayMarks = Float64Array;

/** One position of the run as the bars saw it. */
export interface VisitedPosition {
  readonly trade: Trade;
  readonly direction: 1 | -1;
  /** Bars in which it was held, at least 1. */
  readonly barsHeld: number;
  /** Value of the entry / equity at the decision. */
  readonly equityFrac: number;
  /** Fees and slippage of the whole trade / value of the entry. */
  readonly costFrac: number;
  /** Quote volume of the bar of the entry, of the hour and of the 24 hours before it. */
  readonly barUsd: number;
  readonly hourUsd: number;
  readonly dayUsd: number;
  /** Root of the squared returns of the 24 hours before the entry, scaled to 24 hours where bars are missing. */
  readonly dayVolatilityFrac: number;
}

/** An instrument while its bars are at hand. */
export interface VisitedInstrument {
  readonly instrumentId: InstrumentId;
  readonly candles: Candles;
  /** Last close at each day mark; NaN before the first bar. */
  readonly closes: Float64Array;
  readonly positions: readonly VisitedPosition[];
  /** Rows of the bars that lie inside the run, `endRow` excluded. */
  readonly firstRow: number;
  readonly endRow: number;
  readonly funding: FundingSchedule;
  readonly timeline: Timeline;
}

export interface VisitOptions {
  readonly run: StressedRun;
  readonly result: BacktestResult;
  /** UTC days of the run's equity. */
  readonly dayStartMs: Float64Array;
}

/** A walk over the instruments of a run's signals. */
export interface Visit {
  readonly marksMs: DayMarks;
  /** Calls with every instrument, by id. */
  readonly each: (look: (instrument: VisitedInstrument) => void) => void;
}

export function visitInstruments({ run, result, dayStartMs }: VisitOptions): Visit {
  const times = numbersOf(result.equity, 'time');
  const { intervalMs } = run;
  const firstMs = times[0] + intervalMs;
  const endMs = times[times.length - 1];
  const timeline = { firstMs, intervalMs, lastStep: (endMs - firstMs) / intervalMs };
  const marksMs = Float64Array.from([times[0], ...dayStartMs.map((startMs) => Math.min(startMs + DAY_MS, endMs))]);
  const positions = Map.groupBy([...result.trades, ...result.openAtEnd], ({ instrumentId }) => instrumentId);
  const ids = [...new Set(run.signals.map(({ instrumentId }) => instrumentId))].sort();
  return {
    marksMs,
    each(look) {
      for (const id of ids) {
        const candles = run.candlesOf(id);
        look({
          instrumentId: id,
          candles,
          closes: closesAt(candles, marksMs),
          positions: (positions.get(id) ?? []).map((trade) => visitedPosition(trade, candles)),
          firstRow: lowerBound(candles, firstMs),
          endRow: lowerBound(candles, endMs),
          funding: fundingSchedule({
            events: run.venue.fundingOf(id),
            assumedFrac: run.venue.costs.assumedFundingFrac,
            candles,
            timeline,
            fromStep: 0,
            toStep: timeline.lastStep,
          }),
          timeline,
        });
      }
    },
  };
}

/** Last closes at given times; NaN before the first bar. */
export function closesAt(candles: Candles, timesMs: Float64Array): Float64Array {
  return timesMs.map((timeMs) => {
    const row = lowerBound(candles, timeMs - candles.intervalMs + 1) - 1;
    return row < 0 ? Number.NaN : candles.close[row];
  });
}

function visitedPosition(trade: Trade, candles: Candles): VisitedPosition {
  const { entryTimeMs, exitTimeMs, feesUsd, slippageUsd, equityAtDecisionUsd, side } = trade;
  const entryRow = rowAt(candles, entryTimeMs);
  invariant(entryRow >= 0, 'an entry fills in a bar');
  const dayRow = lowerBound(candles, entryTimeMs - DAY_MS);
  const notionalUsd = entryNotionalUsd(trade);
  return {
    trade,
    direction: directionOf(side),
    // an exit inside the bar of the entry carries the time of its close
    barsHeld: Math.max(1, lowerBound(candles, exitTimeMs) - entryRow),
    equityFrac: notionalUsd / equityAtDecisionUsd,
    costFrac: (feesUsd + slippageUsd) / notionalUsd,
    barUsd: turnoverUsd(candles, entryRow),
    hourUsd: volumeUsd(candles, lowerBound(candles, entryTimeMs - HOUR_MS), entryRow),
    dayUsd: volumeUsd(candles, dayRow, entryRow),
    dayVolatilityFrac: dayVolatility(candles, dayRow, entryRow),
  };
}

/** Quote volume of the rows `from .. to-1`. */
function volumeUsd(candles: Candles, from: number, to: number): number {
  let sum = 0;
  for (let row = from; row < to; row += 1) sum += turnoverUsd(candles, row);
  return sum;
}

/** Root of the squared log returns of the rows `from .. to-1`, per 24 hours; NaN below two bars. */
function dayVolatility({ close, intervalMs }: Candles, from: number, to: number): number {
  let squares = 0;
  for (let row = from + 1; row < to; row += 1) squares += Math.log(close[row] / close[row - 1]) ** 2;
  const returns = to - from - 1;
  return returns > 0 ? Math.sqrt((squares * DAY_MS) / (returns * intervalMs)) : Number.NaN;
}
