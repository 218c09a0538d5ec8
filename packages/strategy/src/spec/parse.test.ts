import { DonchError, DonchErrors } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { parseStrategyFile } from './parse.ts';

const HEAD = 'strategy: {name: Test, side: long}\n';

function refusalOf(text: string): string {
  try {
    parseStrategyFile(text, 'x.yaml');
  } catch (error) {
    if (error instanceof DonchErrors || error instanceof DonchError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'accepted';
}

describe('a strategy file', () => {
  it('needs no more than a name and a side', () => {
    expect(parseStrategyFile(HEAD, 'x.yaml')).toEqual({ strategy: { name: 'Test', side: 'long' } });
  });

  it.each([
    [
      'entry:\n  donchian:\n    lenght_days: 20\n',
      'x.yaml, line 4, entry.donchian.lenght_days: unknown key "lenght_days"\n  did you mean length_days?',
    ],
    [
      'filters:\n  rs_percentil: 70\n',
      'x.yaml, line 3, filters.rs_percentil: unknown key "rs_percentil"\n  did you mean rs_percentile_min?',
    ],
    [
      'exits: {partial: {ration: 0.5}}\n',
      'x.yaml, line 2, exits.partial.ration: unknown key "ration"\n  did you mean ratio?',
    ],
    ['exit: {}\n', 'x.yaml, line 2, exit: unknown key "exit"\n  did you mean exits?'],
    [
      'rules: {all: [{feature: rsi_1h, gt: 3}]}\n',
      'x.yaml, line 2, rules.all.0.gt: unknown key "gt"\n  did you mean gte?',
    ],
    ['rules: {every: []}\n', 'x.yaml, line 2, rules.every: unknown key "every"'],
  ])('names an unknown key with line, path and suggestion: %j', (text, words) => {
    expect(refusalOf(HEAD + text)).toContain(words);
  });

  it.each([
    [
      'entry: {donchian: {length_days: 0}}\n',
      'line 2, entry.donchian.length_days: 0: expected at least 1 and at most 365 (days)',
    ],
    ['entry: {donchian: {length_days: 1.5}}\n', '1.5: expected a whole number'],
    ['entry: {donchian: {length_days: "20"}}\n', 'entry.donchian.length_days: "20": Invalid input: expected number'],
    ['entry: {donchian: {length_days: .nan}}\n', 'entry.donchian.length_days'],
    ['entry: {donchian: {trigger: close}}\n', 'expected one of "close_above_break"|"rebreak_high"'],
    ['entry: {volume: {multiple: 0}}\n', 'expected above 0'],
    ['entry: {pullback: {eps_frac: 0.1}}\n', '0.1 means 10 %; if you meant 0.1 %, write 0.001'],
    ['entry: {regime_gate: {timeframe: 5h}}\n', 'entry.regime_gate.timeframe'],
    ['entry: {regime_gate: {macd: [12, 26]}}\n', 'entry.regime_gate.macd'],
    ['entry: {regime_gate: {kind: sunspots}}\n', 'entry.regime_gate.kind'],
    [
      'filters: {rs_percentile_min: 0.7}\n',
      'line 2, filters.rs_percentile_min: 0.7: expected 0 or above 1 (percentile); the key runs from 0 to 100',
    ],
    ['filters: {rs_percentile_min: 170}\n', 'expected at least 0 and at most 100'],
    ['filters: {blacklist: [1]}\n', 'filters.blacklist.0'],
    ['exits: {sl_atr_mult: -2}\n', 'exits.sl_atr_mult: -2: expected above 0'],
    ['exits: {partial: {ratio: 50}}\n', '50 means 5000 %; if you meant 50 %, write 0.5'],
    ['exits: {sl_atr_mult: null}\n', 'exits.sl_atr_mult'],
    ['schema_version: 2\n', 'expected at most 1: the file is for a newer program'],
    ['entry: 3\n', 'line 2, entry: 3: '],
    ['rules: {all: {feature: x}}\n', 'rules.all'],
  ])('names a bad value with its range: %j', (text, words) => {
    expect(refusalOf(HEAD + text)).toContain(words);
  });

  it.each([
    ['', 'expected object'],
    ['hello', 'expected object'],
    ['- 1\n', 'expected object'],
    ['strategy: {side: long}\n', 'strategy.name: missing'],
    ['strategy: {name: Test}\n', 'strategy.side: missing'],
    ['strategy: {name: "", side: long}\n', 'strategy.name'],
    ['strategy: {name: Test, side: Long}\n', 'expected one of "long"|"short"'],
    ['strategy: {name: Test, side: both}\n', 'strategy.side: "both"'],
    ['strategy: {name: 5, side: long}\n', 'strategy.name: 5'],
    ['strategy: {name: Test, side: long, required_timeframes: [5m, 7m]}\n', 'strategy.required_timeframes.1: "7m"'],
  ])('is no strategy without its head: %j', (text, words) => {
    expect(refusalOf(text)).toContain(words);
  });

  it('lists all problems at once', () => {
    const text = `${HEAD}entry:\n  volume: {multiple: 0, lookbak_days: 3}\nexits: {sl_atr_mult: 0}\nfoo: 1\n`;
    expect(refusalOf(text)).toMatch(/^bad_strategy: x\.yaml: 4 problems/);
  });

  it.each([
    ['entry: {donchian: {length_days: 20, length_bars: 100}}\n', 'entry.donchian: both length_days and length_bars'],
    ['entry: {volume: {multiple: 2, quantile: 0.9}}\n', 'entry.volume: both multiple and quantile'],
    ['entry: {regime_gate: {macd: [26, 12, 9]}}\n', 'entry.regime_gate.macd: fast 26 is not below slow 12'],
    [
      'entry: {regime_gate: {require_hist_positive: true, require_macd_below_signal: true}}\n',
      'a rising and a falling MACD at once',
    ],
    ['rules: {all: [{feature: rsi_1h}]}\n', 'line 2, rules.all.0: rule over rsi_1h has 0 conditions'],
    ['rules: {any: [{feature: rsi_1h, gte: 3, is: 4}]}\n', 'rules.any.0: rule over rsi_1h has 2 conditions'],
    [
      'rules: {veto: [{feature: rsi_1h, between: [3, 4], lte: 4}]}\n',
      'rules.veto.0: rule over rsi_1h has 2 conditions',
    ],
    ['rules: {all: [{feature: rsi_1h, between: [70, 30]}]}\n', 'between has its bounds exchanged'],
    ['rules: {all: [{feature: rsi_1h, gte: 70, lte: 30}]}\n', 'gte 70 and lte 30 exclude each other'],
  ])('is refused when it contradicts itself: %j', (text, words) => {
    expect(refusalOf(HEAD + text)).toContain(words);
  });

  it.each([
    'name: Donchian\ntimeframes: [5m, 1h]\nparams: {don_days: 20}\nentry: {all: [{op: universe_rs_pct_gte, value: 70}]}\n',
    'params: {}\n',
    'timeframes: [5m]\n',
    'entry: {any: []}\n',
    'veto: {any: [{op: cooldown_hours, value: 2}]}\n',
    'name: old\n',
  ])('in the dialect of the earlier bot is recognised and answered with a way out: %j', (text) => {
    expect(refusalOf(text)).toMatch(/^old_dialect: .*earlier bot.*docs\/MIGRATION\.md/s);
  });

  it.each([
    ['entry: {volume: {multiple: 2}, volume: {multiple: 3}}\n', 'the key "volume" stands there twice'],
    ['filters: &f {rs_percentile_min: 70}\n', 'an anchor'],
    ['filters: !!map {rs_percentile_min: 70}\n', 'a tag'],
    ['filters: {<<: {rs_percentile_min: 70}}\n', 'filters.<<: unknown key'],
    ['__proto__: {rules: {}}\n', '__proto__: unknown key'],
    ['constructor: 1\n', 'constructor: unknown key'],
  ])('may not use what YAML hides: %j', (text, words) => {
    expect(refusalOf(HEAD + text)).toContain(words);
  });

  it('with thousands of rules or problems is refused with a short answer', () => {
    const rules = Array.from({ length: 2_000 }, () => '{feature: a}').join(', ');
    expect(refusalOf(`${HEAD}rules: {all: [${rules}]}\n`)).toMatch(/^bad_strategy/);
    const keys = Array.from({ length: 5_000 }, (_, k) => `key_${k}: 1`).join('\n');
    expect(refusalOf(`${HEAD}${keys}\n`).split('\n').length).toBeLessThan(250);
  });
});
