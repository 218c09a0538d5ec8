import { CONFIG_SECTIONS, OBSOLETE_KEYS, type KeySpec } from '@donch/core';
import { code, markdownDocument, markdownTable } from './markdown.ts';

const ACTS_IN = { both: '', research: 'research only', live: 'live only' } as const;

/** docs/CONFIG.md: every flat configuration key. */
export function configDocument(): string {
  return markdownDocument('Configuration', [
    'Flat upper-case keys in `config.yaml`, as `DONCH_<KEY>` in the environment, on the command line (`--set RISK_USD=15`), and by `/set` in the chat. Each layer overrides the ones before it: defaults, strategy file, `config.yaml`, environment, command line, `/set`. `donch config` prints the effective values with their sources; every override is announced.',
    'Keys ending in `_PCT` are **fractions** (0.01 = 1 %) except `DD_MAX_PCT`, which is in **percent**; `_PERCENTILE` runs from 0 to 100. A value on the wrong scale is refused with both readings. `null` (also `none`) switches a limit off where the range says so. Words may be written in any case, lists as YAML, as JSON or separated by commas. Two spellings of one key with different values are an error, unknown keys too.',
    ...Object.entries(CONFIG_SECTIONS).flatMap(([section, keys]) => [`## ${section}`, sectionTable(keys)]),
    '## Keys without effect',
    'Earlier files hold them. They are accepted, and a message says what holds instead.',
    markdownTable(
      ['key', 'instead'],
      Object.entries(OBSOLETE_KEYS).map(([pattern, instead]) => [code(pattern), instead]),
    ),
  ]);
}

function sectionTable(keys: Readonly<Record<string, KeySpec>>): string {
  const rows = Object.entries(keys).map(([key, spec]) => [
    code(key),
    rangeOf(spec),
    code(showValue(spec.fallback)),
    spec.unit,
    [spec.meaning, ACTS_IN[spec.actsIn ?? 'both']].filter((part) => part !== '').join('; '),
    spellings(spec),
    code(spec.strategyPath ?? ''),
  ]);
  return markdownTable(['key', 'range', 'default', 'unit', 'meaning', 'also written', 'strategy file'], rows);
}

function spellings({ aliases = [], scaledAliases = {} }: KeySpec): string {
  const scaled = Object.entries(scaledAliases).map(([name, factor]) =>
    factor < 1 ? `${code(name)} (/ ${Math.round(1 / factor)})` : `${code(name)} (x ${factor})`,
  );
  return [...aliases.map(code), ...scaled].join(', ');
}

/** What a key accepts, in words. */
function rangeOf({ kind, words, min, max, exclusive, integer = false, nullable }: KeySpec): string {
  const low = min === undefined ? '' : `${exclusive === undefined ? '>=' : '>'} ${min}`;
  const high = max === undefined ? '' : `${exclusive === 'both' ? '<' : '<='} ${max}`;
  const bounds = [low, high].filter((part) => part !== '').join(', ');
  const range =
    words !== undefined
      ? words.join(' | ')
      : kind === 'number'
        ? `${integer ? 'whole number' : 'number'}${bounds === '' ? '' : ` ${bounds}`}`
        : kind === 'boolean'
          ? 'true | false'
          : kind;
  return nullable ? `${range} or null` : range;
}

/** A value as a file would write it. */
export function showValue(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
