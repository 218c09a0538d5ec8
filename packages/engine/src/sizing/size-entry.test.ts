import type { GateCheck, InstrumentRules, Signal } from '@donch/core';
import { testInstrument, testRules, testSettings, testSignal, testTerms, type SettingsChanges } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { planExits } from '../exits/plan.ts';
import type { LinearMap } from '../settings.ts';
import { initialState, type EngineState, type OpenTrade, type StrategyTerms } from '../state.ts';
import { sizeEntry, type SizedEntry } from './size-entry.ts';

interface Input {
  readonly signal?: Partial<Signal>;
  readonly settings?: SettingsChanges;
  readonly rules?: Partial<InstrumentRules>;
  readonly terms?: StrategyTerms;
  readonly state?: (state: EngineState) => void;
}

/** Long at 100, stop at 98: 100 USD of risk are 50 units of 100 USD. */
function size({
  signal: changes,
  settings: given,
  rules: given2,
  terms = testTerms(),
  state: change,
}: Input): SizedEntry {
  const settings = testSettings(given);
  const rules = testRules(given2);
  const signal = testSignal(changes);
  const state = initialState(settings);
  change?.(state);
  const { protection } = planExits(signal, signal.referencePrice, terms.exits, rules);
  return sizeEntry({ signal, protection, rules, terms, settings, state });
}

const failed = ({ checks }: SizedEntry): string[] =>
  checks.filter(({ result }) => result !== 'pass').map(({ gate }) => gate);
const checkOf = ({ checks }: SizedEntry, name: string): GateCheck | undefined =>
  checks.find(({ gate }) => gate === name);

/** A position of another symbol that ties up something. */
function held(changes: Partial<OpenTrade>): OpenTrade {
  const defaults = {
    instrumentId: testInstrument('ZZZ'),
    side: 'long',
    entryWorking: false,
    referencePrice: 100,
    qtyPlanned: 10,
    qtyOpen: 10,
    entryQty: 10,
    entryNotionalUsd: 1_000,
    exitQty: 0,
    markPrice: 100,
    leverage: 1,
    protection: { stopPrice: 95, targetPrice: null },
  };
  // the fields that exposure reads
  return { ...defaults, ...changes } as OpenTrade;
}

describe('risk', () => {
  it.each([
    { name: 'fixed', settings: {}, qty: 50 },
    { name: 'fixed, whatever the equity', settings: { initialCapitalUsd: 500_000 }, qty: 50 },
    { name: 'percent of equity', settings: { sizing: { risk: { mode: 'percent', equityFrac: 0.001 } } }, qty: 500 },
    { name: 'clamped from above', settings: { sizing: { riskUsdMax: 40 } }, qty: 20 },
    { name: 'at the upper clamp', settings: { sizing: { riskUsdMax: 100 } }, qty: 50 },
    { name: 'clamped from below', settings: { sizing: { riskUsdMin: 300 } }, qty: 150 },
  ] as const)('$name: $qty units', ({ settings, qty }) => {
    expect(size({ settings }).qty).toBe(qty);
  });

  it('percent follows the equity of the moment, and the venue where it says what that is', () => {
    const settings: SettingsChanges = { sizing: { risk: { mode: 'percent', equityFrac: 0.01 }, openRiskCapFrac: 1 } };
    expect(size({ settings, state: (state) => (state.equityUsd = 4_000) }).qty).toBe(20);
    const told = (state: EngineState) => {
      state.equityUsd = 4_000;
      state.walletUsd = 2_000;
    };
    expect(size({ settings, state: told }).qty).toBe(10);
  });

  it('is the distance from the reference price to the rounded stop', () => {
    const sized = size({ signal: { referencePrice: 10, atr: 0.1234 }, rules: { tickSize: 0.05 } });
    expect(sized.qty).toBe(400); // stop 9.7532 -> 9.75, 100 / 0.25
  });

  it.each(['long', 'short'] as const)('is the same for a %s', (side) => {
    expect(size({ signal: { side } }).qty).toBe(50);
  });
});

