import { describe, expect, it } from 'vitest';
import { DonchErrors } from '../errors.ts';
import { CONFIG_LAYERS, parseSetting, resolveConfig, type ConfigLayer, type LayerName } from './resolve.ts';

const layer = (
  name: Exclude<LayerName, 'default'>,
  values: Readonly<Record<string, unknown>>,
  lines?: Readonly<Record<string, number>>,
): ConfigLayer => ({
  layer: name,
  source: name === 'config' ? 'config.yaml' : name,
  values,
  ...(lines ? { lines } : {}),
});
const config = (values: Readonly<Record<string, unknown>>) => resolveConfig([layer('config', values)]);

function problemsOf(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof DonchErrors) return error.problems.map(({ code, message }) => `${code}: ${message}`);
    throw error;
  }
  return [];
}

describe('precedence', () => {
  const ABOVE_DEFAULT = CONFIG_LAYERS.filter((name) => name !== 'default');

  it.each(ABOVE_DEFAULT.map((name, rank) => [name, rank] as const))(
    '%s overrides everything below it, in whatever order the layers come',
    (name, rank) => {
      const layers = ABOVE_DEFAULT.slice(0, rank + 1).map((each, k) => layer(each, { RISK_USD: 20 + k }));
      for (const ordered of [layers, [...layers].reverse()]) {
        const { values, origins } = resolveConfig(ordered);
        expect(values.RISK_USD).toBe(20 + rank);
        expect(origins.RISK_USD).toMatchObject({ layer: name, written: 'RISK_USD' });
        expect(origins.RISK_USD_MIN.layer).toBe('default');
      }
    },
  );

  it('a null of a higher layer overrides a number of a lower one', () => {
    const { values } = resolveConfig([
      layer('strategy', { TIME_EXIT_HOURS: 72 }),
      layer('set', { TIME_EXIT_HOURS: null }),
    ]);
    expect(values.TIME_EXIT_HOURS).toBeNull();
  });

  it('announces every override that changes something, and no other', () => {
    const { notes } = resolveConfig([
      layer('strategy', { SL_ATR_MULT: 1.8, VOL_MULTIPLE: 2 }),
      layer('config', { SL_ATR_MULT: 2.5, VOL_MULTIPLE: 2, RISK_USD: 20 }),
      layer('environment', { RISK_USD: 30 }),
    ]);
    expect(notes.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
      'override: SL_ATR_MULT = 2.5 (config.yaml) overrides 1.8 of strategy',
      'override: RISK_USD = 30 (environment) overrides 20 of config.yaml',
    ]);
  });
});

describe('spellings', () => {
  it('reads keys in any case and says so', () => {
    const { values, notes } = config({ risk_usd: 12 });
    expect(values.RISK_USD).toBe(12);
    expect(notes).toEqual([{ kind: 'alias', text: 'config.yaml: risk_usd read as RISK_USD' }]);
  });

  it.each([
    [{ SYMBOL_COOLDOWN_HOURS: 2, SYMBOL_COOLDOWN_MINUTES: 480 }, 'SYMBOL_COOLDOWN_MINUTES and SYMBOL_COOLDOWN_HOURS'],
    [{ RISK_USD: 10, FIXED_RISK_CASH: 11 }, 'FIXED_RISK_CASH and RISK_USD'],
    [{ RISK_USD: 10, risk_usd: 11 }, 'risk_usd and RISK_USD'],
    [{ META: 'off', META_REQUIRED: true }, 'META_REQUIRED and META'],
  ])('two spellings with different values are an error: %j', (values, names) => {
    const [problem] = problemsOf(() => config(values));
    expect(problem).toContain(`${names} are two spellings of`);
  });

  it.each([
    { SYMBOL_COOLDOWN_HOURS: 2, SYMBOL_COOLDOWN_MINUTES: 120 },
    { RISK_USD: 10, FIXED_RISK_CASH: '10' },
    { DEDUP_BUSY_WINDOW_MIN: 480, DEDUP_WINDOW_HOURS: 8 },
  ])('two spellings with the same value are fine: %j', (values) => {
    expect(problemsOf(() => config(values))).toEqual([]);
  });

  it('two layers may write two spellings', () => {
    const { values } = resolveConfig([layer('config', { RISK_USD: 10 }), layer('flag', { RISK_USDT: 20 })]);
    expect(values.RISK_USD).toBe(20);
  });
});

