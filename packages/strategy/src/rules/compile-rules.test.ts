import { DonchError, parseYaml, resolveConfig, type GateResult } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { FEATURES } from '../features/registry.ts';
import type { StrategyFile } from '../spec/schema.ts';
import { compileRules } from './compile-rules.ts';
import { compileFilters } from './filters.ts';
import type { FeatureRow, FilterGate } from './gate.ts';

const SETTINGS = resolveConfig([]).values;
type Rules = NonNullable<StrategyFile['rules']>;

const compile = (yaml: string) => compileRules(parseYaml(yaml, 'x.yaml').value as Rules, 'x.yaml', SETTINGS);

/** A row in which every feature has the same value, but for those named. */
function row(values: Readonly<Record<string, number>>, others = Number.NaN): FeatureRow {
  return { valueOf: (name) => values[name] ?? others };
}

const resultsOf = (gates: readonly FilterGate[], features: FeatureRow): string[] =>
  gates.map((gate) => `${gate.name} ${gate.judge(features, 'AUSDT').result}`);

describe('a rule over a number', () => {
  const result = (yaml: string, value: number): GateResult =>
    compile(`{all: [{feature: rsi_1h, ${yaml}}]}`).gates[0].judge(row({ rsi_1h: value }), 'AUSDT').result;

  it.each([
    ['gte: 30', [30, 30.1, 1e9, Infinity], [29.999, -Infinity]],
    ['lte: 30', [30, -5, -Infinity], [30.001]],
    ['between: [30, 70]', [30, 50, 70], [29.9, 70.1]],
    ['gte: 30, lte: 70', [30, 50, 70], [29.9, 70.1]],
    ['is: 50', [50], [49.9, 50.1]],
    ['is: -1', [-1], [1, 0]],
  ] as const)('%s passes what it says, bounds included, and nothing else', (yaml, passing, failing) => {
    for (const value of passing) expect(result(yaml, value)).toBe('pass');
    for (const value of failing) expect(result(yaml, value)).toBe('fail');
    expect(result(yaml, Number.NaN)).toBe('not_ready');
  });

  it('shows value, comparison and bounds', () => {
    const { gates } = compile('{all: [{feature: rsi_1h, between: [30, 70]}]}');
    expect(gates[0].judge(row({ rsi_1h: 80 }), 'AUSDT')).toMatchObject({
      gate: 'rule:rsi_1h',
      value: 80,
      comparison: 'between',
      threshold: 30,
      thresholdHigh: 70,
      result: 'fail',
    });
  });
});

describe('a rule over a switch or a word', () => {
  const result = (feature: string, wanted: string, value: number): GateResult =>
    compile(`{all: [{feature: ${feature}, is: ${wanted}}]}`).gates[0].judge(row({ [feature]: value }), 'AUSDT').result;

  it.each([
    ['has_prev_break', 'true', 1, 0],
    ['has_prev_break', 'false', 0, 1],
    ['has_prev_break', '1', 1, 0],
    ['regime_up', 'true', 1, 0],
    ['pullback_type', 'retest', 0, 1],
    ['pullback_type', 'mean', 1, 0],
    ['entry_rule', 'rebreak_high', 1, 0],
  ] as const)('%s is %s passes code %d and fails code %d', (feature, wanted, passing, failing) => {
    expect(result(feature, wanted, passing)).toBe('pass');
    expect(result(feature, wanted, failing)).toBe('fail');
    expect(result(feature, wanted, Number.NaN)).toBe('not_ready');
  });
});