const map = (inMin: number, inMax: number, outMin: number, outMax: number): LinearMap => ({
  inMin,
  inMax,
  outMin,
  outMax,
});
const BAROMETER = { longBelow: -5, shortAbove: 5, factor: 0.2 };
const PROBABILITY = map(0.55, 0.9, 0.7, 1.3);
const STACK = {
  fracMap: map(0.5, 0.7, 0, 1),
  expansionMap: map(0.006, 0.015, 0, 1),
  fracWeight: 0.6,
  expansionWeight: 0.4,
  multMin: 1,
  multMax: 1.4,
};
const SCALER = {
  feature: 'rsi_1h',
  fallback: 0.5,
  inMin: 40,
  inMax: 60,
  multMin: 2,
  multMax: 0,
  capMin: 0.25,
  capMax: 1.5,
};
const SIZED_DOWN = testTerms({}, { regimeDownFactor: 0.5, regimeWanted: 1 });

interface FactorCase extends Input {
  readonly name: string;
  readonly factor: string;
  readonly value: number;
}

const FACTORS: readonly FactorCase[] = [
  ...(
    [
      ['long', -5, 1],
      ['long', -5.001, 0.2],
      ['long', Number.NaN, 0.2],
      ['short', 5, 1],
      ['short', 5.001, 0.2],
      ['short', -9, 1],
      ['short', Number.NaN, 0.2],
    ] as const
  ).map(([side, histogram, value]) => ({
    name: `${side}, histogram ${histogram}`,
    factor: 'barometer',
    value,
    settings: { sizing: { barometer: BAROMETER } },
    signal: { side, features: { eth_macd_hist_4h: histogram } },
  })),
  ...(
    [
      [0.2, 0.7],
      [0.55, 0.7],
      [0.725, 1],
      [0.9, 1.3],
      [0.99, 1.3],
      [Number.NaN, 0.7],
    ] as const
  ).map(([p, value]) => ({
    name: `p ${p}`,
    factor: 'probability',
    value,
    settings: { sizing: { probability: PROBABILITY } },
    signal: { p },
  })),
  ...(
    [
      [0.5, 0.006, 1],
      [0.7, 0.015, 1.4],
      [0.9, 0.5, 1.4],
      [0.6, 0.006, 1 + 0.4 * 0.6 * 0.5],
      [0.5, 0.0105, 1 + 0.4 * 0.4 * 0.5],
      [0.7, Number.NaN, 1 + 0.4 * 0.6],
      [Number.NaN, Number.NaN, 1],
    ] as const
  ).map(([frac, expansion, value]) => ({
    name: `in band ${frac}, expansion ${expansion}`,
    factor: 'vwapStack',
    value,
    settings: { sizing: { vwapStack: STACK } },
    signal: { features: { vwap_frac_in_band: frac, vwap_expansion_frac: expansion } },
  })),
  ...(
    [
      ['falling line', 50, 1],
      ['upper cap', 41, 1.5],
      ['input below its range', -100, 1.5],
      ['lower cap', 59, 0.25],
      ['input above its range', 1_000, 0.25],
      ['missing feature', Number.NaN, 0.5],
      ['a word in place of a number', 'retest', 0.5],
    ] as const
  ).map(([name, rsi, value]) => ({
    name,
    factor: 'scalers',
    value,
    settings: { sizing: { scalers: [SCALER] } },
    signal: { features: { rsi_1h: rsi } },
  })),
  {
    name: 'product of two',
    factor: 'scalers',
    value: 0.5,
    settings: { sizing: { scalers: [SCALER, { ...SCALER, feature: 'other' }] } },
    signal: { features: { rsi_1h: 50 } },
  },
  {
    name: 'clamp of the product from above',
    factor: 'scalers',
    value: 0.8,
    settings: { sizing: { scalers: [SCALER], scalersMax: 0.8 } },
    signal: { features: { rsi_1h: 50 } },
  },
  {
    name: 'clamp of the product from below',
    factor: 'scalers',
    value: 1.2,
    settings: { sizing: { scalers: [SCALER], scalersMin: 1.2 } },
    signal: { features: { rsi_1h: 50 } },
  },
  ...(
    [
      [1, 1],
      [0, 0.5],
      [Number.NaN, 0.5],
    ] as const
  ).map(([up, value]) => ({
    name: `regime_up ${up}`,
    factor: 'regimeDown',
    value,
    terms: SIZED_DOWN,
    signal: { features: { regime_up: up } },
  })),
  {
    name: 'the feature of another regime decides',
    factor: 'regimeDown',
    value: 0.5,
    terms: testTerms({}, { regimeDownFactor: 0.5, regimeFeature: 'regime_gate_up', regimeWanted: 1 }),
    signal: { features: { regime_up: 1, regime_gate_up: 0 } },
  },
  {
    name: 'a short wants it down',
    factor: 'regimeDown',
    value: 1,
    terms: testTerms({}, { regimeDownFactor: 0.5, regimeWanted: 0 }),
    signal: { side: 'short', features: { regime_up: 0 } },
  },
  {
    name: 'the strategy blocks by itself',
    factor: 'regimeDown',
    value: 1,
    terms: testTerms({}, { regimeDownFactor: null, regimeWanted: 1 }),
    signal: { features: { regime_up: 0 } },
  },
  { name: "the signal's own factor", factor: 'riskScale', value: 0.3, signal: { riskScale: 0.3 } },
];

