import { DonchErrors, HOUR_MS, MINUTE_MS, resolveConfig, type RawValue } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { engineSettings, type EngineSettings } from './settings.ts';

const settings = (values: Record<string, RawValue>, mode: 'backtest' | 'live' = 'backtest'): EngineSettings =>
  engineSettings(resolveConfig([{ layer: 'config', source: 'config.yaml', values }]).values, mode);

describe('engineSettings', () => {
  it('reads the documented defaults', () => {
    expect(settings({})).toMatchObject({
      initialCapitalUsd: 1_000,
      sizing: {
        risk: { mode: 'fixed', riskUsd: 10 },
        riskUsdMin: null,
        riskUsdMax: null,
        barometer: null,
        probability: null,
        vwapStack: null,
        scalers: [],
        notionalCapFrac: 1,
        leverageMax: 10,
        openRiskCapFrac: 0.1,
        grossExposureCapMult: 3,
        onCapBreach: 'scale',
      },
      guards: { openMax: 10, entriesPerDayMax: 100, cooldownMs: 2 * HOUR_MS, dedupMs: 480 * MINUTE_MS },
      meta: { required: false },
      priority: 'rs',
      protectionAnchor: 'reference',
      stopAtrMin: 0.5,
    });
  });

  it('gives every multiplier the keys that it is made of', () => {
    const { sizing } = settings({
      RISK_MODE: 'percent',
      RISK_EQUITY_PCT: 0.02,
      RISK_USD_MIN: 5,
      RISK_USD_MAX: 50,
      ETH_BAROMETER_ENABLED: true,
      ETH_MACD_HIST_CUTOFF_NEG: -1,
      ETH_MACD_HIST_CUTOFF_POS: 2,
      UNFAVORABLE_RISK_RESIZE_FACTOR: 0.3,
      WINPROB_SIZING_ENABLED: true,
      WINPROB_PROB_FLOOR: 0.5,
      WINPROB_PROB_CAP: 0.8,
      WINPROB_MIN_MULTIPLIER: 0.6,
      WINPROB_MAX_MULTIPLIER: 1.2,
      VWAP_STACK_SIZING_ENABLED: true,
      VWAP_STACK_FRAC_MIN: 0.4,
      VWAP_STACK_FRAC_GOOD: 0.6,
      VWAP_STACK_EXPANSION_ABS_MIN: 0.001,
      VWAP_STACK_EXPANSION_GOOD: 0.002,
      VWAP_STACK_FRAC_WEIGHT: 3,
      VWAP_STACK_EXP_WEIGHT: 4,
      VWAP_STACK_MIN_MULTIPLIER: 0.9,
      VWAP_STACK_MAX_MULTIPLIER: 1.1,
      SIZING_MULT_MIN: 0.1,
      SIZING_MULT_MAX: 2,
    });
    expect(sizing).toMatchObject({
      risk: { mode: 'percent', equityFrac: 0.02 },
      riskUsdMin: 5,
      riskUsdMax: 50,
      barometer: { longBelow: -1, shortAbove: 2, factor: 0.3 },
      probability: { inMin: 0.5, inMax: 0.8, outMin: 0.6, outMax: 1.2 },
      vwapStack: {
        fracMap: { inMin: 0.4, inMax: 0.6, outMin: 0, outMax: 1 },
        expansionMap: { inMin: 0.001, inMax: 0.002, outMin: 0, outMax: 1 },
        fracWeight: 3,
        expansionWeight: 4,
        multMin: 0.9,
        multMax: 1.1,
      },
      scalersMin: 0.1,
      scalersMax: 2,
    });
  });

  it.each([
    {
      mode: 'backtest',
      guardsInBacktest: false,
      streak: null,
      drawdown: null,
      equityMin: 0,
      abort: 0.05,
      trades: 10_000,
    },
    { mode: 'backtest', guardsInBacktest: true, streak: 3, drawdown: 0.1, equityMin: 50, abort: 0.05, trades: 10_000 },
    { mode: 'live', guardsInBacktest: false, streak: 3, drawdown: 0.1, equityMin: 50, abort: 0, trades: Infinity },
  ] as const)('$mode, GUARDS_IN_BACKTEST $guardsInBacktest', ({ mode, guardsInBacktest, ...expected }) => {
    expect(settings({ GUARDS_IN_BACKTEST: guardsInBacktest, META: 'off' }, mode).guards).toMatchObject({
      lossStreakMax: expected.streak,
      drawdownMaxFrac: expected.drawdown,
      equityMinUsd: expected.equityMin,
      abortEquityFrac: expected.abort,
      abortTradesMax: expected.trades,
    });
  });

  it('switches limits off by null', () => {
    const off = { MAX_OPEN: null, MAX_TRADES_PER_DAY: null, MAX_LOSS_STREAK: null, MAX_TRADES_PER_VARIANT: null };
    expect(settings({ ...off, GUARDS_IN_BACKTEST: true, DD_PAUSE_ENABLED: false }).guards).toMatchObject({
      openMax: Infinity,
      entriesPerDayMax: Infinity,
      lossStreakMax: null,
      drawdownMaxFrac: null,
      abortTradesMax: Infinity,
    });
  });

  it.each([
    { minutes: 100, ms: 6_000_000 },
    { minutes: 7, ms: 420_000 },
    { minutes: 480, ms: 28_800_000 },
  ])('a cooldown of $minutes minutes is whole milliseconds', ({ minutes, ms }) => {
    expect(settings({ SYMBOL_COOLDOWN_MINUTES: minutes }).guards.cooldownMs).toBe(ms);
  });

  it.each([
    { values: {}, priority: 'rs' },
    { values: { META: 'required', META_PROB_THRESHOLD: 0.6 }, priority: 'p' },
    { values: { META: 'required', META_PROB_THRESHOLD: 0.6, ENTRY_PRIORITY: 'hash' }, priority: 'hash' },
  ])('entries go by $priority with $values', ({ values, priority }) => {
    expect(settings(values).priority).toBe(priority);
  });

  it.each([
    { name: 'META required without a threshold', values: { META: 'required' }, mode: 'backtest', code: 'no_threshold' },
    { name: 'live without a word on META', values: {}, mode: 'live', code: 'no_meta' },
    {
      name: 'a scaler without a range',
      values: { SIZING_SCALERS: [{ feature: 'rsi_1h', in_min: 1, in_max: 1, mult_min: 1, mult_max: 2 }] },
      mode: 'backtest',
      code: 'bad_config_value',
    },
    {
      name: 'a scaler with an unknown field',
      values: { SIZING_SCALERS: [{ feature: 'rsi_1h', inmin: 1 }] },
      mode: 'backtest',
      code: 'bad_config_value',
    },
    {
      name: 'a scaler without a feature',
      values: { SIZING_SCALERS: [{ in_min: 1, in_max: 2, mult_min: 1, mult_max: 2 }] },
      mode: 'backtest',
      code: 'bad_config_value',
    },
    {
      name: 'a scaler that is no object',
      values: { SIZING_SCALERS: ['rsi_1h'] },
      mode: 'backtest',
      code: 'bad_config_value',
    },
    {
      name: 'a negative multiplier',
      values: { SIZING_SCALERS: [{ feature: 'rsi_1h', in_min: 1, in_max: 2, mult_min: -1, mult_max: 2 }] },
      mode: 'backtest',
      code: 'bad_config_value',
    },
  ] as const)('refuses $name', ({ values, mode, code }) => {
    let thrown: unknown;
    try {
      settings(values, mode);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(DonchErrors);
    expect((thrown as DonchErrors).problems.map((problem) => problem.code)).toEqual([code]);
  });

  it('takes a multiplier of 0, and refuses ranges without an end', () => {
    const scaler = { feature: 'rsi_1h', in_min: 1, in_max: 2, mult_min: 0.5, mult_max: 0 };
    expect(settings({ SIZING_SCALERS: [scaler] }).sizing.scalers).toMatchObject([{ multMin: 0.5, multMax: 0 }]);
    const endless = { ...resolveConfig([]).values, SIZING_SCALERS: [{ ...scaler, in_max: Infinity }] };
    expect(() => engineSettings(endless, 'backtest')).toThrow('in_max is');
    expect(() => settings({ SIZING_SCALERS: [{ ...scaler, cap_min: 3, cap_max: 2 }] })).toThrow('cap_min 3, cap_max 2');
  });

  it('reads a scaler with the documented fallbacks', () => {
    const scaler = { feature: 'rsi_1h', in_min: 1, in_max: 2, mult_min: 0.5, mult_max: 2 };
    expect(settings({ SIZING_SCALERS: [scaler] }).sizing.scalers).toEqual([
      { feature: 'rsi_1h', fallback: 1, inMin: 1, inMax: 2, multMin: 0.5, multMax: 2, capMin: 0, capMax: Infinity },
    ]);
  });
});
