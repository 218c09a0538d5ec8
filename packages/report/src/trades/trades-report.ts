/** The page about a file of trades that nobody here has made: what its columns allow, and what they do not. */
import { civilFromMs, createPrng, DAY_MS, formatDay, formatMinute, HOUR_MS, weekdayIndex } from '@donch/core';
import {
  clusterBootstrap,
  decisiveTrades,
  histogram,
  leaveBestOut,
  leaveGroupsOut,
  tradeStatistics,
  type ClusterInterval,
  type Refusal,
} from '@donch/stats';
import {
  chartBlock,
  factOf,
  numberCell,
  numberColumn,
  resultCell,
  textBlock,
  textCell,
  textColumn,
  toneOf,
  type Block,
  type Section,
} from '../blocks.ts';
import { binsChart } from '../charts/bins-chart.ts';
import { overlayChart } from '../charts/overlay-chart.ts';
import { countText, decimalText, percentText, ratioText } from '../format/number-text.ts';
import { refusalWords } from '../format/refusal-words.ts';
import { plural } from '../format/words.ts';
import type { PageReport } from '../report.ts';
import { isRefused } from '../selection/figures.ts';
import { groupRows } from '../trade-columns.ts';
import {
  groupTable,
  resultText,
  variantSection,
  type TradeResults,
  type VariantGroups,
} from '../variants/variant-groups.ts';

/** One entry per trade in every list, in order of entry. */
export interface TradesReportInput {
  readonly file: { readonly name: string; readonly hash: string };
  readonly donchVersion: string;
  readonly seed: number;
  readonly entryTimeMs: Float64Array;
  /** Null: the file has no such column. */
  readonly exitTimeMs: Float64Array | null;
  readonly results: TradeResults;
  /** Columns of words, by what they are: symbol, side, exit reason, regimes. */
  readonly words: readonly { readonly title: string; readonly values: readonly string[] }[];
  /** What the user called variants; null = nothing. */
  readonly groups: VariantGroups | null;
}

/** What a file of trades can never say, and why. */
const TRADES_REFUSALS: readonly (readonly [figure: string, why: string])[] = [
  [
    'equity, drawdown, CAGR, MAR',
    'the file has trades and no account: sizes, open positions and the order of cash are not in it',
  ],
  ['Sharpe, PSR, MinTRL', 'they need daily returns of an account; results per trade are no days'],
  [
    'DSR, PBO, walk-forward, CPCV, SPA',
    'they judge a choice among trials, and the file does not say what else was tried',
  ],
  [
    'stress by simulation, capacity',
    'they need the signals and candles of the trades; donch report <run> --run-all simulates runs of DONCH',
  ],
];

/** The page as plain data. */
export function renderTradesReport(input: TradesReportInput): PageReport {
  const { file, entryTimeMs, donchVersion, groups } = input;
  return {
    title: `Trades of ${file.name}, ${formatDay(entryTimeMs[0])} to ${formatDay(entryTimeMs[entryTimeMs.length - 1])}`,
    subtitle: `A file from outside, DONCH ${donchVersion}`,
    conventions: 'All times are UTC; whether costs are inside of the results, the file does not say.',
    sections: [
      verdictSection(input),
      distributionSection(input),
      hangsSection(input),
      groupSection(input),
      calendarSection(input),
      ...(groups === null ? [] : [variantSection(groups, input)]),
      refusalSection(input),
      provenanceSection(input),
    ],
  };
}

function intervalOf({ entryTimeMs, results, seed }: TradesReportInput): ClusterInterval | Refusal {
  return clusterBootstrap({ entryTimeMs, pnl: results.values }, 'mean', { prng: createPrng(seed, 'bootstrap') });
}

