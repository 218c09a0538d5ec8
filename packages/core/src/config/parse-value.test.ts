import { describe, expect, it } from 'vitest';
import { keySpec, type ConfigKey } from './keys.ts';
import { parseConfigValue } from './parse-value.ts';

const parse = (key: ConfigKey, raw: unknown, factor = 1) =>
  parseConfigValue({ written: key, spec: keySpec(key), factor, place: { file: 'config.yaml', line: 3 } }, raw);

describe('numbers', () => {
  it.each([
    ['15', 15],
    [' 15 ', 15],
    ['+1.5', 1.5],
    ['.5', 0.5],
    ['5.', 5],
    ['1e2', 100],
    ['1_000', 1000],
    ['12_345.5', 12_345.5],
    [7, 7],
  ])('%j of the environment or a file is %d', (raw, value) => {
    expect(parse('RISK_USD', raw)).toBe(value);
  });

  it.each([
    'ten',
    '1,5',
    '1__0',
    '_1',
    '0x10',
    '1 000',
    '--1',
    'Infinity',
    'NaN',
    '1e',
    '10 USD',
    true,
    [10],
    { usd: 10 },
  ])('%j is refused', (raw) => {
    expect(() => parse('RISK_USD', raw)).toThrow(/RISK_USD is .*; expected a number, above 0 \(USD\)/);
  });

  it('refuses a text of a hundred thousand digits', () => {
    expect(() => parse('RISK_USD', `${'1'.repeat(100_000)}x`)).toThrow(/expected a number/);
  });

  it('takes the factor of another spelling before the range', () => {
    expect(parse('TIME_EXIT_HOURS', 3, 24)).toBe(72);
    expect(() => parse('SYMBOL_COOLDOWN_HOURS', 60 * 2_401, 1 / 60)).toThrow(/at most 2400/);
  });

  it('gives minutes the very hours that people would write', () => {
    for (let minutes = 1; minutes <= 3_000; minutes += 1)
      expect(parse('SYMBOL_COOLDOWN_HOURS', minutes, 1 / 60)).toBe(minutes / 60);
  });

  it.each([
    ['RISK_EQUITY_PCT', 1, '1 means 100 %; if you meant 1 %, write 0.01'],
    ['RISK_EQUITY_PCT', '2', '2 means 200 %; if you meant 2 %, write 0.02'],
    ['RISK_EQUITY_PCT', 0.5, '0.5 means 50 %; if you meant 0.5 %, write 0.005'],
    ['DD_MAX_PCT', 0.1, '0.1 means 0.1 %; if you meant 10 %, write 10'],
    ['DD_MAX_PCT', 0.07, 'if you meant 7 %, write 7'],
    ['PARTIAL_TP_RATIO', 8, '8 means 800 %; if you meant 8 %, write 0.08'],
    ['RS_MIN_PERCENTILE', 0.7, '0.7 means the lowest 0.7 %; if you meant 70, write 70'],
    ['RS_MIN_PERCENTILE', 1, 'if you meant 100, write 100'],
    ['NOTIONAL_CAP_PCT_OF_EQUITY', 25, '25 means 2500 %; if you meant 25 %, write 0.25'],
    ['RETEST_EPS_PCT', 0.1, '0.1 means 10 %; if you meant 0.1 %, write 0.001'],
    ['FEE_RATE', 0.055, '0.055 means 5.5 %; if you meant 0.055 %, write 0.00055'],
  ] as const)('%s %j is refused with both readings', (key, raw, readings) => {
    expect(() => parse(key, raw)).toThrow(readings);
  });

  it.each([
    ['RISK_EQUITY_PCT', 0.1],
    ['DD_MAX_PCT', 1],
    ['DD_MAX_PCT', 10],
    ['RS_MIN_PERCENTILE', 0],
    ['RS_MIN_PERCENTILE', 100],
    ['PARTIAL_TP_RATIO', 0.99],
    ['MAX_LEVERAGE', 125],
  ] as const)('%s %d is meant as it is written', (key, raw) => {
    expect(parse(key, raw)).toBe(raw);
  });

  it('names file, line, range and unit', () => {
    expect(() => parse('ATR_LEN', 1.5)).toThrow(
      'config.yaml, line 3: ATR_LEN is 1.5; expected a whole number, at least 1 and at most 1000 (bars)',
    );
  });
});

