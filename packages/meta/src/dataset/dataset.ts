/**
 * What a model learns from: every signal with the outcome of its own stand-alone simulation, joined by `signal_id` and by nothing
 * else, so that no row can have the outcome of another.
 */
import { DonchError, numbersOf, sortTable, takeRows, textsOf, type InstrumentId, type Table } from '@donch/core';
import type { FeatureColumns } from '../trainer/binned-data.ts';
import { encodeTable, type EncodedFeature } from './feature-encoding.ts';

/** Labels that a model can learn, by their column in TABLES.labels. */
export const TARGETS = ['mfe_k', 'mfe_k_full', 'pnl_pos', 'hit_tp', 'triple_barrier'] as const;
export type Target = (typeof TARGETS)[number];

/** Rows in order of decision time, then instrument. Columns lie in memory that threads share. */
export interface Dataset {
  readonly features: FeatureColumns;
  readonly signalId: readonly string[];
  readonly instrumentId: readonly InstrumentId[];
  readonly decisionTimeMs: Float64Array;
  /** When the label is known: rows whose labels overlap never stand on both sides of a split. */
  readonly labelEndMs: Float64Array;
  /** 1 = the outcome that the model predicts. */
  readonly y: Float64Array;
  /** Net result of the stand-alone trade, R. */
  readonly pnlR: Float64Array;
}

export interface DatasetInput {
  /** TABLES.signals with the columns of the features. */
  readonly signals: Table;
  /** TABLES.labels of the same strategy. */
  readonly labels: Table;
  readonly features: readonly EncodedFeature[];
  readonly target: Target;
  /** Least result that `pnl_pos` calls a success, R. */
  readonly rThreshold: number;
  /** Null = all; else the signals to learn from. */
  readonly only: ReadonlySet<string> | null;
}

export interface BuiltDataset {
  readonly dataset: Dataset;
  /** The signals of the rows, in their order. */
  readonly signals: Table;
  /** Signals without a label: cut by the end of the data, or impossible to enter. */
  readonly unlabelledSignals: number;
}

/** Joins signals and labels. Throws `bad_dataset` for signals of several strategies, a signal that stands twice, or no row at all. */
export function buildDataset({ signals, labels, features, target, rThreshold, only }: DatasetInput): BuiltDataset {
  checkOneStrategy(signals);
  const labelRowOf = rowsById(labels, 'labels');
  const ids = idsOf(signals);
  rowsById(signals, 'signals');
  const kept = [...ids.keys()].filter((row) => only === null || only.has(ids[row]));
  const labelled = kept.filter((row) => labelRowOf.has(ids[row]));
  if (labelled.length === 0)
    throw new DonchError('bad_dataset', `none of ${kept.length} signals has a label`, {
      expected: 'labels of the same run; a signal whose horizon is cut by the end of the data has none',
    });
  const rows = sortTable(takeRows(signals, labelled), ['decision_time', 'instrument_id']);
  const signalId = idsOf(rows);
  const outcomes = takeRows(
    labels,
    signalId.map((id) => labelRowOf.get(id) ?? -1),
  );
  const pnlR = shared(numbersOf(outcomes, 'pnl_r'));
  return {
    dataset: {
      features: encodeTable(features, rows),
      signalId,
      // a signals table holds the ids that the scout wrote
      instrumentId: textsOf(rows, 'instrument_id').map(String) as InstrumentId[],
      decisionTimeMs: shared(numbersOf(rows, 'decision_time')),
      labelEndMs: shared(numbersOf(outcomes, 'label_end_time')),
      y: shared(successes(outcomes, target, rThreshold)),
      pnlR,
    },
    signals: rows,
    unlabelledSignals: kept.length - labelled.length,
  };
}

function successes(labels: Table, target: Target, rThreshold: number): Float64Array {
  if (target === 'pnl_pos') return numbersOf(labels, 'pnl_r').map((pnlR) => (pnlR >= rThreshold ? 1 : 0));
  return numbersOf(labels, target).map((value) => (value === 1 ? 1 : 0));
}

const idsOf = (table: Table): string[] => textsOf(table, 'signal_id').map(String);

function rowsById(table: Table, what: string): Map<string, number> {
  const rows = new Map<string, number>();
  for (const [row, id] of idsOf(table).entries()) {
    if (rows.has(id))
      throw new DonchError('bad_dataset', `the signal ${id} stands twice in the ${what}`, { expected: 'once' });
    rows.set(id, row);
  }
  return rows;
}

function checkOneStrategy(signals: Table): void {
  const strategies = [...new Set(textsOf(signals, 'strategy_id').map(String))];
  if (strategies.length > 1)
    throw new DonchError(
      'bad_dataset',
      `there are signals of ${strategies.length} strategies: ${strategies.join(', ')}`,
      {
        expected: 'one: a model belongs to one set-up',
        remedy: 'name it with --strategy',
      },
    );
}

function shared(values: Float64Array): Float64Array {
  const copy = new Float64Array(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}
