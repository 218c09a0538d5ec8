/**
 * Variants of one set of signals, one after the other: over first touches where those decide exactly, through the engine where not.
 * Which of the two it was changes no figure.
 */
import { createPrng, DAY_MS, hashJson, numbersOf, type Trade } from '@donch/core';
import type { EngineSettings, StrategyTerms } from '@donch/engine';
import type { BarVenueOptions } from '@donch/sim';
import {
  clusterBootstrap,
  dailyReturns,
  equityStatistics,
  tradeStatistics,
  type ClusterInterval,
  type DailyReturns,
  type Refusal,
  type TradeSample,
} from '@donch/stats';
import { runBacktest, type BacktestOptions, type BacktestResult } from '../run-backtest.ts';
import { exitAxes } from './exit-axes.ts';
import { needsEngine } from './needs-engine.ts';
import { passDifference } from './pass-difference.ts';
import { passPortfolio, type PassResult } from './portfolio-pass.ts';
import { SignalPaths } from './signal-paths.ts';
import { summariseVariant, type VariantSummary } from './variant-summary.ts';

/** What tells one variant from another, compiled. */
export interface VariantTerms {
  readonly strategies: readonly StrategyTerms[];
  readonly settings: EngineSettings;
  readonly venue: BarVenueOptions;
}

export type VariantMarket = Pick<BacktestOptions, 'signals' | 'candlesOf' | 'intervalMs' | 'window'>;

export interface VariantOutcome {
  readonly summary: VariantSummary;
  /** Interval of the mean R: whole weeks resampled. */
  readonly meanR: ClusterInterval | Refusal;
  readonly daily: DailyReturns;
  /** Why it went through the engine; '' = first touches decided. */
  readonly engineReason: string;
}

interface SharedPaths {
  readonly axes: ReturnType<typeof exitAxes>;
  paths: SignalPaths | null;
}

export class VariantEvaluator {
  readonly #market: VariantMarket;
  readonly #variants: readonly VariantTerms[];
  readonly #seed: number;
  /** By the settings that all variants of the same paths share: exits alone differ there. */
  readonly #paths = new Map<string, SharedPaths>();
  readonly #keys: readonly string[];

  /** @param seed of the resampling, as in `summarise`. */
  constructor(market: VariantMarket, variants: readonly VariantTerms[], seed: number) {
    this.#market = market;
    this.#variants = variants;
    this.#seed = seed;
    this.#keys = variants.map((variant) => (needsEngine(variant) === null ? pathsKey(variant) : ''));
    for (const key of new Set(this.#keys)) {
      const sharing = variants.filter((_, index) => this.#keys[index] === key);
      this.#paths.set(key, {
        axes: exitAxes(sharing.flatMap(({ strategies }) => strategies.map(({ exits }) => exits))),
        paths: null,
      });
    }
  }

  /** The figures of a variant. */
  evaluate(index: number): VariantOutcome {
    const pass = this.#pass(index);
    if (typeof pass === 'string') return this.#outcomeOf(ofEngine(this.#simulate(index)), pass);
    return this.#outcomeOf(ofPass(pass), '');
  }

  /** Where pass and engine differ first in a variant; '' = nowhere, null = it goes through the engine anyway. */
  difference(index: number): string | null {
    const pass = this.#pass(index);
    return typeof pass === 'string' ? null : passDifference(pass, this.#pathsOf(index), this.#simulate(index));
  }

  /** The pass, or why there is none. */
  #pass(index: number): PassResult | string {
    const variant = this.#variants[index];
    const reason = needsEngine(variant);
    if (reason !== null) return reason;
    const pass = passPortfolio({ ...variant, paths: this.#pathsOf(index) });
    return 'needsEngine' in pass ? pass.needsEngine : pass;
  }

  #pathsOf(index: number): SignalPaths {
    const shared = this.#paths.get(this.#keys[index]);
    if (shared === undefined) throw new RangeError(`variant ${index} has no paths`);
    shared.paths ??= new SignalPaths({ ...this.#market, ...this.#variants[index], axes: shared.axes });
    return shared.paths;
  }

  #simulate(index: number): BacktestResult {
    return runBacktest({ ...this.#market, ...this.#variants[index] });
  }

  #outcomeOf({ summary, sample, timesMs, equityUsd }: Evaluated, engineReason: string): VariantOutcome {
    return {
      summary,
      meanR: clusterBootstrap(sample, 'mean', { prng: createPrng(this.#seed, 'bootstrap') }),
      daily: dailyReturns(timesMs, equityUsd),
      engineReason,
    };
  }
}

/** Settings and costs, as far as they are values: books of rules and rates are the same for a whole sweep. */
function pathsKey({ settings, venue: { costs, entryFill } }: VariantTerms): string {
  return hashJson(JSON.parse(JSON.stringify([settings, costs, entryFill])));
}

interface Evaluated {
  readonly summary: VariantSummary;
  /** Finished trades. */
  readonly sample: TradeSample;
  readonly timesMs: Float64Array;
  readonly equityUsd: Float64Array;
}

function ofPass(pass: PassResult): Evaluated {
  const { trades, timesMs, equityUsd } = pass;
  return {
    summary: summariseVariant(pass),
    sample: { entryTimeMs: trades.entryTimeMs, pnl: trades.pnlR },
    timesMs,
    equityUsd,
  };
}

function ofEngine(result: BacktestResult): Evaluated {
  const { trades, openAtEnd, abortReason } = result;
  const all = [...trades, ...openAtEnd];
  const sumOf = (value: (trade: Trade) => number): number => all.reduce((sum, trade) => sum + value(trade), 0);
  const { timesMs, equityUsd } = dailyMarks(result);
  const pnl = trades.map(({ pnlR }) => pnlR);
  return {
    summary: {
      tradesR: tradeStatistics(pnl),
      dailyEquity: equityStatistics(timesMs, equityUsd),
      initialCapitalUsd: equityUsd[0],
      finalEquityUsd: equityUsd[equityUsd.length - 1],
      feesUsd: sumOf(({ feesUsd }) => feesUsd),
      fundingUsd: sumOf(({ fundingUsd }) => fundingUsd),
      slippageUsd: sumOf(({ slippageUsd }) => slippageUsd),
      openAtEnd: openAtEnd.length,
      abortReason,
    },
    sample: { entryTimeMs: trades.map(({ entryTimeMs }) => entryTimeMs), pnl },
    timesMs,
    equityUsd,
  };
}

/** The marks that a pass has: the start, ends of days, the end. */
function dailyMarks({ equity }: BacktestResult): Pick<Evaluated, 'timesMs' | 'equityUsd'> {
  const [times, values] = [numbersOf(equity, 'time'), numbersOf(equity, 'equity_usd')];
  const isMark = (timeMs: number, row: number): boolean =>
    row === 0 || timeMs % DAY_MS === 0 || row === times.length - 1;
  return { timesMs: times.filter(isMark), equityUsd: values.filter((_, row) => isMark(times[row], row)) };
}
