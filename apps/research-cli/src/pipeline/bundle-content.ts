/** Everything that a bundle holds, from a training. */
import { donchVersion } from '@donch/cli';
import { columnOf, decidingSettings, TABLES, textsOf, venueOf, type Table } from '@donch/core';
import { encodeTable, tableHash } from '@donch/data';
import {
  BUNDLE_SCHEMA_VERSION,
  driftReference,
  formatThreshold,
  makeParity,
  parseLightGbm,
  type BuiltDataset,
  type BundleFile,
  type BundleManifest,
  type DriftColumn,
  type EncodedFeature,
  type GbdtParams,
  type Model,
} from '@donch/meta';
import { modelFiles, type BundleContent } from '@donch/model-store';
import { renderModelReport } from '@donch/report';
import { baseRate } from '@donch/stats';
import type { CompiledStrategy } from '@donch/strategy';
import type { BacktestInput } from './backtest.ts';
import { evTable } from './ev-table.ts';
import { noThresholdText, type TrainingEvidence } from './model-figures.ts';
import { modelReportInput } from './model-report-input.ts';
import type { Fits } from './training-fits.ts';
import type { TrainingOptions } from './training-options.ts';
import { importances, importanceTable, metricsTable, oosTable, walkForwardTable } from './training-tables.ts';

export interface Training {
  readonly built: BuiltDataset;
  readonly features: readonly EncodedFeature[];
  readonly fits: Fits;
  readonly params: GbdtParams;
  readonly options: TrainingOptions & { readonly embargoMs: number };
  readonly strategy: CompiledStrategy;
  readonly input: BacktestInput;
  readonly evidence: TrainingEvidence;
}

/** Builds manifest and files. The same training gives the same bytes. */
export function bundleContent(training: Training): BundleContent {
  const { built, features, fits, options, strategy, evidence } = training;
  const { assessment, months } = evidence;
  const booster = parseLightGbm(fits.final.model, 'the trained model');
  const { calibrator } = assessment.threshold;
  const model: Model = { features, booster, calibrator };
  const manifest = manifestOf(training);
  const importance = importances(fits.final, fits.folds);
  const csv = (table: Table): Uint8Array => encodeTable(table, 'csv');
  const walkForward = walkForwardTable(built.dataset, strategy.strategyId, months);
  const parity = makeParity(model, built.signals);
  return {
    manifest,
    files: new Map<BundleFile, Uint8Array | string>([
      ...modelFiles({ model, pstar: manifest.pstar, parity }),
      ['config_snapshot.json', json(decidingSettings(strategy.settings))],
      ['oos_predictions.parquet', encodeTable(oosTable(built.dataset, assessment), 'parquet')],
      ['walk_forward.parquet', encodeTable(walkForward, 'parquet', TABLES.predictions)],
      ['metrics.csv', csv(metricsTable(assessment))],
      ['ev_curve.csv', csv(evTable(assessment.curve))],
      ['importance.csv', csv(importanceTable(importance))],
      ['drift_reference.json', json(driftReference(driftColumns(features, built.signals)))],
      ['run_args.json', json({ ...options, params: training.params })],
      ['report.html', renderModelReport(modelReportInput(training, importance, manifest))],
    ]),
  };
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** The features as the registry has them: what live rows will be compared with. */
function driftColumns(features: readonly EncodedFeature[], signals: Table): DriftColumn[] {
  return features.map(({ name, dtype }) => {
    const column = columnOf(signals, name);
    if (dtype === 'category') return { kind: 'category', name, values: textsOf(signals, name) };
    // a column without a value is read from a file as text
    const values = column.type === 'text' ? column.values.map(() => Number.NaN) : column.values;
    return { kind: 'number', name, values };
  });
}

function manifestOf({
  built,
  features,
  params,
  options,
  strategy,
  input,
  evidence,
}: Training): BundleContent['manifest'] {
  const { dataset } = built;
  const { strategyId, setupHash, filterHash, exitHash } = strategy;
  return {
    schemaVersion: BUNDLE_SCHEMA_VERSION,
    binding: {
      strategyId,
      setupHash,
      filterHash,
      exitHash,
      universeHash: input.universeHash,
      venue: venueOf(dataset.instrumentId[0]),
      interval: input.interval,
    },
    features,
    label: {
      target: options.target,
      mfeK: options.mfeK,
      rThreshold: options.rThreshold,
      baseRateFrac: baseRate({ y: dataset.y, p: dataset.y }),
    },
    training: {
      rows: dataset.y.length,
      fromMs: dataset.decisionTimeMs[0],
      toMs: dataset.decisionTimeMs[dataset.y.length - 1],
      labelEndMs: Math.max(...dataset.labelEndMs),
      candlesHash: input.data.hash,
      signalsHash: tableHash(input.signals),
      params,
      seed: options.seed,
    },
    pstar: pstarOf(options.pstar, evidence),
    origin: 'trained',
    versions: { donch: donchVersion(), node: process.version },
  };
}

function pstarOf(user: number | null, { assessment }: TrainingEvidence): BundleManifest['pstar'] {
  const { threshold } = assessment;
  if (user !== null)
    return { value: formatThreshold(user), source: 'user', note: userNote(threshold.kind === 'named') };
  if (threshold.kind === 'named') return { value: formatThreshold(threshold.pstar), source: 'chosen', note: '' };
  return { value: null, source: 'none', note: noThresholdText(threshold) };
}

const userNote = (isProven: boolean): string =>
  isProven
    ? "the user's own choice; the evidence names another"
    : "the user's own choice; there is no evidence for any threshold";
