/** What `donch sweep` was asked for: the variants, and what is done with the best of them. */
import { readFileSync } from 'node:fs';
import {
  DEFAULT_GRID,
  gridVariants,
  parseGrid,
  randomVariants,
  type SweepGrid,
  type SweepVariant,
} from '@donch/backtester';
import { wholeNumber } from '@donch/cli';
import { DonchError, nearestWord, parseYaml, type ConfigLayer } from '@donch/core';
import { resolveUserPath, withIoErrors } from '@donch/data';
import type { SweepFlags } from '../commands/sweep.ts';

export interface SweepOptions {
  readonly grid: SweepGrid;
  /** In canonical order. */
  readonly variants: readonly SweepVariant[];
  /** Fewer trades are no evidence. */
  readonly minTrades: number;
  readonly bestCount: number;
  /** Tags of variants that get files like the best. */
  readonly wanted: readonly string[];
  /** What the sweep sets for all variants. */
  readonly shared: ConfigLayer['values'];
  readonly seed: number;
}

/** Reads the flags. Throws `bad_argument`, and what reading a grid throws. */
export function sweepOptions(flags: SweepFlags, cwd: string): SweepOptions {
  const grid = sweepGrid(flags, cwd, () => parseGrid(DEFAULT_GRID, 'the default grid'));
  const seed = wholeNumber(flags.seed ?? '1', '--seed');
  const variants = variantsOf(grid, flags, seed);
  checkTags(variants);
  const wanted = flags.variant ?? [];
  const tags = variants.map(({ tag }) => tag);
  for (const tag of wanted) if (!tags.includes(tag)) throw unknownTag(tag, tags);
  return {
    grid,
    variants,
    minTrades: wholeNumber(flags.minTrades, '--min-trades'),
    bestCount: wholeNumber(flags.robustTopk, '--robust-topk'),
    wanted,
    shared: flags.use1m === true ? { USE_INTRABAR_1M: true } : {},
    seed,
  };
}

/** Keys of `--vary` take the place of those of the file; `fallback` without either. Throws what reading a grid throws. */
export function sweepGrid(
  { grid, vary = [] }: Pick<SweepFlags, 'grid' | 'vary'>,
  cwd: string,
  fallback: () => SweepGrid,
): SweepGrid {
  const varied = variedAxes(vary);
  if (grid === undefined) return vary.length === 0 ? fallback() : varied;
  const path = resolveUserPath(cwd, grid);
  const text = withIoErrors(path, 'read the grid', () => readFileSync(path, 'utf8'));
  const raw = parseYaml(text, path).value;
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    throw new DonchError('bad_config_value', 'a grid is a list of keys', {
      file: path,
      expected: 'lines such as SL_ATR_MULT: [2, 2.5]',
    });
  const filed = parseGrid(raw as Readonly<Record<string, unknown>>, path);
  const keys = new Set(varied.axes.map(({ key }) => key));
  const axes = [...filed.axes.filter(({ key }) => !keys.has(key)), ...varied.axes];
  return parseGrid(Object.fromEntries(axes.map(({ key, values }) => [key, values])), path);
}

function variedAxes(vary: readonly string[]): SweepGrid {
  const entries = vary.map(keyAndValues);
  const twice = entries.find(([key], k) => entries.findIndex(([other]) => other === key) < k);
  if (twice !== undefined)
    throw new DonchError('bad_argument', `--vary names ${twice[0]} twice`, { expected: 'all its values in one flag' });
  return parseGrid(Object.fromEntries(entries), '--vary');
}

function keyAndValues(text: string): readonly [string, readonly unknown[]] {
  const at = text.indexOf('=');
  if (at <= 0) throw new DonchError('bad_argument', `--vary is "${text}"`, { expected: 'KEY=value,value,...' });
  // values are written as in YAML: 2, null, true, retest
  const raw = parseYaml(`[${text.slice(at + 1)}]`, '--vary').value;
  return [text.slice(0, at).trim(), Array.isArray(raw) ? (raw as readonly unknown[]) : [raw]];
}

function variantsOf(grid: SweepGrid, { random, single }: SweepFlags, seed: number): readonly SweepVariant[] {
  if (random !== undefined && single === true)
    throw new DonchError('bad_argument', '--single and --random are given', { expected: 'one of them' });
  if (random !== undefined) return randomVariants(grid, wholeNumber(random, '--random', 1), seed);
  if (single !== true) return gridVariants(grid);
  const axes = grid.axes.map((axis) => ({ ...axis, values: axis.values.slice(0, 1) }));
  return gridVariants({ axes, size: 1 });
}

/** Folders are named by tags. */
function checkTags(variants: readonly SweepVariant[]): void {
  const seen = new Set<string>();
  for (const { tag } of variants) {
    if (seen.has(tag))
      throw new DonchError('bad_config_value', `two variants are both called ${tag}`, {
        expected: 'values that differ in letters, digits or points',
      });
    seen.add(tag);
  }
}

function unknownTag(tag: string, tags: readonly string[]): DonchError {
  const nearest = nearestWord(tag, tags);
  return new DonchError('bad_argument', `--variant names "${tag}", which is no variant of this sweep`, {
    expected: tags.slice(0, 5).join(', '),
    ...(nearest !== null && { remedy: `did you mean ${nearest}?` }),
  });
}
