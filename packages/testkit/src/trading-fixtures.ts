/** Signals, terms, settings and rules for tests: harmless values, of which a test states those that it is about. */
import {
  instrumentId,
  MINUTE_MS,
  signalId,
  strategyId,
  type ExitRules,
  type InstrumentId,
  type InstrumentRules,
  type Signal,
} from '@donch/core';
import type { EngineSettings, GuardSettings, SizingSettings, StrategyTerms } from '@donch/engine';
import type { CostSettings } from '@donch/sim';

export const TEST_INTERVAL_MS = 5 * MINUTE_MS;
/** 2024-01-01 00:00 UTC, a Monday. */
export const TEST_START_MS = Date.UTC(2024, 0, 1);
export const TEST_STRATEGY = strategyId('test');

/** `sim:<symbol>` */
export function testInstrument(symbol: string): InstrumentId {
  return instrumentId('sim', symbol);
}

/** Steps of 0.01 in price and 0.001 in quantity, no minimum that matters. */
export function testRules(changes: Partial<InstrumentRules> = {}): InstrumentRules {
  return {
    instrumentId: testInstrument('AAA'),
    validFromMs: null,
    tickSize: 0.01,
    qtyStep: 0.001,
    qtyMin: 0.001,
    notionalMinUsd: 0,
    marketQtyMax: null,
    leverageMax: null,
    source: 'venue',
    ...changes,
  };
}

/** Stop 2 ATR, target 8 ATR, nothing else. */
export function testExits(changes: Partial<ExitRules> = {}): ExitRules {
  return {
    basis: 'price_atr',
    slAtrMult: 2,
    tpAtrMult: 8,
    timeExitHours: null,
    partial: null,
    trailing: null,
    ...changes,
  };
}

export function testTerms(exits: Partial<ExitRules> = {}, changes: Partial<StrategyTerms> = {}): StrategyTerms {
  return {
    strategyId: TEST_STRATEGY,
    intervalMs: TEST_INTERVAL_MS,
    exits: testExits(exits),
    regimeDownFactor: null,
    regimeFeature: 'regime_up',
    regimeWanted: null,
    ...changes,
  };
}

export interface SettingsChanges extends Partial<Omit<EngineSettings, 'sizing' | 'guards'>> {
  readonly sizing?: Partial<SizingSettings>;
  readonly guards?: Partial<GuardSettings>;
}

/** 100 USD of risk on a million, caps and guards out of the way. */
export function testSettings({ sizing, guards, ...changes }: SettingsChanges = {}): EngineSettings {
  return {
    initialCapitalUsd: 1_000_000,
    meta: { required: false, pStar: Number.NaN },
    priority: 'hash',
    protectionAnchor: 'reference',
    stopAtrMin: 0.5,
    protectionDeadlineMs: 15_000,
    ...changes,
    sizing: {
      risk: { mode: 'fixed', riskUsd: 100 },
      riskUsdMin: null,
      riskUsdMax: null,
      barometer: null,
      probability: null,
      vwapStack: null,
      scalers: [],
      scalersMin: 0,
      scalersMax: Infinity,
      notionalCapFrac: 100,
      leverageMax: 1,
      openRiskCapFrac: 1,
      grossExposureCapMult: 100,
      onCapBreach: 'skip',
      ...sizing,
    },
    guards: {
      openMax: Infinity,
      entriesPerDayMax: Infinity,
      cooldownMs: 0,
      dedupMs: 0,
      lossStreakMax: null,
      drawdownMaxFrac: null,
      equityMinUsd: 0,
      abortEquityFrac: 0,
      abortTradesMax: Infinity,
      ...guards,
    },
  };
}

/** A long signal at 100 with an ATR of 1, decided at the close of the first bar; its id follows from symbol and time. */
export function testSignal(changes: Partial<Signal> & { readonly symbol?: string } = {}): Signal {
  const { symbol = 'AAA', ...given } = changes;
  const decisionTimeMs = given.decisionTimeMs ?? TEST_START_MS + TEST_INTERVAL_MS;
  const instrument = given.instrumentId ?? testInstrument(symbol);
  return {
    signalId: signalId({ setupHash: 'test', instrumentId: instrument, decisionTimeMs }),
    strategyId: TEST_STRATEGY,
    instrumentId: instrument,
    side: 'long',
    decisionTimeMs,
    referencePrice: 100,
    atr: 1,
    levelPrice: 99,
    features: {},
    p: Number.NaN,
    riskScale: 1,
    ...given,
  };
}

export const FREE_OF_COSTS: CostSettings = {
  feeFrac: 0,
  slippageFrac: 0,
  stopSlippageFrac: 0,
  impactFrac: 0,
  assumedFundingFrac: 0,
};
