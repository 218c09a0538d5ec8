/** Predictions of a file, joined to the trades of another one. */
import { DonchError, formatDuration, takeRows, type Column, type Table } from '@donch/core';
import {
  columnsText,
  joinLines,
  joinPredictions,
  predictionColumns,
  signalColumns,
  timesOf,
  type ScoredRows,
} from '@donch/meta';
import type { EvFlags } from '../commands/ev.ts';
import type { EvOptions } from './ev-options.ts';

export interface ForeignQuestion {
  readonly predictions: Table;
  readonly trades: Table;
  readonly flags: EvFlags;
  readonly options: EvOptions;
  readonly intervalMs: number;
}

export interface ForeignPredictions {
  readonly scored: ScoredRows;
  readonly lines: readonly string[];
}

/**
 * The trades that have a prediction, with their results. The others are left out: what a threshold is worth must not be mixed with what
 * it is worth to have a prediction. Throws `columns_unclear`, `bad_signals`, and what joining throws.
 */
export function foreignPredictions(question: ForeignQuestion): ForeignPredictions {
  const { predictions, flags, options } = question;
  const { trades, openTrades } = finishedTrades(question.trades);
  const rightColumns = predictionColumns(predictions, {
    ...(flags.probaCol !== undefined && { probability: flags.probaCol }),
    ...(flags.predTs !== undefined && { time: flags.predTs }),
    ...(flags.predSym !== undefined && { symbol: flags.predSym }),
    ...(flags.predId !== undefined && { id: flags.predId }),
  });
  const leftColumns = signalColumns('trades', trades, {
    ...(flags.tradesTs !== undefined && { time: flags.tradesTs }),
    ...(flags.tradesSym !== undefined && { symbol: flags.tradesSym }),
    ...(flags.tradesId !== undefined && { id: flags.tradesId }),
  });
  const join = joinPredictions({
    side: 'trades',
    signals: trades,
    signalColumns: leftColumns,
    predictions,
    predictionColumns: rightColumns,
    options: {
      ...options,
      intervalMs: question.intervalMs,
      ...(flags.predLabel !== undefined && { label: flags.predLabel }),
    },
  });
  if (leftColumns.time === null) throw noTime(trades);
  const outcome = outcomesOf(trades, leftColumns.time.name, options.horizonMs);
  return {
    scored: predictedRows(outcome, join.p),
    lines: [
      `predictions: ${columnsText('predictions', rightColumns)}`,
      `trades: ${columnsText('trades', leftColumns)}, result ${outcome.resultName}`,
      ...joinLines(join),
      ...(openTrades > 0 ? [`${openTrades} trades without a result are left out`] : []),
      ...outcome.lines,
      `${join.signals - join.matched} trades without a prediction are left out of every figure`,
    ],
  };
}

const noTime = (trades: Table): DonchError =>
  new DonchError('columns_unclear', `no column of the trades is known as the time: there are ${listed(trades)}`, {
    file: trades.name,
    expected: 'the entry time: rows are judged in order of time',
    remedy: 'name it: --trades-ts <column>',
  });

const listed = ({ columns }: Table): string => [...columns.keys()].join(', ');

/** Ours, then the registry's. */
const RESULT_NAMES = ['pnl_R', 'pnl_r'];
const EXIT_NAMES = ['exit_ts', 'exit_time'];

function resultOf(trades: Table): { readonly name: string; readonly values: Float64Array } {
  const name = RESULT_NAMES.find((known) => trades.columns.has(known));
  const column = name === undefined ? undefined : trades.columns.get(name);
  if (name !== undefined && column !== undefined && column.type !== 'text') return { name, values: column.values };
  throw new DonchError(
    'columns_unclear',
    name === undefined
      ? `the trades have no result in R: there are ${listed(trades)}`
      : `column "${name}" of the trades holds text`,
    {
      file: trades.name,
      expected: `numbers in a column ${RESULT_NAMES.join(' or ')}`,
      remedy: 'R = result in money / risk of the trade in money: add the column',
    },
  );
}

/** Trades with a result. */
function finishedTrades(all: Table): { readonly trades: Table; readonly openTrades: number } {
  const { values } = resultOf(all);
  const finished = Array.from(values.keys()).filter((row) => Number.isFinite(values[row]));
  if (finished.length > 0) return { trades: takeRows(all, finished), openTrades: all.length - finished.length };
  throw new DonchError('bad_signals', `none of the ${all.length} trades has a result`, {
    file: all.name,
    expected: 'at least one',
  });
}

interface Outcomes {
  readonly resultName: string;
  readonly entryMs: Float64Array;
  readonly exitMs: Float64Array;
  readonly pnlR: Float64Array;
  readonly lines: readonly string[];
}

function outcomesOf(trades: Table, timeName: string, horizonMs: number): Outcomes {
  const { name: resultName, values: pnlR } = resultOf(trades);
  const entryMs = timesOf({ side: 'trades', table: trades, name: timeName });
  const exitName = EXIT_NAMES.find((known) => isFilled(trades.columns.get(known)));
  if (exitName === undefined) {
    const assumed = `exit times are not known: a trade counts as ${formatDuration(horizonMs)} long (--horizon)`;
    return { resultName, entryMs, exitMs: entryMs.map((ms) => ms + horizonMs), pnlR, lines: [assumed] };
  }
  const exitMs = timesOf({ side: 'trades', table: trades, name: exitName });
  const wrong = exitMs.findIndex((ms, row) => !(ms >= entryMs[row]));
  if (wrong < 0) return { resultName, entryMs, exitMs, pnlR, lines: [] };
  throw new DonchError('bad_signals', `row ${wrong + 1} of the trades: ${exitName} is before ${timeName}`, {
    file: trades.name,
    expected: 'an exit at or after the entry',
  });
}

function isFilled(column: Column | undefined): boolean {
  if (column === undefined) return false;
  return column.type === 'text'
    ? column.values.some((value) => value !== null)
    : column.values.some((value) => !Number.isNaN(value));
}

function predictedRows({ entryMs, exitMs, pnlR }: Outcomes, p: Float64Array): ScoredRows {
  const rows = Array.from(p.keys()).filter((row) => !Number.isNaN(p[row]));
  const take = (values: Float64Array): Float64Array => Float64Array.from(rows, (row) => values[row]);
  return {
    decisionTimeMs: take(entryMs),
    labelEndMs: take(exitMs),
    y: take(pnlR).map((r) => (r > 0 ? 1 : 0)),
    pnlR: take(pnlR),
    paths: 1,
    scoreKind: 'probability',
    score: take(p),
  };
}
