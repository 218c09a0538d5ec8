/** A bundle for tests: a model of a few features, trained on random rows in milliseconds. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPrng, resolveConfig, type Column, type Table } from '@donch/core';
import {
  encodeTable,
  fitIsotonic,
  GBDT_DEFAULTS,
  makeParity,
  probabilityOf,
  trainGbdt,
  type BundleManifest,
  type Calibrator,
  type EncodedFeature,
  type Model,
} from '@donch/meta';
import { featuresFor } from '@donch/strategy';
import type { BundleContent } from '../bundle-folder.ts';
import { registeredFeatures, type RegisteredFeature } from '../load-bundle.ts';
import { modelFiles } from '../model-files.ts';

const SETTINGS = resolveConfig([]).values;

/** The features of the default settings. */
export const REGISTRY: readonly RegisteredFeature[] = registeredFeatures({
  features: featuresFor(SETTINGS),
  settings: SETTINGS,
});

/** In the order of the registry; two are categories. */
const NAMES: readonly string[] = [
  'rsi_1h',
  'atr_1h',
  'vol_mult',
  'pullback_type',
  'entry_rule',
  'hour_sin',
  'rs_percentile',
];

export const FEATURES: readonly EncodedFeature[] = REGISTRY.filter(({ name }) => NAMES.includes(name)).map(
  (feature) => ({ ...feature, missing: 'missing' }),
);

const ROWS = 600;

/** Random signals: a tenth of the numbers is missing. */
export function randomSignals(): Table {
  const prng = createPrng(3, 'signals');
  const columns = new Map<string, Column>();
  for (const { name, dtype, categories } of FEATURES)
    columns.set(
      name,
      dtype === 'category'
        ? { type: 'text', values: Array.from({ length: ROWS }, () => categories[prng.below(categories.length)]) }
        : {
            type: 'float',
            values: Float64Array.from({ length: ROWS }, () => (prng.next() < 0.1 ? Number.NaN : prng.normal())),
          },
    );
  return { name: 'signals', length: ROWS, columns };
}

/** 20 trees of 8 leaves that learned something, calibrated. */
export function smallModel(kind: Calibrator['kind'] = 'isotonic'): Model {
  const prng = createPrng(4, 'labels');
  const features = encodeTable(FEATURES, randomSignals());
  const y = Float64Array.from(features.columns[0], (value) => (value + prng.normal() > 0 ? 1 : 0));
  const booster = trainGbdt(
    { features, rows: Int32Array.from(y.keys()), y, weight: null },
    { ...GBDT_DEFAULTS, trees: 20, leaves: 8 },
  );
  const score = Float64Array.from(y, (_, row) =>
    probabilityOf(
      booster,
      features.columns.map((column) => column[row]),
    ),
  );
  return { features: FEATURES, booster, calibrator: calibratorOf(kind, { score, y }) };
}

function calibratorOf(kind: Calibrator['kind'], rows: Parameters<typeof fitIsotonic>[0]): Calibrator {
  if (kind === 'isotonic') return fitIsotonic(rows);
  return kind === 'platt' ? { kind, a: -1.25, b: 0.125 } : { kind };
}

export const MANIFEST: Omit<BundleManifest, 'files'> = {
  schemaVersion: 1,
  binding: {
    strategyId: 'tiny',
    setupHash: 'a'.repeat(64),
    filterHash: 'b'.repeat(64),
    exitHash: 'c'.repeat(64),
    universeHash: 'd'.repeat(64),
    venue: 'bybit',
    interval: '5m',
  },
  features: FEATURES,
  label: { target: 'mfe_k', mfeK: 2, rThreshold: 0, baseRateFrac: 0.5 },
  training: {
    rows: ROWS,
    fromMs: 1_700_000_000_000,
    toMs: 1_710_000_000_000,
    labelEndMs: 1_710_086_400_000,
    candlesHash: null,
    signalsHash: 'e'.repeat(64),
    params: GBDT_DEFAULTS,
    seed: 1,
  },
  pstar: { value: '0.61250000000000004', source: 'chosen', note: 'lower bound +0.03 R' },
  origin: 'trained',
  versions: { donch: '0.1.0', node: process.version },
};

/** What a training hands over; `pstar` makes bundles differ. */
export function smallContent(pstar = '0.61250000000000004', model: Model = smallModel()): BundleContent {
  const manifest = { ...MANIFEST, pstar: { ...MANIFEST.pstar, value: pstar } };
  const files = modelFiles({ model, pstar: manifest.pstar, parity: makeParity(model, randomSignals()) });
  files.set('ev_curve.csv', 'threshold,n,ev_R\n0.5,200,0.1\n');
  files.set('metrics.csv', 'fold,pr_auc\n1,0.5\n');
  files.set('report.html', '<!doctype html>\n');
  files.set('oos_predictions.parquet', Uint8Array.of(80, 65, 82, 49));
  return { manifest, files };
}

/** A temporary folder that goes with the tests of a file. */
export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'donch-bundle-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