describe('all, any, veto', () => {
  const { gates } = compile(`
all: [{feature: rsi_1h, gte: 30}, {feature: adx_1h, gte: 10}]
any: [{feature: dow, is: 0}, {feature: dow, is: 4}]
veto: [{feature: rv_3d, gte: 0.01}]
`);

  it.each([
    [{ rsi_1h: 50, adx_1h: 20, dow: 4, rv_3d: 0.001 }, 'pass pass pass pass'],
    [{ rsi_1h: 20, adx_1h: 20, dow: 0, rv_3d: 0.001 }, 'fail pass pass pass'],
    [{ rsi_1h: 50, adx_1h: 20, dow: 2, rv_3d: 0.001 }, 'pass pass fail pass'],
    [{ rsi_1h: 50, adx_1h: 20, dow: 0, rv_3d: 0.01 }, 'pass pass pass fail'],
    [{ rsi_1h: 50, adx_1h: Number.NaN, dow: Number.NaN, rv_3d: Number.NaN }, 'pass not_ready not_ready not_ready'],
  ])('%j gives %s', (values, results) => {
    expect(resultsOf(gates, row(values)).map((text) => text.split(' ')[1])).toEqual(results.split(' '));
  });

  it('any passes when one holds although another is not ready, and is not ready when none does', () => {
    const { gates: any } = compile('{any: [{feature: rsi_1h, gte: 30}, {feature: adx_1h, gte: 10}]}');
    expect(resultsOf(any, row({ rsi_1h: 50 }))).toEqual(['rules:any pass']);
    expect(resultsOf(any, row({ rsi_1h: 20 }))).toEqual(['rules:any not_ready']);
    expect(resultsOf(any, row({ rsi_1h: 20, adx_1h: 5 }))).toEqual(['rules:any fail']);
  });

  it('a veto that cannot be ruled out does not pass', () => {
    const { gates: veto } = compile('{veto: [{feature: rsi_1h, gte: 95}]}');
    expect(resultsOf(veto, row({}))).toEqual(['veto:rsi_1h not_ready']);
  });

  it('nothing asked, nothing judged', () => {
    expect(compileRules(undefined, 'x.yaml', SETTINGS)).toEqual({ gates: [], problems: [] });
    expect(compile('{all: [], any: [], veto: []}').gates).toEqual([]);
  });
});

describe('a rule that cannot be compiled', () => {
  it.each([
    ['{all: [{feature: rsi1h, gte: 3}]}', 'unknown_feature', 'rules.all.0', 'did you mean rsi_1h?'],
    ['{any: [{feature: xyzzy, gte: 3}]}', 'unknown_feature', 'rules.any.0', 'docs/FEATURES.md lists every feature'],
    ['{all: [{feature: y_true, gte: 3}]}', 'unknown_feature', 'rules.all.0', ''],
    ['{veto: [{feature: pullback_type, gte: 3}]}', 'bad_rule', 'rules.veto.0', 'is: one of retest, mean'],
    ['{veto: [{feature: pullback_type, is: hook}]}', 'bad_rule', 'rules.veto.0', 'one of retest, mean'],
    ['{all: [{feature: pullback_type, is: 0}]}', 'bad_rule', 'rules.all.0', 'one of retest, mean'],
    ['{all: [{feature: has_prev_break, is: 2}]}', 'bad_rule', 'rules.all.0', 'true or false'],
    ['{all: [{feature: has_prev_break, is: "true"}]}', 'bad_rule', 'rules.all.0', 'true or false'],
    ['{all: [{feature: rsi_1h, is: true}]}', 'bad_rule', 'rules.all.0', 'a number'],
    ['{all: [{feature: rsi_1h, is: high}]}', 'bad_rule', 'rules.all.0', 'a number'],
  ])('%s is %s at %s', (yaml, code, path, words) => {
    const { problems } = compile(yaml);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toBeInstanceOf(DonchError);
    expect(problems[0]).toMatchObject({ code, detail: { file: 'x.yaml', path } });
    expect(problems[0].message).toContain(words);
  });
});

