import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CONFIG_KEYS,
  DonchError,
  DonchErrors,
  INTERVALS,
  keySpec,
  type ConfigKey,
  type ConfigLayer,
  type LayerName,
} from '@donch/core';
import { describe, expect, it } from 'vitest';
import { compileStrategy, type CompiledStrategy } from './compile-strategy.ts';
import { strategyJsonSchema } from './spec/schema.ts';

/** The skeleton that users of the earlier system know, as it stood in their manual. */
const SKELETON = `
strategy:
  name: "Donchian Pullback"
  side: long
  required_timeframes: [5m, 1h, 1d]
entry:
  donchian:
    length_days: 20
    trigger: close_above_break
  pullback:
    type: retest
  volume:
    multiple: 2.0
  regime_gate:
    symbol: ETHUSDT
    timeframe: 4h
    macd: [12, 26, 9]
    require_hist_positive: true
    require_macd_above_signal: true
filters:
  rs_percentile_min: 70
  liquidity_median_24h_usd_min: 500000
exits:
  sl_atr_mult: 1.8
  final_tp_atr_mult: 8.0
  time_exit_hours: null
`;

const FOLDER = join(import.meta.dirname, '../../../strategies');

type Values = Readonly<Record<string, unknown>>;
const layer = (name: Exclude<LayerName, 'default'>, values: Values): ConfigLayer => ({
  layer: name,
  source: name === 'config' ? 'config.yaml' : name,
  values,
});
const compile = (text: string, values: Values = {}, universeHash = 'universe'): CompiledStrategy =>
  compileStrategy({ text, file: 'x.yaml', layers: [layer('config', values)], universeHash });
const short = (entry: string): string => `strategy: {name: S, side: short}\nentry: ${entry}\n`;
const long = (rest: string): string => `strategy: {name: S, side: long}\n${rest}\n`;

function refusalOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof DonchErrors || error instanceof DonchError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'accepted';
}

describe('the bare skeleton', () => {
  const strategy = compile(SKELETON);

  it('loads as it stands, with its values', () => {
    expect(strategy).toMatchObject({
      strategyId: 'donchian_pullback',
      name: 'Donchian Pullback',
      side: 'long',
      regime: 'up',
      regimeDownFactor: null,
      setup: {
        side: 'long',
        intervalMs: 300_000,
        level: { basis: 'days', length: 20 },
        confirmClose: true,
        trigger: 'close_above_break',
        volume: { kind: 'multiple', multiple: 2 },
        volumeLookbackMs: 30 * 86_400_000,
        pullback: { type: 'retest', epsFrac: 0.001 },
        touchWindowMs: 24 * 3_600_000,
        entryWindowMs: 72 * 3_600_000,
        invalidateAtr: null,
      },
      exits: {
        basis: 'price_atr',
        slAtrMult: 1.8,
        tpAtrMult: 8,
        timeExitHours: null,
        partial: null,
        trailing: null,
      },
    });
    expect(strategy.filters.map(({ name }) => name)).toEqual([
      'atr_ready',
      'rs_percentile_min',
      'liquidity',
      'min_atr_frac',
      'regime',
    ]);
  });

  it('is told about the interval that it uses and does not list', () => {
    expect(strategy.notes).toEqual(['4h bars are used although required_timeframes does not list them']);
    expect(compile(SKELETON.replace('[5m, 1h, 1d]', '[5m, 1h, 4h, 1d, 15m]')).notes).toEqual([
      'required_timeframes lists 15m, which no rule uses',
    ]);
  });

  it('says of every value where it comes from', () => {
    const { origins } = strategy.config;
    expect(origins.SL_ATR_MULT).toMatchObject({ layer: 'strategy', source: 'x.yaml' });
    expect(origins.TIME_EXIT_HOURS).toMatchObject({ layer: 'strategy' });
    expect(origins.RETEST_EPS_PCT).toMatchObject({ layer: 'default' });
  });
});