describe('factors on risk', () => {
  it.each(FACTORS)('$factor, $name: $value', ({ factor, value, ...input }) => {
    const { sizing, qty } = size(input);
    expect(sizing[factor as keyof typeof sizing]).toBeCloseTo(value, 12);
    expect(qty).toBeCloseTo(50 * value, 2);
  });

  it('are all 1 when nothing is switched on', () => {
    const { sizing } = size({ signal: { features: { regime_up: 0, eth_macd_hist_4h: -100 }, p: 0.1 } });
    expect(sizing).toEqual({
      baseRiskUsd: 100,
      barometer: 1,
      vwapStack: 1,
      probability: 1,
      scalers: 1,
      regimeDown: 1,
      riskScale: 1,
      capped: 1,
    });
  });

  it('multiply, before the clamp', () => {
    const input: Input = {
      settings: { sizing: { barometer: BAROMETER, probability: PROBABILITY, riskUsdMin: 15 } },
      signal: { p: 0.55, features: { eth_macd_hist_4h: -9 } },
    };
    expect(size(input).qty).toBe(7.5); // 100 x 0.2 x 0.7 = 14, clamped to 15
    expect(size({ ...input, settings: { sizing: { barometer: BAROMETER, probability: PROBABILITY } } }).qty).toBe(7);
  });

  it('and what clamp, caps and lot made of them multiply out to the risk of the trade', () => {
    const { sizing, qty } = size({
      settings: { sizing: { barometer: BAROMETER, riskUsdMin: 55.5555 } },
      signal: { riskScale: 0.7, features: { eth_macd_hist_4h: -9 } },
      rules: { qtyStep: 0.1 },
    });
    const product = sizing.baseRiskUsd * sizing.barometer * sizing.riskScale * sizing.capped;
    expect(qty).toBe(27.7);
    expect(product).toBeCloseTo(qty * 2, 12);
  });

  it.each([
    ['a factor of 0', { riskScale: 0 }, 'fail'],
    ['a negative factor', { riskScale: -1 }, 'fail'],
    ['a factor that is no number', { riskScale: Number.NaN }, 'not_ready'],
  ] as const)('%s refuses the trade: neither RISK_USD_MIN nor a cap gives it a size', (_name, signal, result) => {
    const sized = size({ signal, settings: { sizing: { riskUsdMin: 50, onCapBreach: 'scale' } } });
    expect(sized.qty).toBe(0);
    expect(sized.checks.map((check) => [check.gate, check.result])).toEqual([['risk_usd', result]]);
  });
});