describe('named filters', () => {
  const filtersOf = (values: Readonly<Record<string, unknown>>, regime: 'up' | 'down' | 'any' = 'up'): FilterGate[] =>
    compileFilters(resolveConfig([{ layer: 'config', source: 'c', values }]).values, regime);
  const ready = {
    atr_frac: 0.01,
    rs_percentile: 70,
    turnover_median_24h_usd: 500_000,
    regime_macd_hist_frac: 0.001,
    listing_age_days: 100,
  };
  const judged = (values: Readonly<Record<string, unknown>>, features: Readonly<Record<string, number>>) =>
    resultsOf(filtersOf(values), row({ ...ready, ...features })).filter((text) => !text.endsWith(' pass'));

  it('pass at their bounds', () => {
    expect(judged({}, {})).toEqual([]);
    expect(judged({ MIN_LISTING_AGE_DAYS: 100, MAX_LISTING_AGE_DAYS: 100, RS_MAX_PERCENTILE: 70 }, {})).toEqual([]);
  });

  it.each([
    [{}, { rs_percentile: 69.99 }, 'rs_percentile_min fail'],
    [{ RS_MAX_PERCENTILE: 80 }, { rs_percentile: 80.1 }, 'rs_percentile_max fail'],
    [{}, { turnover_median_24h_usd: 499_999 }, 'liquidity fail'],
    [{ MIN_LISTING_AGE_DAYS: 101 }, {}, 'listing_age_min fail'],
    [{ MAX_LISTING_AGE_DAYS: 99 }, {}, 'listing_age_max fail'],
    [{ MIN_ATR_PCT_OF_PRICE: 0.02 }, {}, 'min_atr_frac fail'],
    [{}, { regime_macd_hist_frac: 0 }, 'regime fail'],
    [{ BLACKLIST: ['ausdt'] }, {}, 'blacklist fail'],
  ])('%j with %j: %s', (values, features, result) => {
    expect(judged(values, features)).toEqual([result]);
  });

  it('never pass what is not known', () => {
    const gates = filtersOf({ RS_MAX_PERCENTILE: 90, MIN_LISTING_AGE_DAYS: 1, MAX_LISTING_AGE_DAYS: 9_000 });
    expect(resultsOf(gates, row({})).every((text) => text.endsWith(' not_ready'))).toBe(true);
    expect(gates.length).toBe(8);
  });

  it('without an ATR there is no entry, whatever is switched off', () => {
    const gates = filtersOf({ RS_ENABLED: false, RS_LIQ_MIN_USD_24H: null, MIN_ATR_PCT_OF_PRICE: null }, 'any');
    expect(resultsOf(gates, row({}))).toEqual(['atr_ready not_ready']);
    expect(resultsOf(gates, row({ atr_frac: 0 }))).toEqual(['atr_ready fail']);
  });

  it('the falling gate passes a negative histogram only', () => {
    const gates = filtersOf({}, 'down').filter(({ name }) => name === 'regime');
    const at = (value: number): string[] => resultsOf(gates, row({ regime_macd_hist_frac: value }));
    expect([at(-1e-9), at(0), at(1e-9), at(Number.NaN)].flat()).toEqual([
      'regime pass',
      'regime fail',
      'regime fail',
      'regime not_ready',
    ]);
  });

  it('a gate that sizes down passes and says why', () => {
    const [gate] = filtersOf({ REGIME_BLOCK_WHEN_DOWN: false }).filter(({ name }) => name === 'regime');
    const judge = (value: number) => gate.judge(row({ regime_macd_hist_frac: value }), 'AUSDT');
    expect(judge(-1)).toMatchObject({ result: 'pass', detail: 'unfavourable: risk is sized down' });
    expect(judge(Number.NaN)).toMatchObject({ result: 'pass', detail: 'unknown: risk is sized down' });
    expect(judge(1)).toMatchObject({ result: 'pass', detail: '' });
  });

  it('read registered features only', () => {
    const names = new Set(FEATURES.map(({ name }) => name));
    const gates = filtersOf({ RS_MAX_PERCENTILE: 90, MIN_LISTING_AGE_DAYS: 1, MAX_LISTING_AGE_DAYS: 9_000 });
    expect(gates.flatMap(({ features }) => features).filter((name) => !names.has(name))).toEqual([]);
  });
});
