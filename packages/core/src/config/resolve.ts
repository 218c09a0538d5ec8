/**
 * From layers of raw values to one effective configuration in which every value knows where it comes from.
 * Precedence, lowest first: defaults < strategy file < config.yaml < environment < command line < operator's `/set`.
 */
import { DonchError, DonchErrors, type ErrorPlace } from '../errors.ts';
import { hashJson } from '../hash.ts';
import { nearestWord } from '../nearest-word.ts';
import { contradictions } from './contradictions.ts';
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

/**
 * Something the user should know that is not an error: another spelling was read, a key has no effect, one layer overrides
 * another, a value means something else than in the earlier system.
 */
export interface ConfigNote {
  readonly kind: 'alias' | 'obsolete' | 'override' | 'meaning';
  readonly text: string;
}

export interface ResolvedConfig {
  readonly values: ConfigValues;
  readonly origins: Readonly<Record<ConfigKey, Origin>>;
  readonly notes: readonly ConfigNote[];
  /** SHA-256 of the effective values that can change a result: whatever their order and wherever they come from. */
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
  const resolution: Resolution = { values, origins, notes: [], problems: [] };
  const ordered = [...layers].sort((a, b) => CONFIG_LAYERS.indexOf(a.layer) - CONFIG_LAYERS.indexOf(b.layer));
  for (const layer of ordered) applyLayer(layer, resolution);
  const { notes, problems } = resolution;
  problems.push(...contradictions(values as unknown as ConfigValues));
  if (problems.length > 0) throw new DonchErrors('bad_config', 'configuration', problems);
  return {
    values: values as unknown as ConfigValues,
    origins: origins as Record<ConfigKey, Origin>,
    notes,
    configHash: hashOf(values),
  };
}

const hashOf = (values: Readonly<Record<string, ConfigValue>>): string => hashJson(decidingSettings(values));

/** Settings without those that never change a result: what is written beside results. */
export function decidingSettings(values: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(values).filter(([key]) => !isConfigKey(key) || keySpec(key).isResultNeutral !== true),
  );
}

interface Resolution {
  readonly values: Record<string, ConfigValue>;
  readonly origins: Record<string, Origin>;
  readonly notes: ConfigNote[];
  readonly problems: DonchError[];
}

/** Problems of one layer worth listing: a file that is something else entirely has thousands. */
const PROBLEMS_MAX = 100;

function applyLayer(layer: ConfigLayer, resolution: Resolution): void {
  const before = resolution.problems.length;
  const seen: SeenKeys = new Map();
  for (const [written, raw] of Object.entries(layer.values)) {
    try {
      applyValue(written, raw, { layer, seen }, resolution);
    } catch (error) {
      if (!(error instanceof DonchError)) throw error;
      resolution.problems.push(error);
    }
    if (resolution.problems.length - before >= PROBLEMS_MAX) return;
  }
}

/** Keys that a layer has set already: under which name, to which value. */
type SeenKeys = Map<ConfigKey, { readonly written: string; readonly value: ConfigValue }>;

interface LayerProgress {
  readonly layer: ConfigLayer;
  readonly seen: SeenKeys;
}

function applyValue(
  written: string,
  raw: RawValue,
  { layer, seen }: LayerProgress,
  { values, origins, notes }: Resolution,
): void {
  const { source, lines } = layer;
  const place: ErrorPlace = {
    file: source,
    ...(lines !== undefined && Object.hasOwn(lines, written) ? { line: lines[written] } : {}),
  };
  const found = findKey(written, place);
  if (found.kind === 'obsolete') {
    notes.push({ kind: 'obsolete', text: `${source}: ${written} has no effect: ${found.instead}` });
    return;
  }
  const { key, named } = found;
  if (written !== key) notes.push({ kind: 'alias', text: `${source}: ${written} read as ${key}` });
  const value = parseConfigValue(named, raw);
  const twin = seen.get(key);
  if (twin !== undefined && !isSame(twin.value, value)) {
    const what = `${written} and ${twin.written} are two spellings of ${key} with different values`;
    throw new DonchError('bad_config_value', what, { ...place, remedy: 'keep one of them' });
  }
  seen.set(key, { written, value });
  const { nullNote } = named.spec;
  if (value === null && nullNote !== undefined)
    notes.push({ kind: 'meaning', text: `${source}: ${written} is null: ${nullNote}` });
  const previous = origins[key];
  if (previous.layer !== 'default' && previous.source !== source && !isSame(values[key], value)) {
    const text = `${key} = ${JSON.stringify(value)} (${source}) overrides ${JSON.stringify(values[key])} of ${previous.source}`;
    notes.push({ kind: 'override', text });
  }
  values[key] = value;
  origins[key] = { layer: layer.layer, source, written };
}

function isSame(a: ConfigValue, b: ConfigValue): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/**
 * One setting by any of its names, read like a value of a file. Throws `unknown_config_key` (obsolete ones included) and
 * `bad_config_value`.
 */
export function parseSetting(
  written: string,
  raw: RawValue,
  place: ErrorPlace = {},
): { readonly key: ConfigKey; readonly value: ConfigValue } {
  const found = findKey(written, place);
  if (found.kind === 'obsolete')
    throw new DonchError('unknown_config_key', `${written} has no effect: ${found.instead}`, place);
  return { key: found.key, value: parseConfigValue(found.named, raw) };
}

type Found =
  | { readonly kind: 'key'; readonly key: ConfigKey; readonly named: NamedKey }
  | { readonly kind: 'obsolete'; readonly instead: string };

/** What a name in any case stands for; throws `unknown_config_key` with the nearest known name. */
function findKey(written: string, place: ErrorPlace): Found {
  const name = written.trim().toUpperCase();
  if (isConfigKey(name)) return { kind: 'key', key: name, named: { written, spec: keySpec(name), factor: 1, place } };
  for (const key of Object.keys(CONFIG_KEYS) as ConfigKey[]) {
    const spec = keySpec(key);
    if (spec.aliases?.includes(name) === true) return { kind: 'key', key, named: { written, spec, factor: 1, place } };
    const { scaledAliases = {} } = spec;
    if (Object.hasOwn(scaledAliases, name))
      return { kind: 'key', key, named: { written, spec, factor: scaledAliases[name], place } };
  }
  for (const [pattern, instead] of Object.entries(OBSOLETE_KEYS)) {
    if (matchesPattern(pattern, name)) return { kind: 'obsolete', instead };
  }
  const nearest = nearestKey(name);
  const remedy = nearest === null ? '`donch config --all` lists every key' : `did you mean ${nearest}?`;
  throw new DonchError('unknown_config_key', `unknown key "${written.slice(0, NAME_LENGTH_SHOWN)}"`, {
    ...place,
    remedy,
  });
}

const NAME_LENGTH_SHOWN = 80;

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

/** The known key or other spelling of one nearest in edit distance, if it is near at all. */
export function nearestKey(name: string): string | null {
  return nearestWord(name, knownNames());
}

/** Every name under which a value may be written. */
function knownNames(): string[] {
  return (Object.keys(CONFIG_KEYS) as ConfigKey[]).flatMap((key) => {
    const { aliases = [], scaledAliases = {} } = keySpec(key);
    return [key, ...aliases, ...Object.keys(scaledAliases)];
  });
}