describe('caps', () => {
  /** 50 units are wanted; each cap alone allows 20. */
  const CAPS: readonly { gate: string; input: Input }[] = [
    {
      gate: 'notional_cap',
      input: { settings: { initialCapitalUsd: 2_000, sizing: { notionalCapFrac: 1, leverageMax: 10 } } },
    },
    {
      gate: 'leverage_cap',
      input: { settings: { initialCapitalUsd: 1_000, sizing: { leverageMax: 2 } } },
    },
    {
      gate: 'open_risk_cap',
      input: { settings: { initialCapitalUsd: 1_000, sizing: { openRiskCapFrac: 0.04, leverageMax: 100 } } },
    },
    {
      gate: 'gross_exposure_cap',
      input: { settings: { initialCapitalUsd: 1_000, sizing: { grossExposureCapMult: 2, leverageMax: 100 } } },
    },
  ];

  it.each(CAPS)('$gate scales the trade down to what is allowed', ({ gate, input }) => {
    const settings = { ...input.settings, sizing: { ...input.settings?.sizing, onCapBreach: 'scale' } } as const;
    const sized = size({ settings });
    expect(sized.qty).toBe(20);
    expect(checkOf(sized, gate)).toMatchObject({ value: 50, threshold: 20, result: 'pass', detail: 'scaled to 20' });
    expect(sized.sizing.capped).toBeCloseTo(0.4, 12);
  });

  it.each(CAPS)('$gate refuses it when ON_CAP_BREACH is skip', ({ gate, input }) => {
    const sized = size(input);
    expect(sized.qty).toBe(0);
    expect(failed(sized)).toEqual([gate]);
  });

  it.each(['scale', 'skip'] as const)('let through what is exactly as large as allowed (%s)', (onCapBreach) => {
    const sized = size({ settings: { initialCapitalUsd: 5_000, sizing: { notionalCapFrac: 1, onCapBreach } } });
    expect(sized.qty).toBe(50);
    expect(sized.checks.every(({ detail }) => detail === '')).toBe(true);
  });

  it('each see what the one before left', () => {
    const sized = size({
      settings: {
        initialCapitalUsd: 1_000,
        sizing: { notionalCapFrac: 3, leverageMax: 2, grossExposureCapMult: 1, onCapBreach: 'scale' },
      },
    });
    const values = ['notional_cap', 'leverage_cap', 'open_risk_cap', 'gross_exposure_cap'].map((gate) => {
      const check = checkOf(sized, gate);
      return [check?.value, check?.threshold];
    });
    expect(values).toEqual([
      [50, 30],
      [30, 20],
      [20, 500],
      [20, 10],
    ]);
    expect(sized.qty).toBe(10);
  });

  const TIED: readonly { name: string; gate: string; trade: Partial<OpenTrade>; room: number }[] = [
    { name: 'notional at the mark', gate: 'gross_exposure_cap', trade: { markPrice: 200 }, room: 80 },
    {
      name: 'planned notional of an entry',
      gate: 'gross_exposure_cap',
      trade: { entryWorking: true, qtyPlanned: 40 },
      room: 60,
    },
    {
      name: 'a partly filled entry, as planned',
      gate: 'gross_exposure_cap',
      trade: { entryWorking: true, qtyPlanned: 40, qtyOpen: 5, entryQty: 5, entryNotionalUsd: 500 },
      room: 60,
    },
    { name: 'half sold', gate: 'gross_exposure_cap', trade: { qtyOpen: 5, exitQty: 5 }, room: 95 },
    { name: 'risk from entry to stop', gate: 'open_risk_cap', trade: {}, room: 475 },
    {
      name: 'no risk with the stop in profit',
      gate: 'open_risk_cap',
      trade: { protection: { stopPrice: 101, targetPrice: null } },
      room: 500,
    },
    {
      name: 'risk of a short',
      gate: 'open_risk_cap',
      trade: { side: 'short', protection: { stopPrice: 110, targetPrice: null } },
      room: 450,
    },
    { name: 'margin at the leverage of the position', gate: 'leverage_cap', trade: { leverage: 5 }, room: 80 },
  ];

  it.each(TIED)('count what is tied up: $name', ({ gate, trade, room }) => {
    const sized = size({
      settings: {
        initialCapitalUsd: 1_000,
        sizing: { grossExposureCapMult: 10, leverageMax: 10, onCapBreach: 'scale', notionalCapFrac: 100 },
      },
      state: (state) => state.trades.push(held(trade)),
    });
    const check = checkOf(sized, gate);
    expect(check?.threshold).toBeCloseTo(room, 9);
  });

  it('use the leverage that the venue allows, where that is less', () => {
    const sized = size({
      settings: { initialCapitalUsd: 1_000, sizing: { leverageMax: 10, onCapBreach: 'scale' } },
      rules: { leverageMax: 3 },
    });
    expect(sized.qty).toBe(30);
  });

  it.each(['scale', 'skip'] as const)('refuse when nothing is left (%s)', (onCapBreach) => {
    const sized = size({
      settings: { initialCapitalUsd: 1_000, sizing: { grossExposureCapMult: 1, leverageMax: 100, onCapBreach } },
      state: (state) => state.trades.push(held({ markPrice: 150 })),
    });
    expect(sized.qty).toBe(0);
    expect(failed(sized)).toContain('gross_exposure_cap');
  });

  it.each(['scale', 'skip'] as const)('refuse when the equity is no number (%s)', (onCapBreach) => {
    const sized = size({ settings: { sizing: { onCapBreach } }, state: (state) => (state.equityUsd = Number.NaN) });
    expect(sized.qty).toBe(0);
    expect(failed(sized)[0]).toBe('notional_cap');
  });
});

