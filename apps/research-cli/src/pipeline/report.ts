/** `donch report`: a run as a page, as Markdown, as JSON, as charts; or trades from elsewhere. */
import { join } from 'node:path';
import type { StressReport } from '@donch/backtester';
import { type CommandContext, grouped } from '@donch/cli';
import { DonchError, formatDay, registryName } from '@donch/core';
import { openStore, resolveUserPath, RunStore, writeFileAtomic, type Run, type Store } from '@donch/data';
import { openProject, researchWindow, type ProjectContext } from '@donch/project';
import {
  buildReport,
  renderTradesReport,
  type Report,
  type ReportInput,
  type StressFindings,
  type VariantGroups,
} from '@donch/report';
import { documentOf } from '../cli/documents.ts';
import type { ReportFlags } from '../commands/report.ts';
import { findRun } from './find-run.ts';
import { historyText, holdoutOf } from './holdout-history.ts';
import { whilePublishing } from './publish-lock.ts';
import { encodeReport, type ReportFile, type ReportFormat } from './report-files.ts';
import { variantGroups } from './report-groups.ts';
import { readReportInput } from './report-input.ts';
import { reportOptions, type ReportOptions } from './report-options.ts';
import { selectionOfRun } from './report-selection.ts';
import { readForeignTrades } from './report-trades.ts';
import { stressOf } from './stress.ts';

/** `donch report [run]`, or `donch report --trades-csv <file>`. */
export async function runReport(
  wanted: string | undefined,
  flags: ReportFlags,
  context: CommandContext,
): Promise<void> {
  const options = reportOptions(flags);
  const target = targetOf(flags.out, options.formats, context.cwd);
  const project = openProject(flags, context);
  if (flags.tradesCsv !== undefined) {
    if (wanted !== undefined)
      throw new DonchError('bad_argument', `run ${wanted} and --trades-csv are both named`, {
        expected: 'one of them',
      });
    return reportTrades(flags.tradesCsv, { options, target, project, context });
  }
  const { resultsFolder, dataFolder } = project;
  const run = findRun(new RunStore(resultsFolder), wanted);
  const made = await makeReport({ run, project, store: openStore(dataFolder), options, context });
  const { written, files } = writeFiles(made.files, target, reportFolder(resultsFolder, run));
  const latest = target === null ? publishLatest({ resultsFolder, run, files }) : null;
  const { trades, drawnTrades } = made;
  tell({ runId: run.id, trades, drawnTrades, files: written, latest }, context);
}

interface TradesReport {
  readonly options: ReportOptions;
  readonly target: ReportTarget | null;
  readonly project: ProjectContext;
  readonly context: CommandContext;
}

/** Digits of the hash in the name of a folder. */
const HASH_DIGITS = 16;

async function reportTrades(file: string, { options, target, project, context }: TradesReport): Promise<void> {
  const { holdoutMs } = researchWindow(project.config.values);
  const input = await readForeignTrades({ file, options, holdoutMs, context });
  const made = await encodeReport(renderTradesReport(input), options.formats);
  const folder = join(project.resultsFolder, 'reports', `trades-${input.file.hash.slice(0, HASH_DIGITS)}`);
  const { written } = writeFiles(made, target, folder);
  const trades = input.entryTimeMs.length;
  tell({ runId: null, trades, drawnTrades: 0, files: written, latest: null }, context);
}

interface Told {
  readonly runId: string | null;
  readonly trades: number;
  readonly drawnTrades: number;
  readonly files: readonly WrittenReport[];
  readonly latest: string | null;
}

/** More drawings are not listed on the terminal. */
const DRAWINGS: readonly ReportFormat[] = ['svg', 'png'];

function tell({ files, latest, ...rest }: Told, { terminal }: CommandContext): void {
  for (const { path, bytes } of files.filter(({ format }) => !DRAWINGS.includes(format)))
    terminal.result(`${path} (${grouped(Math.ceil(bytes / 1024))} kB)`);
  const drawings = files.filter(({ format }) => DRAWINGS.includes(format));
  if (drawings.length > 0) terminal.result(`${drawings.length} drawings in ${join(drawings[0].path, '..')}`);
  if (latest !== null) terminal.result(`the latest report: ${latest}`);
  terminal.document(documentOf('report', { ok: true, ...rest, files, latest }));
}

interface Written {
  readonly files: readonly ReportFile[];
  readonly written: readonly WrittenReport[];
}

function writeFiles(made: readonly ReportFile[], target: ReportTarget | null, folder: string): Written {
  const name = target?.file;
  const files = name === undefined ? made : made.map((file) => ({ ...file, name }));
  return { files, written: files.map((file) => writeReportFile(target?.folder ?? folder, file)) };
}

interface ReportTarget {
  readonly folder: string;
  /** Name of the only file; undefined = the usual names. */
  readonly file?: string;
}

/** Where `--out` points to; null = the usual place. Throws `bad_argument` for a file name with several formats. */
function targetOf(out: string | undefined, formats: readonly ReportFormat[], cwd: string): ReportTarget | null {
  if (out === undefined) return null;
  const path = resolveUserPath(cwd, out);
  const ending = /\.(html|md|json)$/i.exec(path)?.[1]?.toLowerCase();
  if (ending === undefined) return { folder: path };
  if (formats.length !== 1 || formats[0] !== ending) {
    throw new DonchError('bad_argument', `--out is a file and --format is ${formats.join(',')}`, {
      expected: `--format ${ending} alone, or a folder`,
    });
  }
  return { folder: join(path, '..'), file: path.slice(join(path, '..').length + 1) };
}