function verdictSection(input: TradesReportInput): Section {
  const { results, entryTimeMs, exitTimeMs } = input;
  const figures = tradeStatistics(results.values);
  const text = resultText(results);
  const found = intervalOf(input);
  const trades = figures.trades;
  const held =
    exitTimeMs === null
      ? []
      : [
          factOf(
            'holding time',
            `${decimalText(meanOf(exitTimeMs.map((ms, k) => (ms - entryTimeMs[k]) / HOUR_MS)), 1)}\u00a0h`,
            'mean, from entry to exit',
          ),
        ];
  return {
    id: 'verdict',
    title: 'In plain words',
    lead: '',
    blocks: [
      luckSentence(figures.expectancy, found, text),
      textBlock(
        'Nothing is known about how these trades were made: which were left out, which costs are inside, how many versions were tried. All of that can make a result, and none of it is in the file.',
        'loss',
        'Beware.',
      ),
      {
        kind: 'facts',
        facts: [
          factOf('trades', countText(trades), 'with a result'),
          factOf(
            `mean ${results.name}`,
            text(figures.expectancy),
            'average result per trade',
            toneOf(figures.expectancy),
          ),
          factOf(
            '95 % interval',
            found.kind === 'interval' ? `${text(found.low)} to ${text(found.high)}` : 'none',
            found.kind === 'interval' ? `of the mean; ${found.weeks} whole weeks resampled` : refusalWords(found),
          ),
          factOf('win rate', percentText(figures.winRateFrac), 'share of results above 0'),
          factOf('profit factor', ratioText(figures.profitFactor), 'sum of gains / sum of losses'),
          factOf(
            'longest losing streak',
            countText(figures.losingStreakMax),
            'losing trades one after the other, in order of entry',
          ),
          ...held,
        ],
      },
    ],
  };
}

const meanOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function luckSentence(mean: number, found: ClusterInterval | Refusal, text: (value: number) => string): Block {
  const label = 'Skill or luck?';
  const first = `The average trade made ${text(mean)}`;
  if (found.kind === 'refused')
    return textBlock(
      `${first}. Whether that is more than luck cannot be said: ${refusalWords(found)}.`,
      'plain',
      label,
    );
  const range = `${first}; the true average plausibly lies between ${text(found.low)} and ${text(found.high)} (95 % interval)`;
  if (found.low > 0)
    return textBlock(`${range}. That is above zero, if nothing was chosen or left out after the fact.`, 'gain', label);
  if (found.high < 0)
    return textBlock(`${range}. That is below zero: it lost more than bad luck explains.`, 'loss', label);
  return textBlock(`${range}. Zero lies inside: luck explains it as well.`, 'plain', label);
}

function distributionSection({ results, entryTimeMs, exitTimeMs }: TradesReportInput): Section {
  const { values, name } = results;
  const text = resultText(results);
  const times = exitTimeMs ?? entryTimeMs;
  const order = [...values.keys()].sort((a, b) => times[a] - times[b]);
  let sum = 0;
  const sums = order.map((row) => (sum += values[row]));
  const ordered = [...values].sort((a, b) => a - b);
  return {
    id: 'distribution',
    title: 'How trades went',
    lead: `Results are ${name}. Their sum is no account: sizes and overlaps are not in it.`,
    blocks: [
      chartBlock(
        overlayChart({
          id: 'sum',
          title: `Sum of ${name}`,
          description: `Sum of the results in order of ${exitTimeMs === null ? 'entry' : 'exit'}: ${text(sum)} at the end.`,
          series: [{ name: `sum of ${name}`, timesMs: order.map((row) => times[row]), values: sums }],
          level: 0,
          tickText: (value) => decimalText(value, Math.abs(sum) < 5 ? 2 : 0),
          unit: name,
          plotHeight: 200,
        }),
      ),
      chartBlock(
        binsChart({
          id: 'results',
          title: `Results of all trades`,
          description: `${plural(values.length, countText(values.length), 'trade')} from ${text(ordered[0])} to ${text(ordered[ordered.length - 1])}.`,
          bins: histogram(values, widthOf(ordered)),
          countUnit: 'trades',
          unit: name,
        }),
      ),
    ],
  };
}

const BINS_MAX = 40;

/** A round width with which the results and 0 fit into 40 bars. */
function widthOf(ordered: readonly number[]): number {
  const span = Math.max(ordered[ordered.length - 1], 0) - Math.min(ordered[0], 0);
  const power = 10 ** Math.floor(Math.log10(span / BINS_MAX || 1));
  return power * ([1, 2, 2.5, 5, 10].find((factor) => span / (factor * power) <= BINS_MAX) ?? 10);
}

