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

/** Decimal numbers as people write them, `1_000` included; each character can match in one way only, so no text is slow. */
const NUMBER_TEXT = /^[+-]?(?:\d+(?:_\d+)*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

function parseNumber(key: NamedKey, raw: RawValue): number {
  const { spec, factor } = key;
  const text = typeof raw === 'string' ? raw.trim() : raw;
  const value = typeof text === 'string' && NUMBER_TEXT.test(text) ? Number(text.replaceAll('_', '')) : text;
  if (typeof value !== 'number') throw refuse(key, show(raw), `a number, ${describeRange(spec)}`);
  const scaled = scaledValue(value, factor);
  const problem = numberProblem(spec, scaled);
  if (problem !== null) throw refuse(key, show(raw), problem.expected, problem.remedy);
  return scaled;
}

/** A factor below 1 is the inverse of a whole number (60 minutes to the hour): dividing by it rounds once instead of twice. */
function scaledValue(value: number, factor: number): number {
  return factor < 1 ? value / Math.round(1 / factor) : value * factor;
}

export interface NumberProblem {
  readonly expected: string;
  /** Both readings, where the scale is in doubt. */
  readonly remedy?: string;
}

/** Why a number is no value of a key, or null when it is one. */
export function numberProblem(spec: KeySpec, value: number): NumberProblem | null {
  const range = describeRange(spec);
  if (!Number.isFinite(value)) return { expected: `a number, ${range}` };
  const { min = -Infinity, max = Infinity, exclusive, integer = false } = spec;
  const isAbove = exclusive === undefined ? value >= min : value > min;
  const isBelow = exclusive === 'both' ? value < max : value <= max;
  if (!(isAbove && isBelow)) return withHint(range, scaleHint(spec, value));
  if (spec.scale === 'percent' && value < 1) return withHint('at least 1 (percent)', scaleHint(spec, value));
  if (spec.scale === 'percentile' && value > 0 && value <= 1)
    return withHint('0 or above 1 (percentile)', scaleHint(spec, value));
  return integer && !Number.isInteger(value) ? { expected: `a whole number, ${range}` } : null;
}

function withHint(expected: string, remedy: string | undefined): NumberProblem {
  return remedy === undefined ? { expected } : { expected, remedy };
}

/** Both readings of a number that is probably on the wrong scale. */
function scaleHint(spec: KeySpec, value: number): string | undefined {
  const hundredfold = short(value * 100);
  if (spec.scale === 'fraction')
    return `the key is a fraction: ${value} means ${hundredfold} %; if you meant ${value} %, write ${short(value / 100)}`;
  if (spec.scale === 'percent')
    return `the key is in percent: ${value} means ${value} %; if you meant ${hundredfold} %, write ${hundredfold}`;
  if (spec.scale === 'percentile')
    return `the key runs from 0 to 100: ${value} means the lowest ${value} %; if you meant ${hundredfold}, write ${hundredfold}`;
  return undefined;
}

/** Without the digits that binary arithmetic adds: 0.07 x 100 is 7. */
function short(value: number): number {
  return Number(value.toPrecision(12));
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
  // YAML 1.1 files write `off` and mean the word; a parser may hand over a boolean
  const written = (raw === false ? 'off' : raw === true ? 'on' : typeof raw === 'string' ? raw : '')
    .trim()
    .toLowerCase();
  const word = words.find((candidate) => candidate.toLowerCase() === written);
  if (word !== undefined) return word;
  if (Object.hasOwn(wordAliases, written)) return wordAliases[written];
  throw refuse(key, show(raw), `one of ${words.join(', ')}`);
}

function parseText(key: NamedKey, raw: RawValue): string {
  if (typeof raw !== 'string' && typeof raw !== 'number') throw refuse(key, show(raw), 'text');
  return String(raw).trim();
}

/** A list, or its text: JSON in brackets, else items separated by blanks or commas. */
function parseList(key: NamedKey, raw: RawValue): readonly unknown[] {
  const list = typeof raw === 'string' ? listOfText(raw.trim()) : raw;
  if (!Array.isArray(list)) throw refuse(key, show(raw), 'a list, e.g. [A, B]');
  if (key.spec.items !== 'text') return list;
  return list.map((item: unknown) => {
    if (typeof item === 'string' && item.trim() !== '') return item.trim();
    throw refuse(key, `a list with ${show(item)} in it`, 'a list of names');
  });
}

function listOfText(text: string): unknown {
  if (!text.startsWith('[')) return text.split(/[\s,]+/).filter((item) => item !== '');
  try {
    return JSON.parse(text);
  } catch {
    return null; // no JSON, so no list: refused like everything that is none
  }
}

function describeRange({ kind, words, min, max, exclusive, unit, nullable }: KeySpec): string {
  if (words !== undefined) return `one of ${words.join(', ')}`;
  if (kind !== 'number') return kind;
  const low = min === undefined ? '' : exclusive !== undefined ? `above ${min}` : `at least ${min}`;
  const high = max === undefined ? '' : exclusive === 'both' ? `below ${max}` : `at most ${max}`;
  const range = [low, high].filter((part) => part !== '').join(' and ');
  return `${range === '' ? 'any number' : range} (${unit})${nullable ? ' or null' : ''}`;
}

/** Longest piece of a value worth repeating in a message. */
const SHOWN_LENGTH_MAX = 80;

function show(raw: RawValue): string {
  const text = typeof raw === 'number' ? String(raw) : (JSON.stringify(raw) ?? String(raw));
  return text.length > SHOWN_LENGTH_MAX ? `${text.slice(0, SHOWN_LENGTH_MAX)}...` : text;
}

function refuse({ written, place }: NamedKey, found: string, expected: string, remedy?: string): DonchError {
  return new DonchError('bad_config_value', `${written} is ${found}`, {
    ...place,
    expected,
    ...(remedy === undefined ? {} : { remedy }),
  });
}
