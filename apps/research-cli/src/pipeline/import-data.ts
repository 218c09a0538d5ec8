/** `donch import`: the importer with the project's store behind it, and the project told what it holds now. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DonchError, type Interval } from '@donch/core';
import {
  importFiles,
  importReportJson,
  openStoreForWrite,
  planImport,
  renderImportReport,
  resolveUserPath,
  StoreSink,
  writeFileAtomic,
  type ImportOptions,
  type ImportReport,
} from '@donch/data';
import type { CommandContext } from '../cli/command-runner.ts';
import { EXIT } from '../cli/exit-codes.ts';
import type { ImportFlags } from '../commands/import.ts';
import { openProject, type ProjectContext } from './project-context.ts';

/** Imports files; exit code 3 when a file was refused, 130 after Ctrl-C. */
export async function runImport(
  paths: readonly string[],
  flags: ImportFlags,
  { terminal, signal }: CommandContext,
): Promise<number> {
  const project = openProject(flags, terminal);
  const options = importOptions(flags, project);
  const resolved = paths.map((path) => resolveUserPath(process.cwd(), path));
  if (flags.dryRun === true) {
    const plan = await planImport(resolved, { options, nowMs: Date.now() });
    for (const { file, kind, venue, symbol, interval, assumptions, problem } of plan.files) {
      terminal.result(
        `${file}: ${problem === null ? [kind, venue, symbol, interval].filter((part) => part !== null).join(' ') : problem.message}`,
      );
      for (const assumption of assumptions) terminal.result(`  ${assumption}`);
    }
    terminal.document({
      ok: plan.files.every(({ problem }) => problem === null),
      plan: plan.files.map(({ problem, ...file }) => ({ ...file, problem: problem?.message ?? null })),
    });
    return EXIT.ok;
  }
  const report = await importInto(project, { paths: resolved, options, signal }, terminal);
  rememberVenue(project, report, terminal);
  terminal.result(renderImportReport(report));
  const refused = report.files.filter(({ status }) => status !== 'imported').length;
  terminal.document({
    ok: refused === 0 && report.stopped === null,
    refusedFiles: refused,
    report: importReportJson(report),
  });
  if (report.stopped === 'aborted') return EXIT.interrupted;
  if (report.stopped !== null) throw report.stopped;
  return refused === 0 ? EXIT.ok : EXIT.data;
}

interface ImportInput {
  readonly paths: readonly string[];
  readonly options: ImportOptions;
  readonly signal: AbortSignal;
}

async function importInto(
  project: ProjectContext,
  { paths, options, signal }: ImportInput,
  terminal: CommandContext['terminal'],
): Promise<ImportReport> {
  const store = openStoreForWrite(project.dataFolder);
  const nowMs = Date.now();
  try {
    const progress = terminal.progress('importing', 1, 'of all files');
    const report = await importFiles({
      paths,
      options,
      sink: new StoreSink(store, nowMs),
      rejectsFolder: join(project.dataFolder, 'rejects'),
      nowMs,
      signal,
      onProgress: ({ filesDone, files }) => progress.set(filesDone / files),
    });
    progress.done();
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
    interval: flags.interval as Interval | undefined,
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

/** The first import of a project writes venue and interval into config.yaml, at its end, so that the user's text stays as it is. */
function rememberVenue(
  { config, configPath }: ProjectContext,
  { venue, interval }: ImportReport,
  terminal: CommandContext['terminal'],
): void {
  const lines: string[] = [];
  if (venue !== null && config.origins.VENUE.layer === 'default') lines.push(`VENUE: ${venue}`);
  if (interval !== null && config.origins.TIMEFRAME.layer === 'default') lines.push(`TIMEFRAME: ${interval}`);
  if (lines.length === 0) return;
  const text = readFileSync(configPath, 'utf8');
  writeFileAtomic(configPath, `${text.trimEnd()}\n\n# Written by the first donch import.\n${lines.join('\n')}\n`);
  terminal.info(`${configPath}: wrote ${lines.join(', ')}`);
}
