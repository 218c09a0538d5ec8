/** The variants in order of their rank: results, then risk, evidence and costs, then their parameters. */
import { cellAt, columnOf } from '@donch/core';
import {
  numberCell,
  numberColumn,
  resultCell,
  textCell,
  textColumn,
  type Cell,
  type Section,
  type TableBlock,
  type TableColumn,
} from '../blocks.ts';
import {
  changeText,
  countText,
  decimalText,
  percentText,
  ratioText,
  meanText,
  signedText,
  usdText,
} from '../format/number-text.ts';
import { chanceText } from '../selection/figures.ts';
import type { SweepAxis, SweepReportInput } from './sweep-report-input.ts';
import { figureOf, textOf, valueText } from './variant-rows.ts';

/** More rows are for programs, and they have the file. */
const ROWS_MAX = 50;

export function leaderboardSection(input: SweepReportInput): Section {
  const { leaderboard, sweep, axes } = input;
  const shown = Math.min(ROWS_MAX, leaderboard.length);
  const rest = leaderboard.length > shown ? `The first ${countText(shown)} of ${countText(leaderboard.length)}; ` : '';
  const guards = textOf(input, 'guard');
  const names = textOf(input, 'tag')
    .slice(0, shown)
    .map((tag, row) => nameCell(tag, guards[row]));
  return {
    id: 'leaderboard',
    title: 'Leaderboard',
    lead: 'Ranked by profit factor, then mean R, drawdown, MAR, win rate; guarded variants stand last. Any heading sorts. A rank is no forecast: the sections below say what it is worth.',
    blocks: [
      tableOf(input, names, {
        id: 'leaderboard-results',
        caption: 'Variants by rank: results',
        figures: RESULTS,
        note: `${rest}${sweep.leaderboardFile} has all variants with all columns. Intervals are those of one variant alone, whole weeks resampled: the best of many lies above its truth more often than they say.`,
      }),
      tableOf(input, names, {
        id: 'leaderboard-evidence',
        caption: 'The same variants: risk, evidence, costs',
        figures: EVIDENCE,
        note: '',
        isFolded: true,
      }),
      ...(axes.length === 0 ? [] : [valueTable(input, names)]),
    ],
  };
}

/** A guarded variant carries its reason wherever it stands. */
function nameCell(tag: string, guard: string): Cell {
  const words = guard === '' ? '' : `guarded: ${guard}`;
  return { text: tag, words, sort: tag, tone: guard === '' ? 'plain' : 'loss' };
}

function valueTable({ leaderboard, axes }: SweepReportInput, names: readonly Cell[]): TableBlock {
  const columns = axes.map(({ key }) => columnOf(leaderboard, key));
  const isNumber = ({ values }: SweepAxis): boolean =>
    values.every((value) => value === null || typeof value === 'number');
  return {
    kind: 'table',
    id: 'leaderboard-values',
    caption: 'The same variants: their parameters',
    columns: [textColumn('variant'), ...axes.map((axis) => (isNumber(axis) ? numberColumn : textColumn)(axis.key))],
    rows: names.map((name, row) => [
      name,
      ...columns.map((column): Cell => {
        const value = cellAt(column, row);
        return {
          ...textCell(valueText(value)),
          sort: typeof value === 'number' ? value : value === null ? null : valueText(value),
        };
      }),
    ]),
    note: '',
    isFolded: true,
  };
}

interface Figure {
  readonly column: string;
  readonly title: string;
  readonly help: string;
  readonly cell: (value: number, of: (column: string) => number) => Cell;
}

const plain =
  (text: (value: number) => string) =>
  (value: number): Cell =>
    numberCell(text(value), value);
const result =
  (text: (value: number) => string) =>
  (value: number): Cell =>
    resultCell(text(value), value);

