/** A deployed model for the project of session tests: trees over drawn rows, bound to its strategy. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPrng, DAY_MS } from '@donch/core';
import {
  BUNDLE_SCHEMA_VERSION,
  encodedNames,
  GBDT_DEFAULTS,
  makeParity,
  trainGbdt,
  type BundleManifest,
  type EncodedFeature,
  type Model,
} from '@donch/meta';
import { deployBundle, modelFiles, registeredFeatures, saveBundle } from '@donch/model-store';
import { compileStrategy } from '@donch/strategy';

const ROWS = 400;
const FEATURES = new Set(['rsi_1h', 'vol_mult', 'rv_3d', 'rs_percentile', 'don_dist_atr', 'hour_sin', 'pullback_type']);

export interface DeployedModel {
  /** End of what the model has learned. */
  readonly labelEndMs: number;
  readonly pstar: number | null;
}

/** Trains, stores and deploys; returns the bundle's id. */
export function deploySessionModel(folder: string, { labelEndMs, pstar }: DeployedModel): string {
  const file = join(folder, 'strategies', 'session.yaml');
  const strategy = compileStrategy({
    text: readFileSync(file, 'utf8'),
    file,
    layers: [{ layer: 'config', source: 'config.yaml', values: { TIMEFRAME: '15m' } }],
    universeHash: 'test',
  });
  const features: EncodedFeature[] = registeredFeatures(strategy)
    .filter(({ name }) => FEATURES.has(name))
    .map((feature) => ({ ...feature, missing: 'missing' }));
  const model = drawnModel(features);
  const { strategyId, setupHash, filterHash, exitHash } = strategy;
  const threshold: BundleManifest['pstar'] = {
    value: pstar === null ? null : pstar.toPrecision(17),
    source: pstar === null ? 'none' : 'user',
    note: pstar === null ? 'nothing was proven' : '',
  };
  const { folder: stored, id } = saveBundle(join(folder, 'models'), {
    manifest: {
      schemaVersion: BUNDLE_SCHEMA_VERSION,
      binding: { strategyId, setupHash, filterHash, exitHash, universeHash: null, venue: 'synthetic', interval: '15m' },
      features,
      label: { target: 'mfe_k', mfeK: 2, rThreshold: 0, baseRateFrac: 0.5 },
      training: {
        rows: ROWS,
        fromMs: labelEndMs - 60 * DAY_MS,
        toMs: labelEndMs - 3 * DAY_MS,
        labelEndMs,
        candlesHash: null,
        signalsHash: null,
        params: null,
        seed: null,
      },
      pstar: threshold,
      origin: 'imported',
      versions: { donch: '0.0.0', node: process.version },
    },
    files: modelFiles({
      model,
      pstar: threshold,
      parity: makeParity(model, { name: 'signals', length: 0, columns: new Map() }),
    }),
  });
  deployBundle(join(folder, 'models'), stored, labelEndMs);
  return id;
}

/** Outcomes that follow the first feature, so that probabilities differ. */
function drawnModel(features: readonly EncodedFeature[]): Model {
  const prng = createPrng(1, 'session model');
  const names = encodedNames(features);
  const columns = names.map((name) =>
    Float32Array.from({ length: ROWS }, () => (name.startsWith('rsi') ? 65 + 10 * prng.normal() : prng.normal())),
  );
  const y = Float64Array.from({ length: ROWS }, (_, row) => (columns[0][row] + 8 * prng.normal() > 65 ? 1 : 0));
  const rows = Int32Array.from({ length: ROWS }, (_, row) => row);
  const params = { ...GBDT_DEFAULTS, trees: 20, leaves: 4 };
  const booster = trainGbdt({ features: { names, columns }, rows, y, weight: null }, params);
  return { features, booster, calibrator: { kind: 'platt', a: -1, b: 0 } };
}
