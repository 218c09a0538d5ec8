/** `donch train`: signals and their outcomes in, a validated model with its evidence out, as a bundle. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LABEL_MFE_K } from '@donch/backtester';
import type { CommandContext } from '@donch/cli';
import { DonchError, hashJson, TABLES, textsOf, type Table } from '@donch/core';
import { readTable, resolveUserPath, runIdOf, RunStore, tableHash, type Run, type RunIdentity } from '@donch/data';
import { assessModel, buildDataset, rowWeights, type Dataset } from '@donch/meta';
import {
  hasManifest,
  loadBundle,
  modelFeatures,
  publishBundle,
  registeredFeatures,
  saveBundle,
} from '@donch/model-store';
import { againWhileDataChange, codeIdentity } from '@donch/project';
import type { CompiledStrategy } from '@donch/strategy';
import { documentOf } from '../cli/documents.ts';
import type { TrainFlags } from '../commands/train.ts';
import { relabel, type BacktestInput } from './backtest.ts';
import { bundleContent, type Training } from './bundle-content.ts';
import { findFinished, finishRun } from './finish-run.ts';
import { modelFigures, modelLines, type ModelFigures, type TrainingEvidence } from './model-figures.ts';
import { recordTrials, thresholdTrial } from './record-trials.ts';
import { setUpResearch, tradeSignals, ungated, type ResearchSetup, type TradedSignals } from './research.ts';
import { runFits } from './training-fits.ts';
import { horizonMsOf, paramsFor, trainingOptions, type TrainingOptions } from './training-options.ts';
import { permutedFigures } from './training-probes.ts';
import { scoreMonths, walkForwardEv } from './walk-forward-scores.ts';

export interface TrainOutcome {
  readonly run: Run;
  readonly cached: boolean;
  readonly figures: ModelFigures;
  /** The stored bundle. */
  readonly bundleFolder: string;
}

/** `donch train`. */
export async function runTrain(flags: TrainFlags, context: CommandContext): Promise<void> {
  const setup = ungated(await setUpResearch(flags, context));
  const options = trainingOptions(flags, setup.seed);
  const only = await tradedOnly(flags.tradesCsv, context);
  const outcome = await againWhileDataChange(context, async () =>
    trainOn(setup, await tradeSignals(setup, flags.signalsParquet), { options, outdir: flags.outdir, only }),
  );
  const { terminal } = context;
  terminal.result(modelLines(outcome.figures).join('\n'));
  terminal.result(`${outcome.cached ? 'cached run' : 'run'} ${outcome.run.id}; bundle: ${outcome.bundleFolder}`);
  terminal.document(
    documentOf('train', {
      ok: true,
      runId: outcome.run.id,
      cached: outcome.cached,
      bundle: outcome.bundleFolder,
      model: outcome.figures,
    }),
  );
}

async function tradedOnly(file: string | undefined, { cwd }: CommandContext): Promise<ReadonlySet<string> | null> {
  if (file === undefined) return null;
  const path = resolveUserPath(cwd, file);
  const trades = await readTable(path);
  if (trades.columns.has('signal_id')) return new Set(textsOf(trades, 'signal_id').map(String));
  throw new DonchError('bad_dataset', 'the trades have no column signal_id', {
    file: path,
    expected: 'a trades file of donch: results/trades.csv',
    remedy: 'leave --trades-csv away: the model then learns from every signal',
  });
}

export interface TrainRequest {
  readonly options: TrainingOptions;
  /** Missing: results/meta_export. */
  readonly outdir?: string | undefined;
  /** Null = all signals. */
  readonly only: ReadonlySet<string> | null;
}

/** Trains, or finds the finished training of the same inputs; the bundle is stored and shown at `outdir`. */
export async function trainOn(
  setup: ResearchSetup,
  traded: TradedSignals,
  { options, outdir: shownAt, only }: TrainRequest,
): Promise<TrainOutcome> {
  const { input } = traded;
  const { project, context } = setup;
  const strategy = strategyOf(input);
  const { modelsFolder } = project;
  const outdir = resolveUserPath(context.cwd, shownAt ?? join(project.resultsFolder, 'meta_export'));
  const labels = await labelsFor(traded, options);
  const identity = trainingIdentity({ input, labels, strategy }, options, only);
  const runs = new RunStore(project.resultsFolder);
  const known = setup.useRuns ? findFinished(runs, identity, context) : null;
  const saved = known === null ? null : savedModel(known, modelsFolder);
  if (known !== null && saved !== null) {
    publishBundle(saved.bundleFolder, outdir);
    return { run: known, cached: true, ...saved };
  }
  const features = modelFeatures(strategy);
  const built = buildDataset({ ...options, signals: input.signals, labels, features, only });
  const training = await trained({ setup, input }, { built, features, strategy }, options);
  const content = bundleContent(training);
  const { id, folder: bundleFolder } = saveBundle(modelsFolder, content);
  // what was written is what will be loaded: the same checks now
  const { parity } = await loadBundle(bundleFolder, { registry: registeredFeatures(strategy) });
  publishBundle(bundleFolder, outdir);
  const figures = modelFigures({ ...training, manifest: content.manifest, parityMaxAbsDiff: parity.onnxDifferenceMax });
  recordSearch(training, { setup, runId: runIdOf(identity) });
  const run = finishRun(runs, { identity, context }, (draft) => {
    draft.writeFile('model.json', `${JSON.stringify({ bundle: id, figures }, null, 2)}\n`);
    return { rows: figures.rows, auc_oos: figures.aucOos, brier_oos: figures.brierOos, pstar: figures.pstar };
  });
  return { run, cached: false, figures, bundleFolder };
}