const RESULTS: readonly Figure[] = [
  { column: 'mean_r', title: 'mean R', help: 'average result per trade after all costs', cell: result(meanText) },
  { column: 'trades', title: 'trades', help: 'finished trades', cell: plain(countText) },
  {
    column: 'profit_factor',
    title: 'profit factor',
    help: 'sum of gains / sum of losses in R; infinite without losses',
    cell: plain(ratioText),
  },
  {
    column: 'mean_r_low',
    title: '95 % interval',
    help: 'of the mean R, if this variant had been the only one',
    cell: (low, of) =>
      numberCell(
        Number.isNaN(low) ? 'too few weeks' : `${signedText(low, 3)} to ${signedText(of('mean_r_high'), 3)}`,
        low,
      ),
  },
  { column: 'win_rate_frac', title: 'win rate', help: 'share of trades that made money', cell: plain(percentText) },
  {
    column: 'max_drawdown_frac',
    title: 'max drawdown',
    help: 'at ends of days',
    cell: (value) => numberCell(percentText(-value), -value),
  },
  { column: 'mar_ratio', title: 'MAR', help: 'growth per year / deepest drawdown', cell: plain(ratioText) },
  { column: 'daily_sharpe', title: 'Sharpe', help: 'of daily returns, per year of 365 days', cell: plain(ratioText) },
  {
    column: 'plateau_frac',
    title: 'plateau',
    help: 'median mean R of its neighbours / its own: 100 % = a plateau, 0 or less = a lone peak',
    cell: plain(percentText),
  },
  { column: 'rank', title: 'rank', help: 'place in the order of the file', cell: plain(countText) },
];

const EVIDENCE: readonly Figure[] = [
  {
    column: 'min_block_sharpe',
    title: 'worst quarter',
    help: 'lowest Sharpe ratio of four equal blocks of days',
    cell: plain(ratioText),
  },
  { column: 'cagr_frac', title: 'CAGR', help: 'growth rate per year', cell: plain(changeText) },
  {
    column: 'psr',
    title: 'PSR',
    help: 'probability of a true Sharpe ratio above 0, as if it had been the only one',
    cell: (value) => numberCell(chanceOrNone(value), value),
  },
  {
    column: 'dsr',
    title: 'DSR',
    help: 'the same above what the best of all trials would show by luck',
    cell: (value) => numberCell(chanceOrNone(value), value),
  },
  {
    column: 'neighbours',
    title: 'neighbours',
    help: 'variants one step of one parameter away',
    cell: plain(countText),
  },
  { column: 'neighbour_mean_r', title: 'their mean R', help: 'median of the neighbours', cell: result(meanText) },
  { column: 'final_equity_usd', title: 'final equity', help: 'USD', cell: plain((value) => decimalText(value, 0)) },
  { column: 'fees_usd', title: 'fees', help: 'USD, paid to the venue', cell: plain((value) => decimalText(value, 0)) },
  {
    column: 'slippage_usd',
    title: 'slippage',
    help: 'USD, fills worse than asked',
    cell: plain((value) => decimalText(value, 0)),
  },
  { column: 'funding_usd', title: 'funding', help: 'minus = paid', cell: result(usdText) },
];

const chanceOrNone = (value: number): string => (Number.isNaN(value) ? 'none' : chanceText(value));

interface Shown extends Pick<TableBlock, 'id' | 'caption' | 'note' | 'isFolded'> {
  readonly figures: readonly Figure[];
}

function tableOf(
  input: SweepReportInput,
  names: readonly Cell[],
  { id, caption, figures, note, isFolded = false }: Shown,
): TableBlock {
  const columns: TableColumn[] = [
    textColumn('variant'),
    ...figures.map(({ title, help }) => numberColumn(title, help)),
  ];
  const rows = names.map((name, row): Cell[] => [
    name,
    ...figures.map(({ column, cell }) => {
      const of = (wanted: string): number => figureOf(input, wanted)[row];
      return cell(of(column), of);
    }),
  ]);
  return { kind: 'table', id, caption, columns, rows, note, isFolded };
}
