/**
 * The variants of a sweep: lists of values of flat configuration keys, combined. Order, tags and ids follow from the values alone and
 * not from the order in which they were written: an interrupted sweep goes on where it was, and a ledger knows what it has seen.
 */
import {
  CONFIG_KEYS,
  createPrng,
  DonchError,
  DonchErrors,
  hashJson,
  invariant,
  parseSetting,
  type ConfigKey,
  type ConfigLayer,
  type ConfigValue,
} from '@donch/core';
import { sweepKeyKind, TAG_NAMES, type SweepKeyKind } from './sweep-keys.ts';

/** One key with the values it takes, ascending, null last. */
interface GridAxis {
  readonly key: ConfigKey;
  readonly kind: SweepKeyKind;
  readonly values: readonly ConfigValue[];
}

/** Axes in the order in which `donch config` lists their keys; the last one varies fastest. */
export interface SweepGrid {
  readonly axes: readonly GridAxis[];
  /** Number of combinations. */
  readonly size: number;
}

type SweepValues = Readonly<Partial<Record<ConfigKey, ConfigValue>>>;

export interface SweepVariant {
  /** Follows from the values: 16 hexadecimal digits. */
  readonly id: string;
  /** For people and folders: `sl2.5-tp12-t72`. */
  readonly tag: string;
  readonly values: SweepValues;
  /** Those that decide which signals there are: variants of one group share them. */
  readonly entryValues: SweepValues;
  /** Follows from the entry values. */
  readonly groupId: string;
}

/** Above it nobody waits for all combinations. */
const VARIANTS_MAX = 1_000_000;
const ID_LENGTH = 16;

/** The grid of users who bring none: two stops, two targets, with and without a time exit. */
export const DEFAULT_GRID: Readonly<Record<string, readonly unknown[]>> = {
  SL_ATR_MULT: [2, 2.5],
  FINAL_TP_ATR_MULT: [8, 12],
  TIME_EXIT_HOURS: [null, 72],
};

/**
 * A grid from keys under any of their names, each with one value or a list. Throws `DonchErrors` with every unknown key, value out of
 * range, value written twice and key that a sweep has no business with. `source`: file or flag, for messages.
 */
export function parseGrid(raw: Readonly<Record<string, unknown>>, source: string): SweepGrid {
  const problems: DonchError[] = [];
  const axes: GridAxis[] = [];
  for (const [written, values] of Object.entries(raw)) {
    try {
      axes.push(parseAxis(written, Array.isArray(values) ? values : [values], source));
    } catch (error) {
      if (!(error instanceof DonchError)) throw error;
      problems.push(error);
    }
  }
  const twice = axes.find(({ key }, k) => axes.findIndex((axis) => axis.key === key) < k);
  if (twice !== undefined)
    problems.push(new DonchError('bad_config_value', `${twice.key} stands in the grid twice`, { file: source }));
  if (problems.length > 0) throw new DonchErrors('bad_config', source, problems);
  const order = Object.keys(CONFIG_KEYS);
  axes.sort((a, b) => order.indexOf(a.key) - order.indexOf(b.key));
  return { axes, size: axes.reduce((product, { values }) => product * values.length, 1) };
}

function parseAxis(written: string, raw: readonly unknown[], file: string): GridAxis {
  const parsed = raw.map((value) => parseSetting(written, value, { file }));
  if (parsed.length === 0)
    throw new DonchError('bad_config_value', `${written} has no values`, { file, expected: 'one value or a list' });
  const { key } = parsed[0];
  const kind = sweepKeyKind(key);
  if (kind === null)
    throw new DonchError('bad_config_value', `${key} cannot be swept`, {
      file,
      expected: 'keys of entries, filters, regime and exits',
      remedy: 'settings of account, costs and data are the same for all variants: set them with --set',
    });
  const values = parsed.map(({ value }) => value).sort(compareValues);
  const same = values.find((value, k) => k > 0 && compareValues(values[k - 1], value) === 0);
  if (same !== undefined)
    throw new DonchError('bad_config_value', `${key} has the value ${String(same)} twice`, { file });
  return { key, kind, values };
}

/** Numbers, words and switches ascending, null last. */
function compareValues(a: ConfigValue, b: ConfigValue): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  return a < b ? -1 : 1;
}

/** All variants in canonical order. Throws `bad_config_value` when there are more than a million. */
export function gridVariants(grid: SweepGrid): SweepVariant[] {
  if (grid.size > VARIANTS_MAX)
    throw new DonchError('bad_config_value', `the grid has ${grid.size} variants`, {
      expected: `at most ${VARIANTS_MAX}`,
      remedy: 'draw some of them at random, or leave values out',
    });
  return Array.from({ length: grid.size }, (_, index) => variantAt(grid, index));
}

/** `count` different variants (all, where there are no more) drawn evenly, in canonical order; the same seed draws the same. */
export function randomVariants(grid: SweepGrid, count: number, seed: number): SweepVariant[] {
  invariant(count >= 0 && Number.isSafeInteger(grid.size), 'a draw has a count and can number the variants');
  if (count >= grid.size) return gridVariants(grid);
  const prng = createPrng(seed, 'sweep variants');
  const drawn = new Set<number>();
  // R. Floyd's sample without replacement
  for (let last = grid.size - count; last < grid.size; last += 1) {
    const index = prng.below(last + 1);
    drawn.add(drawn.has(index) ? last : index);
  }
  return [...drawn].sort((a, b) => a - b).map((index) => variantAt(grid, index));
}

function variantAt({ axes }: SweepGrid, index: number): SweepVariant {
  const places: number[] = [];
  let rest = index;
  for (let k = axes.length - 1; k >= 0; k -= 1) {
    const { length } = axes[k].values;
    places[k] = rest % length;
    rest = Math.floor(rest / length);
  }
  const chosen = axes.map(({ key, kind, values }, k) => ({ key, kind, value: values[places[k]] }));
  const valuesOf = (cells: typeof chosen): SweepValues =>
    Object.fromEntries(cells.map(({ key, value }) => [key, value]));
  const values = valuesOf(chosen);
  const entryValues = valuesOf(chosen.filter(({ kind }) => kind === 'entry'));
  return {
    id: hashJson(values).slice(0, ID_LENGTH),
    tag: chosen.map(({ key, value }) => tagOf(key, value)).join('-') || 'base',
    values,
    entryValues,
    groupId: hashJson(entryValues).slice(0, ID_LENGTH),
  };
}

/** Letters, digits and points: fit for a file name everywhere. */
function tagOf(key: ConfigKey, value: ConfigValue): string {
  const name = TAG_NAMES[key] ?? key.toLowerCase().replaceAll('_', '');
  const text = value === null ? 'none' : value === true ? 'on' : value === false ? 'off' : String(value);
  return `${name}${text.toLowerCase().replaceAll(/[^a-z0-9.]/gu, '')}`;
}

/** Variants by the signals that they share, groups and variants in canonical order. */
export function variantGroups(variants: readonly SweepVariant[]): ReadonlyMap<string, readonly SweepVariant[]> {
  const groups = new Map<string, SweepVariant[]>();
  for (const variant of variants) {
    const group = groups.get(variant.groupId);
    if (group === undefined) groups.set(variant.groupId, [variant]);
    else group.push(variant);
  }
  return groups;
}

/** What a variant sets, above strategy file, config.yaml and flags: append it to the layers. */
export function variantLayer({ tag, values }: SweepVariant): ConfigLayer {
  return { layer: 'flag', source: `variant ${tag}`, values };
}