/** Thresholds were compared: a trial. */
function recordSearch(
  { evidence: { assessment }, options }: Training,
  { setup, runId }: { readonly setup: ResearchSetup; readonly runId: string },
): void {
  const { scored, threshold: choice, curve } = assessment;
  const trial = thresholdTrial({ runId, scored, rows: null, judge: options, choice, curve });
  recordTrials(setup.project.resultsFolder, [trial], setup.context);
}

/** What a finished training made; null when somebody has removed its bundle. */
function savedModel({ folder }: Run, modelsFolder: string): Pick<TrainOutcome, 'figures' | 'bundleFolder'> | null {
  const { bundle, figures } = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')) as {
    readonly bundle: string;
    readonly figures: ModelFigures;
  };
  const bundleFolder = join(modelsFolder, bundle);
  return hasManifest(bundleFolder) ? { figures, bundleFolder } : null;
}

function strategyOf({ strategies, signals }: BacktestInput): CompiledStrategy {
  const ids = [...new Set(textsOf(signals, 'strategy_id'))];
  const found = strategies.filter(({ strategyId }) => ids.includes(strategyId));
  if (found.length === 1) return found[0];
  throw new DonchError('bad_dataset', `there are signals of ${ids.length} strategies`, {
    expected: 'one: a model belongs to one set-up',
    remedy: 'name it with --strategy',
  });
}

/** TABLES.labels of the backtest, or made again for another multiple or horizon. */
function labelsFor({ input, outcome }: TradedSignals, { mfeK, horizonHours }: TrainingOptions): Promise<Table> {
  return mfeK === LABEL_MFE_K && horizonHours === null
    ? readTable(join(outcome.run.folder, 'labels.parquet'), TABLES.labels)
    : relabel(input, { mfeK, horizonHours });
}

interface TrainedFrom {
  readonly input: BacktestInput;
  readonly labels: Table;
  readonly strategy: CompiledStrategy;
}

function trainingIdentity(
  { input, labels, strategy }: TrainedFrom,
  options: TrainingOptions,
  only: ReadonlySet<string> | null,
): RunIdentity {
  return {
    command: 'train',
    inputs: { signals: tableHash(input.signals), labels: tableHash(labels), candles: input.data.hash },
    parameters: { ...options, only: only === null ? null : hashJson([...only].sort()) },
    spec_hash: strategy.specHash,
    config_hash: strategy.config.configHash,
    universe_hash: input.universeHash,
    seed: options.seed,
    ...codeIdentity('research-cli'),
  };
}

/** Fewer rows than this teach nothing, however they are split, nor do fewer of either outcome. */
const ROWS_MIN = 100;
const OUTCOMES_MIN = 20;

function checkRows({ y }: Dataset, target: string): void {
  const remedy = 'take more symbols, a longer history, or a strategy that signals more often';
  const rows = y.length;
  if (rows < ROWS_MIN)
    throw new DonchError('bad_dataset', `there are ${rows} signals with an outcome`, {
      expected: `${ROWS_MIN} or more`,
      remedy,
    });
  const successes = y.filter((value) => value === 1).length;
  if (Math.min(successes, rows - successes) < OUTCOMES_MIN)
    throw new DonchError('bad_dataset', `${target} holds for ${successes} of ${rows} signals`, {
      expected: `${OUTCOMES_MIN} or more for which it holds, and for which it does not`,
      remedy: `${remedy}, or another --target`,
    });
}

async function trained(
  { setup, input }: { readonly setup: ResearchSetup; readonly input: BacktestInput },
  { built, features, strategy }: Pick<Training, 'built' | 'features' | 'strategy'>,
  options: TrainingOptions,
): Promise<Training> {
  const { dataset } = built;
  checkRows(dataset, options.target);
  const embargoMs = options.embargoMs ?? horizonMsOf(options, strategy.exits.timeExitHours);
  const params = paramsFor(dataset.y.length);
  const { context, project } = setup;
  const fits = await runFits({
    dataset,
    params,
    weight: rowWeights(dataset, options.sampleWeights),
    options,
    embargoMs,
    workers: project.config.values.N_WORKERS,
    context,
  });
  const judged = { ...options, embargoMs };
  const assessment = assessModel(dataset, { plan: fits.plan, margins: fits.folds.map(({ margin }) => margin) }, judged);
  const months = scoreMonths(dataset, fits.months, judged);
  const evidence: TrainingEvidence = {
    assessment,
    months,
    walkForward: walkForwardEv(dataset, months, options.seed),
    permuted: permutedFigures(dataset, fits.permuted, judged),
  };
  return { built, features, fits, params, options: judged, strategy, input, evidence };
}