describe('lot and minimum', () => {
  it.each([
    { name: 'down to the step', rules: { qtyStep: 15 }, qty: 45 },
    { name: 'down to the largest market order', rules: { marketQtyMax: 31.5, qtyStep: 1 }, qty: 31 },
    { name: 'exactly the least order value', rules: { notionalMinUsd: 5_000 }, qty: 50 },
    { name: 'exactly the least quantity', rules: { qtyMin: 50 }, qty: 50 },
  ])('$name: $qty', ({ rules, qty }) => {
    expect(size({ rules }).qty).toBe(qty);
  });

  it.each([
    { name: 'less than a step', rules: { qtyStep: 60 }, gate: 'qty_min' },
    { name: 'less than the least quantity', rules: { qtyMin: 50.001 }, gate: 'qty_min' },
    { name: 'less than the least order value', rules: { notionalMinUsd: 5_000.1 }, gate: 'notional_min' },
    {
      name: 'only after rounding less than the least value',
      rules: { qtyStep: 15, notionalMinUsd: 4_600 },
      gate: 'notional_min',
    },
  ])('$name is skipped, never padded up', ({ rules, gate }) => {
    const sized = size({ rules });
    expect(sized.qty).toBe(0);
    expect(failed(sized)).toContain(gate);
  });

  it('come after the caps: what a cap makes too small is skipped', () => {
    const sized = size({
      settings: { initialCapitalUsd: 1_000, sizing: { notionalCapFrac: 0.1, leverageMax: 100, onCapBreach: 'scale' } },
      rules: { notionalMinUsd: 101 },
    });
    expect(failed(sized)).toEqual(['notional_min']);
  });
});
