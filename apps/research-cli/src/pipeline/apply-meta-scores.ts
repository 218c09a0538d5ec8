/** The probability of every signal, from a file, from the walk-forward of a bundle, or from its model; or why there is none. */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  DonchError,
  formatMinute,
  intervalMs,
  MINUTE_MS,
  monthStartMs,
  numbersOf,
  TABLES,
  textsOf,
  venueOf,
  type InstrumentId,
  type Interval,
  type Table,
} from '@donch/core';
import { readTable } from '@donch/data';
import {
  checkBinding,
  columnsText,
  encodeTable,
  joinLines,
  joinPredictions,
  predictionColumns,
  scoreRow,
  signalColumns,
  type BundleManifest,
} from '@donch/meta';
import { loadBundle, readBundle, readManifest, registeredFeatures } from '@donch/model-store';
import type { CompiledStrategy } from '@donch/strategy';
import type { GateRequest, PredictionSource } from './apply-meta-options.ts';

/** Why a signal has no probability. */
export type NoPrediction = 'before_model' | 'after_training' | 'no_prediction';

/** Signals with what is known about them before anybody judges. Columns are parallel to the rows of the signals. */
export interface ScoredSignals {
  /** NaN = none; then `missing` says why. */
  readonly p: Float64Array;
  readonly missing: readonly (NoPrediction | null)[];
  /** p* that comes with the prediction; NaN = none was known. Null: predictions of a file that belongs to no bundle. */
  readonly ownPstar: Float64Array | null;
  /** Whether `ownPstar` is that of each month, or one of the bundle. */
  readonly ownKind: 'months' | 'bundle';
  /** 1 = the model has learned from the outcomes of that time. */
  readonly inSample: Uint8Array;
  readonly kind: PredictionSource['kind'];
  /** File or folder. */
  readonly path: string;
  readonly bundle: { readonly id: string; readonly pstar: BundleManifest['pstar'] } | null;
  /** What was joined, one fact per line. */
  readonly lines: readonly string[];
  readonly warnings: readonly string[];
}

/** What signals are scored in. */
export interface ScoringContext {
  readonly strategies: readonly CompiledStrategy[];
  readonly interval: Interval;
  /** Null = not known. */
  readonly universeHash: string | null;
}

/** Scores signals by a bundle; by a file see `scoreByFile`. Throws what loading throws, `bundle_mismatch`, `low_coverage`, `in_sample`. */
export function scoreByBundle(
  signals: Table,
  source: Exclude<PredictionSource, { kind: 'file' }>,
  context: ScoringContext & Pick<GateRequest, 'coverageMinFrac'>,
): Promise<ScoredSignals> {
  return source.kind === 'walk_forward'
    ? scoreByWalkForward(signals, source.folder, context)
    : scoreByModel(signals, source, context);
}

type FileSource = Extract<PredictionSource, { kind: 'file' }>;

/** Scores any table of signals by a file of predictions. Throws what reading and joining throw. */
export async function scoreByFile(
  signals: Table,
  { file, columns: wanted, join: options }: FileSource,
  { interval, coverageMinFrac }: Pick<ScoringContext, 'interval'> & Pick<GateRequest, 'coverageMinFrac'>,
): Promise<ScoredSignals> {
  const predictions = await readTable(file);
  const right = predictionColumns(predictions, wanted);
  const left = signalColumns('signals', signals);
  const joined = joinPredictions({
    side: 'signals',
    signals,
    signalColumns: left,
    predictions,
    predictionColumns: right,
    options: { ...options, intervalMs: intervalMs(interval), coverageMinFrac },
  });
  const bundle = bundleBeside(file);
  return {
    p: joined.p,
    missing: Array.from(joined.p, (p) => (Number.isNaN(p) ? 'no_prediction' : null)),
    ownPstar: bundle === null ? null : new Float64Array(signals.length).fill(pstarOf(bundle.pstar)),
    ownKind: 'bundle',
    inSample: new Uint8Array(signals.length),
    kind: 'file',
    path: file,
    bundle,
    lines: [
      `predictions: ${columnsText('predictions', right)}`,
      `signals: ${columnsText('signals', left)}`,
      ...joinLines(joined),
    ],
    warnings:
      bundle !== null && basename(file) === 'oos_predictions.parquet'
        ? ['cross-validated predictions come from models that were trained on later data too: not a walk-forward']
        : [],
  };
}

