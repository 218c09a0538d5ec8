/** Groups of the trades of one run by columns that users call variants. They are a breakdown, and no trials. */
import { createPrng } from '@donch/core';
import { clusterBootstrap, mean, profitFactor, winRateFrac } from '@donch/stats';
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
} from '../blocks.ts';
import { countText, meanText, percentText, ratioText, signedText } from '../format/number-text.ts';
import { groupRows, type Group } from '../trade-columns.ts';

/** One entry per trade in every list. */
export interface VariantGroups {
  readonly results: TradeResults;
  readonly columns: readonly { readonly name: string; readonly values: readonly string[] }[];
}

/** A column of results. */
export interface TradeResults {
  /** As it was asked for. */
  readonly name: string;
  /** NaN = the trade has none. */
  readonly values: Float64Array;
  /** True for multiples of the planned risk. */
  readonly isR: boolean;
}

/** Times of the trades, and the seed of their intervals. */
export interface GroupedTrades {
  readonly entryTimeMs: Float64Array;
  readonly seed: number;
}

/** Why there is no PBO and no DSR over groups. */
const GROUPS_REFUSAL =
  'PBO and DSR over these groups are refused: groups of one run are no trials. They share one account and one choice of settings; nobody could have traded one of them in place of the others. The trials stand in the trial ledger.';

export function variantSection({ results, columns }: VariantGroups, trades: GroupedTrades): Section {
  const tables = columns.map(({ name, values }, k) =>
    groupTable({ id: `variant-${k}`, title: name, groups: byName(groupRows(values)), results, trades }),
  );
  const missing = results.values.filter((value) => Number.isNaN(value)).length;
  const notes: Block[] = [textBlock(GROUPS_REFUSAL, 'loss', 'No trials.')];
  if (missing > 0)
    notes.push(textBlock(`${countText(missing)} trades have no ${results.name}: they are in no figure here.`));
  return {
    id: 'variants',
    title: 'Groups of this run',
    lead: `The trades by ${columns.map(({ name }) => name).join(', ')}; results are ${results.name}. Of many groups some look good by chance.`,
    blocks: [...notes, ...tables, ...(columns.length > 1 ? [combined({ results, columns }, trades)] : [])],
  };
}

/** Rows of a page; more are for programs. */
const ROWS_MAX = 60;

function combined({ results, columns }: VariantGroups, trades: GroupedTrades): TableBlock {
  const names = columns[0].values.map((_, row) => columns.map(({ values }) => values[row]).join(' / '));
  const groups = byName(groupRows(names));
  const largest = groups.toSorted((a, b) => b.rows.length - a.rows.length).slice(0, ROWS_MAX);
  const table = groupTable({
    id: 'variant-all',
    title: columns.map(({ name }) => name).join(' / '),
    groups: byName(largest),
    results,
    trades,
  });
  return groups.length > ROWS_MAX
    ? { ...table, note: `The ${ROWS_MAX} largest of ${countText(groups.length)} combinations. ${table.note}`.trim() }
    : table;
}

const byName = (groups: readonly Group[]): Group[] => groups.toSorted((a, b) => (a.name < b.name ? -1 : 1));

interface Grouping {
  readonly id: string;
  readonly title: string;
  readonly groups: readonly Group[];
  readonly results: TradeResults;
  readonly trades: GroupedTrades;
}

/** Figures of each group; all sections about results of trades show the same ones. */
export function groupTable({ id, title, groups, results, trades }: Grouping): TableBlock {
  const rows = groups.map((group) => cells(group, results, trades));
  const intervals = rows.filter((row) => row[2].sort !== null).length;
  return {
    kind: 'table',
    id,
    caption: `By ${title}`,
    columns: [
      textColumn(title),
      numberColumn(`mean ${results.name}`, 'average result per trade'),
      numberColumn(
        '95 % interval',
        'of the mean; whole weeks are resampled, and below 12 weeks with trades there is none',
      ),
      numberColumn('trades', 'n: with a result'),
      numberColumn('win rate', 'share of results above 0'),
      numberColumn('profit factor', 'sum of gains / sum of losses'),
      numberColumn('total', `sum of ${results.name}`),
    ],
    rows,
    note:
      intervals < 5
        ? ''
        : `Of ${intervals} intervals, about one in twenty misses the truth by chance alone: a single odd group proves nothing.`,
  };
}

/** Text of a mean of these results. */
export function resultText({ isR }: Pick<TradeResults, 'isR'>): (value: number) => string {
  return isR ? meanText : (value) => signedText(value, 4);
}

function cells({ name, rows }: Group, results: TradeResults, { entryTimeMs, seed }: GroupedTrades): Cell[] {
  const known = rows.filter((row) => !Number.isNaN(results.values[row]));
  const values = Float64Array.from(known, (row) => results.values[row]);
  const times = Float64Array.from(known, (row) => entryTimeMs[row]);
  const found = clusterBootstrap({ entryTimeMs: times, pnl: values }, 'mean', { prng: createPrng(seed, 'bootstrap') });
  const text = resultText(results);
  const total = values.reduce((sum, value) => sum + value, 0);
  const factor = profitFactor(values);
  return [
    textCell(name === '' ? 'none' : name),
    resultCell(text(mean(values)), mean(values)),
    found.kind === 'interval'
      ? numberCell(`${text(found.low)} to ${text(found.high)}`, found.low)
      : numberCell(`${found.found} of ${found.needed} weeks`, Number.NaN),
    numberCell(countText(known.length), known.length),
    numberCell(percentText(winRateFrac(values)), winRateFrac(values)),
    numberCell(ratioText(factor), factor),
    resultCell(results.isR ? `${signedText(total, 1)}\u00a0R` : signedText(total, 2), total),
  ];
}