describe('problems', () => {
  it.each([
    ['RISK_USDD', 'RISK_USD'],
    ['SL_ATR_MULTI', 'SL_ATR_MULT'],
    ['RS_MIN_PERCENTIL', 'RS_MIN_PERCENTILE'],
    ['DON_N_DAY', 'DON_N_DAYS'],
    ['FIXED_RISK_CAHS', 'FIXED_RISK_CASH'],
    ['SYMBOL_COOLDOWN_MINUTE', 'SYMBOL_COOLDOWN_MINUTES'],
  ])('suggests a name for %s', (written, meant) => {
    expect(problemsOf(() => config({ [written]: 1 }))).toEqual([
      `unknown_config_key: config.yaml: unknown key "${written}"\n  did you mean ${meant}?`,
    ]);
  });

  it.each(['XYZZY', '__proto__', 'constructor', '', ' ', 'x'.repeat(5_000)])(
    'the unknown key %j is an error without a suggestion',
    (written) => {
      const values = JSON.parse(`{${JSON.stringify(written)}: 1}`) as Record<string, unknown>;
      expect(problemsOf(() => config(values))).toMatchObject([
        expect.stringContaining('`donch config --all` lists every key'),
      ]);
    },
  );

  it('lists all problems of all layers, with their lines', () => {
    const problems = problemsOf(() =>
      resolveConfig([
        layer('config', { RISK_EQUITY_PCT: 1, RSIK_USD: 3, ATR_LEN: 'x' }, { RISK_EQUITY_PCT: 4, RSIK_USD: 7 }),
        layer('environment', { DD_MAX_PCT: '0.1' }),
      ]),
    );
    expect(problems).toHaveLength(4);
    expect(problems[0]).toContain('config.yaml, line 4: RISK_EQUITY_PCT is 1');
    expect(problems[1]).toContain('config.yaml, line 7: unknown key "RSIK_USD"');
    expect(problems[2]).toContain('config.yaml: ATR_LEN is "x"');
    expect(problems[3]).toContain('environment: DD_MAX_PCT is "0.1"');
  });

  it('stops listing where a file is something else entirely', () => {
    const values = Object.fromEntries(Array.from({ length: 20_000 }, (_, k) => [`SOME_OTHER_KEY_${k}`, k]));
    expect(problemsOf(() => config(values))).toHaveLength(100);
  });

  it.each([
    [{ WINPROB_PROB_FLOOR: 0.9, WINPROB_PROB_CAP: 0.9 }, 'WINPROB_PROB_FLOOR is 0.9 and WINPROB_PROB_CAP is 0.9'],
    [{ VWAP_STACK_FRAC_MIN: 0.8 }, 'VWAP_STACK_FRAC_MIN is 0.8'],
    [{ VWAP_STACK_EXPANSION_ABS_MIN: 0.02 }, 'VWAP_STACK_EXPANSION_ABS_MIN is 0.02'],
    [{ REGIME_MACD_FAST: 26 }, 'REGIME_MACD_FAST is 26 and REGIME_MACD_SLOW is 26'],
    [{ VWAP_STACK_FRAC_WEIGHT: 0, VWAP_STACK_EXP_WEIGHT: 0 }, 'a sum above 0'],
    [{ RISK_USD_MIN: 20, RISK_USD_MAX: 10 }, 'RISK_USD_MIN is 20 and RISK_USD_MAX is 10'],
    [{ SIZING_MULT_MIN: 2, SIZING_MULT_MAX: 1 }, 'SIZING_MULT_MIN is 2 and SIZING_MULT_MAX is 1'],
    [{ RS_MIN_PERCENTILE: 70, RS_MAX_PERCENTILE: 30 }, 'RS_MIN_PERCENTILE is 70 and RS_MAX_PERCENTILE is 30'],
    [{ MIN_LISTING_AGE_DAYS: 20, MAX_LISTING_AGE_DAYS: 10 }, 'MIN_LISTING_AGE_DAYS is 20'],
    [{ SL_ATR_MULT: 0.3 }, 'MIN_STOP_ATR is 0.5 and SL_ATR_MULT is 0.3'],
    [{ TRAIL_AFTER_TP1: true }, 'PARTIAL_TP_ENABLED true, or TRAIL_START entry'],
    [{ PARTIAL_TP_ENABLED: true, PARTIAL_TP1_ATR_MULT: 8 }, 'PARTIAL_TP1_ATR_MULT is 8 and FINAL_TP_ATR_MULT is 8'],
  ])('settings that cannot both hold are an error: %j', (values, words) => {
    const problems = problemsOf(() => config(values));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^config_contradiction: /);
    expect(problems[0]).toContain(words);
  });

  it.each([
    { RISK_USD_MIN: 20 },
    { RISK_USD_MIN: 10, RISK_USD_MAX: 10 },
    { TRAIL_AFTER_TP1: true, TRAIL_START: 'entry' },
    { TRAIL_AFTER_TP1: true, PARTIAL_TP_ENABLED: true },
    { PARTIAL_TP_ENABLED: true, PARTIAL_TP1_ATR_MULT: 9, FINAL_TP_ENABLED: false },
    { PARTIAL_TP1_ATR_MULT: 9 },
    { SL_ATR_MULT: 0.5 },
    { RS_MIN_PERCENTILE: null, RS_MAX_PERCENTILE: 30 },
  ])('settings that can are none: %j', (values) => {
    expect(problemsOf(() => config(values))).toEqual([]);
  });
});