describe('shipped strategies', () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));

  it('are a long and a short one at least', () => {
    expect(files).toEqual(expect.arrayContaining(['donch_pullback_long.yaml', 'donch_pullback_short.yaml']));
  });

  it.each(files)('%s compiles without a note', (name) => {
    const strategy = compileStrategy({
      text: readFileSync(join(FOLDER, name), 'utf8'),
      file: `strategies/${name}`,
      layers: [],
      universeHash: 'universe',
    });
    expect(strategy.notes).toEqual([]);
    expect(strategy.config.notes).toEqual([]);
    expect(strategy.exits).toMatchObject({ slAtrMult: 2, tpAtrMult: 8, timeExitHours: 72 });
  });

  it('show one that chooses by generic rules alone', () => {
    const { filters, config, regime } = compile(readFileSync(join(FOLDER, 'donch_generic_rules_long.yaml'), 'utf8'));
    // without an ATR there is no stop: the one gate that has no switch
    const others = filters.map(({ name }) => name).filter((name) => !/^(rule|rules|veto):/.test(name));
    expect(others).toEqual(['atr_ready']);
    expect(filters.map(({ name }) => name.split(':')[0])).toEqual(expect.arrayContaining(['rule', 'rules', 'veto']));
    expect(regime).toBe('any');
    expect(config.values.VOL_SPIKE_ENABLED).toBe(false);
  });

  it('trade opposite sides of the same set-up', () => {
    const read = (name: string) => compile(readFileSync(join(FOLDER, name), 'utf8'));
    const up = read('donch_pullback_long.yaml');
    const down = read('donch_pullback_short.yaml');
    expect({ ...down.setup, side: 'long' }).toEqual(up.setup);
    expect([up.regime, down.regime]).toEqual(['up', 'down']);
    expect(down.settings).toMatchObject({ RS_MIN_PERCENTILE: null, RS_MAX_PERCENTILE: 30 });
  });
});

/** Leaves of the schema that a flat key overrides: path, flat key, JSON Schema of the leaf. */
interface Leaf {
  readonly path: readonly string[];
  readonly key: ConfigKey;
  readonly schema: Readonly<Record<string, unknown>>;
}

function leavesOf(schema: Readonly<Record<string, unknown>>, path: readonly string[] = []): Leaf[] {
  const options = (schema['anyOf'] ?? [schema]) as Readonly<Record<string, unknown>>[];
  return options.flatMap((option) => {
    const key = option['overriddenBy'];
    if (typeof key === 'string') return key in CONFIG_KEYS ? [{ path, key: key as ConfigKey, schema: option }] : [];
    const properties = (option['properties'] ?? {}) as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    return Object.entries(properties).flatMap(([name, inner]) => leavesOf(inner, [...path, name]));
  });
}

/** A value other than the default of the flat key. */
function otherValue({ key, schema }: Leaf): unknown {
  const { fallback, max = 100 } = keySpec(key);
  if (Array.isArray(schema['enum'])) return (schema['enum'] as unknown[]).findLast((word) => word !== fallback);
  if (schema['type'] === 'boolean') return fallback !== true;
  if (schema['type'] === 'array') return ['AAAUSDT'];
  if (schema['type'] === 'string') return 'XRPUSDT';
  const value = typeof fallback === 'number' ? fallback * 1.5 : max * 0.9;
  const inside = value < max ? value : typeof fallback === 'number' ? fallback / 2 : max / 2;
  return schema['type'] === 'integer' ? Math.ceil(inside) : inside;
}

function fileWith(path: readonly string[], value: unknown): string {
  const nested = path.reduceRight((inner: unknown, name) => ({ [name]: inner }), value);
  return JSON.stringify({ strategy: { name: 'S', side: 'long' }, ...(nested as object) });
}

