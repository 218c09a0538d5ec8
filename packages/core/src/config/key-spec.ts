/** How one flat configuration key is declared. The tables beside this file are the only place where a key exists. */
import { INTERVALS, type Interval } from '../time.ts';

export type ConfigValue = number | boolean | string | null | readonly unknown[];

/** Which half of the system a key acts in. */
export type ActsIn = 'both' | 'research' | 'live';

interface KeyCommon {
  /** Unit or kind in one word: `fraction`, `ATR`, `USD`, `hours`, ... */
  readonly unit: string;
  readonly meaning: string;
  readonly actsIn?: ActsIn;
  /** Names that users' files also carry for the same value in the same unit. */
  readonly aliases?: readonly string[];
  /** Spellings that carry the value in another unit: the factor turns theirs into ours. */
  readonly scaledAliases?: Readonly<Record<string, number>>;
  /** What to tell a user who writes `null` and may expect what an earlier system made of it. */
  readonly nullNote?: string;
  /** Path of the same setting in the strategy file; such a key is not written by `donch init`. */
  readonly strategyPath?: string;
  /** The value cannot change a result (threads), or only by something that names the result itself (its window): no part of the configuration's hash. */
  readonly isResultNeutral?: boolean;
}

export interface NumberOptions extends KeyCommon {
  readonly min?: number;
  readonly max?: number;
  /** Which bounds are themselves refused: `min` only the lower one. */
  readonly exclusive?: 'min' | 'both';
  readonly integer?: boolean;
  /** Says how a value on the wrong scale reads both ways: `fraction` 0.01 = 1 %, `percent` 10 = 10 %, `percentile` 70 of 100. */
  readonly scale?: 'fraction' | 'percent' | 'percentile';
}

export interface KeySpec<Value extends ConfigValue = ConfigValue> extends NumberOptions {
  readonly kind: 'number' | 'boolean' | 'word' | 'text' | 'interval' | 'list';
  readonly fallback: Value;
  readonly nullable: boolean;
  /** Accepted words of a `word` key; files write them in any case. */
  readonly words?: readonly string[];
  /** Other words for the same thing, e.g. `cash` for `fixed`; lower case. */
  readonly wordAliases?: Readonly<Record<string, string>>;
  /** `text`: every item of a list is a name; otherwise whoever reads the list checks its items. */
  readonly items?: 'text';
}

/** A number that is always set. */
export function numberKey(fallback: number, options: NumberOptions): KeySpec<number> {
  return { kind: 'number', fallback, nullable: false, ...options };
}

/** A number that `null` switches off. */
export function optionalNumberKey(fallback: number | null, options: NumberOptions): KeySpec<number | null> {
  return { kind: 'number', fallback, nullable: true, ...options };
}

export function booleanKey(fallback: boolean, options: KeyCommon): KeySpec<boolean> {
  return { kind: 'boolean', fallback, nullable: false, ...options };
}

/** One of a closed list of words. */
export function wordKey<const Words extends readonly string[]>(
  words: Words,
  fallback: Words[number],
  options: KeyCommon & { readonly wordAliases?: Readonly<Record<string, Words[number]>> },
): KeySpec<Words[number]> {
  return { kind: 'word', words, fallback, nullable: false, ...options };
}

/** Like `wordKey`, but unset until somebody decides. */
export function optionalWordKey<const Words extends readonly string[]>(
  words: Words,
  options: KeyCommon & { readonly wordAliases?: Readonly<Record<string, Words[number]>> },
): KeySpec<Words[number] | null> {
  return { kind: 'word', words, fallback: null, nullable: true, ...options };
}

export function intervalKey(fallback: Interval, options: KeyCommon): KeySpec<Interval> {
  return { kind: 'interval', words: INTERVALS, fallback, nullable: false, ...options };
}

export function textKey(fallback: string | null, options: KeyCommon): KeySpec<string | null> {
  return { kind: 'text', fallback, nullable: true, ...options };
}

/** A list of names. */
export function namesKey(fallback: readonly string[], options: KeyCommon): KeySpec<readonly string[]> {
  return { kind: 'list', items: 'text', fallback, nullable: false, ...options };
}

/** A list of anything; its items are checked by whoever reads them. */
export function listKey(fallback: readonly unknown[], options: KeyCommon): KeySpec<readonly unknown[]> {
  return { kind: 'list', fallback, nullable: false, ...options };
}
