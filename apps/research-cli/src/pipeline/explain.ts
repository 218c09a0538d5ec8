/** `donch why`: decision records of one symbol, grouped into set-ups, each gate with value, threshold and verdict. */
import { join } from 'node:path';
import {
  DonchError,
  formatMinute,
  parseTimeArgument,
  rowsOf,
  symbolOf,
  TABLES,
  takeRows,
  textsOf,
  type InstrumentId,
  type Row,
  type Table,
} from '@donch/core';
import { readTable, RunStore, type Run } from '@donch/data';
import type { CommandContext } from '../cli/command-runner.ts';
import { wholeNumber } from '../cli/flags.ts';
import type { WhyFlags } from '../commands/why.ts';
import { openProject } from './project-context.ts';

export interface WhyQuestion {
  readonly symbol: string;
  readonly time: string | undefined;
}

/** One decision record: its common columns and its gates. */
interface DecisionRecord {
  readonly timeMs: number;
  readonly strategyId: string;
  readonly event: string;
  readonly verdict: string;
  readonly reason: string | null;
  readonly signalId: string | null;
  readonly gates: readonly Row[];
}

/** Prints the answer. Throws `no_run` without a run, `unknown_symbol` for one that the run did not look at. */
export async function explainSymbol(
  { symbol, time }: WhyQuestion,
  flags: WhyFlags,
  { terminal }: CommandContext,
): Promise<void> {
  const project = openProject(flags, terminal);
  const run = findRun(new RunStore(project.resultsFolder), flags.run);
  const table = await readTable(join(run.folder, 'decisions.parquet'), TABLES.decisions);
  const records = recordsOf(ofSymbol(table, symbol));
  const setups = groupSetups(records);
  const atMs = time === undefined ? null : parseTimeArgument(time, 'time');
  const chosen =
    atMs === null
      ? setups.slice(-wholeNumber(flags.last, '--last', 1))
      : setups.filter((setup) => covers(setup, atMs)).slice(-1);
  if (records.length === 0) {
    terminal.result(
      `${symbol.toUpperCase()}: no decision in run ${run.id}: no bar went above the breakout level with its conditions (or the symbol is not in the universe, or lacked history)`,
    );
  } else if (chosen.length === 0 && atMs !== null) {
    terminal.result(`${symbol.toUpperCase()}: no set-up at or before ${formatMinute(atMs)} UTC in run ${run.id}`);
  }
  for (const setup of chosen) terminal.result(setupLines(symbol.toUpperCase(), setup).join('\n'));
  const last = records.at(-1);
  if (atMs === null && last !== undefined) terminal.result(`now: ${standing(last)}`);
  terminal.document({ ok: true, runId: run.id, symbol: symbol.toUpperCase(), setups: chosen });
}

/** The run asked for, or the latest. */
export function findRun(runs: RunStore, wanted: string | undefined): Run {
  const id = wanted ?? runs.latest();
  if (id === null) throw new DonchError('no_run', 'there is no run yet', { remedy: 'start with donch run' });
  const found = runs.find(id);
  if (found.kind === 'found') return found.run;
  throw new DonchError('no_run', `run ${id} ${found.kind === 'none' ? 'does not exist' : 'is damaged'}`, {
    expected:
      runs
        .list()
        .slice(0, 5)
        .map((run) => run.id)
        .join(', ') || 'a run of this project',
    remedy: 'donch run makes it again',
  });
}

function ofSymbol(table: Table, symbol: string): Table {
  const wanted = symbol.toUpperCase();
  const ids = textsOf(table, 'instrument_id');
  const rows = ids.flatMap((id, row) =>
    id !== null && symbolOf(id as InstrumentId).toUpperCase() === wanted ? [row] : [],
  );
  return takeRows(table, rows);
}