/** A report belongs beside the runs: it can be made again by a newer program, and the folder of a run never changes. */
function reportFolder(resultsFolder: string, { id }: Run): string {
  return join(resultsFolder, 'reports', id);
}

export interface ReportRequest {
  readonly run: Run;
  readonly project: Pick<ProjectContext, 'resultsFolder' | 'config'>;
  readonly store: Store;
  readonly options: ReportOptions;
  readonly context: CommandContext;
}

/** The page as `donch report` makes it without any flag. */
const PAGE_ALONE: ReportOptions = {
  formats: ['html'],
  isComplete: false,
  hasSearch: false,
  returnsColumn: 'pnl_R',
  variantColumns: [],
  selection: {},
};

interface MadeReport {
  readonly files: readonly ReportFile[];
  readonly trades: number;
  /** Trades with a drawing. */
  readonly drawnTrades: number;
}

async function makeReport(request: ReportRequest): Promise<MadeReport> {
  const { options, run, project } = request;
  const holdout = holdoutOf(project);
  const input: ReportInput = {
    ...(await readReportInput(request)),
    ...(holdout !== null && { holdout: `from ${formatDay(holdout.startMs)} on, ${historyText(holdout)}` }),
  };
  const stressed = options.isComplete ? await stressOrReason(request) : null;
  const stress: StressFindings =
    stressed === null
      ? { kind: 'none', why: 'it takes a simulation; donch report --run-all makes it' }
      : typeof stressed === 'string'
        ? { kind: 'none', why: stressed }
        : { kind: 'stress', report: stressed };
  const selection = selectionOfRun({
    run,
    equity: input.equity,
    resultsFolder: project.resultsFolder,
    options: options.selection,
    isPatient: options.hasSearch,
    stress: stressed === null || typeof stressed === 'string' ? null : stressed,
  });
  const groups = groupsOf(input, options);
  const report = buildReport({ ...input, stress, selection, ...(groups !== null && { groups }) });
  const statistics = { run: input.run, notes: input.notes, robustness: report.robustness, selection, stress };
  return { files: await encodeReport(report, options.formats, statistics), ...countTrades(report) };
}

/** What keeps a run from being simulated again, and is said in its report. */
const OUTDATED: readonly string[] = ['run_outdated', 'data_changed'];

/** The stress of the run, or why it cannot be simulated: a sentence without its point. */
async function stressOrReason(request: ReportRequest): Promise<StressReport | string> {
  const { run, project, store, context } = request;
  try {
    return await stressOf({ run, project, store, seed: run.manifest.seed ?? 1, context });
  } catch (error) {
    if (!(error instanceof DonchError) || !OUTDATED.includes(error.code)) throw error;
    context.terminal.warn(error.message);
    return error.message;
  }
}

/** Groups by the columns that were named; null = none were. Throws `bad_argument`, `no_column`. */
function groupsOf(
  { trades }: ReportInput,
  { variantColumns: columns, returnsColumn: results }: ReportOptions,
): VariantGroups | null {
  if (columns.length > 0) return variantGroups(trades, { results, columns });
  if (registryName(results) === 'pnl_r') return null;
  throw new DonchError('bad_argument', `--returns-col is "${results}", and no --variant-cols are named`, {
    expected: 'columns that cut the run into groups: results of whole runs are in R',
  });
}

function countTrades({ data: { trades } }: Report): Pick<MadeReport, 'trades' | 'drawnTrades'> {
  return { trades: trades.path.length, drawnTrades: trades.path.filter((path) => path !== null).length };
}

interface WrittenReport {
  readonly format: ReportFormat;
  readonly path: string;
  readonly bytes: number;
}

function writeReportFile(folder: string, { format, name, content }: ReportFile): WrittenReport {
  const path = join(folder, name);
  writeFileAtomic(path, content, { durable: false });
  return { format, path, bytes: content.length };
}

interface Publishing {
  readonly resultsFolder: string;
  readonly run: Run;
  readonly files: readonly ReportFile[];
}

/** Puts the page where users look first, if the run is the one that `results/` shows; returns its path. */
function publishLatest({ resultsFolder, run, files }: Publishing): string | null {
  const page = files.find(({ format }) => format === 'html');
  return whilePublishing(resultsFolder, () => {
    if (page === undefined || new RunStore(resultsFolder).latest() !== run.id) return null;
    return writeReportFile(resultsFolder, { ...page, name: 'report.html' }).path;
  });
}

/** The page of a run at its usual places, for a command that has just made the run; returns the path to open. */
export async function publishReport(request: Omit<ReportRequest, 'options'>): Promise<string> {
  const { files } = await makeReport({ ...request, options: PAGE_ALONE });
  const { resultsFolder } = request.project;
  const written = files.map((file) => writeReportFile(reportFolder(resultsFolder, request.run), file));
  return publishLatest({ resultsFolder, run: request.run, files }) ?? written[0].path;
}

/** The page and the JSON of `donch report --run-all`, for a command that puts them elsewhere. Throws what stress and reading throw. */
export async function completeReport(request: Omit<ReportRequest, 'options'>): Promise<readonly ReportFile[]> {
  const options: ReportOptions = { ...PAGE_ALONE, formats: ['html', 'json'], isComplete: true, hasSearch: true };
  return (await makeReport({ ...request, options })).files;
}
