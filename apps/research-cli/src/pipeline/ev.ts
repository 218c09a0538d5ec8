/** `donch ev`: what trades bring by probability threshold, and p*. */
import { existsSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { CommandContext } from '@donch/cli';
import { DonchError, intervalMs } from '@donch/core';
import { formatOf, readTable, resolveUserPath, writeFileAtomic, writeTable, type Trial } from '@donch/data';
import { BUNDLE_FILES } from '@donch/meta';
import { openSettings, researchWindow, type SettingsContext } from '@donch/project';
import { documentOf } from '../cli/documents.ts';
import type { EvFlags } from '../commands/ev.ts';
import { beforeHoldout, scoredBeforeHoldout } from './before-holdout.ts';
import { evChart } from './ev-chart.ts';
import { evCurveTable, evLines, judgedDocument } from './ev-figures.ts';
import { foreignPredictions } from './ev-foreign-predictions.ts';
import { judgeEv, type EvJudgement } from './ev-judge.ts';
import { evOptions, type EvOptions } from './ev-options.ts';
import { bundleBeside, isOwn, OOS_NAME, ownPredictions, tradedRows, trainingJudge } from './ev-own-predictions.ts';
import { JUDGE_DEFAULTS, type EvSource } from './ev-source.ts';
import { checkWritable, writeThreshold, type WrittenBundle } from './ev-write.ts';
import { recordTrials, thresholdTrial } from './record-trials.ts';

/** `donch ev`. */
export async function runEv(flags: EvFlags, context: CommandContext): Promise<void> {
  const options = evOptions(flags);
  const settings = openSettings(flags, context);
  const modelsFolder = join(settings.folder, 'models');
  const out = outFile(flags.out, { settings, modelsFolder, context });
  const source = await sourceOf(flags, { settings, options, context });
  for (const input of [source.file, source.traded?.file])
    if (input !== undefined && resolve(input) === out) throw badOut(out, 'it is the file that is read');
  if (flags.write === true) checkWritable(source);
  const { terminal } = context;
  for (const line of source.lines) terminal.info(line);
  const judgement = judgeEv(source, options);
  recordTrials(join(settings.folder, 'results'), searches(source, judgement), context);
  terminal.result(evLines(judgement, options.pstar).join('\n'));
  const written =
    flags.write === true ? await writeThreshold({ source, judgement, userPstar: options.pstar, modelsFolder }) : null;
  const files = writeCurve(judgement, out, source.name);
  terminal.result(['', ...files.map((file) => `wrote ${file}`), ...writtenLines(written)].join('\n'));
  terminal.document(evDocument({ source, judgement, written, files, userPstar: options.pstar }));
}

/** Thresholds of all signals, and of the traded ones, were looked at. */
function searches({ name, bundle, scored, judge, traded }: EvSource, judgement: EvJudgement): Trial[] {
  const search = { runId: bundle?.id ?? name, scored, judge };
  return [
    thresholdTrial({ ...search, ...judgement.all, rows: null }),
    ...(judgement.traded === null || traded === null
      ? []
      : [thresholdTrial({ ...search, ...judgement.traded, rows: traded.rows })]),
  ];
}

interface Place {
  readonly settings: SettingsContext;
  readonly context: CommandContext;
}

/** Throws `bad_path` for a file that belongs to a bundle: only its `ev_curve.csv` may be written anew, and only where bundles are shown. */
function outFile(
  flag: string | undefined,
  { settings, context, modelsFolder }: Place & { readonly modelsFolder: string },
): string {
  const out =
    flag === undefined ? join(settings.folder, 'results', 'ev_curve.csv') : resolveUserPath(context.cwd, flag);
  formatOf(out);
  const way = relative(modelsFolder, out);
  if (!way.startsWith('..') && !isAbsolute(way)) throw badOut(out, 'stored bundles are never changed');
  const name = basename(out);
  const isPart = (BUNDLE_FILES as readonly string[]).includes(name) && name !== 'ev_curve.csv';
  if (isPart && existsSync(join(dirname(out), 'manifest.json'))) throw badOut(out, 'it is a part of the bundle there');
  return out;
}

const badOut = (file: string, why: string): DonchError =>
  new DonchError('bad_path', `--out cannot be this file: ${why}`, {
    file,
    expected: 'a file of its own, or ev_curve.csv of the folder that shows the bundle',
  });

interface SourceQuestion extends Place {
  readonly options: EvOptions;
}

/** The predictions asked for: those of a bundle, or of a file. */
async function sourceOf(flags: EvFlags, question: SourceQuestion): Promise<EvSource> {
  const { settings, context } = question;
  const file = flags.pred === undefined ? bundlePredictions(settings) : resolveUserPath(context.cwd, flags.pred);
  const table = await readTable(file);
  const isOurs = isOwn(table) && (flags.probaCol === undefined || OUR_PROBABILITY.includes(flags.probaCol));
  return isOurs ? ownSource(flags, { ...question, file, table }) : foreignSource(flags, { ...question, file, table });
}

/** Names of the column from which our predictions would be read if paths were merged. */
const OUR_PROBABILITY = ['y_proba', 'meta_p', 'p'];

type Read = SourceQuestion & { readonly file: string; readonly table: Awaited<ReturnType<typeof readTable>> };

/** Where the newest bundle is shown, or the folder that the settings name. Throws `no_bundle`. */
function bundlePredictions({ folder, config }: SettingsContext): string {
  const { WINPROB_ARTIFACT_DIR: configured } = config.values;
  const shown = configured === null ? join(folder, 'results', 'meta_export') : resolveUserPath(folder, configured);
  const file = join(shown, OOS_NAME);
  if (existsSync(file)) return file;
  throw new DonchError('no_bundle', `there are no out-of-fold predictions: ${file}`, {
    expected: 'a bundle that was trained here',
    remedy: 'Train one with donch train, or name predictions and trades: --pred <file> --trades <file>',
  });
}

async function ownSource(flags: EvFlags, { settings, options, context, file, table }: Read): Promise<EvSource> {
  const bundle = basename(file) === OOS_NAME ? bundleBeside(dirname(file)) : null;
  const training = bundle === null ? {} : trainingJudge(bundle.folder);
  const { holdoutMs } = researchWindow(settings.config.values);
  const own = ownPredictions(
    beforeHoldout(table, { name: 'label_end_ts', holdoutMs, what: 'predictions' }, context),
    file,
  );
  const trades = tradesFile(flags, { settings, context });
  const traded = await tradedRows(own, {
    file: trades,
    idColumn: flags.tradesId,
    isNamed: flags.trades !== undefined,
  });
  const { paths, decisionTimeMs } = own.scored;
  return {
    name: bundle === null ? basename(file) : `bundle ${bundle.id}`,
    file,
    bundle,
    scored: own.scored,
    judge: { ...JUDGE_DEFAULTS, embargoMs: options.horizonMs, ...training, ...options.judge },
    traded,
    lines: [
      `predictions: ${file}${bundle === null ? '' : ` of bundle ${bundle.id}`}: ${decisionTimeMs.length} signals, ${paths} out-of-fold predictions each`,
      traded === null
        ? `trades: which of the signals were traded is not known (${trades})`
        : `trades: ${traded.trades} of ${traded.file}; ${traded.rows.length} of the signals were traded`,
      ...idleFlags(flags),
    ],
  };
}

/** Flags of a join that is not needed. */
function idleFlags(flags: EvFlags): string[] {
  const { predTs, tradesTs, predSym, tradesSym, predId, predLabel, dedup, round, tol } = flags;
  const given = Object.entries({
    '--pred-ts': predTs,
    '--trades-ts': tradesTs,
    '--pred-sym': predSym,
    '--trades-sym': tradesSym,
    '--pred-id': predId,
    '--pred-label': predLabel,
    '--dedup': dedup,
    '--round': round,
    '--tol': tol,
  }).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (given.length === 0) return [];
  return [
    `${given.join(', ')}: not needed, donch's own predictions carry their outcomes and every path counts by itself`,
  ];
}

async function foreignSource(flags: EvFlags, { settings, options, context, file, table }: Read): Promise<EvSource> {
  const trades = tradesFile(flags, { settings, context });
  const found = foreignPredictions({
    predictions: table,
    trades: await readTable(trades),
    flags,
    options,
    intervalMs: intervalMs(settings.config.values.TIMEFRAME),
  });
  const { holdoutMs } = researchWindow(settings.config.values);
  const scored = scoredBeforeHoldout(found.scored, holdoutMs, context);
  if (scored.decisionTimeMs.length === 0)
    throw new DonchError('low_coverage', 'no trade has a prediction', { file, expected: 'at least one' });
  return {
    name: basename(file),
    file,
    bundle: null,
    scored,
    calibrators: ['none'],
    judge: { ...JUDGE_DEFAULTS, embargoMs: options.horizonMs, ...options.judge },
    traded: null,
    lines: [`predictions: ${file}`, `trades: ${trades}`, ...found.lines],
  };
}

function tradesFile({ trades }: EvFlags, { settings, context }: Place): string {
  return trades === undefined ? join(settings.folder, 'results', 'trades.csv') : resolveUserPath(context.cwd, trades);
}

/** The curve, and its drawing under the same name. */
function writeCurve(judgement: EvJudgement, out: string, whose: string): string[] {
  const { path } = writeTable(out, evCurveTable(judgement));
  const svg = evChart(judgement, whose);
  if (svg === null) return [path];
  const drawing = `${out.replace(/\.(parquet|csv|csv\.gz)$/i, '')}.svg`;
  writeFileAtomic(drawing, svg);
  return [path, drawing];
}

function writtenLines(written: WrittenBundle | null): string[] {
  if (written === null) return [];
  const { id, folder, shownAt, isNew } = written;
  if (!isNew) return [`bundle ${id} has this p* already: nothing to write`];
  return [
    `bundle ${id}: ${folder}`,
    shownAt === null
      ? 'it is not in use yet: donch deploy-model'
      : `shown at ${shownAt}; the one before stays under models/`,
  ];
}

interface Told {
  readonly source: EvSource;
  readonly judgement: EvJudgement;
  readonly written: WrittenBundle | null;
  readonly files: readonly string[];
  readonly userPstar: number | null;
}

function evDocument({ source, judgement, written, files, userPstar }: Told): Readonly<Record<string, unknown>> {
  const { all, traded, pstar } = judgement;
  return documentOf('ev', {
    ok: true,
    predictions: source.file,
    bundle: source.bundle?.id ?? null,
    trades: source.traded?.file ?? null,
    ...source.judge,
    notes: source.lines,
    pstar,
    pstarSource: userPstar !== null ? 'user' : Number.isNaN(pstar) ? 'none' : 'chosen',
    all: judgedDocument(all),
    traded: traded === null ? null : judgedDocument(traded),
    files,
    written: written === null ? null : { ...written },
  });
}
