/** `donch import`: the importer with the project's store behind it, and the project told what it holds now. */
import { join } from 'node:path';
import { type CommandContext, EXIT, interruption, type Progress } from '@donch/cli';
import { DonchError } from '@donch/core';
import {
  importFiles,
  importReportJson,
  openStoreForWrite,
  planImport,
  renderImportPlan,
  renderImportReport,
  resolveUserPath,
  StoreSink,
  type ImportOptions,
  type ImportPlan,
  type ImportReport,
} from '@donch/data';
import { openProject, type ProjectContext } from '@donch/project';
import { documentOf } from '../cli/documents.ts';
import type { ImportFlags } from '../commands/import.ts';
import { rememberVenue } from './remember-venue.ts';

/** Imports files; exit code 3 when a file was refused, 130 after Ctrl-C. */
export async function runImport(
  paths: readonly string[],
  flags: ImportFlags,
  context: CommandContext,
): Promise<number> {
  const { terminal, cwd } = context;
  const project = openProject(flags, context);
  const options = importOptions(flags, project);
  const resolved = paths.map((path) => resolveUserPath(cwd, path));
  if (flags.dryRun === true) return showPlan(await planImport(resolved, { options, nowMs: Date.now() }), context);
  const report = await importInto(project, { paths: resolved, options }, context);
  rememberVenue(project, { ...report, by: 'import' }, terminal);
  terminal.result(renderImportReport(report));
  if (report.stopped === 'aborted') throw interruption();
  if (report.stopped !== null) throw report.stopped;
  const refusedFiles = report.files.filter(({ status }) => status !== 'imported').length;
  terminal.document(
    documentOf('import', { ok: refusedFiles === 0, refusedFiles, report: importReportJson(report), plan: [] }),
  );
  return refusedFiles === 0 ? EXIT.ok : EXIT.data;
}

/** What each file would be taken for; exit code 3 when one would be refused. */
function showPlan(plan: ImportPlan, { terminal }: CommandContext): number {
  const ok = plan.files.every(({ problem }) => problem === null);
  terminal.result(renderImportPlan(plan));
  const files = plan.files.map(({ problem, ...file }) => ({ ...file, problem: problem?.message ?? null }));
  terminal.document(documentOf('import', { ok, refusedFiles: null, report: null, plan: files }));
  return ok ? EXIT.ok : EXIT.data;
}

interface ImportInput {
  readonly paths: readonly string[];
  readonly options: ImportOptions;
}

async function importInto(
  project: ProjectContext,
  { paths, options }: ImportInput,
  { terminal, signal }: CommandContext,
): Promise<ImportReport> {
  const store = openStoreForWrite(project.dataFolder);
  const nowMs = Date.now();
  try {
    let progress: Progress | null = null;
    let rowsBefore = 0;
    const report = await importFiles({
      paths,
      options,
      sink: new StoreSink(store, nowMs),
      rejectsFolder: join(project.dataFolder, 'rejects'),
      nowMs,
      signal,
      onProgress: ({ files, rowsDone }) => {
        progress ??= terminal.progress('importing', files, 'files');
        progress.advance(1, rowsDone - rowsBefore, 'rows');
        rowsBefore = rowsDone;
      },
    });
    terminal.endProgress();
    return report;
  } finally {
    await store.close();
  }
}

/** Flags as importer options; venue and interval of config.yaml stand in for flags that are left out. */
function importOptions(flags: ImportFlags, { config }: ProjectContext): ImportOptions {
  if (flags.strict === true && flags.repair === true)
    throw new DonchError('bad_argument', 'both --strict and --repair', { expected: 'one of them' });
  if (flags.dayFirst === true && flags.monthFirst === true)
    throw new DonchError('bad_argument', 'both --day-first and --month-first', { expected: 'one of them' });
  const venue = flags.venue ?? config.values.VENUE ?? undefined;
  const options: Record<keyof ImportOptions, unknown> = {
    columns: flags.columns === undefined ? undefined : columnMap(flags.columns),
    kind: flags.kind,
    symbol: flags.symbol,
    venue,
    interval: flags.interval,
    timeUnit: flags.timeUnit,
    timeZone: flags.timeZone,
    dayMonthOrder: flags.dayFirst === true ? 'day-first' : flags.monthFirst === true ? 'month-first' : undefined,
    timeLabel: flags.timeLabel,
    mode: flags.strict === true ? 'strict' : flags.repair === true ? 'repair' : undefined,
    conflicts: flags.conflicts,
    revisions: flags.revisions,
    allowPartial: flags.allowPartial,
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as ImportOptions;
}

function columnMap(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split(',').map((part) => {
      const at = part.indexOf('=');
      if (at <= 0)
        throw new DonchError('bad_argument', `--columns ${text}`, {
          expected: 'role=column pairs, e.g. time=Date,open=O',
        });
      return [part.slice(0, at).trim(), part.slice(at + 1).trim()];
    }),
  );
}
