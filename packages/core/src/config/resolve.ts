/**
 * From layers of raw values to one effective configuration in which every value knows where it comes from.
 * Precedence, lowest first: defaults < strategy file < config.yaml < environment < command line < operator's `/set`.
 */
import { DonchError, DonchErrors, type ErrorPlace } from '../errors.ts';
import { hashJson } from '../hash.ts';
import type { ConfigValue } from './key-spec.ts';
import { CONFIG_KEYS, isConfigKey, keySpec, type ConfigKey, type ConfigValues } from './keys.ts';
import { OBSOLETE_KEYS } from './obsolete-keys.ts';
import { parseConfigValue, type NamedKey, type RawValue } from './parse-value.ts';

export const CONFIG_LAYERS = ['default', 'strategy', 'config', 'environment', 'flag', 'set'] as const;
export type LayerName = (typeof CONFIG_LAYERS)[number];

/** Raw values of one source, e.g. one YAML file. */
export interface ConfigLayer {
  readonly layer: Exclude<LayerName, 'default'>;
  /** For messages: a file name, `environment`, `--risk-usd`. */
  readonly source: string;
  readonly values: Readonly<Record<string, RawValue>>;
  /** Line of each key in the file, where known. */
  readonly lines?: Readonly<Record<string, number>>;
}

export interface Origin {
  readonly layer: LayerName;
  readonly source: string;
  /** Name under which it was written. */
  readonly written: string;
}

/** Something the user should know that is not an error: an alias, an obsolete key, an override. */
export interface ConfigNote {
  readonly kind: 'alias' | 'obsolete' | 'override';
  readonly text: string;
}

export interface ResolvedConfig {
  readonly values: ConfigValues;
  readonly origins: Readonly<Record<ConfigKey, Origin>>;
  readonly notes: readonly ConfigNote[];
  /** SHA-256 of the effective values. */
  readonly configHash: string;
}

const DEFAULT_ORIGIN: Origin = { layer: 'default', source: 'default', written: '' };

/** Resolves layers in any order; throws `DonchErrors` with every problem of every layer at once. */
export function resolveConfig(layers: readonly ConfigLayer[]): ResolvedConfig {
  const values: Record<string, ConfigValue> = {};
  const origins: Record<string, Origin> = {};
  for (const key of Object.keys(CONFIG_KEYS) as ConfigKey[]) {
    values[key] = keySpec(key).fallback;
    origins[key] = DEFAULT_ORIGIN;
  }
  const notes: ConfigNote[] = [];
  const problems: DonchError[] = [];
  const ordered = [...layers].sort((a, b) => CONFIG_LAYERS.indexOf(a.layer) - CONFIG_LAYERS.indexOf(b.layer));
  for (const layer of ordered) applyLayer(layer, { values, origins, notes, problems });
  problems.push(...contradictions(values as unknown as ConfigValues));
  if (problems.length > 0) throw new DonchErrors('bad_config', 'configuration', problems);
  return {
    values: values as unknown as ConfigValues,
    origins: origins as Record<ConfigKey, Origin>,
    notes,
    configHash: hashJson(values),
  };
}

interface Resolution {
  readonly values: Record<string, ConfigValue>;
  readonly origins: Record<string, Origin>;
  readonly notes: ConfigNote[];
  readonly problems: DonchError[];
}

function applyLayer(layer: ConfigLayer, { values, origins, notes, problems }: Resolution): void {
  const seen = new Map<ConfigKey, { readonly written: string; readonly value: string }>();
  for (const [written, raw] of Object.entries(layer.values)) {
    const place: ErrorPlace = {
      file: layer.source,
      ...(layer.lines?.[written] === undefined ? {} : { line: layer.lines[written] }),
    };
    const found = findKey(written, place);
    if (found.kind === 'obsolete') {
      notes.push({ kind: 'obsolete', text: `${layer.source}: ${written} has no effect any more: ${found.replacedBy}` });
      continue;
    }
    if (found.kind === 'unknown') {
      problems.push(found.error);
      continue;
    }
    const { key, named } = found;
    if (written !== key) notes.push({ kind: 'alias', text: `${layer.source}: ${written} read as ${key}` });
    try {
      const value = parseConfigValue(named, raw);
      const before = seen.get(key);
      if (before !== undefined && before.value !== JSON.stringify(value)) {
        problems.push(
          new DonchError(
            'bad_config_value',
            `${written} and ${before.written} are two spellings of ${key} with different values`,
            { ...place, remedy: 'keep one of them' },
          ),
        );
      }
      seen.set(key, { written, value: JSON.stringify(value) });
      const previous = origins[key];
      if (
        previous !== undefined &&
        previous.layer === 'strategy' &&
        JSON.stringify(values[key]) !== JSON.stringify(value)
      ) {
        notes.push({
          kind: 'override',
          text: `${key} = ${JSON.stringify(value)} (${layer.source}) overrides ${JSON.stringify(values[key])} of ${previous.source}`,
        });
      }
      values[key] = value;
      origins[key] = { layer: layer.layer, source: layer.source, written };
    } catch (error) {
      if (!(error instanceof DonchError)) throw error;
      problems.push(error);
    }
  }
}

