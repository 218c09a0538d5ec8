/** The importer: files and folders in, rows into the store, a report out. One file at a time; each is stored whole or not at all. */

import { join } from 'node:path';
import { DonchError, formatCsvTime, type Interval } from '@donch/core';
import { readFileName } from './file-name.ts';
import { findFiles, type FoundFile } from './find-files.ts';
import { FindingFiles } from './finding-files.ts';
import { FindingLog } from './finding-log.ts';
import { type ImportOptions, resolveOptions, type ResolvedOptions } from './import-options.ts';
import type { FileContent, FileReport, ImportReport } from './import-report.ts';
import type { ImportSink } from './import-sink.ts';
import { loadSource } from './load-source.ts';
import { readSource, type ReadFile } from './read-file.ts';
import { coverageOf, storeFile, storeSteps } from './store-file.ts';

export interface ImportProgress {
  readonly filesDone: number;
  readonly files: number;
  readonly file: string;
  readonly rowsDone: number;
  readonly rowsPerSec: number;
}

export interface ImportRequest {
  /** Files and folders. */
  readonly paths: readonly string[];
  readonly options?: ImportOptions;
  readonly sink: ImportSink;
  /** Folder below which `<time>/findings.csv` and `rejected.csv` are written; null = nowhere. */
  readonly rejectsFolder: string | null;
  /** UTC ms. Bars that close later are in progress and never enter. */
  readonly nowMs: number;
  readonly onProgress?: (progress: ImportProgress) => void;
  /** Checked between files. */
  readonly signal?: AbortSignal;
}

/**
 * Imports files. What is wrong with a file is in its report and never thrown. Throws `bad_import_option` and `no_such_file`
 * before anything is read; an error of the store ends the import and stands in `stopped`.
 */
export async function importFiles(request: ImportRequest): Promise<ImportReport> {
  const options = resolveOptions(request.options ?? {});
  const { files, skipped } = findFiles(request.paths);
  requireOneSymbol(files, options);
  const startMs = performance.now();
  const written = new FindingFiles(join(request.rejectsFolder ?? '', folderName(request.nowMs)));
  const reports: FileReport[] = [];
  let stopped: ImportReport['stopped'] = null;
  let rowsDone = 0;
  for (const file of files) {
    if (request.signal?.aborted === true) stopped = 'aborted';
    if (stopped !== null) break;
    // Files come one after the other: memory stays that of one file, and a stop leaves whole files behind.
    const log = new FindingLog(request.rejectsFolder === null ? null : written.sinkFor(file.path));
    try {
      const report = await importFile(file, { ...request, options, log });
      reports.push(report);
      rowsDone += report.content?.totals.lines ?? 0;
    } catch (error) {
      if (!(error instanceof DonchError)) throw error;
      stopped = error;
    }
    const rowsPerSec = rowsDone / Math.max(1e-3, (performance.now() - startMs) / 1_000);
    request.onProgress?.({ filesDone: reports.length, files: files.length, file: file.path, rowsDone, rowsPerSec });
  }
  return {
    files: reports,
    skipped,
    notStarted: files.slice(reports.length + (stopped instanceof DonchError ? 1 : 0)).map(({ path }) => path),
    stopped,
    ...commonContent(reports),
    acceptedRows: reports.reduce(
      (sum, report) => sum + (report.stored === null ? 0 : (report.content?.totals.accepted ?? 0)),
      0,
    ),
    elapsedMs: performance.now() - startMs,
    ...written.close(),
  };
}

/** One stated symbol for files that name several would pour all of them into one instrument. */
function requireOneSymbol(files: readonly FoundFile[], { symbol }: ResolvedOptions): void {
  if (symbol === null) return;
  const named = new Set(files.flatMap(({ path }) => readFileName(path).symbols));
  if (named.size <= 1) return;
  throw new DonchError(
    'bad_import_option',
    `--symbol is "${symbol}" and the files name ${[...named].slice(0, 5).join(', ')}`,
    {
      remedy: 'Import the files of one symbol at a time when their names have to be overruled.',
    },
  );
}

