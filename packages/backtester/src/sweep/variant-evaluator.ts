/**
 * Variants of one set of signals, one after the other: over first touches where those decide exactly, through the engine where not.
 * Which of the two it was changes no figure.
 */
import { createPrng, DAY_MS, hashJson, invariant, numbersOf, type ExitRules, type Trade } from '@donch/core';
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
import { exitAxes, type ExitAxes } from './exit-axes.ts';
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
  /** Of the variants so far, those that brought a new value. */
  readonly exits: ExitRules[];
  paths: SignalPaths | null;
}

/** Variants come in any number, some at a time: what is kept grows with the values of their exits and not with how many there are. */
export class VariantEvaluator {
  readonly #market: VariantMarket;
  readonly #seed: number;
  /** By the settings that all variants of the same paths share: exits alone differ there. */
  readonly #shared = new Map<string, SharedPaths>();
  readonly #keys = new WeakMap<VariantTerms, string>();

  /** @param seed of the resampling, as in `summarise`. */
  constructor(market: VariantMarket, seed: number) {
    this.#market = market;
    this.#seed = seed;
  }

  /** Makes room for the exits of variants that will be asked for: told together, the bars are gone through once. */
  add(variants: readonly VariantTerms[]): void {
    for (const variant of variants) if (needsEngine(variant) === null) this.#addPaths(variant);
  }

  /** The figures of a variant that was added. */
  evaluate(variant: VariantTerms): VariantOutcome {
    const pass = this.#pass(variant);
    if (typeof pass === 'string') return this.#outcomeOf(ofEngine(this.#simulate(variant)), pass);
    return this.#outcomeOf(ofPass(pass), '');
  }

  /** Where pass and engine differ first in a variant; '' = nowhere, null = it goes through the engine anyway. */
  difference(variant: VariantTerms): string | null {
    const pass = this.#pass(variant);
    return typeof pass === 'string' ? null : passDifference(pass, this.#pathsOf(variant), this.#simulate(variant));
  }

  #addPaths(variant: VariantTerms): void {
    const key = pathsKey(variant);
    this.#keys.set(variant, key);
    const shared = this.#shared.get(key);
    if (shared === undefined) {
      this.#shared.set(key, { exits: exitsOf(variant), paths: null });
      return;
    }
    const all = exitAxes([...shared.exits, ...exitsOf(variant)]);
    if (sizeOf(all) === sizeOf(exitAxes(shared.exits))) return;
    shared.exits.push(...exitsOf(variant));
    shared.paths = null;
  }

  /** The pass, or why there is none. */
  #pass(variant: VariantTerms): PassResult | string {
    const reason = needsEngine(variant);
    if (reason !== null) return reason;
    const pass = passPortfolio({ ...variant, paths: this.#pathsOf(variant) });
    return 'needsEngine' in pass ? pass.needsEngine : pass;
  }

  #pathsOf(variant: VariantTerms): SignalPaths {
    const shared = this.#shared.get(this.#keys.get(variant) ?? '');
    invariant(shared !== undefined, 'a variant is added before it is evaluated');
    shared.paths ??= new SignalPaths({ ...this.#market, ...variant, axes: exitAxes(shared.exits) });
    return shared.paths;
  }

  #simulate(variant: VariantTerms): BacktestResult {
    return runBacktest({ ...this.#market, ...variant });
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

const exitsOf = ({ strategies }: VariantTerms): ExitRules[] => strategies.map(({ exits }) => exits);

/** Values on all axes. */
const sizeOf = ({ slAtrMults, tpAtrMults, timeExitHours }: ExitAxes): number =>
  slAtrMults.length + tpAtrMults.length + timeExitHours.length;

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
