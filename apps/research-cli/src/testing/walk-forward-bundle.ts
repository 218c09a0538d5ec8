/** A bundle for tests over the signals of a project's last run: a small model, and walk-forward predictions that the test decides. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { numbersOf, tableFromRows, TABLES, textsOf, type ConfigValues, type Row, type Table } from '@donch/core';
import { encodeTable as encodeFile, readTable, RunStore } from '@donch/data';
import { encodeTable, formatThreshold, GBDT_DEFAULTS, makeParity, trainGbdt, type EncodedFeature } from '@donch/meta';
import { modelFiles, publishBundle, registeredFeatures, saveBundle, type SavedBundle } from '@donch/model-store';
import { featuresFor } from '@donch/strategy';

/** What is predicted of a signal; null = nothing. */
export type PredictionOf = (signal: {
  readonly row: number;
  readonly decisionTimeMs: number;
}) => { readonly p: number; readonly pstar: number | null } | null;

export interface WalkForwardOptions {
  readonly predict: PredictionOf;
  /** Of the bundle; null = none. */
  readonly pstar: number | null;
  /** Last outcome that the training knew; default: the last signal. */
  readonly labelEndMs?: number;
}

/** The signals of the run that results/ shows, as its scan wrote them. */
export async function signalsOfRun(project: string): Promise<Table> {
  const runs = new RunStore(join(project, 'results'));
  const latest = runs.list().find(({ manifest }) => manifest.command === 'scout');
  if (latest === undefined) throw new Error('the project has no scan');
  return readTable(join(latest.folder, 'signals.parquet'), TABLES.signals);
}

/** Why the bundles of these tests have no p*. */
export const NO_PSTAR = 'the improvement may be chance: its lower bound is not above 0';

/** Stores the bundle below models/ and shows it in results/meta_export. */
export async function saveWalkForwardBundle(
  project: string,
  { predict, pstar, labelEndMs }: WalkForwardOptions,
): Promise<SavedBundle> {
  const signals = await signalsOfRun(project);
  const times = numbersOf(signals, 'decision_time');
  const toMs = Math.min(times[times.length - 1], labelEndMs ?? Infinity);
  const { hashes, strategyId, settings, universeHash } = planOf(project);
  const features = registeredFeatures({ features: featuresFor(settings), settings })
    .filter(({ name }) => ['rsi_1h', 'vol_mult', 'hour_sin', 'entry_rule'].includes(name))
    .map((feature): EncodedFeature => ({ ...feature, missing: 'missing' }));
  const columns = encodeTable(features, signals);
  const booster = trainGbdt(
    {
      features: columns,
      rows: Int32Array.from({ length: signals.length }, (_, row) => row),
      y: Float64Array.from(columns.columns[0], (value) => (value > 60 ? 1 : 0)),
      weight: null,
    },
    { ...GBDT_DEFAULTS, trees: 5, leaves: 4, rowsInLeafMin: 4 },
  );
  const model = { features, booster, calibrator: { kind: 'none' } as const };
  const named: { value: string | null; source: 'chosen' | 'none'; note: string } =
    pstar === null
      ? { value: null, source: 'none', note: NO_PSTAR }
      : { value: formatThreshold(pstar), source: 'chosen', note: '' };
  const saved = saveBundle(join(project, 'models'), {
    manifest: {
      schemaVersion: 1,
      binding: { strategyId, ...hashes, universeHash, venue: 'bybit', interval: '15m' },
      features,
      label: { target: 'mfe_k', mfeK: 2, rThreshold: 0, baseRateFrac: 0.5 },
      training: {
        rows: signals.length,
        fromMs: times[0],
        toMs,
        labelEndMs: labelEndMs ?? toMs,
        candlesHash: null,
        signalsHash: null,
        params: GBDT_DEFAULTS,
        seed: 1,
      },
      pstar: named,
      origin: 'trained',
      versions: { donch: '0.1.0', node: process.version },
    },
    files: new Map([
      ...modelFiles({ model, pstar: named, parity: makeParity(model, signals) }),
      ['walk_forward.parquet', encodeFile(predictions(signals, predict), 'parquet', TABLES.predictions)],
    ]),
  });
  publishBundle(saved.folder, join(project, 'results', 'meta_export'));
  return saved;
}

function predictions(signals: Table, predict: PredictionOf): Table {
  const times = numbersOf(signals, 'decision_time');
  const rows = Array.from(times.keys()).flatMap((row): Row[] => {
    const predicted = predict({ row, decisionTimeMs: times[row] });
    if (predicted === null) return [];
    return [
      {
        signal_id: textsOf(signals, 'signal_id')[row],
        strategy_id: textsOf(signals, 'strategy_id')[row],
        instrument_id: textsOf(signals, 'instrument_id')[row],
        decision_time: times[row],
        split: null,
        path: null,
        y_true: true,
        p_raw: predicted.p,
        ...predicted,
      },
    ];
  });
  return tableFromRows(TABLES.predictions.name, TABLES.predictions.columns, rows);
}

interface Plan {
  readonly strategyId: string;
  readonly hashes: { readonly setupHash: string; readonly filterHash: string; readonly exitHash: string };
  readonly settings: ConfigValues;
  readonly universeHash: string | null;
}

/** What the last backtest was computed with. */
function planOf(project: string): Plan {
  const runs = new RunStore(join(project, 'results'));
  const found = runs.find(runs.latest() ?? '');
  if (found.kind !== 'found') throw new Error('the project has no run');
  const [{ strategyId, hashes, settings }] = JSON.parse(
    readFileSync(join(found.run.folder, 'settings.json'), 'utf8'),
  ) as Plan[];
  const { setupHash, filterHash, exitHash } = hashes;
  return {
    strategyId,
    hashes: { setupHash, filterHash, exitHash },
    settings,
    universeHash: found.run.manifest.universe_hash,
  };
}
