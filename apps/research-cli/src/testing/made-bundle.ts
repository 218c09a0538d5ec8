/** A bundle for tests, assessed and stored as a training does it, whose out-of-fold scores were drawn instead of fitted. */
import { join } from 'node:path';
import { createPrng, DAY_MS, HOUR_MS, instrumentId, resolveConfig, type Column, type Table } from '@donch/core';
import { encodeTable as encodeFile } from '@donch/data';
import {
  assessModel,
  encodeTable,
  formatThreshold,
  GBDT_DEFAULTS,
  makeParity,
  planCpcv,
  trainGbdt,
  type Assessment,
  type BundleFile,
  type BundleManifest,
  type Dataset,
  type EncodedFeature,
} from '@donch/meta';
import { modelFiles, publishBundle, registeredFeatures, saveBundle, type SavedBundle } from '@donch/model-store';
import { featuresFor } from '@donch/strategy';
import { evTable } from '../pipeline/ev-table.ts';
import { metricsTable, oosTable } from '../pipeline/training-tables.ts';

const START_MS = 20_094 * DAY_MS;
const SYMBOLS = ['ETHUSDT', 'SOLUSDT', '1000BONKUSDT'];
const SETTINGS = resolveConfig([]).values;

export interface MadeOptions {
  readonly rows: number;
  /** Mean result of the signals with a high score minus that of those with a low one, R; 0 = the scores know nothing. */
  readonly effectR: number;
  readonly seed: number;
}

export interface MadeModel {
  readonly dataset: Dataset;
  readonly assessment: Assessment;
}

/** How it is judged, as `run_args.json` has it. */
export const JUDGE = { groups: 6, embargoMs: 24 * HOUR_MS, minTrades: 100, seed: 5 };

const FEATURES: readonly EncodedFeature[] = registeredFeatures({ features: featuresFor(SETTINGS), settings: SETTINGS })
  .filter(({ name }) => ['rsi_1h', 'vol_mult', 'entry_rule'].includes(name))
  .map((feature) => ({ ...feature, missing: 'missing' }));

function signalsTable(rows: number, seed: number): Table {
  const prng = createPrng(seed, 'features');
  const columns = new Map<string, Column>();
  for (const { name, dtype, categories } of FEATURES)
    columns.set(
      name,
      dtype === 'category'
        ? { type: 'text', values: Array.from({ length: rows }, () => categories[prng.below(categories.length)]) }
        : { type: 'float', values: Float64Array.from({ length: rows }, () => prng.normal()) },
    );
  return { name: 'signals', length: rows, columns };
}

function madeDataset({ rows, effectR, seed }: MadeOptions): {
  readonly dataset: Dataset;
  readonly hidden: Float64Array;
} {
  const prng = createPrng(seed, 'outcomes');
  const hidden = Float64Array.from({ length: rows }, () => prng.normal());
  const pnlR = hidden.map((value) => (value > 0 ? effectR / 2 : -effectR / 2) + prng.normal());
  const decisionTimeMs = Float64Array.from({ length: rows }, (_, row) => START_MS + row * 5 * HOUR_MS);
  return {
    hidden,
    dataset: {
      features: encodeTable(FEATURES, signalsTable(rows, seed)),
      signalId: Array.from({ length: rows }, (_, row) => `s${String(row).padStart(6, '0')}`),
      instrumentId: Array.from({ length: rows }, (_, row) => instrumentId('bybit', SYMBOLS[row % SYMBOLS.length])),
      decisionTimeMs,
      labelEndMs: decisionTimeMs.map((timeMs) => timeMs + (1 + prng.below(24)) * HOUR_MS),
      y: pnlR.map((r) => (r > 0 ? 1 : 0)),
      pnlR,
    },
  };
}

export function madeModel(options: MadeOptions): MadeModel {
  const { dataset, hidden } = madeDataset(options);
  const plan = planCpcv(dataset, { ...JUDGE, testGroups: 2, splitsMax: 30 });
  const prng = createPrng(options.seed, 'margins');
  const margins = plan.splits.map(({ test }) =>
    Float64Array.from(test, (row) => 0.8 * hidden[row] + 0.2 * prng.normal() - 0.3),
  );
  return { dataset, assessment: assessModel(dataset, { plan, margins }, JUDGE) };
}

/** Stores it below models/ of the project and shows it in results/meta_export. */
export function saveMadeBundle(project: string, { dataset, assessment }: MadeModel): SavedBundle {
  const { threshold } = assessment;
  const pstar: BundleManifest['pstar'] =
    threshold.kind === 'named'
      ? { value: formatThreshold(threshold.pstar), source: 'chosen', note: '' }
      : { value: null, source: 'none', note: threshold.reason };
  const booster = trainGbdt(
    { features: dataset.features, rows: Int32Array.from(dataset.y.keys()), y: dataset.y, weight: null },
    { ...GBDT_DEFAULTS, trees: 3, leaves: 4 },
  );
  const model = { features: FEATURES, booster, calibrator: threshold.calibrator };
  const parity = makeParity(model, signalsTable(dataset.y.length, 1));
  const saved = saveBundle(join(project, 'models'), {
    manifest: manifestOf(dataset, pstar),
    files: new Map<BundleFile, string | Uint8Array>([
      ...modelFiles({ model, pstar, parity }),
      ['oos_predictions.parquet', encodeFile(oosTable(dataset, assessment), 'parquet')],
      ['metrics.csv', encodeFile(metricsTable(assessment), 'csv')],
      ['ev_curve.csv', encodeFile(evTable(assessment.curve), 'csv')],
      ['run_args.json', `${JSON.stringify(JUDGE, null, 2)}\n`],
      ['report.html', '<!doctype html>\n<header></header>\n'],
    ]),
  });
  publishBundle(saved.folder, join(project, 'results', 'meta_export'));
  return saved;
}

function manifestOf(dataset: Dataset, pstar: BundleManifest['pstar']): Omit<BundleManifest, 'files'> {
  const { decisionTimeMs, labelEndMs, y } = dataset;
  return {
    schemaVersion: 1,
    binding: {
      strategyId: 'tiny',
      setupHash: 'a'.repeat(64),
      filterHash: 'b'.repeat(64),
      exitHash: 'c'.repeat(64),
      universeHash: null,
      venue: 'bybit',
      interval: '5m',
    },
    features: FEATURES,
    label: { target: 'pnl_pos', mfeK: 2, rThreshold: 0, baseRateFrac: 0.5 },
    training: {
      rows: y.length,
      fromMs: decisionTimeMs[0],
      toMs: decisionTimeMs[y.length - 1],
      labelEndMs: Math.max(...labelEndMs),
      candlesHash: null,
      signalsHash: null,
      params: GBDT_DEFAULTS,
      seed: JUDGE.seed,
    },
    pstar,
    origin: 'trained',
    versions: { donch: '0.1.0', node: process.version },
  };
}