describe('configHash', () => {
  const base = resolveConfig([]).configHash;

  it('is that of the effective values: order, source and spelling do not matter', () => {
    const one = resolveConfig([layer('config', { RISK_USD: 20, VOL_MULTIPLE: 3 })]).configHash;
    const two = resolveConfig([
      layer('flag', { vol_multiple: '3' }),
      layer('environment', { FIXED_RISK_CASH: '20.0' }),
    ]);
    expect(two.configHash).toBe(one);
    expect(one).not.toBe(base);
  });

  it('does not depend on what cannot change a result', () => {
    expect(config({ N_WORKERS: 1 }).configHash).toBe(base);
  });

  it('does not change when a default is written out', () => {
    expect(resolveConfig([layer('config', { RISK_USD: 10, TIME_EXIT_DAYS: 3 })]).configHash).toBe(base);
  });

  it.each([{ RISK_USD: 11 }, { MAX_OPEN: null }, { BLACKLIST: ['A'] }, { META: 'off' }])(
    'changes with %j',
    (values) => {
      expect(config(values).configHash).not.toBe(base);
    },
  );
});

describe('one setting', () => {
  it.each([
    ['tp_atr_mult', '12', 'FINAL_TP_ATR_MULT', 12],
    ['TIME_EXIT_DAYS', 3, 'TIME_EXIT_HOURS', 72],
    ['TIME_EXIT_HOURS', null, 'TIME_EXIT_HOURS', null],
  ])('%s: %s is %s = %s', (written, raw, key, value) => {
    expect(parseSetting(written, raw)).toEqual({ key, value });
  });

  it.each([
    ['SL_ATR_MUL', 2, 'unknown_config_key'],
    ['OHLCV_LIMIT', 2, 'unknown_config_key'],
    ['SL_ATR_MULT', -2, 'bad_config_value'],
  ])('%s: %s is refused as %s', (written, raw, code) => {
    expect(() => parseSetting(written, raw)).toThrow(expect.objectContaining({ code }));
  });
});
