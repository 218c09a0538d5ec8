/** Reads a strategy file: all problems at once, each with file, line and path. */
import { DonchError, DonchErrors, nearestWord, parseYaml, type YamlFile } from '@donch/core';
import type { z } from 'zod';
import { strategyFileSchema, type RuleFile, type StrategyFile } from './schema.ts';

/**
 * Parses YAML text into a checked strategy file.
 * Throws `DonchErrors` (`bad_strategy`, `bad_yaml`) listing every problem; `old_dialect` for files of the earlier bot.
 */
export function parseStrategyFile(text: string, file: string): StrategyFile {
  const yaml = parseYaml(text, file);
  refuseOldDialect(yaml.value, file);
  const result = strategyFileSchema.safeParse(yaml.value);
  const problems = result.success
    ? contradictions(result.data, file, yaml)
    : result.error.issues.slice(0, PROBLEMS_MAX).flatMap((issue) => explain(issue, file, yaml));
  if (result.success && problems.length === 0) return result.data;
  throw new DonchErrors('bad_strategy', file, problems.slice(0, PROBLEMS_MAX));
}

/** Problems worth listing: a file that is something else entirely has thousands. */
const PROBLEMS_MAX = 100;

/** The earlier bot's dialect: `name`, `params`, `entry.all` with named operations. Recognised, never half-read. */
function refuseOldDialect(value: unknown, file: string): void {
  if (typeof value !== 'object' || value === null || Object.hasOwn(value, 'strategy')) return;
  const { entry } = value as { readonly entry?: unknown };
  const isOld =
    ['name', 'params', 'timeframes', 'veto'].some((key) => Object.hasOwn(value, key)) ||
    (typeof entry === 'object' && entry !== null && (Object.hasOwn(entry, 'all') || Object.hasOwn(entry, 'any')));
  if (!isOld) return;
  throw new DonchError(
    'old_dialect',
    'this is a strategy in the dialect of the earlier bot (name, timeframes, params, entry.all)',
    {
      file,
      expected: 'a file with strategy, entry, filters, exits',
      remedy: 'docs/MIGRATION.md has the conversion table; strategies/donch_pullback_long.yaml is a model',
    },
  );
}

type Issue = z.core.$ZodIssue;

function explain(issue: Issue, file: string, yaml: YamlFile): DonchError[] {
  const path = issue.path.filter((part): part is string | number => typeof part !== 'symbol');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, PROBLEMS_MAX).map((key) => {
      const nearest = nearestWord(key, knownKeysAt(path));
      return problem(
        { file, yaml, path: [...path, key] },
        `unknown key "${key}"`,
        nearest === null ? undefined : `did you mean ${nearest}?`,
      );
    });
  }
  const found = valueAt(yaml.value, path);
  const shown = found === undefined ? 'missing' : JSON.stringify(found).slice(0, 80);
  return [problem({ file, yaml, path }, `${shown}: ${issue.message}`)];
}

interface Site {
  readonly file: string;
  readonly yaml: YamlFile;
  readonly path: readonly (string | number)[];
}

function problem({ file, yaml, path }: Site, found: string, remedy?: string): DonchError {
  const line = yaml.lineOf(path) ?? yaml.lineOf(path.slice(0, -1));
  return new DonchError('bad_strategy', found, {
    file,
    ...(line === undefined ? {} : { line }),
    ...(path.length === 0 ? {} : { path: path.join('.') }),
    ...(remedy === undefined ? {} : { remedy }),
  });
}

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  let current = value;
  for (const part of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, part)) return undefined;
    current = (current as Record<string | number, unknown>)[part];
  }
  return current;
}

/** Keys that the schema knows at a path, for suggestions. */
function knownKeysAt(path: readonly (string | number)[]): string[] {
  let schema: unknown = strategyFileSchema;
  for (const part of path) {
    schema = unwrap(schema);
    const { shape, element } = schema as { shape?: Record<string, unknown>; element?: unknown };
    schema = typeof part === 'number' ? element : shape?.[part];
    if (schema === undefined) return [];
  }
  return Object.keys((unwrap(schema) as { shape?: Record<string, unknown> }).shape ?? {});
}

