import { isConfigKey, keySpec } from '@donch/core';
import { strategyJsonSchema } from '@donch/strategy';
import { showValue } from './config-document.ts';
import { code, markdownDocument, markdownTable } from './markdown.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/** Defaults of keys that have no flat key with the same value. */
const DEFAULTS: Readonly<Record<string, string>> = {
  'entry.regime_gate.kind': 'macd',
  'entry.regime_gate.macd': '[12, 26, 9]',
  'entry.regime_gate.require_hist_positive': 'true for long, nothing for short',
  'entry.regime_gate.require_macd_above_signal': 'as require_hist_positive',
  'entry.regime_gate.require_hist_negative': 'false',
  'entry.regime_gate.require_macd_below_signal': 'false',
  'entry.regime_gate.when_down': 'block',
  'exits.trailing.reference': 'close',
  'filters.rs_percentile_min': '70 for long, null for short',
  schema_version: '1',
};

const GROUPS: readonly (readonly [path: string, title: string, text: string])[] = [
  ['', 'strategy', 'The head of the file: `name` and `side` are required, everything else has a default.'],
  [
    'entry.donchian',
    'entry.donchian',
    'The level: highest high (short: lowest low) of completed UTC days, or of bars. A breakout is a high above it, confirmed by the close. Give `length_days` or `length_bars`, not both.',
  ],
  [
    'entry.pullback',
    'entry.pullback',
    '`retest`: a low comes back to the level. `mean`: a close comes near the EMA. Then the trigger: a close above the level, or a high above the highest high since the breakout. Windows are hours of time.',
  ],
  [
    'entry.volume',
    'entry.volume',
    'The breakout bar against the bars of the window: a multiple of their median, or one of their quantiles. `volume: null` asks for nothing.',
  ],
  [
    'entry.regime_gate',
    'entry.regime_gate',
    'A filter: MACD of another symbol. Unknown is never up. `regime_gate: null` switches it off; a short strategy without a gate has none, and with one has to say what it wants.',
  ],
  ['filters', 'filters', 'Market data only. `null` switches a filter off; a value that is not known never passes.'],
  [
    'rules',
    'rules',
    'Generic conditions over any feature: `{feature: rsi_1h, lte: 95}`. One of `gte` and/or `lte`, `between`, `is` per rule. A missing value never passes, not even a veto.',
  ],
  [
    'exits',
    'exits',
    'Counted in ATR (`ATR_LEN` on `ATR_TIMEFRAME`) of the decision. `null` switches an exit off; stop, final target and time exit are on, the others off.',
  ],
];

interface Leaf {
  readonly path: string;
  readonly schema: JsonSchema;
  readonly isNullable: boolean;
}

/** docs/STRATEGY.md: every key of the strategy file. */
export function strategyDocument(): string {
  const leaves = leavesOf(strategyJsonSchema(), '', false);
  const groupOf = ({ path }: Leaf): string =>
    GROUPS.map(([group]) => group).findLast((group) => path === group || path.startsWith(`${group}.`)) ?? '';
  return markdownDocument('Strategy file', [
    'One YAML file per strategy. Keys are literal: nothing is mirrored for `short`. Unknown keys are errors with their path. A flat key in `config.yaml`, the environment, a flag or `/set` overrides the file, and that is announced. `donch config` prints the effective values. Editors complete and check the file with `strategies/strategy.schema.json`. How to write one: [strategies/README.md](../strategies/README.md); words: [GLOSSARY.md](GLOSSARY.md).',
    ...GROUPS.flatMap(([group, title, text]) => [
      `## ${title}`,
      text,
      markdownTable(
        ['key', 'accepts', 'default', 'unit', 'meaning', 'overridden by'],
        leaves.filter((leaf) => groupOf(leaf) === group).map(leafRow),
      ),
    ]),
  ]);
}

/** Keys with a value, depth first; `rules` are one row per group and condition. */
function leavesOf(schema: JsonSchema, path: string, isNullable: boolean): Leaf[] {
  const options = (schema['anyOf'] ?? []) as readonly JsonSchema[];
  const inner = options.filter(({ type }) => type !== 'null');
  if (inner.length === 1 && inner.length < options.length) return leavesOf(inner[0], path, true);
  const properties = schema['properties'] as Readonly<Record<string, JsonSchema>> | undefined;
  if (properties !== undefined) {
    const own = isNullable
      ? [{ path, schema: { description: 'null switches it off', type: 'keys below' }, isNullable }]
      : [];
    const below = Object.entries(properties).flatMap(([name, child]) =>
      leavesOf(child, path === '' ? name : `${path}.${name}`, false),
    );
    return [...own, ...below];
  }
  const items = schema['items'] as JsonSchema | undefined;
  const leaf = { path, schema, isNullable };
  // the three groups of rules hold the same kind of rule: it is written out once
  return items?.['properties'] !== undefined && path === 'rules.all'
    ? [leaf, ...leavesOf(items, 'rules.*', false)]
    : [leaf];
}

function leafRow({ path, schema, isNullable }: Leaf): string[] {
  const flat = typeof schema['overriddenBy'] === 'string' ? schema['overriddenBy'] : '';
  const fallback = isConfigKey(flat) ? showValue(keySpec(flat).fallback) : '';
  return [
    code(path),
    acceptedBy(schema, isNullable),
    code(DEFAULTS[path] ?? fallback),
    typeof schema['unit'] === 'string' ? schema['unit'] : '',
    typeof schema['description'] === 'string' ? schema['description'] : '',
    flat.split(', ').map(code).join(', '),
  ];
}

function acceptedBy(schema: JsonSchema, isNullable: boolean): string {
  const words = schema['enum'] as readonly unknown[] | undefined;
  const bounds = (
    [
      ['minimum', '>='],
      ['exclusiveMinimum', '>'],
      ['maximum', '<='],
      ['exclusiveMaximum', '<'],
    ] as const
  ).flatMap(([name, sign]) => (typeof schema[name] === 'number' ? [`${sign} ${schema[name]}`] : []));
  const type = schema['type'] === 'array' ? 'list' : typeof schema['type'] === 'string' ? schema['type'] : '';
  const kind = words === undefined ? type : words.join(' | ');
  const accepted = [kind, bounds.join(', ')].filter((part) => part !== '').join(' ');
  const options = (schema['anyOf'] as readonly JsonSchema[] | undefined)
    ?.map(({ type: one }) => String(one))
    .join(' | ');
  return [accepted, options ?? '', isNullable ? 'null' : ''].filter((part) => part !== '').join(' or ');
}
