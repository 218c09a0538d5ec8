/** `donch report`: a run as a page, as Markdown, as charts. */
import { join } from 'node:path';
import { type CommandContext, grouped } from '@donch/cli';
import { DonchError } from '@donch/core';
import { openStore, resolveUserPath, RunStore, writeFileAtomic, type Run, type Store } from '@donch/data';
import { openProject } from '@donch/project';
import { buildReport, type Report } from '@donch/report';
import { documentOf } from '../cli/documents.ts';
import type { ReportFlags } from '../commands/report.ts';
import { findRun } from './find-run.ts';
import { whilePublishing } from './publish-lock.ts';
import { encodeReport, REPORT_FORMATS, type ReportFile, type ReportFormat } from './report-files.ts';
import { readReportInput } from './report-input.ts';

/** `donch report [run]`. */
export async function runReport(
  wanted: string | undefined,
  flags: ReportFlags,
  context: CommandContext,
): Promise<void> {
  const { terminal, cwd } = context;
  const formats = formatsOf(flags.format);
  const target = targetOf(flags.out, formats, cwd);
  const { resultsFolder, dataFolder } = openProject(flags, context);
  const run = findRun(new RunStore(resultsFolder), wanted);
  const made = await makeReport({ run, store: openStore(dataFolder), formats, context });
  const files =
    target?.file === undefined ? made.files : made.files.map((file) => ({ ...file, name: target.file ?? '' }));
  const folder = target?.folder ?? reportFolder(resultsFolder, run);
  const written = files.map((file) => writeReportFile(folder, file));
  const latest = target === null ? publishLatest({ resultsFolder, run, files }) : null;
  for (const { path, bytes } of written) terminal.result(`${path} (${grouped(Math.ceil(bytes / 1024))} kB)`);
  if (latest !== null) terminal.result(`the latest report: ${latest}`);
  const { trades, drawnTrades } = made;
  terminal.document(documentOf('report', { ok: true, runId: run.id, trades, drawnTrades, files: written, latest }));
}

/** The formats of `--format`. Throws `bad_argument`. */
function formatsOf(text: string): ReportFormat[] {
  const names = text.split(',').map((name) => name.trim().toLowerCase());
  const formats = REPORT_FORMATS.filter((format) => names.includes(format));
  const unknown = names.find((name) => !(REPORT_FORMATS as readonly string[]).includes(name));
  if (unknown === undefined) return formats;
  throw new DonchError('bad_argument', `--format names "${unknown}"`, { expected: REPORT_FORMATS.join(', ') });
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
  const ending = /\.(html|md)$/i.exec(path)?.[1]?.toLowerCase();
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
  readonly store: Store;
  readonly formats: readonly ReportFormat[];
  readonly context: CommandContext;
}

interface MadeReport {
  readonly files: readonly ReportFile[];
  readonly trades: number;
  /** Trades with a drawing. */
  readonly drawnTrades: number;
}

async function makeReport({ run, store, formats, context }: ReportRequest): Promise<MadeReport> {
  const report = buildReport(await readReportInput({ run, store, context }));
  return { files: await encodeReport(report, formats), ...countTrades(report) };
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
export async function publishReport(resultsFolder: string, request: Omit<ReportRequest, 'formats'>): Promise<string> {
  const { files } = await makeReport({ ...request, formats: ['html'] });
  const written = files.map((file) => writeReportFile(reportFolder(resultsFolder, request.run), file));
  return publishLatest({ resultsFolder, run: request.run, files }) ?? written[0].path;
}
