import { tableFromRows, TABLES, type Row, type Table } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { groupSetups, recordsOf, setupsAt, type DecisionRecord } from './decision-records.ts';

interface Event {
  readonly time: number;
  readonly event: string;
  readonly stage?: 'setup' | 'engine';
  readonly signal?: string;
  readonly strategy?: string;
  readonly symbol?: string;
  readonly gates?: number;
}

function decisions(events: readonly Event[]): Table {
  const rows = events.flatMap(
    ({ time, event, stage = 'setup', signal, strategy = 'a', symbol = 'BTCUSDT', gates = 1 }) =>
      Array.from({ length: Math.max(1, gates) }, (_, index): Row => ({
        decision_time: time,
        strategy_id: strategy,
        instrument_id: `bybit:${symbol}`,
        stage,
        event,
        signal_id: signal ?? null,
        verdict: 'state',
        gate_index: index,
        ...(gates === 0 ? {} : { gate: `gate${index}`, value: index, comparison: '>=', threshold: 0, result: 'pass' }),
      })),
  );
  return tableFromRows('decisions', TABLES.decisions.columns, rows);
}

const eventsOf = (records: readonly DecisionRecord[]): string[] => records.map(({ event }) => event);

describe('recordsOf', () => {
  it('joins the gates of a record and leaves other symbols out, in any case', () => {
    const table = decisions([
      { time: 1, event: 'broken', gates: 3 },
      { time: 1, event: 'broken', symbol: 'ETHUSDT' },
      { time: 2, event: 'rearmed', gates: 0 },
    ]);
    const records = recordsOf(table, 'btcusdt');
    expect(records.map(({ event, gates }) => [event, gates.length])).toEqual([
      ['broken', 3],
      ['rearmed', 0],
    ]);
    expect(records[0].gates[1]).toEqual({
      gate: 'gate1',
      value: 1,
      comparison: '>=',
      threshold: 0,
      thresholdHigh: Number.NaN,
      result: 'pass',
      detail: '',
    });
  });

  it("puts the account's answer right behind the entry that it judges", () => {
    const table = decisions([
      { time: 5, event: 'entry', signal: 's1' },
      { time: 5, event: 'rearmed' },
      { time: 5, event: 'entry', signal: 's2', strategy: 'b' },
      { time: 5, event: 'judged', stage: 'engine', signal: 's1' },
      { time: 5, event: 'judged', stage: 'engine', signal: 's2', strategy: 'b' },
      { time: 6, event: 'judged', stage: 'engine', signal: 'from a file' },
    ]);
    expect(recordsOf(table, 'BTCUSDT').map(({ event, signalId }) => `${event} ${signalId ?? ''}`.trim())).toEqual([
      'entry s1',
      'judged s1',
      'rearmed',
      'entry s2',
      'judged s2',
      'judged from a file',
    ]);
  });
});

describe('set-ups', () => {
  const records = recordsOf(
    decisions([
      { time: 1, event: 'broken' },
      { time: 2, event: 'broken', strategy: 'b' },
      { time: 3, event: 'touched' },
      { time: 4, event: 'entry' },
      { time: 9, event: 'broken' },
    ]),
    'BTCUSDT',
  );

  it('begin with a breakout, one strategy beside the other', () => {
    expect(groupSetups(records).map(eventsOf)).toEqual([['broken', 'touched', 'entry'], ['broken'], ['broken']]);
  });

  it('at a time are the last ones of each strategy that had begun', () => {
    const setups = groupSetups(records);
    expect(setupsAt(setups, 0)).toEqual([]);
    expect(setupsAt(setups, 3).map(eventsOf)).toEqual([['broken', 'touched', 'entry'], ['broken']]);
    expect(setupsAt(setups, 9).map((setup) => setup[0].timeMs)).toEqual([9, 2]);
  });
});
