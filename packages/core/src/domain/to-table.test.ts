import { describe, expect, it } from 'vitest';
import { rowsOf, TableBuilder } from '../table.ts';
import type { Decision, GateCheck } from './signal.ts';
import { TABLES } from './tables.ts';
import { appendDecision } from './to-table.ts';

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
  const builder = new TableBuilder('decisions', TABLES.decisions.columns, 1);
  appendDecision(builder, decision);
  return rowsOf(builder.finish());
}

describe('appendDecision', () => {
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
});

describe('TableBuilder.appendCells', () => {
  const shapes = [
    { name: 'word', type: 'text' },
    { name: 'number', type: 'float' },
  ] as const;

  it('takes one cell per column, by position', () => {
    const builder = new TableBuilder('t', shapes, 1);
    builder.appendCells(['a', 1]);
    builder.append({ number: 2 });
    builder.appendCells([null, null]);
    expect(rowsOf(builder.finish())).toEqual([
      { word: 'a', number: 1 },
      { word: null, number: 2 },
      { word: null, number: null },
    ]);
  });

  it.each([
    { cells: ['a'], message: 'one cell per column' },
    { cells: [1, 1], message: 't.word holds text' },
    { cells: ['a', 'b'], message: 't.number holds numbers' },
  ])('refuses $cells', ({ cells, message }) => {
    expect(() => {
      new TableBuilder('t', shapes).appendCells(cells);
    }).toThrow(message);
  });
});
