/** One synthetic market through scan, outcomes and training: what the model says where the truth is known. */
import { labelSignals, scanMarket, strategyTerms, type MarketData } from '@donch/backtester';
import { DAY_MS, HOUR_MS, instrumentId, signalRow, tableFromRows, type Candles, type InstrumentId } from '@donch/core';
import {
  assessModel,
  buildDataset,
  ONLY_SCORES,
  planCpcv,
  planWalkForward,
  runFit,
  type Dataset,
  type FitTask,
} from '@donch/meta';
import { modelFeatures } from '@donch/model-store';
import { tradingSettings } from '@donch/project';
import { syntheticMarket } from '@donch/sim';
import { mean, type ClusterInterval, type Refusal } from '@donch/stats';
import type { CompiledStrategy } from '@donch/strategy';
import { signalShapes } from '../pipeline/scout.ts';
import { paramsFor, trainingDefaults } from '../pipeline/training-options.ts';
import { scoreMonths, walkForwardEv, type MonthScores } from '../pipeline/walk-forward-scores.ts';

export interface ModelSeed {
  readonly seed: number;
  readonly rows: number;
  /** Mean over the folds. */
  readonly auc: number;
  readonly isNamed: boolean;
  /** EV(p >= p*) - EV(all), cross-fitted. */
  readonly crossFitted: ClusterInterval | Refusal;
  /** The better half of every month, by the model of what was known before, against all. */
  readonly walkForward: ClusterInterval | Refusal | null;
}

const START_MS = 20_089 * DAY_MS;
const EMBARGO_MS = 72 * HOUR_MS;

/** Trains on a market of 32 symbols and 280 days with a planted effect of this size (0 = none). */
export function modelSeed(strategy: CompiledStrategy, { seed, effect }: { seed: number; effect: number }): ModelSeed {
  const dataset = datasetOf(strategy, { seed, effect });
  const options = { ...trainingDefaults(seed), embargoMs: EMBARGO_MS, minTrades: Math.min(150, dataset.y.length / 4) };
  const params = paramsFor(dataset.y.length);
  const fit = (train: Int32Array, test: Int32Array): Float64Array => {
    const task: FitTask = { ...dataset, weight: null, params, train, test, seed, wants: ONLY_SCORES };
    return runFit(task).margin;
  };
  const plan = planCpcv(dataset, options);
  const margins = plan.splits.map(({ train, test }) => fit(train, test));
  const { threshold, metrics } = assessModel(dataset, { plan, margins }, options);
  const months = planWalkForward(dataset, { trainRowsMin: 100, innerGroups: 5, embargoMs: EMBARGO_MS }).map((month) => {
    const innerMargin = new Float64Array(month.train.length).fill(Number.NaN);
    const placeOf = new Map(Array.from(month.train, (row, at) => [row, at]));
    for (const { train, test } of month.inner)
      fit(train, test).forEach((margin, k) => (innerMargin[placeOf.get(test[k]) ?? -1] = margin));
    return { month, margin: fit(month.train, month.test), innerMargin };
  });
  const halves = scoreMonths(dataset, months, options).map((month) => ({ ...month, pstar: median(month.probability) }));
  return {
    seed,
    rows: dataset.y.length,
    auc: mean(metrics.filter(({ scope, stage }) => scope === 'fold' && stage === 'raw').map(({ rocAuc }) => rocAuc)),
    isNamed: threshold.kind === 'named',
    crossFitted: threshold.evidence.improvement,
    walkForward: walkForwardEv(dataset, halves satisfies MonthScores[], seed)?.gated.improvement ?? null,
  };
}

function median(values: Float64Array): number {
  return values.toSorted()[Math.floor(values.length / 2)];
}

function datasetOf(strategy: CompiledStrategy, { seed, effect }: { seed: number; effect: number }): Dataset {
  const { intervalMs } = strategy.setup;
  const days = 280;
  const synthetic = syntheticMarket({
    seed,
    symbols: 32,
    startMs: START_MS,
    days,
    intervalMs,
    mode: 'realistic',
    effect,
  });
  const candles = new Map<InstrumentId, Candles>(
    synthetic.symbols.map(({ symbol }, k) => [instrumentId('synthetic', symbol), synthetic.candles(k)]),
  );
  const market: MarketData = {
    instruments: [...candles.keys()].sort(),
    candlesOf: (id) => candles.get(id) ?? synthetic.candles(0),
    fundingOf: () => null,
    listedMsOf: () => START_MS,
  };
  const window = { startMs: START_MS, endMs: START_MS + days * DAY_MS };
  const { signals } = scanMarket({ strategy, market, window, leak: null });
  const { labels } = labelSignals({
    signals,
    strategies: [strategyTerms(strategy)],
    ...tradingSettings(strategy.settings, { rules: [], fundingOf: () => null, minuteBarsOf: () => null }),
    candlesOf: (id) => market.candlesOf(id),
    intervalMs,
    dataEndMs: window.endMs - intervalMs,
  });
  const { dataset } = buildDataset({
    signals: tableFromRows('signals', signalShapes([strategy]), signals.map(signalRow)),
    labels,
    features: modelFeatures(strategy),
    target: 'mfe_k',
    rThreshold: 0,
    only: null,
  });
  return dataset;
}
