/** Reads one value of one key. Text (environment, flags, chat) and YAML scalars go through the same rules. */
import { DonchError, type ErrorPlace } from '../errors.ts';
import type { ConfigValue, KeySpec } from './key-spec.ts';

/** A raw value as it stands in a file or on the command line. */
export type RawValue = unknown;

export interface NamedKey {
  /** The name that the user wrote (may be an alias). */
  readonly written: string;
  readonly spec: KeySpec;
  /** Factor of a scaled alias; 1 otherwise. */
  readonly factor: number;
  readonly place: ErrorPlace;
}

/** Parses and checks a value; throws `bad_config_value` that names key, value, range and, where the scale is in doubt, both readings. */
export function parseConfigValue(key: NamedKey, raw: RawValue): ConfigValue {
  const { spec } = key;
  if (isUnset(raw)) {
    if (spec.nullable) return null;
    throw refuse(key, 'null', describeRange(spec), 'leave the key out to use its default');
  }
  switch (spec.kind) {
    case 'number':
      return parseNumber(key, raw);
    case 'boolean':
      return parseBoolean(key, raw);
    case 'word':
    case 'interval':
      return parseWord(key, raw);
    case 'text':
      return parseText(key, raw);
    case 'list':
      return parseList(key, raw);
  }
}

const UNSET_WORDS: readonly unknown[] = [null, undefined, '', 'null', 'none'];

function isUnset(raw: RawValue): boolean {
  return UNSET_WORDS.includes(typeof raw === 'string' ? raw.trim().toLowerCase() : raw);
}

const NUMBER_TEXT = /^[+-]?(\d+(_?\d+)*\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

function parseNumber(key: NamedKey, raw: RawValue): number {
  const { spec, factor } = key;
  const text = typeof raw === 'string' ? raw.trim() : raw;
  const value = typeof text === 'string' && NUMBER_TEXT.test(text) ? Number(text.replaceAll('_', '')) : text;
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw refuse(key, show(raw), `a number, ${describeRange(spec)}`);
  const scaled = value * factor;
  const { min = -Infinity, max = Infinity, exclusive = false, integer = false } = spec;
  const inside = exclusive ? scaled > min && (scaled < max || max === Infinity) : scaled >= min && scaled <= max;
  if (!inside) throw refuse(key, show(raw), describeRange(spec), scaleHint(spec, scaled));
  if (spec.scale === 'percent' && scaled < 1) throw refuse(key, show(raw), 'at least 1', scaleHint(spec, scaled));
  if (integer && !Number.isInteger(scaled)) throw refuse(key, show(raw), `a whole number, ${describeRange(spec)}`);
  return scaled;
}

/** Both readings of a number that is probably on the wrong scale. */
function scaleHint(spec: KeySpec, value: number): string | undefined {
  if (spec.scale === 'fraction')
    return `the key is a fraction: ${value} means ${value * 100} %; if you meant ${value} %, write ${value / 100}`;
  if (spec.scale === 'percent')
    return `the key is in percent: ${value} means ${value} %; if you meant ${value * 100} %, write ${value * 100}`;
  return undefined;
}

const TRUE_WORDS = ['true', 'yes', 'on', '1'];
const FALSE_WORDS = ['false', 'no', 'off', '0'];

function parseBoolean(key: NamedKey, raw: RawValue): boolean {
  if (typeof raw === 'boolean') return raw;
  const word = typeof raw === 'string' || typeof raw === 'number' ? String(raw).trim().toLowerCase() : '';
  if (TRUE_WORDS.includes(word)) return true;
  if (FALSE_WORDS.includes(word)) return false;
  throw refuse(key, show(raw), 'true or false');
}

function parseWord(key: NamedKey, raw: RawValue): string {
  const { words = [], wordAliases = {} } = key.spec;
  // YAML 1.1 files write `off` and mean the word; the parser may hand over a boolean
  const written = (raw === false ? 'off' : raw === true ? 'on' : typeof raw === 'string' ? raw : '')
    .trim()
    .toLowerCase();
  const word = words.find((candidate) => candidate.toLowerCase() === written) ?? wordAliases[written];
  if (word === undefined) throw refuse(key, show(raw), `one of ${words.join(', ')}`);
  return word;
}

function parseText(key: NamedKey, raw: RawValue): string {
  if (typeof raw !== 'string' && typeof raw !== 'number') throw refuse(key, show(raw), 'text');
  return String(raw).trim();
}

function parseList(key: NamedKey, raw: RawValue): readonly unknown[] {
  if (Array.isArray(raw)) return raw;
  if (typeof raw === 'string') return raw.split(/[\s,]+/).filter((item) => item !== '');
  throw refuse(key, show(raw), 'a list');
}

function describeRange({ kind, words, min, max, exclusive = false, unit, nullable }: KeySpec): string {
  if (words !== undefined) return `one of ${words.join(', ')}`;
  if (kind !== 'number') return kind;
  const low = min === undefined ? '' : exclusive ? `above ${min}` : `at least ${min}`;
  const high = max === undefined ? '' : exclusive ? `below ${max}` : `at most ${max}`;
  const range = [low, high].filter((part) => part !== '').join(' and ');
  return `${range === '' ? 'any number' : range} (${unit})${nullable ? ' or null' : ''}`;
}

function show(raw: RawValue): string {
  return typeof raw === 'string' ? `"${raw}"` : (JSON.stringify(raw) ?? String(raw));
}

function refuse({ written, place }: NamedKey, found: string, expected: string, remedy?: string): DonchError {
  return new DonchError('bad_config_value', `${written} is ${found}`, {
    ...place,
    expected,
    ...(remedy === undefined ? {} : { remedy }),
  });
}
