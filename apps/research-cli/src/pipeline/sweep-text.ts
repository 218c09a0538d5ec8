/** What `donch sweep` says: the best variants, what luck alone would show, where everything is. */
import type { StressReport } from '@donch/backtester';
import { grouped, textTable, type CommandContext } from '@donch/cli';
import { rowsOf, takeRows, textsOf, type Row, type Table } from '@donch/core';
import type { Run } from '@donch/data';
import { refusalWords } from '@donch/report';
import type { SelectionVerdict } from '@donch/stats';
import { documentOf } from '../cli/documents.ts';
import type { NoSelection, ReadSelection } from './selection.ts';
import type { SweepOptions } from './sweep-options.ts';
import type { SweepRun } from './sweep-run.ts';

/** A variant with a backtest of its own. */
export interface KeptVariant {
  readonly tag: string;
  readonly run: Run;
  readonly folder: string;
  readonly stress: StressReport;
}

export interface SweepOutcome {
  readonly options: SweepOptions;
  readonly sweep: SweepRun;
  /** With `dsr`. */
  readonly leaderboard: Table;
  readonly selection: ReadSelection | NoSelection;
  readonly kept: readonly KeptVariant[];
  readonly files: readonly string[];
}

const SHOWN = 10;

/** Prints the outcome, for people and as a document. */
export function tellSweep(outcome: SweepOutcome, { terminal }: CommandContext): void {
  const { sweep, leaderboard, kept, files } = outcome;
  const best = rowsOf(takeRows(leaderboard, [...Array(Math.min(SHOWN, leaderboard.length)).keys()]));
  terminal.result(
    [
      ...tableLines(best),
      '',
      ...countLines(outcome),
      '',
      ...selectionLines(outcome.selection),
      '',
      ...fileLines(outcome),
    ].join('\n'),
  );
  const { options, selection } = outcome;
  terminal.document(
    documentOf('sweep', {
      ok: true,
      runId: sweep.run.id,
      cached: sweep.cached,
      variants: leaderboard.length,
      gridSize: options.grid.size,
      signalSets: sweep.groups.length,
      guarded: countText(leaderboard, 'guard'),
      checkedVariants: sweep.checked,
      engineVariants: countText(leaderboard, 'engine_reason'),
      ...sweep.window,
      best: best.map((row) => bestDocument(row, options)),
      selection: selectionDocument(selection),
      kept: kept.map(({ tag, run, folder }) => ({ tag, runId: run.id, folder })),
      files,
    }),
  );
}

/** Rows with something written in a column. */
function countText(table: Table, name: string): number {
  return textsOf(table, name).filter((text) => text !== '').length;
}

function tableLines(rows: readonly Row[]): string[] {
  const right = 'right' as const;
  const number = (row: Row, name: string, digits: number): string => numberText(row[name], digits);
  return textTable(
    [
      { title: 'rank', align: right },
      { title: 'variant' },
      { title: 'trades', align: right },
      { title: 'mean R', align: right },
      { title: '95 % interval' },
      { title: 'PF', align: right },
      { title: 'max DD', align: right },
      { title: 'Sharpe', align: right },
      { title: 'DSR', align: right },
      { title: 'plateau', align: right },
      { title: '' },
    ],
    rows.map((row) => [
      String(row['rank']),
      String(row['tag']),
      String(row['trades']),
      number(row, 'mean_r', 3),
      row['mean_r_low'] === null ? '-' : `${number(row, 'mean_r_low', 2)} to ${number(row, 'mean_r_high', 2)}`,
      number(row, 'profit_factor', 2),
      `${numberText(Number(row['max_drawdown_frac']) * 100, 1)} %`,
      number(row, 'daily_sharpe', 2),
      number(row, 'dsr', 3),
      number(row, 'plateau_frac', 2),
      String(row['guard']),
    ]),
  );
}

const numberText = (value: Row[string] | undefined, digits: number): string =>
  typeof value !== 'number' || Number.isNaN(value) ? '-' : Number.isFinite(value) ? value.toFixed(digits) : 'inf';

function countLines({ options, sweep, leaderboard }: SweepOutcome): string[] {
  const total = options.grid.size > leaderboard.length ? ` of ${grouped(options.grid.size)} in the grid` : '';
  const guarded = countText(leaderboard, 'guard');
  const engine = countText(leaderboard, 'engine_reason');
  const checked =
    sweep.checked > 0
      ? `${sweep.checked} drawn by lot were simulated by the engine too: the same trades, bit by bit`
      : engine === leaderboard.length
        ? 'the engine simulated all of them: nothing had to be checked'
        : 'those drawn by lot need the engine anyway: none was simulated both ways';
  return [
    `${counted(leaderboard.length, 'variant')}${total}, ${counted(sweep.groups.length, 'set')} of signals${guarded > 0 ? `; ${grouped(guarded)} stand last, their figures are no evidence` : ''}`,
    engine > 0 && sweep.checked > 0 ? `${checked}; ${grouped(engine)} need the engine anyway` : checked,
    'drawdowns are those of daily marks; the backtest of a variant marks every bar',
  ];
}

