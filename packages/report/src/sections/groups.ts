/** Trades in groups: by symbol, regime, weekday, reason of exit. One table for each, all with the same columns. */
import { civilFromMs, createPrng, DAY_MS, HOUR_MS, medianOf, numbersOf, weekdayIndex, type Table } from '@donch/core';
import { clusterBootstrap, mean, profitFactor, winRateFrac, type ClusterInterval, type Refusal } from '@donch/stats';
import {
  numberCell,
  numberColumn,
  resultCell,
  textBlock,
  textCell,
  textColumn,
  type Block,
  type Cell,
  type Section,
  type TableBlock,
  type TableColumn,
} from '../blocks.ts';
import { countText, percentText, ratioText, rText, usdText } from '../format/number-text.ts';
import { exitWords } from '../format/words.ts';
import type { ReportInput } from '../report-input.ts';
import { groupRows, symbolsOf, tradeSet, wordsOf, type Group, type TradeSet } from '../trade-columns.ts';

/** Sum of results. */
export function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** Interval of the mean R of some trades: the one of the run's summary for all of them. */
export function meanInterval({ entryTimeMs, pnlR }: TradeSet, seed: number): ClusterInterval | Refusal {
  return clusterBootstrap({ entryTimeMs, pnl: pnlR }, 'mean', { prng: createPrng(seed, 'bootstrap') });
}

interface GroupTable {
  readonly id: string;
  readonly caption: string;
  /** What the groups are: title of the first column. */
  readonly title: string;
  readonly help: string;
  readonly groups: readonly Group[];
}

const COLUMNS: readonly TableColumn[] = [
  numberColumn('trades', 'finished trades'),
  numberColumn('win rate', 'share of trades that made money'),
  numberColumn('mean R', 'average result per trade in R; 1 R = what the stop would have lost as planned'),
  numberColumn(
    '95 % interval',
    'where the true mean R plausibly lies; whole weeks are resampled, and below 12 weeks with trades there is none',
  ),
  numberColumn('profit factor', 'sum of gains / sum of losses; above 1 it earned'),
  numberColumn('total R', 'sum of all results in R'),
  numberColumn('result', 'sum of all results in USD after all costs'),
];

function groupTable({ trades, run }: ReportInput, { id, caption, title, help, groups }: GroupTable): TableBlock {
  const rows = groups.map(({ name, rows: members }) => groupCells(name, tradeSet(trades, members), run.seed));
  const intervals = rows.filter((cells) => cells[4].sort !== null).length;
  const note =
    intervals < 5
      ? ''
      : `Of ${intervals} intervals, about one in twenty misses the truth by chance alone: a single odd group proves nothing.`;
  return { kind: 'table', id, caption, columns: [textColumn(title, help), ...COLUMNS], rows, note };
}

function groupCells(name: string, set: TradeSet, seed: number): Cell[] {
  const { pnlR, pnlUsd } = set;
  const meanR = mean(pnlR);
  const found = meanInterval(set, seed);
  const interval: Cell =
    found.kind === 'interval'
      ? numberCell(`${rText(found.low)} to ${rText(found.high)}`, found.low)
      : numberCell(`${found.found} of 12 weeks`, Number.NaN);
  const factor = profitFactor(pnlR);
  return [
    textCell(name),
    numberCell(countText(set.length), set.length),
    numberCell(percentText(winRateFrac(pnlR)), winRateFrac(pnlR)),
    resultCell(rText(meanR), meanR),
    interval,
    numberCell(ratioText(factor), factor),
    resultCell(rText(sumOf(pnlR)), sumOf(pnlR)),
    resultCell(usdText(sumOf(pnlUsd)), sumOf(pnlUsd)),
  ];
}

/** Best result first. */
function byResult({ trades }: ReportInput, groups: readonly Group[]): Group[] {
  const result = new Map(groups.map((group) => [group, sumOf(tradeSet(trades, group.rows).pnlUsd)]));
  return groups.toSorted((a, b) => (result.get(b) ?? 0) - (result.get(a) ?? 0));
}

const byName = (a: Group, b: Group): number => (a.name < b.name ? -1 : 1);

export function exitSection(input: ReportInput): Section {
  const groups = byResult(input, groupRows(wordsOf(input.trades, 'exit_reason').map(exitWords)));
  return {
    id: 'exits',
    title: 'How trades ended',
    lead: 'What closed the trades, and what each kind of end brought in.',
    blocks: [
      groupTable(input, {
        id: 'by-exit',
        caption: 'By reason of exit',
        title: 'exit',
        help: 'what closed the trade',
        groups,
      }),
    ],
  };
}

export function symbolSection(input: ReportInput): Section {
  const { trades, strategies } = input;
  const blocks: Block[] = [
    groupTable(input, {
      id: 'by-symbol',
      caption: 'By symbol, best result first',
      title: 'symbol',
      help: 'instrument that was traded',
      groups: byResult(input, groupRows(symbolsOf(trades))),
    }),
  ];
  if (strategies.length > 1) {
    const names = new Map(strategies.map(({ strategyId, name }) => [strategyId, name]));
    const groups = groupRows(wordsOf(trades, 'strategy_id').map((id) => names.get(id) ?? id));
    blocks.unshift(
      groupTable(input, { id: 'by-strategy', caption: 'By strategy', title: 'strategy', help: '', groups }),
    );
  }
  const sides = groupRows(wordsOf(trades, 'side'));
  blocks.unshift(
    sides.length > 1
      ? groupTable(input, { id: 'by-side', caption: 'By side', title: 'side', help: '', groups: sides })
      : textBlock(`All trades are ${sides[0].name}: nothing is known about the other side.`),
  );
  return { id: 'symbols', title: 'Which symbols', lead: 'Which instruments made and lost money.', blocks };
}