describe('strategy file and flat keys', () => {
  const leaves = leavesOf(strategyJsonSchema());

  it('every strategy path of the key table is a key of the file', () => {
    const paths = new Set<string>(leaves.map(({ path }) => path.join('.')));
    const parents = [...paths].flatMap((path) => path.split('.').map((_, k, parts) => parts.slice(0, k + 1).join('.')));
    const known = new Set([...parents, 'entry.regime_gate.macd', 'entry.regime_gate.require_macd_above_signal']);
    const named = (Object.keys(CONFIG_KEYS) as ConfigKey[]).flatMap((key) => keySpec(key).strategyPath ?? []);
    expect(named.filter((path) => !known.has(path))).toEqual([]);
    expect(leaves.length).toBeGreaterThan(25);
  });

  it.each(
    leaves
      .filter(({ schema, key }) => schema['enum'] === undefined || keySpec(key).words !== undefined)
      .map((leaf) => [leaf.path.join('.'), leaf.key, otherValue(leaf), leaf.path] as const),
  )('%s sets %s to %j, and config.yaml overrides it', (_, key, value, path) => {
    const extra: Values = key === 'TRAIL_START' ? { PARTIAL_TP_ENABLED: true } : { TRAIL_START: 'entry' };
    const text = fileWith(path, value);
    const { settings, config } = compile(text, extra);
    expect(settings[key]).toEqual(value);
    expect(config.origins[key].layer).toBe('strategy');
    const back = compile(text, { ...extra, [key]: keySpec(key).fallback });
    expect(back.settings[key]).toEqual(keySpec(key).fallback);
    expect(back.config.notes.map(({ kind }) => kind)).toContain('override');
  });

  it.each([
    ['entry: {donchian: {length_bars: 100}}', { DONCH_BASIS: 'bars', DON_N_BARS: 100 }],
    ['entry: {donchian: {length_days: 10}}', { DONCH_BASIS: 'days', DON_N_DAYS: 10 }],
    ['entry: {volume: {quantile: 0.9}}', { VOL_SPIKE_MODE: 'quantile', VOL_QUANTILE_Q: 0.9, VOL_SPIKE_ENABLED: true }],
    ['entry: {volume: {multiple: 3}}', { VOL_SPIKE_MODE: 'multiple', VOL_MULTIPLE: 3 }],
    ['entry: {volume: null}', { VOL_SPIKE_ENABLED: false }],
    ['entry: {regime_gate: null}', { REGIME_FILTER_ENABLED: false }],
    ['entry: {regime_gate: {when_down: size_down}}', { REGIME_BLOCK_WHEN_DOWN: false }],
    ['entry: {regime_gate: {when_down: block}}', { REGIME_BLOCK_WHEN_DOWN: true }],
    ['entry: {regime_gate: {macd: [5, 35, 5]}}', { REGIME_MACD_FAST: 5, REGIME_MACD_SLOW: 35, REGIME_MACD_SIGNAL: 5 }],
    ['filters: {rs_percentile_min: null}', { RS_MIN_PERCENTILE: null }],
    ['exits: {partial: {ratio: 0.3}}', { PARTIAL_TP_ENABLED: true, PARTIAL_TP_RATIO: 0.3, PARTIAL_TP1_ATR_MULT: 5 }],
    ['exits: {partial: null}', { PARTIAL_TP_ENABLED: false }],
    [
      'exits: {trailing: {start: entry, reference: extreme}}',
      { TRAIL_AFTER_TP1: true, TRAIL_START: 'entry', TRAIL_USE_HIGH_WATERMARK: true },
    ],
    ['exits: {trailing: null}', { TRAIL_AFTER_TP1: false }],
    ['', { SL_ATR_MULT: 2, FINAL_TP_ATR_MULT: 8, TIME_EXIT_HOURS: 72, DON_N_DAYS: 20, RS_MIN_PERCENTILE: 70 }],
  ])('%s sets %j', (rest, values) => {
    expect(compile(long(rest)).settings).toMatchObject(values);
  });
});

