/** The tables of a bundle, under the names that notebooks read. */
import { symbolOf, tableFromRows, TABLES, type Row, type Table } from '@donch/core';
import type { Assessment, Dataset, FitResult } from '@donch/meta';
import { parseLightGbm } from '@donch/meta';
import type { FeatureImportance } from '@donch/report';
import { mean, standardDeviation } from '@donch/stats';
import type { MonthScores } from './walk-forward-scores.ts';

/** `oos_predictions.parquet`: one row per signal and path. */
export function oosTable(dataset: Dataset, { placed, calibration, scored }: Assessment): Table {
  const rows = [...placed].sort((a, b) => a.row - b.row || a.path - b.path);
  return tableFromRows(
    'oos_predictions',
    [
      { name: 'signal_id', type: 'text' },
      { name: 'entry_ts', type: 'time' },
      { name: 'symbol', type: 'text' },
      { name: 'y_true', type: 'int' },
      { name: 'y_proba', type: 'float' },
      { name: 'fold', type: 'int' },
      { name: 'path', type: 'int' },
      { name: 'margin', type: 'float' },
      { name: 'pnl_R', type: 'float' },
      { name: 'label_end_ts', type: 'time' },
    ],
    rows.map(({ row, path, split, margin }): Row => ({
      signal_id: dataset.signalId[row],
      entry_ts: dataset.decisionTimeMs[row],
      symbol: symbolOf(dataset.instrumentId[row]),
      y_true: dataset.y[row],
      y_proba: calibration.probability[row * scored.paths + path],
      fold: split,
      path,
      margin,
      pnl_R: dataset.pnlR[row],
      label_end_ts: dataset.labelEndMs[row],
    })),
  );
}

/** `walk_forward.parquet`: TABLES.predictions of the months that have a model. */
export function walkForwardTable(dataset: Dataset, strategyId: string, months: readonly MonthScores[]): Table {
  return tableFromRows(
    TABLES.predictions.name,
    TABLES.predictions.columns,
    months.flatMap(({ rows, raw, probability, pstar }) =>
      Array.from(rows, (row, k): Row => ({
        signal_id: dataset.signalId[row],
        strategy_id: strategyId,
        instrument_id: dataset.instrumentId[row],
        decision_time: dataset.decisionTimeMs[row],
        split: null,
        path: null,
        y_true: dataset.y[row] === 1,
        p_raw: raw[k],
        p: probability[k],
        pstar: Number.isNaN(pstar) ? null : pstar,
      })),
    ),
  );
}

/** `metrics.csv`: folds first under the old names, then paths. */
export function metricsTable({ metrics }: Assessment): Table {
  return tableFromRows(
    'metrics',
    [
      { name: 'fold', type: 'int' },
      { name: 'pr_auc', type: 'float' },
      { name: 'brier', type: 'float' },
      { name: 'n_train', type: 'int' },
      { name: 'n_test', type: 'int' },
      { name: 'path', type: 'int' },
      { name: 'stage', type: 'text' },
      { name: 'roc_auc', type: 'float' },
      { name: 'log_loss', type: 'float' },
      { name: 'ece', type: 'float' },
      { name: 'base_rate', type: 'float' },
    ],
    metrics.map((row): Row => ({
      fold: row.scope === 'fold' ? row.index : null,
      pr_auc: row.prAuc,
      brier: row.brier,
      n_train: row.trainRows,
      n_test: row.testRows,
      path: row.scope === 'path' ? row.index : null,
      stage: row.stage,
      roc_auc: row.rocAuc,
      log_loss: row.logLoss,
      ece: row.ece,
      base_rate: row.baseRateFrac,
    })),
  );
}

/** Importances by falling gain. */
export function importances(final: FitResult, folds: readonly FitResult[]): FeatureImportance[] {
  const { trees, featureNames } = parseLightGbm(final.model, 'the trained model');
  const gain = featureNames.map(() => 0);
  const splits = featureNames.map(() => 0);
  for (const { splitFeature, splitGain } of trees) {
    for (const [node, feature] of splitFeature.entries()) {
      gain[feature] += splitGain[node];
      splits[feature] += 1;
    }
  }
  return featureNames
    .map((name, feature) => {
      const changes = folds.map(({ permutationImportance }) => permutationImportance[feature]);
      return {
        name,
        gain: gain[feature],
        splits: splits[feature],
        permutation: mean(changes),
        permutationSd: standardDeviation(changes, 1),
        shap: final.shap[feature],
      };
    })
    .sort((a, b) => b.gain - a.gain);
}

/** `importance.csv`. */
export function importanceTable(rows: readonly FeatureImportance[]): Table {
  return tableFromRows(
    'importance',
    [
      { name: 'feature', type: 'text' },
      { name: 'gain', type: 'float' },
      { name: 'splits', type: 'int' },
      { name: 'permutation_mean', type: 'float' },
      { name: 'permutation_sd', type: 'float' },
      { name: 'shap_mean_abs', type: 'float' },
    ],
    rows.map(({ name, gain, splits, permutation, permutationSd, shap }): Row => ({
      feature: name,
      gain,
      splits,
      permutation_mean: permutation,
      permutation_sd: permutationSd,
      shap_mean_abs: shap,
    })),
  );
}