function selectionLines(selection: ReadSelection | NoSelection): string[] {
  if (selection.kind === 'none') return [`no verdict on the choice: ${selection.why}`];
  const { counts, deflation, overfitting, walkForward } = selection.verdict;
  const { expectedMax, dsr } = deflation;
  return [
    `N = ${grouped(counts.configurations)} configurations were ever evaluated on these data; the best of so many without any skill is expected to show`,
    expectedMax.kind === 'refused'
      ? `  (not computed: ${refusalWords(expectedMax)})`
      : `  a Sharpe ratio of ${expectedMax.annualSharpe.toFixed(2)} per year`,
    dsr.kind === 'refused'
      ? `deflated Sharpe ratio of the best: not computed, ${refusalWords(dsr)}`
      : `deflated Sharpe ratio of the best: ${dsr.probability.toFixed(3)} (a probability: 0.95 or more would be a finding)`,
    overfitting.kind === 'refused'
      ? `probability of overfitting: not computed, ${refusalWords(overfitting)}`
      : `probability of overfitting (PBO): ${overfitting.result.pbo.toFixed(2)} (0.5 = choosing the best is worth nothing)`,
    forwardLine(walkForward.expanding),
  ];
}

const counted = (count: number, word: string): string => `${grouped(count)} ${word}${count === 1 ? '' : 's'}`;

function forwardLine(found: SelectionVerdict['walkForward']['expanding']): string {
  if (found.kind === 'refused') return `walk-forward: not computed, ${refusalWords(found)}`;
  const sharpe = found.outOfSample.annualSharpe.toFixed(2);
  const inSample = found.inSample.annualSharpe.toFixed(2);
  return `walk-forward of the choice: Sharpe ratio ${sharpe} out of sample, ${inSample} where it was chosen`;
}

function fileLines({ files, kept, sweep }: SweepOutcome): string[] {
  const ending = (end: string): string => files.find((file) => file.endsWith(end)) ?? '';
  return [
    `leaderboard: ${ending('leaderboard.csv')}`,
    `page: ${ending('sweep.html')}`,
    ...kept.map(({ tag, folder }) => `variant ${tag}: ${folder}`),
    `${sweep.cached ? 'cached run' : 'run'} ${sweep.run.id}: ${sweep.run.folder}`,
  ];
}

function bestDocument(row: Row, { variants }: SweepOptions): object {
  return {
    rank: row['rank'],
    tag: row['tag'],
    values: variants.find(({ id }) => id === row['variant_id'])?.values ?? {},
    guard: row['guard'],
    trades: row['trades'],
    meanR: row['mean_r'],
    ciLowR: row['mean_r_low'],
    ciHighR: row['mean_r_high'],
    profitFactor: row['profit_factor'],
    maxDrawdownFrac: row['max_drawdown_frac'],
    dailySharpe: row['daily_sharpe'],
    psr: row['psr'],
    dsr: row['dsr'],
    plateauFrac: row['plateau_frac'],
  };
}

function selectionDocument(selection: ReadSelection | NoSelection): object {
  const nothing = {
    trials: null,
    effectiveTrials: null,
    expectedMaxSharpe: null,
    dsr: null,
    pbo: null,
    walkForwardEfficiency: null,
  };
  if (selection.kind === 'none') return { ...nothing, refusals: [selection.why] };
  const { counts, deflation, overfitting, walkForward } = selection.verdict;
  const { effective, expectedMax, dsr } = deflation;
  const refusals: string[] = [];
  const valueOf = <T extends { readonly kind: string }>(
    name: string,
    found: T,
    value: (found: Exclude<T, { readonly kind: 'refused' }>) => number,
  ): number | null => {
    if (found.kind !== 'refused') return value(found as Exclude<T, { readonly kind: 'refused' }>);
    refusals.push(`${name}: ${refusalWords(found as never)}`);
    return null;
  };
  return {
    trials: counts.configurations,
    effectiveTrials: valueOf('effective trials', effective, ({ byClusters }) => byClusters),
    expectedMaxSharpe: valueOf('expected maximum', expectedMax, ({ annualSharpe }) => annualSharpe),
    dsr: valueOf('DSR', dsr, ({ probability }) => probability),
    pbo: valueOf('PBO', overfitting, ({ result }) => result.pbo),
    walkForwardEfficiency:
      walkForward.expanding.kind === 'refused'
        ? valueOf('walk-forward', walkForward.expanding, () => Number.NaN)
        : valueOf('walk-forward efficiency', walkForward.expanding.efficiency, ({ ratio }) => ratio),
    refusals,
  };
}