describe('exits', () => {
  it.each([
    ['exits: {time_exit_hours: null}', {}, { timeExitHours: null }],
    ['exits: {time_exit_hours: null}', { TIME_EXIT_HOURS: 48 }, { timeExitHours: 48 }],
    ['exits: {time_exit_hours: null}', { TIME_EXIT_DAYS: 2 }, { timeExitHours: 48 }],
    ['exits: {time_exit_hours: 72}', { TIME_EXIT_ENABLED: false }, { timeExitHours: null }],
    ['exits: {time_exit_hours: 72}', { TIME_EXIT_HOURS: null }, { timeExitHours: null }],
    ['exits: {final_tp_atr_mult: null}', {}, { tpAtrMult: null }],
    ['exits: {final_tp_atr_mult: null}', { TP_ATR_MULT: 12 }, { tpAtrMult: 12 }],
    ['exits: {final_tp_atr_mult: 8}', { FINAL_TP_ENABLED: false }, { tpAtrMult: null }],
    [
      'exits: {partial: {ratio: 0.4, atr_mult: 3, break_even: true}}',
      {},
      { partial: { ratioFrac: 0.4, atrMult: 3, breakEvenAfter: true } },
    ],
    ['exits: {partial: {ratio: 0.4}}', { PARTIAL_TP_ENABLED: false }, { partial: null }],
    ['', { PARTIAL_TP_ENABLED: true }, { partial: { ratioFrac: 0.5, atrMult: 5, breakEvenAfter: false } }],
    [
      'exits: {trailing: {start: entry, atr_mult: 2}}',
      {},
      { trailing: { atrMult: 2, start: 'entry', reference: 'close', moveMinFrac: 0.001 } },
    ],
    ['', { EXIT_BASIS: 'avwap_atr' }, { basis: 'avwap_atr', slAtrMult: 2, tpAtrMult: 8 }],
    [
      'exits: {sl_atr_mult: 0.3, final_tp_atr_mult: 5}',
      { EXIT_BASIS: 'avwap_atr', AVWAP_SL_MULT: 1, AVWAP_TP_MULT: 6 },
      { slAtrMult: 1, tpAtrMult: 6 },
    ],
    ['exits: {final_tp_atr_mult: null}', { EXIT_BASIS: 'avwap_atr' }, { tpAtrMult: null }],
  ])('%s with %j gives %j', (rest, values, exits) => {
    expect(compile(long(rest), values).exits).toMatchObject(exits);
  });

  it.each([
    [
      'exits: {time_exit_hours: null}',
      { TIME_EXIT_ENABLED: true },
      'TIME_EXIT_ENABLED is true (config.yaml) and TIME_EXIT_HOURS is null',
    ],
    [
      'exits: {final_tp_atr_mult: null}',
      { FINAL_TP_ENABLED: true },
      'FINAL_TP_ENABLED is true (config.yaml) and FINAL_TP_ATR_MULT is null',
    ],
    ['exits: {trailing: {start: after_tp1}}', {}, 'without a first target the trail would never start'],
    ['exits: {sl_atr_mult: 0.3}', {}, 'every stop would be nearer than allowed'],
    ['', { EXIT_BASIS: 'avwap_atr', PROTECTION_ANCHOR: 'fill' }, 'a VWAP does not move with the fill'],
    ['', { EXIT_BASIS: 'avwap_atr', PARTIAL_TP_ENABLED: true, AVWAP_TP_MULT: 5 }, 'the first target nearer'],
  ])('%s with %j is refused: an exit that could never happen', (rest, values, words) => {
    expect(refusalOf(() => compile(long(rest), values))).toContain(words);
  });
});