function bundleBeside(file: string): ScoredSignals['bundle'] {
  const folder = dirname(file);
  if (!existsSync(join(folder, 'manifest.json'))) return null;
  const { id, manifest } = readManifest(folder);
  return { id, pstar: manifest.pstar };
}

const pstarOf = ({ value }: BundleManifest['pstar']): number => (value === null ? Number.NaN : Number(value));

type BundleContext = ScoringContext & Pick<GateRequest, 'coverageMinFrac'>;

async function scoreByWalkForward(signals: Table, folder: string, context: BundleContext): Promise<ScoredSignals> {
  const { id, manifest, files, notes } = readBundle(folder);
  const warnings = [...notes, ...bindingWarnings(manifest, { ...context, signals })];
  if (!files.has('walk_forward.parquet'))
    throw new DonchError('no_bundle', `the bundle ${id} has no walk-forward predictions`, {
      file: folder,
      expected: 'a bundle that was trained here',
      remedy: '--bundle scores signals after its training; --pred reads predictions of a file',
    });
  const stored = await storedScores(signals, folder, manifest);
  checkCoverage(stored, context);
  return {
    ...stored,
    ownKind: 'months',
    inSample: new Uint8Array(signals.length),
    kind: 'walk_forward',
    path: join(folder, 'walk_forward.parquet'),
    bundle: { id, pstar: manifest.pstar },
    lines: [],
    warnings,
  };
}

type StoredScores = Pick<ScoredSignals, 'p' | 'missing'> & { readonly ownPstar: Float64Array };

/** Walk-forward predictions by signal id. */
async function storedScores(signals: Table, folder: string, { training }: BundleManifest): Promise<StoredScores> {
  const stored = await readTable(join(folder, 'walk_forward.parquet'), TABLES.predictions);
  const rowOf = new Map(textsOf(stored, 'signal_id').map((id, row) => [id, row]));
  const row = textsOf(signals, 'signal_id').map((id) => rowOf.get(id));
  const at = (name: string): Float64Array => {
    const values = numbersOf(stored, name);
    return Float64Array.from(row, (from) => (from === undefined ? Number.NaN : values[from]));
  };
  const firstMs = numbersOf(stored, 'decision_time').reduce((first, timeMs) => Math.min(first, timeMs), Infinity);
  const fromMs = firstMs === Infinity ? Infinity : monthStartMs(firstMs);
  const decisionTimeMs = numbersOf(signals, 'decision_time');
  return {
    p: at('p'),
    ownPstar: at('pstar'),
    missing: row.map((from, k) => (from === undefined ? reasonAt(decisionTimeMs[k], fromMs, training) : null)),
  };
}

function reasonAt(timeMs: number, fromMs: number, { toMs }: BundleManifest['training']): NoPrediction {
  if (timeMs > toMs) return 'after_training';
  return timeMs < fromMs ? 'before_model' : 'no_prediction';
}

/** Signals of the months that have a model have a prediction, or these are others than those of the training. */
function checkCoverage({ missing }: StoredScores, { coverageMinFrac }: BundleContext): void {
  const known = missing.filter((reason) => reason === null).length;
  const expected = known + missing.filter((reason) => reason === 'no_prediction').length;
  if (known >= coverageMinFrac * expected) return;
  throw new DonchError(
    'low_coverage',
    `${known} of ${expected} signals of the months with a model have a walk-forward prediction`,
    {
      expected: `at least ${Math.round(coverageMinFrac * 1e4) / 100} %`,
      remedy:
        'The candles or the settings are others than those of the training: train again. --min-coverage allows less',
    },
  );
}