type Found =
  | { readonly kind: 'key'; readonly key: ConfigKey; readonly named: NamedKey }
  | { readonly kind: 'obsolete'; readonly replacedBy: string }
  | { readonly kind: 'unknown'; readonly error: DonchError };

function findKey(written: string, place: ErrorPlace): Found {
  const name = written.trim().toUpperCase();
  if (isConfigKey(name)) return { kind: 'key', key: name, named: { written, spec: keySpec(name), factor: 1, place } };
  for (const key of Object.keys(CONFIG_KEYS) as ConfigKey[]) {
    const spec = keySpec(key);
    if (spec.aliases?.includes(name) === true) return { kind: 'key', key, named: { written, spec, factor: 1, place } };
    const factor = spec.scaledAliases?.[name];
    if (factor !== undefined) return { kind: 'key', key, named: { written, spec, factor, place } };
  }
  for (const [pattern, replacedBy] of Object.entries(OBSOLETE_KEYS)) {
    if (matchesPattern(pattern, name)) return { kind: 'obsolete', replacedBy };
  }
  const nearest = nearestKey(name);
  const remedy = nearest === null ? '`donch config --all` lists every key' : `did you mean ${nearest}?`;
  return {
    kind: 'unknown',
    error: new DonchError('unknown_config_key', `unknown key "${written}"`, { ...place, remedy }),
  };
}

/** `BTC_*_FILTER_*` against a name: each `*` stands for any text. */
function matchesPattern(pattern: string, name: string): boolean {
  const parts = pattern.split('*');
  let at = 0;
  for (const [index, part] of parts.entries()) {
    const found = index === 0 ? (name.startsWith(part) ? 0 : -1) : name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return pattern.endsWith('*') || at === name.length;
}

/** The known key or alias nearest in edit distance, if it is near at all. */
export function nearestKey(name: string): string | null {
  const candidates = (Object.keys(CONFIG_KEYS) as ConfigKey[]).flatMap((key) => [
    key as string,
    ...(keySpec(key).aliases ?? []),
  ]);
  return nearestWord(name, candidates);
}

/** The candidate nearest in edit distance, or null when none is within a third of the word's length. */
export function nearestWord(word: string, candidates: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word, candidate);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Longest word worth comparing: input is arbitrary text. */
const WORD_LENGTH_MAX = 80;

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  if (Math.max(a.length, b.length) > WORD_LENGTH_MAX) return Infinity;
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(previous[j] + 1, current[j - 1] + 1, substitution));
    }
    previous = current;
  }
  return previous[b.length];
}

/** Pairs of settings that cannot both hold. */
function contradictions(values: ConfigValues): DonchError[] {
  const problems: DonchError[] = [];
  const demand = (holds: boolean, found: string, expected: string): void => {
    if (!holds) problems.push(new DonchError('config_contradiction', found, { expected }));
  };
  const show = (...keys: ConfigKey[]): string =>
    keys.map((key) => `${key} is ${JSON.stringify(values[key])}`).join(' and ');
  demand(
    values.WINPROB_PROB_FLOOR < values.WINPROB_PROB_CAP,
    show('WINPROB_PROB_FLOOR', 'WINPROB_PROB_CAP'),
    'floor below cap',
  );
  demand(
    values.VWAP_STACK_FRAC_MIN < values.VWAP_STACK_FRAC_GOOD,
    show('VWAP_STACK_FRAC_MIN', 'VWAP_STACK_FRAC_GOOD'),
    'min below good',
  );
  demand(
    values.VWAP_STACK_EXPANSION_ABS_MIN < values.VWAP_STACK_EXPANSION_GOOD,
    show('VWAP_STACK_EXPANSION_ABS_MIN', 'VWAP_STACK_EXPANSION_GOOD'),
    'min below good',
  );
  demand(
    values.REGIME_MACD_FAST < values.REGIME_MACD_SLOW,
    show('REGIME_MACD_FAST', 'REGIME_MACD_SLOW'),
    'fast below slow',
  );
  demand(
    values.VWAP_STACK_FRAC_WEIGHT + values.VWAP_STACK_EXP_WEIGHT > 0,
    show('VWAP_STACK_FRAC_WEIGHT', 'VWAP_STACK_EXP_WEIGHT'),
    'a sum above 0',
  );
  const { RISK_USD_MIN: riskMin, RISK_USD_MAX: riskMax } = values;
  demand(
    riskMin === null || riskMax === null || riskMin <= riskMax,
    show('RISK_USD_MIN', 'RISK_USD_MAX'),
    'min at most max',
  );
  const { SIZING_MULT_MAX: multMax } = values;
  demand(
    multMax === null || values.SIZING_MULT_MIN <= multMax,
    show('SIZING_MULT_MIN', 'SIZING_MULT_MAX'),
    'min at most max',
  );
  const trailsAfterTp1 = values.TRAIL_AFTER_TP1 && values.TRAIL_START === 'after_tp1';
  demand(
    !trailsAfterTp1 || values.PARTIAL_TP_ENABLED,
    show('TRAIL_AFTER_TP1', 'TRAIL_START', 'PARTIAL_TP_ENABLED'),
    'PARTIAL_TP_ENABLED true, or TRAIL_START entry: without a first target the trail would never start',
  );
  return problems;
}