function hangsSection({ results, words }: TradesReportInput): Section {
  const text = resultText(results);
  const decisive = decisiveTrades(results.values);
  const symbols = words.find(({ title }) => title === 'symbol');
  const without = symbols === undefined ? null : leaveGroupsOut(results.values, symbols.values);
  const rows = [1, 5, 10].flatMap((count) => {
    const left = leaveBestOut(results.values, count);
    if (isRefused(left)) return [];
    return [
      [
        textCell(count === 1 ? 'without the best trade' : `without the best ${count}`),
        left.rest.expectancy,
        left.restSum,
      ] as const,
    ];
  });
  const ofSymbols =
    without === null || isRefused(without)
      ? []
      : without.groups
          .slice(0, 10)
          .map((group) => [textCell(`without ${group.group}`), group.rest.expectancy, group.restSum] as const);
  const why =
    symbols === undefined
      ? ['the file has no symbols']
      : without !== null && isRefused(without)
        ? [refusalWords(without)]
        : [];
  return {
    id: 'concentration',
    title: 'What it hangs on',
    lead: 'The result without its best trades and without each symbol. What is gone without a few trades is luck until more of them have come.',
    blocks: [
      ...(isRefused(decisive) || decisive.count === 0
        ? []
        : [
            textBlock(
              `Without the ${plural(decisive.count, countText(decisive.count), 'best trade')} (${percentText(decisive.countFrac)} of all) nothing was gained.`,
            ),
          ]),
      {
        kind: 'table',
        id: 'without',
        caption: 'Left out',
        columns: [textColumn('left out'), numberColumn(`mean ${results.name}`), numberColumn('sum')],
        rows: [...rows, ...ofSymbols].map(([name, mean, sum]) => [
          name,
          resultCell(text(mean), mean),
          numberCell(text(sum), sum),
        ]),
        note: '',
        isFixed: true,
      },
      ...why.map((reason) => textBlock(`Leaving symbols out: not computed, ${reason}.`)),
    ],
  };
}

function groupSection({ words, results, entryTimeMs, seed }: TradesReportInput): Section {
  const trades = { entryTimeMs, seed };
  return {
    id: 'groups',
    title: 'Which symbols, sides, exits, markets',
    lead: 'Results by the columns of words that the file has. Of many groups some look good by chance.',
    blocks:
      words.length === 0
        ? [textBlock('The file has no such columns.')]
        : words.map(({ title, values }, k) =>
            groupTable({ id: `by-${k}`, title, groups: groupRows(values), results, trades }),
          ),
  };
}

const WEEKDAYS = ['1 Monday', '2 Tuesday', '3 Wednesday', '4 Thursday', '5 Friday', '6 Saturday', '7 Sunday'];

function calendarSection({ entryTimeMs, results, seed }: TradesReportInput): Section {
  const trades = { entryTimeMs, seed };
  const table = (id: string, title: string, nameOf: (timeMs: number) => string): Block => {
    const groups = groupRows(Array.from(entryTimeMs, nameOf)).sort((a, b) => (a.name < b.name ? -1 : 1));
    return groupTable({ id, title, groups, results, trades });
  };
  return {
    id: 'calendar',
    title: 'Which years, weekdays, hours',
    lead: 'By the time of the entry in UTC. Differences between weekdays and hours are mostly chance.',
    blocks: [
      table('by-year', 'year', (timeMs) => String(civilFromMs(timeMs).year)),
      table('by-weekday', 'weekday', (timeMs) => WEEKDAYS[weekdayIndex(timeMs)]),
      table('by-hour', 'hour', (timeMs) => `${String(Math.floor((timeMs % DAY_MS) / HOUR_MS)).padStart(2, '0')}:00`),
    ],
  };
}

function refusalSection({ exitTimeMs }: TradesReportInput): Section {
  const rows =
    exitTimeMs === null
      ? [...TRADES_REFUSALS, ['holding time, exposure', 'the file has no exit times'] as const]
      : TRADES_REFUSALS;
  return {
    id: 'refusals',
    title: 'What this file does not allow',
    lead: 'Refused, with the reason. None of it is 0 or 1.',
    blocks: [
      {
        kind: 'table',
        id: 'refused',
        caption: 'Not computed',
        columns: [textColumn('figure'), textColumn('why')],
        rows: rows.map(([figure, why]) => [textCell(figure), textCell(why)]),
        note: '',
        isFixed: true,
      },
    ],
  };
}

function provenanceSection({ file, entryTimeMs, donchVersion, seed, results }: TradesReportInput): Section {
  const last = entryTimeMs[entryTimeMs.length - 1];
  return {
    id: 'provenance',
    title: 'What this rests on',
    lead: 'The same file and program give the same numbers again.',
    blocks: [
      {
        kind: 'glossary',
        words: [
          ['file', file.name],
          ['hash of the file', file.hash],
          ['entries', `${formatMinute(entryTimeMs[0])} to ${formatMinute(last)} UTC`],
          ['results', results.name],
          ['program', `DONCH ${donchVersion}`],
          ['seed of the resampling', countText(seed)],
        ],
      },
    ],
  };
}