describe('switched off values', () => {
  it.each([null, undefined, 'null', 'NULL', 'none', 'None', '', '  '])('%j switches a limit off', (raw) => {
    expect(parse('TIME_EXIT_HOURS', raw)).toBeNull();
    expect(parse('MAX_OPEN', raw)).toBeNull();
    expect(parse('WINPROB_ARTIFACT_DIR', raw)).toBeNull();
    expect(parse('META', raw)).toBeNull();
  });

  it('refuses null where there is always a value', () => {
    expect(() => parse('RISK_USD', null)).toThrow('leave the key out to use its default');
    expect(() => parse('RISK_MODE', 'none')).toThrow('one of fixed, percent');
  });
});

describe('switches', () => {
  it.each([true, 'true', 'True', 'yes', 'on', '1', 1])('%j is true', (raw) => {
    expect(parse('RS_ENABLED', raw)).toBe(true);
  });

  it.each([false, 'false', 'FALSE', 'no', 'off', '0', 0])('%j is false', (raw) => {
    expect(parse('RS_ENABLED', raw)).toBe(false);
  });

  it.each(['maybe', 2, 'y', [], {}])('%j is refused', (raw) => {
    expect(() => parse('RS_ENABLED', raw)).toThrow('expected true or false');
  });
});

describe('words', () => {
  it.each([
    ['RISK_MODE', 'FIXED', 'fixed'],
    ['RISK_MODE', ' Cash ', 'fixed'],
    ['TIMEFRAME', '1H', '1h'],
    ['BYBIT_ACCOUNT_TYPE', 'unified', 'UNIFIED'],
    ['META', false, 'off'],
    ['META', 'off', 'off'],
    ['META', true, 'required'],
    ['META', 'Required', 'required'],
  ] as const)('%s %j is %s', (key, raw, word) => {
    expect(parse(key, raw)).toBe(word);
  });

  it.each(['constructor', '__proto__', 'toString', 'hasownproperty', 'fixed ,', 3, true, ['fixed']])(
    'RISK_MODE %j is refused with the words that exist',
    (raw) => {
      expect(() => parse('RISK_MODE', raw)).toThrow('expected one of fixed, percent');
    },
  );

  it.each(['7m', '5', '5 m', 5])('TIMEFRAME %j is refused with the intervals that exist', (raw) => {
    expect(() => parse('TIMEFRAME', raw)).toThrow('expected one of 1m, 3m, 5m');
  });
});

describe('text and lists', () => {
  it('takes numbers as text, as YAML hands over dates and folders', () => {
    expect(parse('WINPROB_ARTIFACT_DIR', 20250101)).toBe('20250101');
    expect(() => parse('WINPROB_ARTIFACT_DIR', ['a'])).toThrow('expected text');
  });

  it.each([[['A', 'B']], ['A B'], ['A,B'], [' A , B '], ['["A", "B"]']])('reads %j as two names', (raw) => {
    expect(parse('BLACKLIST', raw)).toEqual(['A', 'B']);
  });

  it.each([[[1]], [[null]], [['A', { b: 1 }]], [['']], ['[1, 2]'], ['["A"'], [{ A: true }], [7]])(
    'refuses %j as names',
    (raw) => {
      expect(() => parse('BLACKLIST', raw)).toThrow(/expected a list/);
    },
  );

  it('reads scalers from text as JSON', () => {
    expect(parse('SIZING_SCALERS', '[{"feature": "rv_3d", "in_min": 0}]')).toEqual([{ feature: 'rv_3d', in_min: 0 }]);
  });

  it('shortens what it repeats of a value', () => {
    expect(() => parse('RISK_USD', 'x'.repeat(10_000))).toThrow(/^.{1,300}$/s);
  });
});
