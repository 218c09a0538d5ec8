/** Decision records of one symbol out of the decisions table of a run, grouped into set-ups. */
import {
  rowsOf,
  symbolOf,
  takeRows,
  textsOf,
  type GateCheck,
  type InstrumentId,
  type Row,
  type Table,
} from '@donch/core';

/** One decision record: its common columns and its gates. */
export interface DecisionRecord {
  readonly timeMs: number;
  readonly strategyId: string;
  readonly event: string;
  readonly verdict: string;
  readonly reason: string | null;
  readonly signalId: string | null;
  readonly gates: readonly GateCheck[];
}

/** Records of the symbol (in any case), ascending; what the account says about an entry stands right behind it. */
export function recordsOf(decisions: Table, symbol: string): DecisionRecord[] {
  const wanted = symbol.toUpperCase();
  const rows = textsOf(decisions, 'instrument_id').flatMap((id, row) =>
    id !== null && symbolOf(id as InstrumentId).toUpperCase() === wanted ? [row] : [],
  );
  return judgedBehindEntry(parseRecords(takeRows(decisions, rows)));
}

function parseRecords(table: Table): DecisionRecord[] {
  const records: (DecisionRecord & { readonly gates: GateCheck[] })[] = [];
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
    if (row['gate'] !== null) records.at(-1)?.gates.push(gateOf(row));
  }
  return records;
}

/** A row of the decisions table as the gate that was written; null = NaN. */
function gateOf(row: Row): GateCheck {
  const number = (name: string): number => (typeof row[name] === 'number' ? row[name] : Number.NaN);
  return {
    gate: String(row['gate']),
    value: number('value'),
    comparison: String(row['comparison']) as GateCheck['comparison'],
    threshold: number('threshold'),
    thresholdHigh: number('threshold_high'),
    result: String(row['result']) as GateCheck['result'],
    detail: row['detail'] === null ? '' : String(row['detail']),
  };
}

/** In the table all records of the strategy stand before those of the account. */
function judgedBehindEntry(records: readonly DecisionRecord[]): DecisionRecord[] {
  const judged = new Map(
    records.filter(({ event }) => event === 'judged').map((record) => [keyOf(record), record] as const),
  );
  const entries = new Set(records.filter(({ event }) => event === 'entry').map(keyOf));
  return records.flatMap((record) => {
    if (record.event === 'judged' && entries.has(keyOf(record))) return [];
    const answer = record.event === 'entry' ? judged.get(keyOf(record)) : undefined;
    return answer === undefined ? [record] : [record, answer];
  });
}

function keyOf({ strategyId, signalId }: DecisionRecord): string {
  return `${strategyId}|${signalId ?? ''}`;
}

/** A set-up begins with a breakout; what follows belongs to it. Ascending by the breakout. */
export function groupSetups(records: readonly DecisionRecord[]): DecisionRecord[][] {
  const open = new Map<string, DecisionRecord[]>();
  const setups: DecisionRecord[][] = [];
  for (const record of records) {
    const current = open.get(record.strategyId);
    if (record.event === 'broken' || current === undefined) {
      const setup = [record];
      open.set(record.strategyId, setup);
      setups.push(setup);
    } else {
      current.push(record);
    }
  }
  return setups;
}

/** Of each strategy the last set-up that had begun by then. */
export function setupsAt(
  setups: readonly (readonly DecisionRecord[])[],
  timeMs: number,
): (readonly DecisionRecord[])[] {
  const last = new Map<string, readonly DecisionRecord[]>();
  for (const setup of setups) if (setup[0].timeMs <= timeMs) last.set(setup[0].strategyId, setup);
  return [...last.values()];
}
