import { describe, expect, it } from 'vitest';
import { rowsOf } from '../table.ts';
import { DecisionRows } from './decision-rows.ts';
import type { Decision, GateCheck } from './signal.ts';
import { TABLES } from './tables.ts';

const GATE: GateCheck = {
  gate: 'meta',
  value: 0.5,
  comparison: 'between',
  threshold: 0.4,
  thresholdHigh: 0.9,
  result: 'pass',
  detail: 'off',
};

const DECISION: Decision = {
  decisionTimeMs: 1_700_000_000_000,
  strategyId: 's' as Decision['strategyId'],
  instrumentId: 'v:A' as Decision['instrumentId'],
  stage: 'engine',
  event: 'judged',
  signalId: 'id' as NonNullable<Decision['signalId']>,
  verdict: 'skipped',
  reason: 'meta',
  gates: [
    GATE,
    { ...GATE, gate: 'caps', value: Number.NaN, thresholdHigh: Number.NaN, result: 'not_ready', detail: '' },
  ],
};

const COMMON = {
  decision_time: 1_700_000_000_000,
  strategy_id: 's',
  instrument_id: 'v:A',
  stage: 'engine',
  event: 'judged',
  signal_id: 'id',
  verdict: 'skipped',
  reason: 'meta',
};

function rowsFor(decision: Decision): unknown[] {
  const rows = new DecisionRows();
  rows.append(decision);
  return rowsOf(rows.finish());
}

describe('DecisionRows', () => {
  it('writes one row per gate, every value in its own column', () => {
    expect(rowsFor(DECISION)).toEqual([
      {
        ...COMMON,
        gate_index: 0,
        gate: 'meta',
        value: 0.5,
        comparison: 'between',
        threshold: 0.4,
        threshold_high: 0.9,
        result: 'pass',
        detail: 'off',
      },
      {
        ...COMMON,
        gate_index: 1,
        gate: 'caps',
        value: null,
        comparison: 'between',
        threshold: 0.4,
        threshold_high: null,
        result: 'not_ready',
        detail: null,
      },
    ]);
  });

  it('writes one row without gates', () => {
    const nothing = {
      gate: null,
      value: null,
      comparison: null,
      threshold: null,
      threshold_high: null,
      result: null,
      detail: null,
    };
    expect(rowsFor({ ...DECISION, gates: [], signalId: null, reason: '' })).toEqual([
      { ...COMMON, signal_id: null, reason: null, gate_index: 0, ...nothing },
    ]);
  });

  it('keeps all rows while it grows, with the columns of the table in their order', () => {
    const rows = new DecisionRows();
    for (let k = 0; k < 1_000; k += 1) rows.append({ ...DECISION, decisionTimeMs: k });
    const table = rows.finish();
    expect([...table.columns].map(([name, { type }]) => ({ name, type }))).toEqual(
      TABLES.decisions.columns.map(({ name, type }) => ({ name, type })),
    );
    const expected = Array.from({ length: 1_000 }, (_, k) => rowsFor({ ...DECISION, decisionTimeMs: k })).flat();
    expect(rowsOf(table)).toEqual(expected);
  });

  it('writes the words of each decision, whichever said the same before', () => {
    const decisions = Array.from({ length: 60 }, (_, k) => ({
      ...DECISION,
      decisionTimeMs: k,
      gates: Array.from({ length: k % 4 }, (_gate, index) => ({
        ...GATE,
        value: k,
        comparison: k % 5 === 0 ? ('<=' as const) : ('>=' as const),
        result: (k + index) % 3 === 0 ? ('fail' as const) : ('pass' as const),
        detail: k % 7 === 0 ? `detail ${k}` : '',
      })),
    }));
    const rows = new DecisionRows();
    for (const decision of decisions) rows.append(decision);
    expect(rowsOf(rows.finish())).toEqual(decisions.flatMap((decision) => rowsFor(decision)));
  });
});
