/** `donch why`: the decision records of one symbol, and where it stands at a time, set-up or not. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandContext, isExpected, wholeNumber } from '@donch/cli';
import {
  DonchError,
  formatMinute,
  hashJson,
  instrumentId,
  nearestWord,
  numbersOf,
  parseTimeArgument,
  rowOf,
  symbolOf,
  TABLES,
  type InstrumentId,
  type Row,
} from '@donch/core';
import { readTable, RunStore, type Run } from '@donch/data';
import { openProject, type ProjectContext } from '@donch/project';
import { documentOf } from '../cli/documents.ts';
import type { WhyFlags } from '../commands/why.ts';
import { groupSetups, recordsOf, setupsAt, type DecisionRecord } from './decision-records.ts';
import { funnelLine, setupLines, standingLines } from './explain-text.ts';
import { findRun } from './find-run.ts';
import { setUpResearch, type ResearchSetup } from './research.ts';
import { scanHash } from './scan-hash.ts';
import { standingOf, type Standing } from './standing.ts';

export interface WhyQuestion {
  readonly symbol: string;
  readonly time: string | undefined;
}

/** `donch why SYMBOL [TIME]`. Throws `unknown_symbol` for one that neither store nor run have, `no_run` without anything to tell. */
export async function explainSymbol(question: WhyQuestion, flags: WhyFlags, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const last = wholeNumber(flags.last, '--last', 1);
  const askedMs = question.time === undefined ? null : parseTimeArgument(question.time, 'time');
  const project = openProject(flags, context);
  const run = runOf(project, flags.run);
  const setup = await setupOf(flags, context, run);
  const symbol = question.symbol.toUpperCase();
  const records = run === null ? [] : recordsOf(await decisionsOf(run), symbol);
  const id = setup === null ? null : instrumentIn(setup, symbol, records);
  const setups = groupSetups(records);
  const chosen = askedMs === null ? setups.slice(-last) : setupsAt(setups, askedMs);
  const standings = setup === null || id === null ? [] : await standingOf(setup, id, askedMs ?? Infinity);
  const funnel = await funnelAt(project, run, standings);

  if (run !== null) terminal.result(recordLines({ symbol, run, chosen, askedMs }).join('\n'));
  for (const standing of standings) terminal.result(standingLines(symbol, standing).join('\n'));
  for (const row of funnel) terminal.result(funnelLine(row));
  if (setup !== null && run !== null) noteDifference(setup, run);
  terminal.document(
    documentOf('why', {
      ok: true,
      runId: run?.id ?? null,
      symbol,
      timeMs: askedMs,
      setups: chosen,
      standing: standings,
      funnel,
    }),
  );
}

/** A run that was asked for has to be there; otherwise one is welcome. */
function runOf({ resultsFolder }: ProjectContext, wanted: string | undefined): Run | null {
  const runs = new RunStore(resultsFolder);
  if (wanted === undefined && runs.latest() === null && runs.list().length === 0) return null;
  return findRun(runs, wanted);
}

/** Store, universe and strategies for the standing; null where they cannot be had and a run has something to tell. */
async function setupOf(flags: WhyFlags, context: CommandContext, run: Run | null): Promise<ResearchSetup | null> {
  try {
    return await setUpResearch(flags, context);
  } catch (error) {
    if (run === null || !isExpected(error)) throw error;
    context.terminal.warn(`only what the run has recorded, not where the symbol stands: ${error.message}`);
    return null;
  }
}

function decisionsOf({ folder }: Run): ReturnType<typeof readTable> {
  return readTable(join(folder, 'decisions.parquet'), TABLES.decisions);
}

/** The instrument of a symbol; null when only the run knows it. Throws `unknown_symbol`. */
function instrumentIn(
  { store, universe, interval }: ResearchSetup,
  symbol: string,
  records: readonly DecisionRecord[],
): InstrumentId | null {
  const known = store.candles.instruments(universe.venue, interval);
  const found = known.find((id) => symbolOf(id).toUpperCase() === symbol);
  if (found !== undefined) return instrumentId(universe.venue, symbolOf(found));
  if (records.length > 0) return null;
  const near = nearestWord(symbol, known.map(symbolOf)) ?? known.map(symbolOf).find((name) => name.startsWith(symbol));
  throw new DonchError('unknown_symbol', `neither the store nor the run knows ${symbol}`, {
    ...(near !== undefined && { expected: `a symbol such as ${near}` }),
    remedy: 'donch data status lists what is there',
  });
}

interface RecordsText {
  readonly symbol: string;
  readonly run: Run;
  readonly chosen: readonly (readonly DecisionRecord[])[];
  readonly askedMs: number | null;
}

function recordLines({ symbol, run, chosen, askedMs }: RecordsText): string[] {
  if (chosen.length > 0) return chosen.flatMap((setup) => setupLines(symbol, setup));
  const until = askedMs === null ? '' : ` until ${formatMinute(askedMs)} UTC`;
  return [`${symbol}: no set-up in run ${run.id}${until}: no bar went beyond the level with all its conditions`];
}

/** Rows of the funnel at the bar of the standing, from the scan that the run comes from. */
async function funnelAt(
  { resultsFolder }: ProjectContext,
  run: Run | null,
  standings: readonly Standing[],
): Promise<Row[]> {
  if (run === null || standings.length === 0) return [];
  const { scout_run: scoutRun } = run.manifest.parameters;
  const folder = typeof scoutRun === 'string' ? join(resultsFolder, 'runs', scoutRun) : run.folder;
  const path = join(folder, 'funnel.parquet');
  if (!existsSync(path)) return [];
  const table = await readTable(path, TABLES.funnel);
  const times = numbersOf(table, 'decision_time');
  const rows = Array.from(times.keys()).filter((row) => times[row] === standings[0].timeMs);
  return rows.map((row) => rowOf(table, row));
}

/** The records were made by the run's strategy, the standing by the one that is set now. */
function noteDifference({ strategies, context }: ResearchSetup, { id, manifest }: Run): void {
  const now =
    manifest.command === 'scout' ? scanHash(strategies) : hashJson(strategies.map(({ specHash }) => specHash));
  if (manifest.spec_hash === now) return;
  context.terminal.info(
    `note: strategy, universe or settings are not those of run ${id}: the records are the run's, the standing is of the present settings`,
  );
}