interface FileContext {
  readonly options: ResolvedOptions;
  readonly sink: ImportSink;
  readonly nowMs: number;
  readonly log: FindingLog;
}

/** One file: read, judged, stored. Errors of the sink pass through. */
async function importFile(
  { path, folders }: FoundFile,
  { options, sink, nowMs, log }: FileContext,
): Promise<FileReport> {
  const name = readFileName(path, folders);
  let read: ReadFile;
  try {
    read = await readSource(await loadSource(path), { options, name, nowMs, log });
  } catch (error) {
    if (!(error instanceof DonchError)) throw error;
    return reportOf(path, log, { refusal: error });
  }
  const content = contentOf(read);
  const refusal = refusalOf(read, options, log);
  if (refusal !== null) return reportOf(path, log, { refusal, content });
  const stored = await storeFile(read, { sink, options, log });
  const steps = read.candles === null ? null : await storeSteps(read.identity.instrumentId, read.candles, sink);
  return reportOf(path, log, { content, stored, steps });
}

/** Reasons to keep a whole file out although its rows could be read. */
function refusalOf(
  { totals, candles, events }: ReadFile,
  options: ResolvedOptions,
  log: FindingLog,
): DonchError | null {
  const times = candles?.openTimeMs ?? events?.timeMs ?? new Float64Array();
  if (log.rowsOf('archive_incomplete') > 0 && !options.allowPartial) {
    const last = times.length === 0 ? '' : ` up to ${formatCsvTime(times[times.length - 1])}`;
    return new DonchError(
      'archive_incomplete',
      `the gzip archive ends too early: ${totals.accepted} complete rows${last} could be read`,
      {
        remedy: 'Fetch the file again, or set --allow-partial to keep these rows.',
      },
    );
  }
  if (options.mode === 'strict' && log.total('error') > 0) {
    return new DonchError('strict_refused', `${log.total('error')} errors in a file that had to be without any`, {
      remedy: 'See the findings; correct the file or import without strict.',
    });
  }
  if (times.length === 0)
    return new DonchError('no_usable_row', 'no row of the file is usable', { remedy: 'See the findings.' });
  if (totals.rejected > totals.accepted + totals.duplicates) {
    return new DonchError(
      'mostly_unusable',
      `${totals.rejected} of ${totals.lines} rows are not usable, more than are`,
      {
        remedy: 'The file is probably misread. See the findings and name columns, unit or zone by option.',
      },
    );
  }
  return null;
}

function contentOf({ identity, candles, events, ...read }: ReadFile): FileContent {
  const { kind, interval, columns, assumptions, totals, gaps } = read;
  const { instrumentId, venue, symbol } = identity;
  const times = candles?.openTimeMs ?? events?.timeMs ?? new Float64Array();
  const coverage = coverageOf(times, gaps);
  return { kind, instrumentId, venue, symbol, interval, columns, assumptions, totals, coverage, gaps };
}

function reportOf(file: string, log: FindingLog, parts: Partial<FileReport>): FileReport {
  const refusal = parts.refusal ?? null;
  return {
    file,
    status: refusal === null ? 'imported' : 'refused',
    refusal,
    content: null,
    stored: null,
    steps: null,
    ...parts,
    findings: log.counts(),
    errors: log.total('error'),
    warnings: log.total('warning'),
  };
}

function commonContent(reports: readonly FileReport[]): { venue: string | null; interval: Interval | null } {
  const stored = reports.flatMap(({ content, status }) => (content !== null && status === 'imported' ? [content] : []));
  const candles = stored.filter(({ kind }) => kind === 'candles');
  return {
    venue: only(stored.map(({ venue }) => venue)),
    interval: only(candles.map(({ interval }) => interval)),
  };
}

function only<T>(values: readonly T[]): T | null {
  return new Set(values).size === 1 ? values[0] : null;
}

/** `20261130T120000Z`: no colon, which Windows forbids in names. */
function folderName(nowMs: number): string {
  return formatCsvTime(Math.floor(nowMs / 1_000) * 1_000)
    .replace('+00:00', 'Z')
    .replace(' ', 'T')
    .replaceAll(/[-:]/g, '');
}