interface RegimeColumn {
  readonly name: string;
  readonly caption: string;
  readonly help: string;
  /** Name of the group of a row. */
  readonly groupsOf: (trades: Table) => string[];
}

const UNKNOWN = 'unknown';

const REGIMES: readonly RegimeColumn[] = [
  {
    name: 'regime_up',
    caption: 'By MACD regime of the gate symbol (regime_up)',
    help: 'whether the regime gate saw an up market at the decision',
    groupsOf: (trades) =>
      Array.from(numbersOf(trades, 'regime_up'), (up) => (up === 1 ? 'up' : up === 0 ? 'down' : UNKNOWN)),
  },
  probabilityColumn('markov_prob_up_4h', 'filtered probability of the up state of the Markov model at the decision'),
  probabilityColumn('vol_prob_low_1d', 'filtered probability of the state with low volatility, last completed day'),
  ...(['trend_regime_1d', 'vol_regime_1d', 'regime_1d'] as const).map((name): RegimeColumn => ({
    name,
    caption: `By daily regime of the benchmark (${name})`,
    help: 'label of the last completed day before the decision',
    groupsOf: (trades) => wordsOf(trades, name).map((word) => (word === '' ? UNKNOWN : word)),
  })),
];

function probabilityColumn(name: string, help: string): RegimeColumn {
  const groupsOf = (trades: Table): string[] => Array.from(numbersOf(trades, name), probabilityGroup);
  return { name, caption: `By probability (${name})`, help, groupsOf };
}

function probabilityGroup(probability: number): string {
  if (Number.isNaN(probability)) return UNKNOWN;
  const quarter = Math.min(Math.floor(probability * 4), 3);
  return ['0 to 0.25', '0.25 to 0.5', '0.5 to 0.75', '0.75 to 1'][quarter];
}

export function regimeSection(input: ReportInput): Section {
  const blocks: Block[] = [];
  const absent: string[] = [];
  for (const { name, caption, help, groupsOf } of REGIMES) {
    const groups = input.trades.columns.has(name) ? groupRows(groupsOf(input.trades)).toSorted(byName) : [];
    if (groups.every((group) => group.name === UNKNOWN)) absent.push(name);
    else
      blocks.push(groupTable(input, { id: `by-${name.replaceAll('_', '-')}`, caption, title: 'regime', help, groups }));
  }
  blocks.push(volatilityTable(input));
  if (absent.length > 0) blocks.push(textBlock(`Not computed in this run: ${absent.join(', ')}.`));
  return {
    id: 'regimes',
    title: 'Which markets',
    lead: 'Results by the state of the market at the decision. An edge that lives in one regime only dies with it.',
    blocks,
  };
}

/** Groups by the volatility at the decision, which every run knows; the daily labels stand above where they were computed. */
function volatilityTable(input: ReportInput): TableBlock {
  const [atr, price] = [numbersOf(input.trades, 'atr'), numbersOf(input.trades, 'reference_price')];
  const share = atr.map((value, row) => value / price[row]);
  const known = share.filter((value) => !Number.isNaN(value));
  const middle = medianOf(known);
  const names = Array.from(share, (value) =>
    Number.isNaN(value) ? UNKNOWN : value > middle ? 'high volatility' : 'low volatility',
  );
  return groupTable(input, {
    id: 'by-volatility',
    caption: `By volatility of the symbol at the decision (ATR above or below ${percentText(middle)} of the price)`,
    title: 'volatility',
    help: 'halves of the trades by ATR / price at the decision',
    groups: groupRows(names).toSorted(byName),
  });
}

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

export function calendarSection(input: ReportInput): Section {
  const times = Array.from(numbersOf(input.trades, 'entry_time'));
  const two = (value: number): string => String(value).padStart(2, '0');
  const grouped = (names: readonly string[], order: (a: Group, b: Group) => number): Group[] =>
    groupRows(names).toSorted(order);
  const hours = times.map((timeMs) => `${two(Math.floor((timeMs % DAY_MS) / HOUR_MS))}:00`);
  const weekdays = times.map((timeMs) => WEEKDAYS[weekdayIndex(timeMs)]);
  const byDay = (a: Group, b: Group): number => WEEKDAYS.indexOf(a.name) - WEEKDAYS.indexOf(b.name);
  const table = (id: string, title: string, groups: readonly Group[]): Block =>
    groupTable(input, { id, caption: `By ${title} of entry`, title, help: 'UTC', groups });
  return {
    id: 'calendar',
    title: 'Which years, weekdays, hours',
    lead: 'Results by the time of the entry in UTC. Differences between weekdays and hours are mostly chance: seven groups always have a best one, twenty-four even more so.',
    blocks: [
      table(
        'by-year',
        'year',
        grouped(
          times.map((timeMs) => String(civilFromMs(timeMs).year)),
          byName,
        ),
      ),
      table('by-weekday', 'weekday', grouped(weekdays, byDay)),
      table('by-hour', 'hour', grouped(hours, byName)),
    ],
  };
}
