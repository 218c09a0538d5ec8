/**
 * The null test: the whole chain on price martingales, where no honest strategy can earn. One seed = one observation of the mean
 * R; their t interval must reach 0 or below. A look-ahead mistake earns even here, and shows.
 */
import { DAY_MS, instrumentId, type Candles, type ConfigLayer, type InstrumentId } from '@donch/core';
import { engineSettings } from '@donch/engine';
import { ruleBook, syntheticMarket, type BarVenueOptions } from '@donch/sim';
import { mean, meanInterval, type MeanInterval, type Refusal } from '@donch/stats';
import type { CompiledStrategy } from '@donch/strategy';
import { trailOnSameBar, type LeakName } from './leaks.ts';
import type { MarketData } from './market-data.ts';
import { runBacktest } from './run-backtest.ts';
import { scanMarket } from './scan-market.ts';
import { strategyTerms } from './strategy-terms.ts';

/** Independent symbols and days of one seed: large enough for a few hundred trades. */
export const NULL_MARKET = { symbols: 60, days: 220 } as const;
/** Fewer observations than this have no interval worth the name. */
export const NULL_SEEDS_MIN = 20;

/** 2024-01-01, a Monday: the calendar does not matter to a martingale. */
export const NULL_START_MS = 19_723 * DAY_MS;

/**
 * Settings of the null test: every signal is traded (no caps, no slots), nothing costs anything; what is left is the decision.
 * Turnover means nothing here, so the liquidity filter is off.
 */
export const NULL_TEST_LAYER: ConfigLayer = {
  layer: 'set',
  source: 'null test',
  values: {
    INITIAL_CAPITAL: 1e12,
    RISK_MODE: 'fixed',
    RISK_USD: 1_000,
    MAX_OPEN: null,
    MAX_TRADES_PER_DAY: null,
    MAX_TRADES_PER_VARIANT: null,
    PORTFOLIO_RISK_CAP_PCT: 0.99,
    RS_LIQ_MIN_USD_24H: null,
    META: 'off',
    ETH_BAROMETER_ENABLED: false,
    VWAP_STACK_SIZING_ENABLED: false,
    WINPROB_SIZING_ENABLED: false,
    SIZING_SCALERS: [],
  },
};

/** Nothing costs anything. */
export const FREE_VENUE: BarVenueOptions = {
  costs: { feeFrac: 0, slippageFrac: 0, stopSlippageFrac: 0, impactFrac: 0, assumedFundingFrac: 0 },
  rulesAt: ruleBook([]),
  fundingOf: () => null,
  entryFill: 'next_open',
  disturbance: null,
};

export interface NullSeed {
  readonly seed: number;
  readonly trades: number;
  /** NaN without a trade. */
  readonly meanR: number;
}

export interface NullSeedOptions {
  /** Compiled with `NULL_TEST_LAYER` (and the leak's settings). */
  readonly strategy: CompiledStrategy;
  readonly seed: number;
  readonly leak: LeakName | null;
  readonly symbols?: number;
  readonly days?: number;
}

/** One observation: a martingale market, scanned and traded without costs. */
export function nullTestSeed({
  strategy,
  seed,
  leak,
  symbols = NULL_MARKET.symbols,
  days = NULL_MARKET.days,
}: NullSeedOptions): NullSeed {
  const market = martingale(seed, { symbols, days, intervalMs: strategy.setup.intervalMs });
  const window = { startMs: NULL_START_MS, endMs: NULL_START_MS + days * DAY_MS };
  const { signals } = scanMarket({ strategy, market, window, leak });
  const { trades } = runBacktest({
    signals,
    strategies: [strategyTerms(strategy)],
    settings: engineSettings(strategy.settings, 'backtest'),
    venue: FREE_VENUE,
    candlesOf: (id) => market.candlesOf(id),
    intervalMs: strategy.setup.intervalMs,
    window,
    ...(leak === 'same_bar_trail' ? { beforeBars: trailOnSameBar } : {}),
  });
  return { seed, trades: trades.length, meanR: mean(trades.map(({ pnlR }) => pnlR)) };
}

/** A market of the null test. */
export function martingale(
  seed: number,
  { symbols, days, intervalMs }: { symbols: number; days: number; intervalMs: number },
): MarketData {
  const synthetic = syntheticMarket({
    seed,
    symbols,
    days,
    intervalMs,
    startMs: NULL_START_MS,
    mode: 'martingale',
    venue: 'null',
  });
  const candles = new Map<InstrumentId, Candles>(
    synthetic.symbols.map(({ symbol }, k) => [instrumentId('null', symbol), synthetic.candles(k)]),
  );
  const known = (id: InstrumentId): Candles => candles.get(id) ?? synthetic.candles(0);
  return {
    instruments: [...candles.keys()].sort(),
    candlesOf: known,
    fundingOf: () => null,
    listedMsOf: () => NULL_START_MS,
  };
}

export interface NullTestResult {
  /** True when the interval reaches 0 or below. */
  readonly ok: boolean;
  readonly interval: MeanInterval | Refusal;
  readonly trades: number;
}

/** Verdict over seeds; refused (and not ok) below `NULL_SEEDS_MIN` seeds with trades. */
export function nullTestVerdict(seeds: readonly NullSeed[]): NullTestResult {
  const means = seeds.map(({ meanR }) => meanR).filter((value) => !Number.isNaN(value));
  const trades = seeds.reduce((sum, seed) => sum + seed.trades, 0);
  const interval =
    means.length >= NULL_SEEDS_MIN
      ? meanInterval(means)
      : ({ kind: 'refused', reason: 'too_few_clusters', found: means.length, needed: NULL_SEEDS_MIN } as const);
  return { ok: interval.kind === 'interval' && interval.low <= 0, interval, trades };
}