function unwrap(schema: unknown): unknown {
  let inner = schema;
  while (
    typeof inner === 'object' &&
    inner !== null &&
    'unwrap' in inner &&
    !('shape' in inner) &&
    !('element' in inner)
  ) {
    inner = (inner as { unwrap: () => unknown }).unwrap();
  }
  return inner;
}

/** What the schema alone cannot say. */
function contradictions(spec: StrategyFile, file: string, yaml: YamlFile): DonchError[] {
  return [...entryContradictions(spec.entry ?? {}), ...ruleContradictions(spec.rules ?? {})].map(
    ({ path, found, remedy }) => problem({ file, yaml, path }, found, remedy),
  );
}

interface Contradiction {
  readonly path: readonly (string | number)[];
  readonly found: string;
  readonly remedy: string;
}

function entryContradictions({
  donchian,
  volume,
  regime_gate: gate,
}: NonNullable<StrategyFile['entry']>): Contradiction[] {
  const found: Contradiction[] = [];
  if (donchian?.length_days !== undefined && donchian.length_bars !== undefined) {
    found.push({
      path: ['entry', 'donchian'],
      found: 'both length_days and length_bars',
      remedy: 'keep one of them',
    });
  }
  if (volume?.multiple !== undefined && volume.quantile !== undefined)
    found.push({ path: ['entry', 'volume'], found: 'both multiple and quantile', remedy: 'keep one of them' });
  const wantsUp = gate?.require_hist_positive === true || gate?.require_macd_above_signal === true;
  const wantsDown = gate?.require_hist_negative === true || gate?.require_macd_below_signal === true;
  if (wantsUp && wantsDown) {
    found.push({
      path: ['entry', 'regime_gate'],
      found: 'asks for a rising and a falling MACD at once',
      remedy: 'keep one direction',
    });
  }
  if (gate !== null && gate !== undefined) found.push(...foreignToKind(gate));
  if (gate?.macd !== undefined && gate.macd[0] >= gate.macd[1]) {
    found.push({
      path: ['entry', 'regime_gate', 'macd'],
      found: `fast ${gate.macd[0]} is not below slow ${gate.macd[1]}`,
      remedy: 'write [fast, slow, signal], e.g. [12, 26, 9]',
    });
  }
  return found;
}

/** Keys of the gate that its kind does not read. */
function foreignToKind(gate: RegimeGateFile): Contradiction[] {
  const { kind = 'macd' } = gate;
  const foreign: readonly (keyof RegimeGateFile)[] = kind === 'macd' ? ['require_regime'] : MACD_GATE_KEYS;
  return foreign
    .filter((key) => gate[key] !== undefined)
    .map((key) => ({
      path: ['entry', 'regime_gate', key],
      found: `${key} means nothing to a gate of kind ${kind}`,
      remedy:
        kind === 'macd'
          ? 'write require_hist_positive or require_hist_negative'
          : 'write require_regime: up (or down); its symbol is REGIME_BENCHMARK_SYMBOL',
    }));
}

type RegimeGateFile = NonNullable<NonNullable<StrategyFile['entry']>['regime_gate']>;

const MACD_GATE_KEYS: readonly (keyof RegimeGateFile)[] = [
  'symbol',
  'timeframe',
  'macd',
  'require_hist_positive',
  'require_macd_above_signal',
  'require_hist_negative',
  'require_macd_below_signal',
];

function ruleContradictions(rules: NonNullable<StrategyFile['rules']>): Contradiction[] {
  return (['all', 'any', 'veto'] as const).flatMap((group) =>
    (rules[group] ?? []).flatMap((rule, index) => {
      const path = ['rules', group, index];
      return ruleProblems(rule).map(([found, remedy]) => ({ path, found, remedy }));
    }),
  );
}

function ruleProblems({ feature, gte, lte, between, is }: RuleFile): (readonly [found: string, remedy: string])[] {
  const problems: (readonly [string, string])[] = [];
  const conditions = [gte ?? lte, between, is].filter((condition) => condition !== undefined).length;
  if (conditions !== 1)
    problems.push([`rule over ${feature} has ${conditions} conditions`, 'give one of gte/lte, between, is']);
  if (between !== undefined && between[0] > between[1])
    problems.push(['between has its bounds exchanged', 'write [low, high]']);
  if (gte !== undefined && lte !== undefined && gte > lte)
    problems.push([`gte ${gte} and lte ${lte} exclude each other`, 'write gte: low, lte: high']);
  return problems;
}
