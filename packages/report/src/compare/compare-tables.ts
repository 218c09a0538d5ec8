/** The tables of a comparison, for the page and for the terminal alike. */
import { formatMinute } from '@donch/core';
import type { ClusterInterval, Refusal } from '@donch/stats';
import {
  numberCell,
  numberColumn,
  resultCell,
  textCell,
  textColumn,
  type Cell,
  type TableBlock,
  type TableColumn,
} from '../blocks.ts';
import {
  changeText,
  countText,
  decimalText,
  meanText,
  percentText,
  ratioText,
  signedText,
  usdText,
  withUnit,
} from '../format/number-text.ts';
import type { PairComparison, RunComparison, TradeGroup } from './compare-runs.ts';
import { labelOf, type ComparedFigures, type ComparedRun } from './compared-run.ts';
import type { DifferenceGroup } from './run-differences.ts';

const totalText = (value: number): string => withUnit(signedText(value, 1), 'R');

/** Names of the strategies of a run. */
export function strategyNames({ strategies, trades }: ComparedRun): string {
  if (strategies.length > 0) return strategies.map(({ name, side }) => `${name} (${side})`).join(', ');
  return trades.length === 0 ? 'not recorded' : 'not recorded (run of an early version)';
}

/** All tables in the order of reading; what differs only where something does. */
export function compareTables(comparison: RunComparison): TableBlock[] {
  const { differences } = comparison;
  return [
    runTable(comparison),
    figureTable(comparison),
    ...(differences.length > 0 ? [differenceTable(comparison)] : []),
    pairTable(comparison),
    tradeGroupTable(comparison),
  ];
}

/** The runs and their names. */
function runTable({ runs }: RunComparison): TableBlock {
  return {
    kind: 'table',
    id: 'runs',
    caption: 'The runs; every other one is compared with A',
    columns: [textColumn(''), textColumn('run'), textColumn('strategy'), textColumn('window (UTC)')],
    rows: runs.map((run, k) => [
      textCell(labelOf(k)),
      textCell(run.id),
      textCell(strategyNames(run)),
      textCell(
        `${formatMinute(run.figures.startMs)} to ${formatMinute(run.figures.endMs)}, ${run.figures.interval} bars`,
      ),
    ]),
    note: '',
    isFixed: true,
  };
}

type FigureOf = (figures: ComparedFigures) => Cell;

const orNaN = (value: number | null): number => value ?? Number.NaN;
const plain = (text: (value: number) => string, of: (figures: ComparedFigures) => number): FigureOf => {
  return (figures) => numberCell(text(of(figures)), of(figures));
};
const result = (text: (value: number) => string, of: (figures: ComparedFigures) => number): FigureOf => {
  return (figures) => resultCell(text(of(figures)), of(figures));
};

const meanNumber = (value: number): string => signedText(value, 3);
const usdNumber = (value: number): string => decimalText(value, 2);

/** Units stand in the name: on a phone two runs fit beside each other. */
const FIGURES: readonly (readonly [name: string, words: string, of: FigureOf])[] = [
  ['signals', 'entries that passed all filters', plain(countText, ({ signals }) => signals)],
  ['trades', 'finished ones', plain(countText, ({ trades }) => trades)],
  ['mean R', 'result per trade, after costs', result(meanNumber, ({ meanR }) => orNaN(meanR))],
  ['its 95 % low', 'interval of mean R over weeks', plain(meanNumber, ({ ciLowR }) => orNaN(ciLowR))],
  ['its 95 % high', 'none: fewer than 12 weeks', plain(meanNumber, ({ ciHighR }) => orNaN(ciHighR))],
  ['win rate', 'share of trades above 0', plain(percentText, ({ winRateFrac }) => orNaN(winRateFrac))],
  ['profit factor', 'sum of gains / sum of losses', plain(ratioText, profitFactorOf)],
  ['start, USD', 'capital at the start', plain(usdNumber, ({ initialCapitalUsd }) => initialCapitalUsd)],
  ['final equity, USD', 'open positions included', plain(usdNumber, ({ finalEquityUsd }) => finalEquityUsd)],
  ['total return', 'final / start - 1', result(changeText, ({ totalReturnFrac }) => totalReturnFrac)],
  ['max drawdown', 'marked to market', plain(percentText, ({ maxDrawdownFrac }) => maxDrawdownFrac)],
  ['Sharpe', 'daily returns x sqrt(365)', plain(ratioText, ({ dailySharpe }) => orNaN(dailySharpe))],
  ['fees, USD', 'paid to the venue', plain(usdNumber, ({ feesUsd }) => feesUsd)],
  ['slippage, USD', 'fills worse than asked', plain(usdNumber, ({ slippageUsd }) => slippageUsd)],
  [
    'funding, USD',
    'minus = paid',
    result(
      (value) => signedText(value, 2),
      ({ fundingUsd }) => fundingUsd,
    ),
  ],
  ['open at the end', 'in equity, not in the statistics', plain(countText, ({ openAtEnd }) => openAtEnd)],
];