async function scoreByModel(
  signals: Table,
  { folder, isInSample }: Extract<PredictionSource, { kind: 'model' }>,
  context: BundleContext,
): Promise<ScoredSignals> {
  const strategy = strategyFor(readManifest(folder).manifest, context);
  const { id, manifest, model, pstar, notes } = await loadBundle(folder, { registry: registeredFeatures(strategy) });
  const { training } = manifest;
  const decisionTimeMs = numbersOf(signals, 'decision_time');
  const isSeen = decisionTimeMs.map((timeMs) => (timeMs > training.labelEndMs ? 0 : 1));
  const isOwn = textsOf(signals, 'strategy_id').map((name) => name === strategy.strategyId);
  const stored =
    isInSample || manifest.files['walk_forward.parquet'] === undefined
      ? null
      : await storedScores(signals, folder, manifest);
  if (!isInSample) refuseSeen({ isSeen, stored, training, decisionTimeMs });
  const { names, columns } = encodeTable(model.features, signals);
  const encoded = new Float32Array(names.length);
  const p = new Float64Array(signals.length).fill(Number.NaN);
  const ownPstar = new Float64Array(signals.length).fill(Number.NaN);
  for (let row = 0; row < signals.length; row += 1) {
    if (isSeen[row] === 1 && !isInSample) {
      p[row] = stored?.p[row] ?? Number.NaN;
      ownPstar[row] = stored?.ownPstar[row] ?? Number.NaN;
    } else if (isOwn[row]) {
      for (let k = 0; k < columns.length; k += 1) encoded[k] = columns[k][row];
      p[row] = scoreRow(model, encoded).p;
      ownPstar[row] = pstar;
    }
  }
  const hasStored = !isInSample && isSeen.includes(1);
  return {
    p,
    missing: Array.from(p, (value) => (Number.isNaN(value) ? 'no_prediction' : null)),
    ownPstar,
    ownKind: hasStored ? 'months' : 'bundle',
    inSample: Uint8Array.from(isSeen, (seen) => (isInSample ? seen : 0)),
    kind: 'model',
    path: folder,
    bundle: { id, pstar: manifest.pstar },
    lines: [`the training of bundle ${id} knew outcomes up to ${formatMinute(training.labelEndMs)} UTC`],
    warnings: [...notes, ...bindingWarnings(manifest, { ...context, signals })],
  };
}

interface SeenSignals {
  readonly isSeen: Float64Array;
  readonly stored: StoredScores | null;
  readonly training: BundleManifest['training'];
  readonly decisionTimeMs: Float64Array;
}

/** A model that judges what it has learned shows what it remembers. */
function refuseSeen({ isSeen, stored, training, decisionTimeMs }: SeenSignals): void {
  const seen = isSeen.reduce((sum, value) => sum + value, 0);
  const without = isSeen.filter(
    (value, row) => value === 1 && (stored === null || stored.missing[row] === 'before_model'),
  ).length;
  if (without === 0) return;
  const otherWay =
    stored === null
      ? 'An import says when its training ended: donch model import --trained-until'
      : 'Without --bundle the walk-forward predictions are applied';
  const predicted = decisionTimeMs.filter((_, row) => stored !== null && stored.missing[row] === null);
  const fromMs = predicted.length === 0 ? training.labelEndMs + MINUTE_MS : monthStartMs(Math.min(...predicted));
  throw new DonchError(
    'in_sample',
    `${seen} signals were decided before the end of the training (${formatMinute(training.labelEndMs)} UTC), and ${without} of them have no out-of-fold prediction`,
    {
      expected: 'signals that the model has not learned from',
      remedy: `Begin later: --start ${formatMinute(fromMs).replace(' ', 'T')}Z. ${otherWay}; --in-sample scores all signals and marks everything as such`,
    },
  );
}

/** The strategy that the model is bound to; another one is refused with the difference when the binding is checked. */
function strategyFor({ binding }: BundleManifest, { strategies }: ScoringContext): CompiledStrategy {
  return strategies.find(({ setupHash }) => setupHash === binding.setupHash) ?? strategies[0];
}

function bindingWarnings(
  manifest: BundleManifest,
  context: ScoringContext & { readonly signals: Table },
): readonly string[] {
  const { signals, interval, universeHash } = context;
  const { strategyId, setupHash, filterHash, exitHash, settings } = strategyFor(manifest, context);
  const ids = textsOf(signals, 'instrument_id');
  const venue = ids.length === 0 ? manifest.binding.venue : venueOf(ids[0] as InstrumentId);
  const here = { strategyId, setupHash, filterHash, exitHash, universeHash, venue, interval };
  return checkBinding(manifest.binding, here, {
    universeMismatch: settings.UNIVERSE_MISMATCH === 'warn' ? 'warn' : 'refuse',
  });
}