function recordsOf(table: Table): DecisionRecord[] {
  const records: (DecisionRecord & { readonly gates: Row[] })[] = [];
  for (const row of rowsOf(table)) {
    if (row['gate_index'] === 0) {
      records.push({
        timeMs: Number(row['decision_time']),
        strategyId: String(row['strategy_id']),
        event: String(row['event']),
        verdict: String(row['verdict']),
        reason: row['reason'] === null ? null : String(row['reason']),
        signalId: row['signal_id'] === null ? null : String(row['signal_id']),
        gates: [],
      });
    }
    if (row['gate'] !== null) records.at(-1)?.gates.push(row);
  }
  return records;
}

/** A set-up begins with a breakout; what follows belongs to it. */
function groupSetups(records: readonly DecisionRecord[]): DecisionRecord[][] {
  const open = new Map<string, DecisionRecord[]>();
  const setups: DecisionRecord[][] = [];
  for (const record of records) {
    const current = open.get(record.strategyId);
    if (record.event === 'broken' || current === undefined) {
      const setup = [record];
      open.set(record.strategyId, setup);
      setups.push(setup);
    } else current.push(record);
  }
  return setups;
}

const covers = (setup: readonly DecisionRecord[], timeMs: number): boolean => setup[0].timeMs <= timeMs;

const EVENT_TEXT: Readonly<Record<string, string>> = {
  broken: 'breakout',
  replaced: 'a higher breakout takes over',
  touched: 'pullback to the level',
  entry: 'trigger',
  expired: 'window over',
  invalidated: 'fell too far',
  rearmed: 'armed again',
  judged: 'account',
};

function setupLines(symbol: string, setup: readonly DecisionRecord[]): string[] {
  const lines = [`${symbol}  ${setup[0].strategyId}`];
  for (const record of setup) {
    lines.push(`  ${formatMinute(record.timeMs)}  ${EVENT_TEXT[record.event] ?? record.event}${verdictText(record)}`);
    for (const gate of record.gates) lines.push(`      ${gateLine(gate)}`);
  }
  return lines;
}

function verdictText({ verdict, reason, event }: DecisionRecord): string {
  if (verdict === 'state') return '';
  if (verdict === 'signal') return ': SIGNAL, all filters passed';
  if (verdict === 'accepted') return ': ENTERED';
  return `: ${event === 'judged' ? 'not entered' : 'no signal'}, stopped by ${reason ?? '?'}`;
}

const MARKS: Readonly<Record<string, string>> = { pass: 'pass', fail: 'FAIL', not_ready: 'NOT READY' };

function gateLine(gate: Row): string {
  const mark = MARKS[String(gate['result'])] ?? '';
  const high = gate['threshold_high'] === null ? '' : ` .. ${short(gate['threshold_high'])}`;
  const detail = gate['detail'] === null ? '' : `  (${String(gate['detail'])})`;
  return `${String(gate['gate']).padEnd(22)} ${mark.padEnd(9)} ${short(gate['value']).padStart(12)} ${String(gate['comparison'])} ${short(gate['threshold'])}${high}${detail}`;
}

function short(cell: Row[string]): string {
  if (typeof cell !== 'number') return cell === null ? '-' : String(cell);
  return Number.isInteger(cell) ? String(cell) : Number(cell.toPrecision(6)).toString();
}

const STANDING: Readonly<Record<string, string>> = {
  broken: 'broken out, waits for the pullback to the level',
  replaced: 'broken out, waits for the pullback to the level',
  touched: 'pulled back, waits for the trigger',
  entry: 'the set-up ended with its trigger; waits to be armed again by a close back at the level or a higher level',
  judged: 'the set-up ended with its trigger; waits to be armed again by a close back at the level or a higher level',
  expired: 'the set-up expired; waits to be armed again by a close back at the level or a higher level',
  invalidated: 'the set-up was given up; waits to be armed again by a close back at the level or a higher level',
  rearmed: 'no set-up; waits for a breakout on volume',
};

function standing({ event, timeMs }: DecisionRecord): string {
  return `${STANDING[event] ?? event} (since ${formatMinute(timeMs)} UTC)`;
}
