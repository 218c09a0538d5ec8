/** Effective settings as text for people. */
import { isAbsolute, relative } from 'node:path';
import { textTable } from '@donch/cli';
import { keySpec, type ConfigKey, type ConfigValue, type Origin } from '@donch/core';
import type { CompiledStrategy } from '@donch/strategy';

/** One key with its effective value. */
export interface KeyRow {
  readonly key: ConfigKey;
  readonly section: string;
  readonly value: ConfigValue;
  readonly default: ConfigValue;
  readonly unit: string;
  readonly layer: Origin['layer'];
  readonly source: string;
  readonly line: number | null;
  readonly written: string;
  readonly actsIn: string;
  readonly meaning: string;
}

interface KeyText {
  readonly rows: readonly KeyRow[];
  /** Of the project: files inside it are named from there. */
  readonly folder: string;
}

/** Keys by section: all of them, or those that are not at their default. */
export function keyLines({ rows, folder, all }: KeyText & { readonly all: boolean }): string[] {
  const shown = rows.filter(({ layer }) => all || layer !== 'default');
  if (shown.length === 0) return ['every key is at its default (donch config --all lists them)'];
  const lines: string[] = [];
  for (const section of new Set(shown.map((row) => row.section))) {
    const own = shown.filter((row) => row.section === section);
    lines.push(`${section}:`, ...sectionLines({ rows: own, folder, all }), '');
  }
  if (!all) lines.push(`${rows.length - shown.length} keys are at their defaults (donch config --all lists them)`);
  return lines;
}

function sectionLines({ rows, folder, all }: KeyText & { readonly all: boolean }): string[] {
  const columns = [
    { title: '  key' },
    { title: 'value' },
    { title: 'from' },
    ...(all ? [{ title: 'what it is' }] : []),
  ];
  const table = textTable(
    columns,
    rows.map((row) => [
      `  ${row.key}`,
      shownValue(row.value),
      originText(row, folder),
      ...(all ? [`${row.meaning} (${row.unit})${row.actsIn === 'both' ? '' : `, ${row.actsIn} only`}`] : []),
    ]),
  );
  return table.slice(1);
}

function shownValue(value: ConfigValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function originText({ key, layer, source, line, written }: KeyRow, folder: string): string {
  if (layer === 'default') return 'default';
  if (layer === 'environment') return `DONCH_${written}`;
  const inside = relative(folder, source);
  const place = isAbsolute(source) && !inside.startsWith('..') && !isAbsolute(inside) ? inside : source;
  const alias = written === key || layer === 'strategy' ? '' : ` as ${written}`;
  return `${place}${line === null ? '' : ` line ${line}`}${alias}`;
}

/** The effective strategy: every setting that its file can hold, its filters, its hashes. */
export function strategyLines(
  strategy: CompiledStrategy,
  { rows, folder, hasUniverse }: KeyText & { readonly hasUniverse: boolean },
): string[] {
  const { name, side, file, strategyId, filters, features, notes } = strategy;
  const { setupHash, filterHash, exitHash, specHash } = strategy;
  const own = rows.filter(({ key }) => keySpec(key).strategyPath !== undefined);
  const values = textTable(
    [{ title: 'strategy file' }, { title: 'key' }, { title: 'value' }, { title: 'from' }],
    own.map((row) => [keySpec(row.key).strategyPath ?? '', row.key, shownValue(row.value), originText(row, folder)]),
  );
  return [
    `${name} (${strategyId}), ${side}: ${file}`,
    ...values,
    'filters, in their order:',
    ...filters.map((filter) => `  ${filter.name}: ${acceptedText(filter.description)}`),
    `${features.length} features in every signal: ${features.map((def) => def.name).join(', ')}`,
    ...notes.map((note) => `note: ${note}`),
    `setup ${setupHash}`,
    `filter ${filterHash}`,
    `exit ${exitHash}`,
    `spec ${specHash}${hasUniverse ? '' : ' (without a universe: there are no candles yet)'}`,
  ];
}

/** What a filter accepts: `rs_percentile >= 70`, else its words. */
function acceptedText(described: Readonly<Record<string, unknown>>): string {
  const { settings: _, ...description } = described;
  const { feature, comparison, threshold } = description;
  const isBound = typeof feature === 'string' && typeof comparison === 'string' && typeof threshold === 'number';
  return isBound ? `${feature} ${comparison} ${threshold}` : JSON.stringify(description);
}
