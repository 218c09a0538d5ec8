/** What a sweep rests on, how it was checked, and what the words mean. */
import { formatMinute } from '@donch/core';
import { numberCell, numberColumn, textBlock, textCell, textColumn, type Block, type Section } from '../blocks.ts';
import { countText } from '../format/number-text.ts';
import { restsOn, settingsTable } from '../sections/reference.ts';
import { SEARCH_WORDS } from '../selection/search-words.ts';
import { groupRows } from '../trade-columns.ts';
import type { SweepReportInput } from './sweep-report-input.ts';
import { textOf } from './variant-rows.ts';

export function checkSection(input: SweepReportInput): Section {
  const { checked, agreed, byEngine } = input.agreement;
  const reasons = groupRows(textOf(input, 'engine_reason')).filter(({ name }) => name !== '');
  const guards = groupRows(textOf(input, 'guard')).filter(({ name }) => name !== '');
  return {
    id: 'checks',
    title: 'How it was checked',
    lead: 'Variants are decided by first touches on the bars of each signal. A sample, drawn by lot, is run again bar by bar through the engine of backtest and bot; one different trade fails the sweep.',
    blocks: [
      {
        kind: 'facts',
        facts: [
          { label: 'run again', value: countText(checked), tone: 'plain', words: 'variants, through the engine' },
          {
            label: 'the same',
            value: countText(agreed),
            tone: agreed === checked ? 'plain' : 'loss',
            words: 'trade by trade, byte by byte',
          },
          {
            label: 'by the engine anyway',
            value: countText(byEngine),
            tone: 'plain',
            words: 'variants whose exits need every bar',
          },
        ],
      },
      countTable('guards', 'Guarded variants', guards) ?? textBlock('No variant is guarded.'),
      ...[countTable('engine-reasons', 'Why variants were simulated bar by bar', reasons)].filter(
        (block) => block !== null,
      ),
    ],
  };
}

function countTable(
  id: string,
  caption: string,
  groups: readonly { readonly name: string; readonly rows: readonly number[] }[],
): Block | null {
  if (groups.length === 0) return null;
  return {
    kind: 'table',
    id,
    caption,
    columns: [textColumn('reason'), numberColumn('variants')],
    rows: groups.map(({ name, rows }) => [textCell(name), numberCell(countText(rows.length), rows.length)]),
    note: '',
  };
}

export function sweepProvenanceSection({ sweep, axes }: SweepReportInput): Section {
  const hash = (value: string | null): string => value ?? 'does not apply';
  const rows: readonly (readonly [string, string, string])[] = [
    ['sweep', sweep.id, 'its files are in results/runs/'],
    ['window', `${formatMinute(sweep.startMs)} to ${formatMinute(sweep.endMs)} UTC`, 'all times of this page are UTC'],
    ['bars', sweep.interval, 'interval in which decisions are taken'],
    ['universe', sweep.survivorship, 'which instruments were looked at, and from when the list is'],
    ...sweep.strategies.map(({ name, side }) => ['strategy', name, side] as const),
    ...axes.map(({ key, values }) => [key, values.map(valueList).join(', '), 'values of the grid'] as const),
    ['specification', hash(sweep.specHash), 'hash of strategy and universe'],
    ['settings', hash(sweep.configHash), 'hash of all settings that do not vary'],
    ['members', hash(sweep.universeHash), 'hash of the universe'],
    ...Object.entries(sweep.inputs).map(([name, value]) => [name, value, 'hash of this input'] as const),
    ['program', `DONCH ${sweep.donchVersion}, Node ${sweep.nodeVersion}`, 'versions that computed the sweep'],
    ['sources', sweep.sourceHash, 'hash of the program'],
    ['seed', countText(sweep.seed), 'seed of every draw'],
  ];
  return restsOn(rows, settingsTable('Settings that all variants share', sweep.settings));
}

const valueList = (value: number | string | boolean | null): string => (value === null ? 'none' : String(value));

const WORDS: readonly (readonly [string, string])[] = [
  ['variant', 'one combination of parameter values.'],
  [
    'guarded',
    'the figures of the variant are no evidence: too few trades, or an abort guard ended it. It is shown, ranked last, and never dropped silently.',
  ],
  ['R', 'the planned risk of a trade: quantity x distance from the price at the decision to the initial stop.'],
  ['Sharpe', 'mean of daily returns / their spread, per year of 365 days.'],
  [
    'plateau',
    'the median result of the neighbours (one step of one parameter) as a share of the own one. Near 100 % the exact value does not matter.',
  ],
  ...SEARCH_WORDS,
  ['none', 'the number does not exist here. It is not zero.'],
];

export function sweepGlossarySection(): Section {
  return {
    id: 'glossary',
    title: 'Words',
    lead: 'As they are used on this page.',
    blocks: [{ kind: 'glossary', words: WORDS }],
  };
}