describe('intervals', () => {
  it.each(['1m', '3m', '5m', '15m', '30m', '1h'])('%s may be the base', (TIMEFRAME) => {
    const { setup, features } = compile(long(''), { TIMEFRAME });
    expect(setup.intervalMs).toBeLessThanOrEqual(3_600_000);
    expect(features.map(({ name }) => name)).toContain('atr_1h');
  });

  it.each(INTERVALS.slice(INTERVALS.indexOf('2h')))('%s may not', (TIMEFRAME) => {
    expect(refusalOf(() => compile(long(''), { TIMEFRAME }))).toContain('a base interval of at most 1h');
  });

  it('bars of the ATR and of the gate are made of base bars', () => {
    expect(refusalOf(() => compile(long(''), { TIMEFRAME: '15m', ATR_TIMEFRAME: '5m' }))).toContain(
      'ATR_TIMEFRAME is 5m; expected a multiple of the base interval 15m',
    );
    expect(refusalOf(() => compile(long('entry: {regime_gate: {timeframe: 1m}}')))).toContain('REGIME_TIMEFRAME is 1m');
  });

  it('a list of required timeframes holds the base interval', () => {
    expect(refusalOf(() => compile(SKELETON, { TIMEFRAME: '1m' }))).toContain('base interval is 1m; expected a list');
  });
});

describe('the regime gate', () => {
  it.each([
    ['long, nothing said', long(''), {}, 'up'],
    ['long, gate without conditions', long('entry: {regime_gate: {symbol: BTCUSDT}}'), {}, 'up'],
    [
      'long, an old file that wants one of two equal conditions',
      long('entry: {regime_gate: {symbol: BTCUSDT}}'),
      { REGIME_REQUIRE_BOTH_POSITIVE: false },
      'up',
    ],
    ['long, histogram alone', long('entry: {regime_gate: {require_hist_positive: true}}'), {}, 'up'],
    [
      'long, histogram off, line on',
      long('entry: {regime_gate: {require_hist_positive: false, require_macd_above_signal: true}}'),
      {},
      'up',
    ],
    [
      'long, both off',
      long('entry: {regime_gate: {require_hist_positive: false, require_macd_above_signal: false}}'),
      {},
      'any',
    ],
    [
      'long, both off and asked for by config',
      long('entry: {regime_gate: {require_hist_positive: false}}'),
      { REGIME_REQUIRE_BOTH_POSITIVE: true },
      'up',
    ],
    ['long that wants a falling one', long('entry: {regime_gate: {require_hist_negative: true}}'), {}, 'down'],
    ['long without a gate', long('entry: {regime_gate: null}'), {}, 'any'],
    ['long, switched off', long(''), { REGIME_FILTER_ENABLED: false }, 'any'],
    ['short, nothing said', short('{}'), {}, 'any'],
    ['short without a gate', short('{regime_gate: null}'), {}, 'any'],
    ['short, negative histogram', short('{regime_gate: {require_hist_negative: true}}'), {}, 'down'],
    ['short, line below its signal', short('{regime_gate: {require_macd_below_signal: true}}'), {}, 'down'],
    ['short that literally wants a rising one', short('{regime_gate: {require_hist_positive: true}}'), {}, 'up'],
    ['short that literally wants a rising line', short('{regime_gate: {require_macd_above_signal: true}}'), {}, 'up'],
    [
      'short, switched off',
      short('{regime_gate: {require_hist_negative: true}}'),
      { REGIME_FILTER_ENABLED: false },
      'any',
    ],
  ])('%s', (_, text, values, direction) => {
    const { regime, filters } = compile(text, values);
    expect(regime).toBe(direction);
    expect(filters.some(({ name }) => name === 'regime')).toBe(direction !== 'any');
  });

  it('of a short strategy has to say what it wants', () => {
    expect(refusalOf(() => compile(short('{regime_gate: {symbol: BTCUSDT}}')))).toContain(
      'regime gate of a short strategy asks for nothing',
    );
    expect(refusalOf(() => compile(short('{}'), { REGIME_FILTER_ENABLED: true }))).toContain('asks for nothing');
  });

  it('that asks for nothing is noted', () => {
    expect(compile(long('entry: {regime_gate: {require_hist_positive: false}}')).notes).toContain(
      'entry.regime_gate asks for nothing: entries are taken in any regime',
    );
  });

  it.each([
    ['macd', long(''), 'regime_macd_hist_frac', { 0.01: 'pass', 0: 'fail' }],
    ['markov', long('entry: {regime_gate: {kind: markov}}'), 'markov_prob_up_4h', { 0.51: 'pass', 0.5: 'fail' }],
    [
      'markov, down',
      short('{regime_gate: {kind: markov, require_regime: down}}'),
      'markov_prob_up_4h',
      { 0.51: 'fail', 0.49: 'pass' },
    ],
    ['daily', long('entry: {regime_gate: {kind: daily}}'), 'trend_regime_1d', { 1: 'pass', 0: 'fail' }],
    [
      'daily, down',
      long('entry: {regime_gate: {kind: daily, require_regime: down}}'),
      'trend_regime_1d',
      { 1: 'fail', 0: 'pass' },
    ],
  ])('of kind %s reads its own feature, and unknown is neither up nor down', (_, text, feature, results) => {
    const gate = compile(text).filters.find(({ name }) => name === 'regime');
    expect(gate?.features).toEqual([feature]);
    for (const [value, result] of Object.entries({ ...results, NaN: 'not_ready' }))
      expect(gate?.judge({ valueOf: () => Number(value) }, 'X').result).toBe(result);
  });

  it('of a kind is part of the filter, and of no other', () => {
    const hashes = ['macd', 'markov', 'daily'].map((kind) => compile(long(`entry: {regime_gate: {kind: ${kind}}}`)));
    expect(new Set(hashes.map(({ filterHash }) => filterHash)).size).toBe(3);
    expect(new Set(hashes.map(({ setupHash }) => setupHash)).size).toBe(1);
    const daily = (REGIME_MA_PERIOD: number) =>
      compile(long('entry: {regime_gate: {kind: daily}}'), { REGIME_MA_PERIOD }).filterHash;
    expect(daily(50)).not.toBe(daily(100));
    expect(compile(long(''), { REGIME_MA_PERIOD: 50 }).filterHash).toBe(compile(long('')).filterHash);
  });

  it.each([
    ['{kind: markov, require_hist_positive: true}', 'require_hist_positive means nothing to a gate of kind markov'],
    ['{kind: daily, symbol: ETHUSDT}', 'symbol means nothing to a gate of kind daily'],
    ['{require_regime: up}', 'require_regime means nothing to a gate of kind macd'],
  ])('refuses %s', (gate, message) => {
    expect(refusalOf(() => compile(long(`entry: {regime_gate: ${gate}}`)))).toContain(message);
  });

  it('sizes down instead of blocking when it is told so', () => {
    const strategy = compile(long('entry: {regime_gate: {when_down: size_down}}'), { REGIME_SIZE_WHEN_DOWN: 0.3 });
    expect(strategy.regimeDownFactor).toBe(0.3);
    expect(compile(long('')).regimeDownFactor).toBeNull();
  });
});

