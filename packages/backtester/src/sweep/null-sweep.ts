/**
 * The null test of sweeps: many variants on a price martingale without costs, and the statistics of the search on the winner. None of
 * them has any skill, so the deflated Sharpe ratio must rarely find one, and the probability of overfitting must be about one half.
 */
import { DAY_MS, TableBuilder, textsOf } from '@donch/core';
import { engineSettings } from '@donch/engine';
import {
  judgeSelection,
  sharpeOfMoments,
  mean,
  type MeasuredTrial,
  type SelectionInput,
  type SelectionVerdict,
} from '@donch/stats';
import { compileStrategy, type CompiledStrategy, type CompileInput } from '@donch/strategy';
import type { LeakName } from '../leaks.ts';
import { FREE_VENUE, martingale, NULL_MARKET, NULL_START_MS, NULL_TEST_LAYER } from '../null-test.ts';
import { scanMarket } from '../scan-market.ts';
import { strategyTerms } from '../strategy-terms.ts';
import { leaderboardOf } from './leaderboard.ts';
import { parseGrid, variantGroups, variantLayer, type SweepGrid, type SweepVariant } from './sweep-grid.ts';
import { VariantEvaluator, type VariantOutcome } from './variant-evaluator.ts';
import { VARIANT_SHAPES, variantRow } from './variant-row.ts';

/** Mistakes that a sweep can show: its exits know nothing of bars in progress. */
export type ScanLeak = Exclude<LeakName, 'same_bar_trail'>;

/** Two entries x a hundred exits. */
export const NULL_SWEEP_GRID: SweepGrid = parseGrid(
  {
    DON_N_DAYS: [10, 20],
    SL_ATR_MULT: [1.5, 2, 2.5, 3],
    FINAL_TP_ATR_MULT: [4, 6, 8, 12, null],
    TIME_EXIT_HOURS: [12, 24, 48, 72, null],
  },
  'null test of sweeps',
);

export interface NullSweepOptions {
  readonly strategy: CompileInput;
  readonly grid: SweepGrid;
  readonly variants: readonly SweepVariant[];
  /** Of the market. */
  readonly seed: number;
  readonly minTrades: number;
  /** A mistake of the scan: one that acts inside bars cannot show here. */
  readonly leak: ScanLeak | null;
  readonly symbols?: number;
  readonly days?: number;
}

export interface NullSweep {
  readonly seed: number;
  /** Mean over the variants of their mean R, winner or not; NaN without a trade. */
  readonly averageMeanR: number;
  /** Of the winner. */
  readonly tag: string;
  readonly trades: number;
  readonly meanR: number;
  readonly annualSharpe: number;
  /** NaN = refused. */
  readonly dsr: number;
  readonly pbo: number;
}

/** One market, swept and judged as if nothing else had ever been tried on it. */
export function nullSweep(options: NullSweepOptions): NullSweep {
  const { grid, variants, seed, minTrades } = options;
  const evaluated = evaluateAll(options);
  const rows = new TableBuilder('variants', VARIANT_SHAPES, variants.length);
  for (const [{ id }, outcome] of evaluated) rows.append(variantRow(id, outcome));
  const table = rows.finish();
  const leaderboard = leaderboardOf({
    grid,
    variants: new Map(variants.map((variant) => [variant.id, variant])),
    rows: table,
    trialIds: textsOf(table, 'variant_id').map((id) => id ?? ''),
    minTrades,
  });
  const [winner = ''] = textsOf(leaderboard, 'variant_id').map((id) => id ?? '');
  const found = evaluated.find(([{ id }]) => id === winner);
  const verdict = judgeSelection(selectionOf(evaluated, winner, seed));
  return {
    seed,
    averageMeanR: averageOf(evaluated),
    ...figuresOf(verdict),
    trades: found?.[1].summary.tradesR.trades ?? 0,
    meanR: found?.[1].summary.tradesR.expectancy ?? Number.NaN,
  };
}

function averageOf(evaluated: Evaluated): number {
  const means = evaluated.map(([, { summary }]) => summary.tradesR.expectancy);
  return mean(means.filter((value) => !Number.isNaN(value)));
}

function figuresOf({
  chosenTag,
  sharpe,
  deflation: { dsr },
  overfitting,
}: SelectionVerdict): Pick<NullSweep, 'tag' | 'annualSharpe' | 'dsr' | 'pbo'> {
  return {
    tag: chosenTag,
    annualSharpe: sharpe.kind === 'refused' ? Number.NaN : sharpe.annualSharpe,
    dsr: dsr.kind === 'refused' ? Number.NaN : dsr.probability,
    pbo: overfitting.kind === 'refused' ? Number.NaN : overfitting.result.pbo,
  };
}

type Evaluated = readonly (readonly [SweepVariant, VariantOutcome])[];

function evaluateAll({
  strategy,
  variants,
  seed,
  leak,
  symbols = NULL_MARKET.symbols,
  days = NULL_MARKET.days,
}: NullSweepOptions): Evaluated {
  const compile = (variant: SweepVariant): CompiledStrategy =>
    compileStrategy({ ...strategy, layers: [...strategy.layers, variantLayer(variant), NULL_SWEEP_LAYER] });
  const [first] = variants;
  const { intervalMs } = compile(first).setup;
  const market = martingale(seed, { symbols, days, intervalMs });
  const window = { startMs: NULL_START_MS, endMs: NULL_START_MS + days * DAY_MS };
  const groups = [...variantGroups(variants).values()].map((members) => ({ members, compiled: members.map(compile) }));
  return groups.flatMap(({ members, compiled }) => {
    const { signals } = scanMarket({ strategy: compiled[0], market, window, leak });
    const evaluator = new VariantEvaluator(
      { signals, candlesOf: (id) => market.candlesOf(id), intervalMs, window },
      seed,
    );
    const terms = compiled.map((variant) => ({
      strategies: [strategyTerms(variant)],
      settings: engineSettings(variant.settings, 'backtest'),
      venue: FREE_VENUE,
    }));
    evaluator.add(terms);
    return members.map((variant, index) => [variant, evaluator.evaluate(terms[index])] as const);
  });
}

/** With the null test's capital daily returns would drown in the last digits of equity. */
const NULL_SWEEP_LAYER = {
  ...NULL_TEST_LAYER,
  values: { ...NULL_TEST_LAYER.values, INITIAL_CAPITAL: 1e8 },
};

function selectionOf(evaluated: Evaluated, chosenId: string, seed: number): SelectionInput {
  const trials = evaluated.map(([{ id, tag }, { daily }]): MeasuredTrial => ({
    id,
    tag,
    returns: daily.returns,
    isDrawn: true,
  }));
  const rows = evaluated.map(([{ id }, outcome]) => variantRow(id, outcome));
  const column = (name: string): Float64Array => Float64Array.from(rows, (row) => Number(row[name]));
  const [means, sd] = [column('return_mean'), column('return_sd')];
  return {
    trials,
    chosenId,
    firstDayMs: NULL_START_MS,
    configurations: trials.length,
    ledger: {
      ids: trials.map(({ id }) => id),
      days: column('days'),
      sharpe: means.map((value, k) => sharpeOfMoments(value, sd[k])),
      skewness: column('return_skew'),
      kurtosis: column('return_kurtosis'),
    },
    benchmarks: [],
    seed,
  };
}
