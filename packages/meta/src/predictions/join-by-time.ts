import { DonchError, formatDuration, formatMinute, invariant } from '@donch/core';
import { idsOf, probabilitiesOf, symbolsOf, timesOf } from './column-values.ts';
import { timeRange } from './join-by-id.ts';
import { likelyShift, stampEvidence } from './likely-shift.ts';
import { matchByTime, rowsInTime, timedPredictions, type TimedPredictions, type TimedRows } from './match-by-time.ts';
import { counted, listed } from './message-words.ts';
import type { PredictionJoin, PredictionJoinInput, TimeDifference } from './prediction-join.ts';
import { symbolGroups, type SymbolGroups } from './symbol-groups.ts';
import { requireTimeAndSymbol } from './table-columns.ts';

/** Joins by symbol and time. A prediction without an id cannot tell two signals of one symbol and time apart: `duplicate_signals`. */
export function joinByTime(input: PredictionJoinInput): PredictionJoin {
  const { side, signals, options } = input;
  const { intervalMs, tolMs = 0, roundMs = 0, label = 'close', dedup } = options;
  requireGrid(roundMs, intervalMs);
  const right = predictionRows(input);
  const left = signalRows(input);
  const symbols = symbolGroups(left.symbols, right.symbols);
  requireOneVenue(symbols);
  const timed: TimedRows = {
    group: symbols.left,
    timeMs: roundMs === 0 ? left.timeMs : left.timeMs.map((timeMs) => Math.floor(timeMs / roundMs) * roundMs),
  };
  requireOneSignalPerTime(input, timed);
  const predictions = timedPredictions(
    {
      group: symbols.right,
      groups: symbols.groups,
      p: right.p,
      exactMs: right.timeMs,
      timeMs: roundMs === 0 ? right.timeMs : right.timeMs.map((timeMs) => Math.ceil(timeMs / roundMs) * roundMs),
    },
    dedup,
  );
  const { prediction, laterOnly } = matchByTime(timed, predictions, { tolMs, soonMs: intervalMs });
  const matched = prediction.reduce((count, at) => (at >= 0 ? count + 1 : count), 0);
  return {
    side,
    by: 'time',
    p: Float64Array.from(prediction, (at) => (at >= 0 ? predictions.p[at] : Number.NaN)),
    signals: signals.length,
    matched,
    coverageFrac: matched / signals.length,
    predictions: input.predictions.length,
    withoutProbability: input.predictions.length - right.p.length,
    merged: predictions.merged,
    leftOver: predictions.p.length - new Set(prediction.filter((at) => at >= 0)).size,
    signalsOnly: symbols.leftOnly,
    predictionsOnly: symbols.rightOnly,
    signalTimes: timeRange(left.timeMs),
    predictionTimes: timeRange(right.timeMs),
    differences: differences(left.timeMs, predictions, prediction),
    laterOnly,
    shift: likelyShift(timed, predictions, intervalMs),
    stamps: stampEvidence(timed, predictions, intervalMs),
    label,
    intervalMs,
  };
}

interface ReadRows {
  readonly symbols: readonly string[];
  readonly timeMs: Float64Array;
}

function signalRows({ side, signals: table, signalColumns }: PredictionJoinInput): ReadRows {
  const { time, symbol } = requireTimeAndSymbol(side, table, signalColumns);
  return { symbols: symbolsOf({ side, table, name: symbol }), timeMs: timesOf({ side, table, name: time }) };
}

/** The rows that have a probability, with the time at which their bar closed. */
function predictionRows(input: PredictionJoinInput): ReadRows & { readonly p: Float64Array } {
  const { predictions: table, predictionColumns, options } = input;
  const { time, symbol } = requireTimeAndSymbol('predictions', table, predictionColumns);
  const p = probabilitiesOf({ side: 'predictions', table, name: predictionColumns.probability.name });
  const symbols = symbolsOf({ side: 'predictions', table, name: symbol });
  const timeMs = timesOf({ side: 'predictions', table, name: time });
  const laterMs = options.label === 'open' ? options.intervalMs : 0;
  const scored = symbols.flatMap((_, row) => (Number.isNaN(p[row]) ? [] : [row]));
  return {
    symbols: scored.map((row) => symbols[row]),
    timeMs: Float64Array.from(scored, (row) => timeMs[row] + laterMs),
    p: Float64Array.from(scored, (row) => p[row]),
  };
}

function requireGrid(roundMs: number, intervalMs: number): void {
  invariant(roundMs >= 0 && intervalMs > 0, 'grid and bar are lengths');
  if (roundMs === 0 || intervalMs % roundMs === 0) return;
  throw new DonchError(
    'bad_argument',
    `--round is ${formatDuration(roundMs)}, and bars are ${formatDuration(intervalMs)} long`,
    {
      expected: `a length that divides a bar, such as ${formatDuration(intervalMs)}, or 0 = off`,
    },
  );
}

function requireOneVenue({ twoVenues }: SymbolGroups): void {
  if (twoVenues === null) return;
  throw new DonchError('symbol_unclear', `there are ${twoVenues.join(' and ')}, and symbols without a venue`, {
    expected: 'one venue, or the venue with every symbol (bybit:ETHUSDT)',
  });
}

function requireOneSignalPerTime(
  { side, signals, signalColumns, options }: PredictionJoinInput,
  rows: TimedRows,
): void {
  const { id, symbol } = signalColumns;
  const ids = id === null ? null : idsOf({ side, table: signals, name: id.name });
  const doubled: number[] = [];
  let previous = -1;
  for (const row of rowsInTime(rows)) {
    const isSameTime =
      previous >= 0 && rows.group[row] === rows.group[previous] && rows.timeMs[row] === rows.timeMs[previous];
    if (isSameTime && (ids === null || ids[row] !== ids[previous])) doubled.push(row);
    previous = row;
  }
  if (doubled.length === 0) return;
  const symbols = symbolsOf({ side, table: signals, name: symbol?.name ?? '' });
  const examples = doubled.map((row) => `${symbols[row]} ${formatMinute(rows.timeMs[row])}`);
  throw new DonchError(
    'duplicate_signals',
    `${counted(doubled.length, 'row')} of the ${side} too many: ${listed(examples, 3)}`,
    {
      file: signals.name,
      expected: 'one per symbol and time, since the predictions carry no id that would tell them apart',
      remedy: `use predictions with a column signal_id${(options.roundMs ?? 0) > 0 ? ', or a finer --round' : ''}`,
    },
  );
}

/** Most frequent first, then by age. */
function differences(timesMs: Float64Array, { exactMs }: TimedPredictions, prediction: Int32Array): TimeDifference[] {
  const counts = new Map<number, number>();
  for (let row = 0; row < prediction.length; row += 1) {
    if (prediction[row] < 0) continue;
    const differenceMs = timesMs[row] - exactMs[prediction[row]];
    counts.set(differenceMs, (counts.get(differenceMs) ?? 0) + 1);
  }
  return Array.from(counts, ([differenceMs, count]) => ({ differenceMs, signals: count })).sort(
    (a, b) => b.signals - a.signals || a.differenceMs - b.differenceMs,
  );
}
