import { invariant, type Table } from '@donch/core';
import { idsOf, probabilitiesOf } from './column-values.ts';
import { dedupPredictions } from './dedup-predictions.ts';
import type { PredictionJoin, PredictionJoinInput, TimeRange } from './prediction-join.ts';
import { symbolGroups } from './symbol-groups.ts';
import type { ChosenColumn } from './table-columns.ts';

/**
 * Joins by id. Rows of the signals with the same id (one signal that several strategies trade) all take its probability. Times and
 * symbols are looked at for the message alone.
 */
export function joinById(input: PredictionJoinInput): PredictionJoin {
  const { side, signals, signalColumns, predictions, predictionColumns, options } = input;
  const [left, right] = [signalColumns.id, predictionColumns.id];
  invariant(left !== null && right !== null, 'both sides have ids');
  const probability = probabilitiesOf({
    side: 'predictions',
    table: predictions,
    name: predictionColumns.probability.name,
  });
  const ids = idsOf({ side: 'predictions', table: predictions, name: right.name });
  const numbers = new Map<string, number>();
  const scored = ids.flatMap((_, row) => (Number.isNaN(probability[row]) ? [] : [row]));
  const signal = Int32Array.from(scored, (row) => numberOf(numbers, ids[row]));
  const taken = Float64Array.from(scored, (row) => probability[row]);
  const { p: perId, merged } = dedupPredictions({ signal, p: taken, signals: numbers.size }, options.dedup);

  const used = new Set<number>();
  const p = Float64Array.from(idsOf({ side, table: signals, name: left.name }), (id) => {
    const number = numbers.get(id);
    if (number === undefined) return Number.NaN;
    used.add(number);
    return perId[number];
  });
  const matched = p.reduce((count, value) => (Number.isNaN(value) ? count : count + 1), 0);
  const symbols = symbolGroups(
    textsOrNone(signals, signalColumns.symbol),
    textsOrNone(predictions, predictionColumns.symbol),
  );
  const hasSymbols = symbols.left.length > 0 && symbols.right.length > 0;
  return {
    side,
    by: 'id',
    p,
    signals: signals.length,
    matched,
    coverageFrac: matched / signals.length,
    predictions: predictions.length,
    withoutProbability: predictions.length - scored.length,
    merged,
    leftOver: numbers.size - used.size,
    signalsOnly: hasSymbols ? symbols.leftOnly : [],
    predictionsOnly: hasSymbols ? symbols.rightOnly : [],
    signalTimes: rangeOrNone(signals, signalColumns.time),
    predictionTimes: rangeOrNone(predictions, predictionColumns.time),
    differences: [],
    laterOnly: 0,
    shift: null,
    stamps: null,
    label: options.label ?? 'close',
    intervalMs: options.intervalMs,
  };
}

function numberOf(numbers: Map<string, number>, id: string): number {
  const known = numbers.get(id);
  if (known !== undefined) return known;
  numbers.set(id, numbers.size);
  return numbers.size - 1;
}

function textsOrNone(table: Table, column: ChosenColumn | null): readonly string[] {
  const found = column === null ? undefined : table.columns.get(column.name);
  return found?.type === 'text' ? found.values.filter((text) => text !== null) : [];
}

function rangeOrNone(table: Table, column: ChosenColumn | null): TimeRange {
  const found = column === null ? undefined : table.columns.get(column.name);
  return found?.type === 'time' ? timeRange(found.values) : { firstMs: Number.NaN, lastMs: Number.NaN };
}

/** First and last of the times that are not missing. */
export function timeRange(timesMs: Float64Array): TimeRange {
  let [firstMs, lastMs] = [Infinity, -Infinity];
  for (const timeMs of timesMs) {
    if (timeMs < firstMs) firstMs = timeMs;
    if (timeMs > lastMs) lastMs = timeMs;
  }
  return firstMs <= lastMs ? { firstMs, lastMs } : { firstMs: Number.NaN, lastMs: Number.NaN };
}