describe('a short strategy', () => {
  it('gets no default that means strength or a rising market', () => {
    const { settings, filters, regime } = compile(short('{}'));
    expect(settings.RS_MIN_PERCENTILE).toBeNull();
    expect(regime).toBe('any');
    expect(filters.map(({ name }) => name)).toEqual(['atr_ready', 'liquidity', 'min_atr_frac']);
  });

  it('gets what it spells out, even where that is what a long one wants', () => {
    const text = 'strategy: {name: S, side: short}\nfilters: {rs_percentile_min: 60, rs_percentile_max: 90}\n';
    expect(compile(text).settings).toMatchObject({ RS_MIN_PERCENTILE: 60, RS_MAX_PERCENTILE: 90 });
  });

  it('can still be given a minimum by config.yaml, which is announced', () => {
    const { settings, config } = compile(short('{}'), { RS_MIN_PERCENTILE: 70 });
    expect(settings.RS_MIN_PERCENTILE).toBe(70);
    expect(config.notes.map(({ text }) => text)).toEqual([
      'RS_MIN_PERCENTILE = 70 (config.yaml) overrides null of x.yaml',
    ]);
  });
});

describe('hashes', () => {
  const base = compile(long(''));
  const HASHES = ['setupHash', 'filterHash', 'exitHash', 'specHash'] as const;
  const changed = (other: CompiledStrategy): string =>
    HASHES.filter((name) => other[name] !== base[name])
      .map((name) => name.replace('Hash', ''))
      .join(' ');

  it.each([
    // side, base interval, entry set-up
    ['strategy: {name: S, side: short}\nentry: {regime_gate: null}\n', {}, 'setup filter spec'],
    [long(''), { TIMEFRAME: '15m' }, 'setup spec'],
    [long('entry: {donchian: {length_days: 19}}'), {}, 'setup spec'],
    [long('entry: {donchian: {length_bars: 5760}}'), {}, 'setup spec'],
    [long('entry: {donchian: {confirm_close: false}}'), {}, 'setup spec'],
    [long('entry: {donchian: {trigger: rebreak_high}}'), {}, 'setup spec'],
    [long('entry: {pullback: {type: mean}}'), {}, 'setup spec'],
    [long('entry: {pullback: {window_hours: 23}}'), {}, 'setup spec'],
    [long('entry: {pullback: {entry_window_hours: 71}}'), {}, 'setup spec'],
    [long('entry: {pullback: {eps_frac: 0.002}}'), {}, 'setup spec'],
    [long('entry: {pullback: {invalidate_below_atr: 3}}'), {}, 'setup spec'],
    [long('entry: {volume: {multiple: 2.5}}'), {}, 'setup spec'],
    [long('entry: {volume: {quantile: 0.95}}'), {}, 'setup spec'],
    [long('entry: {volume: {lookback_days: 20}}'), {}, 'setup spec'],
    [long('entry: {volume: null}'), {}, 'setup spec'],
    // filters and rules
    [long('filters: {rs_percentile_min: 80}'), {}, 'filter spec'],
    [long('filters: {liquidity_median_24h_usd_min: 1}'), {}, 'filter spec'],
    [long('filters: {min_listing_age_days: 30}'), {}, 'filter spec'],
    [long('filters: {min_atr_frac: 0.001}'), {}, 'filter spec'],
    [long('filters: {blacklist: [AUSDT]}'), {}, 'filter spec'],
    [long('entry: {regime_gate: null}'), {}, 'filter spec'],
    [long('entry: {regime_gate: {symbol: BTCUSDT}}'), {}, 'filter spec'],
    [long('entry: {regime_gate: {timeframe: 1h}}'), {}, 'filter spec'],
    [long('entry: {regime_gate: {macd: [12, 26, 8]}}'), {}, 'filter spec'],
    [long('entry: {regime_gate: {when_down: size_down}}'), {}, 'filter spec'],
    [long('rules: {all: [{feature: rsi_1h, lte: 95}]}'), {}, 'filter spec'],
    [long('rules: {veto: [{feature: rsi_1h, gte: 95}]}'), {}, 'filter spec'],
    [long(''), { RS_ENABLED: false }, 'filter spec'],
    [long(''), { RS_MODE: 'rolling_7d' }, 'filter spec'],
    [long(''), { RS_SCORE: 'return' }, 'filter spec'],
    // exits
    [long('exits: {sl_atr_mult: 2.5}'), {}, 'exit spec'],
    [long('exits: {final_tp_atr_mult: null}'), {}, 'exit spec'],
    [long('exits: {time_exit_hours: 48}'), {}, 'exit spec'],
    [long('exits: {partial: {}}'), {}, 'exit spec'],
    [long('exits: {trailing: {start: entry}}'), {}, 'exit spec'],
    // what is counted in ATR changes with the ATR: exits and the ATR filter
    [long(''), { ATR_LEN: 10 }, 'filter exit spec'],
    [long(''), { ATR_TIMEFRAME: '4h' }, 'filter exit spec'],
    // what only features see
    [long(''), { VWAP_STACK_LOOKBACK_BARS: 24 }, 'spec'],
    [long(''), { REGIME_BENCHMARK_SYMBOL: 'SOLUSDT' }, 'spec'],
    ['strategy: {name: T, side: long}\n', {}, 'spec'],
    // the account
    [long(''), { RISK_USD: 20, MAX_OPEN: 3, META: 'off', FEE_RATE: 0.001, N_WORKERS: 2 }, ''],
    // the same, said in other words
    [long('filters: {rs_percentile_min: 70}\nexits: {sl_atr_mult: 2}'), {}, ''],
    [long('entry: {donchian: {length_days: 20}, volume: {multiple: 2}}'), {}, ''],
    [long('strategy_: 1').replace('strategy_: 1', '# a comment'), { SL_ATR_MULT: 2 }, ''],
  ])('%j with %j changes: %s', (text, values, hashes) => {
    expect(changed(compile(text, values))).toBe(hashes);
  });

  it('the ATR is part of a set-up that measures with it', () => {
    const text = long('entry: {pullback: {type: mean}}');
    expect(compile(text, { ATR_LEN: 10 }).setupHash).not.toBe(compile(text).setupHash);
  });

  it('the settings of a feature are part of a rule over it', () => {
    const text = long('rules: {all: [{feature: vwap_frac_in_band, gte: 0.5}]}');
    expect(compile(text, { VWAP_STACK_BAND_PCT: 0.01 }).filterHash).not.toBe(compile(text).filterHash);
  });

  it('another universe is another spec with the same set-up', () => {
    const other = compile(long(''), {}, 'another');
    expect(changed(other)).toBe('spec');
  });

  it('an override gives the hash of a file that says the same', () => {
    const over = compile(long(''), { SL_ATR_MULT: 2.5, DON_N_DAYS: 10 });
    const file = compile(long('entry: {donchian: {length_days: 10}}\nexits: {sl_atr_mult: 2.5}'));
    for (const name of HASHES) expect(over[name]).toBe(file[name]);
  });
});

