/** What the numbers rest on, and what the words mean. */
import { formatMinute, numbersOf } from '@donch/core';
import { textCell, textColumn, type Block, type Section } from '../blocks.ts';
import { countText } from '../format/number-text.ts';
import type { ReportInput } from '../report-input.ts';
import { SEARCH_WORDS } from '../selection/search-words.ts';

export function provenanceSection({
  run,
  notes,
  strategies,
  equity,
  settings = {},
  holdout = 'none',
}: ReportInput): Section {
  const times = numbersOf(equity, 'time');
  const hash = (value: string | null): string => value ?? 'does not apply';
  const rows: readonly (readonly [string, string, string])[] = [
    ['run', run.id, 'its files are in results/runs/'],
    [
      'period',
      `${formatMinute(times[0])} to ${formatMinute(times[times.length - 1])} UTC`,
      'all times of this report are UTC, days begin at 00:00 UTC',
    ],
    ['bars', notes.interval, 'interval in which decisions are taken'],
    ['universe', notes.survivorship, 'which instruments were looked at'],
    [
      'hold-out',
      holdout,
      'data that nothing has looked at but donch holdout; looks after this page was made are not in it',
    ],
    ...strategies.map(({ name, side, strategyId }) => ['strategy', `${name} (${side})`, strategyId] as const),
    ['specification', hash(run.specHash), 'hash of strategy and universe'],
    ['settings', hash(run.configHash), 'hash of all effective settings'],
    ['members', hash(run.universeHash), 'hash of the universe'],
    ...Object.entries(run.inputs).map(([name, value]) => [name, value, 'hash of this input'] as const),
    ['program', `DONCH ${run.donchVersion}, Node ${run.nodeVersion}`, 'versions that computed the run'],
    ['sources', run.sourceHash, 'hash of the program'],
    ['seed', countText(run.seed), 'seed of the resampling'],
  ];
  return restsOn(rows, settingsTable('Settings of account and costs', settings));
}

/** The section of what a page rests on: what, its value, its meaning; then its settings. */
export function restsOn(
  rows: readonly (readonly [what: string, value: string, meaning: string])[],
  settings: readonly Block[],
): Section {
  return {
    id: 'provenance',
    title: 'What this rests on',
    lead: 'The same inputs, settings and program give the same numbers again; another hash means another question.',
    blocks: [
      { kind: 'glossary', words: rows.map(([what, value, meaning]) => [`${what} (${meaning})`, value] as const) },
      ...settings,
    ],
  };
}

/** Settings under their keys, folded; nothing where none are recorded. */
export function settingsTable(caption: string, settings: Readonly<Record<string, string>>): Block[] {
  const rows = Object.entries(settings);
  if (rows.length === 0) return [];
  return [
    {
      kind: 'table',
      id: 'settings',
      caption,
      columns: [textColumn('key'), textColumn('value')],
      rows: rows.map(([key, value]) => [textCell(key), textCell(value)]),
      note: '',
      isFolded: true,
    },
  ];
}

const WORDS: readonly (readonly [string, string])[] = [
  [
    'R',
    'the planned risk of a trade: quantity x distance from the price at the decision to the initial stop. A result of +2 R is twice what was risked.',
  ],
  ['ATR', 'average true range: how far the price moves in a bar on average; the unit of stops and targets.'],
  ['expectancy', 'average result per trade.'],
  [
    '95 % interval',
    'range in which the true average plausibly lies. Trades of one week share its market, so whole weeks are drawn again and again; treating trades as independent would make it two to three times too narrow.',
  ],
  ['profit factor', 'sum of all gains / sum of all losses. 1 is break even; infinite where nothing lost.'],
  ['win rate', 'share of trades that made money.'],
  ['drawdown, under water', 'distance of the equity below its highest value so far.'],
  ['marked to market', 'open positions count at their present price.'],
  ['breakout level', 'highest high (for shorts the lowest low) of the days before: what has to be broken.'],
  ['pullback, trigger', 'the way back to the level after the breakout, and what then makes the entry.'],
  ['signal', 'an entry that passed all filters of the strategy; the account may still have no room for it.'],
  ['gate', 'one condition that an entry has to pass.'],
  ['slippage', 'how much worse than asked an order was filled.'],
  ['funding', 'payment between longs and shorts of perpetual futures, usually every eight hours.'],
  ['MFE, MAE', 'best and worst distance from the entry price while a trade was open.'],
  ['survivorship', 'a universe of what still exists today knows the future: it leaves out what has died.'],
  ['Sharpe, Sortino', 'mean of daily returns / their spread, per year of 365 days; Sortino counts falls only.'],
  ['none', 'the number does not exist here (for example an average of no trades). It is not zero.'],
];

export function glossarySection({ selection }: ReportInput): Section {
  const hasSearch = selection?.kind === 'selection';
  return {
    id: 'glossary',
    title: 'Words',
    lead: 'As they are used in this report.',
    blocks: [{ kind: 'glossary', words: [...WORDS, ...(hasSearch ? SEARCH_WORDS : [])] }],
  };
}