function profitFactorOf({ profitFactor, trades }: ComparedFigures): number {
  return profitFactor ?? (trades > 0 ? Number.POSITIVE_INFINITY : Number.NaN);
}

const rangeText = (low: number, high: number): string => `${signedText(low, 3)} to ${meanText(high)}`;

const runColumns = (runs: readonly ComparedRun[]): TableColumn[] => runs.map((_, k) => numberColumn(labelOf(k)));

export function figureTable({ runs }: RunComparison): TableBlock {
  return {
    kind: 'table',
    id: 'figures',
    caption: 'Figures, each of the whole window of its run',
    columns: [textColumn('figure'), ...runColumns(runs)],
    rows: FIGURES.map(([name, words, of]) => [textCell(name, words), ...runs.map(({ figures }) => of(figures))]),
    note: '',
    isFixed: true,
  };
}

const GROUPS: Readonly<Record<DifferenceGroup, string>> = {
  run: 'run',
  data: 'data (hash)',
  strategy: 'strategy',
  setting: 'setting',
};

export function differenceTable({ runs, differences }: RunComparison): TableBlock {
  const cell = (value: string): Cell => (value === '' ? { ...textCell('·'), sort: null } : textCell(value));
  return {
    kind: 'table',
    id: 'differences',
    caption: 'What differs; everything else is the same',
    columns: [textColumn('what'), ...runs.map((_, k) => textColumn(labelOf(k))), textColumn('kind')],
    rows: differences.map(({ group, key, values }) => [textCell(key), ...values.map(cell), textCell(GROUPS[group])]),
    note: 'A dot: the run does not have it. Hashes stand for what cannot be shown in a line: set-up, filters and exits of the strategy, members of the universe, data, program.',
  };
}

/** One row per other run. */
export function pairTable({ pairs }: RunComparison): TableBlock {
  return {
    kind: 'table',
    id: 'pairs',
    caption: 'Difference of mean R to A',
    columns: [
      textColumn('run'),
      numberColumn('all trades', 'mean R of all trades of the run - mean R of all trades of A'),
      numberColumn('95 % interval', 'whole weeks of both drawn together; zero inside: chance explains the difference'),
      numberColumn('common trades', 'trades of the same signal in both'),
      numberColumn('same signal', 'mean difference of the common trades: what the settings did to the same entries'),
      numberColumn('its 95 % interval', 'whole weeks of these differences drawn again and again'),
    ],
    rows: pairs.map(({ other, differenceR, interval, common }) => [
      textCell(`${other} - A`),
      resultCell(meanText(differenceR), differenceR),
      intervalCell(interval),
      numberCell(countText(common.trades), common.trades),
      resultCell(meanText(common.differenceR), common.differenceR),
      intervalCell(common.interval),
    ]),
    note: '',
  };
}

function intervalCell(interval: ClusterInterval | Refusal): Cell {
  if (interval.kind === 'interval') return numberCell(rangeText(interval.low, interval.high), interval.low);
  return numberCell(refusalText(interval), Number.NaN);
}

/** Why there is no interval, in a few words. */
function refusalText({ reason, found, needed }: Refusal): string {
  return reason === 'too_few_clusters' ? `none: ${found} of ${needed} weeks` : 'none: too few weeks in common';
}

/** Where the trades of each pair come from and what they have brought. */
export function tradeGroupTable({ pairs }: RunComparison): TableBlock {
  return {
    kind: 'table',
    id: 'trade-groups',
    caption: 'Trades that both have, and that only one has',
    columns: [
      textColumn('trades'),
      numberColumn('count', 'finished trades'),
      numberColumn('mean R', 'average result per trade'),
      numberColumn('total R', 'sum of their results, each against its own planned risk'),
      numberColumn('total', 'sum of their results in USD'),
    ],
    rows: pairs.flatMap(groupRowsOf),
    note: 'Trades are paired by their signal: instrument, time and settings of the set-up. Trades that only one run has come from its own signals, or from room that the account of the other did not have.',
    isFixed: true,
  };
}

function groupRowsOf({ base, other, commonBase, commonOther, onlyBase, onlyOther }: PairComparison): Cell[][] {
  return [
    groupRow(`${base} and ${other}, in ${base}`, commonBase),
    groupRow(`${base} and ${other}, in ${other}`, commonOther),
    groupRow(`${base} without ${other}`, onlyBase),
    groupRow(`${other} without ${base}`, onlyOther),
  ];
}

function groupRow(name: string, { trades, meanR, totalR, totalUsd }: TradeGroup): Cell[] {
  return [
    textCell(name),
    numberCell(countText(trades), trades),
    resultCell(meanText(meanR), meanR),
    resultCell(totalText(totalR), totalR),
    resultCell(usdText(totalUsd), totalUsd),
  ];
}