describe('names', () => {
  it('give the strategy id, and a name without letters is refused', () => {
    expect(compile('strategy: {name: "My 2nd  Idea!", side: long}').strategyId).toBe('my_2nd_idea');
    expect(refusalOf(() => compile('strategy: {name: "!!", side: long}'))).toContain('bad_strategy_name');
  });
});

describe('examples in the documents', () => {
  const ROOT = join(import.meta.dirname, '../../..');
  const examplesOf = (path: string): string[] =>
    [
      ...readFileSync(join(ROOT, path), 'utf8')
        .replaceAll('\r\n', '\n')
        .matchAll(/```yaml\n(.*?)```/gs),
    ].map(([, text]) => text);

  it('of strategies/README.md can be run', () => {
    const [example, ...others] = examplesOf('strategies/README.md');
    expect(others).toEqual([]);
    expect(compile(example)).toMatchObject({ strategyId: 'strong_and_calm', setup: { level: { length: 40 } } });
  });

  it('of docs/MIGRATION.md: the old file is recognised, the new one can be run', () => {
    const [before, after] = examplesOf('docs/MIGRATION.md');
    expect(refusalOf(() => compile(before))).toMatch(/^old_dialect/);
    const { settings } = compile(after);
    expect(settings).toMatchObject({ RS_MIN_PERCENTILE: 70, MIN_LISTING_AGE_DAYS: 14, BLACKLIST: ['LUNAUSDT'] });
  });

  it('of docs/MIGRATION.md name the spellings that are read', () => {
    const rows = readFileSync(join(ROOT, 'docs/MIGRATION.md'), 'utf8').split('\n');
    const documented = new Set(
      rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([A-Z][A-Z0-9_]+)/g)]).map(([, key]) => key),
    );
    const spellings = (Object.keys(CONFIG_KEYS) as ConfigKey[]).flatMap((key) => {
      const { aliases = [], scaledAliases = {} } = keySpec(key);
      return [...aliases, ...Object.keys(scaledAliases)];
    });
    expect(spellings.filter((name) => !documented.has(name))).toEqual([]);
  });
});
