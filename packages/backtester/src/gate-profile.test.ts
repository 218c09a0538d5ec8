import {
  DecisionRows,
  DAY_MS,
  funnelRow,
  rowsOf,
  TABLES,
  TableBuilder,
  WEEK_MS,
  type Decision,
  type GateCheck,
  type GateResult,
  type Row,
  type Table,
} from '@donch/core';
import { TEST_START_MS, TEST_STRATEGY, testInstrument } from '@donch/testkit';
import { expect, it } from 'vitest';
import { gateProfile } from './gate-profile.ts';

type Gates = Readonly<Record<string, GateResult>>;

const check = (gate: string, result: GateResult): GateCheck => ({
  gate,
  value: 1,
  comparison: '>=',
  threshold: 0,
  thresholdHigh: Number.NaN,
  result,
  detail: '',
});

/** Records of an event at noon of a week, counted from the start week (a Monday). */
function record(event: Decision['event'], week: number, gates: Gates, strategyId = TEST_STRATEGY): Decision {
  return {
    decisionTimeMs: TEST_START_MS + week * WEEK_MS + DAY_MS / 2,
    strategyId,
    instrumentId: testInstrument('AAA'),
    stage: event === 'judged' ? 'engine' : 'setup',
    event,
    signalId: null,
    verdict: 'state',
    reason: '',
    gates: Object.entries(gates).map(([gate, result]) => check(gate, result)),
  };
}

function decisionsOf(records: readonly Decision[]): Table {
  const rows = new DecisionRows();
  for (const decision of records) rows.append(decision);
  return rows.finish();
}

function funnelOf(failed: readonly (readonly [week: number, byGate: Readonly<Record<string, number>>])[]): Table {
  const builder = new TableBuilder('funnel', TABLES.funnel.columns);
  const none = { symbols: 1, present: 1, late: 0, notReady: 0, idle: 1, broken: 0, touched: 0, entries: 0, signals: 0 };
  for (const [week, failedByGate] of failed) {
    const decisionTimeMs = TEST_START_MS + week * WEEK_MS;
    builder.append(funnelRow({ ...none, decisionTimeMs, strategyId: TEST_STRATEGY, failedByGate }));
  }
  return builder.finish();
}

const profileOf = (table: Table): Readonly<Record<string, Row>> =>
  Object.fromEntries(rowsOf(table).map((row) => [`${String(row['stage'])} ${String(row['gate'])}`, row]));

it('counts answers, and the shares of weeks by hand', () => {
  // week 0: 1 of 2 passes; week 1: nobody asks; week 2: 3 of 4, one not ready
  const results: readonly (readonly [week: number, result: GateResult])[] = [
    [0, 'pass'],
    [0, 'fail'],
    [2, 'pass'],
    [2, 'pass'],
    [2, 'pass'],
    [2, 'not_ready'],
  ];
  const decisions = decisionsOf(results.map(([week, rs]) => record('entry', week, { trigger: 'pass', rs })));
  const rows = rowsOf(gateProfile(decisions, null));
  expect(rows).toEqual([
    {
      strategy_id: TEST_STRATEGY,
      stage: 'entry',
      gate: 'rs',
      gate_order: 0,
      asked: 6,
      passed: 4,
      failed: 1,
      not_ready: 1,
      pass_share: 4 / 6,
      weeks: 2,
      week_share_mean: 0.625,
      // (0.5, 0.75): sd = 0.25 / sqrt(2)
      week_share_sd: Math.sqrt(0.03125),
    },
  ]);
});

it('a week ends on Sunday 24:00 UTC; one week alone has no spread', () => {
  const at = (ms: number): Decision => ({ ...record('judged', 0, { max_open: 'pass' }), decisionTimeMs: ms });
  const weeks = (...times: readonly number[]): unknown =>
    profileOf(gateProfile(decisionsOf(times.map(at)), null))['engine max_open'];
  const monday = TEST_START_MS + WEEK_MS;
  expect(weeks(TEST_START_MS, monday - 1)).toMatchObject({ weeks: 1, week_share_sd: null });
  expect(weeks(TEST_START_MS, monday)).toMatchObject({ weeks: 2, week_share_sd: 0 });
});

it('breakouts that a gate stopped come from the funnel; whoever failed by volume had confirmed its close', () => {
  const broken = record('broken', 0, { breakout: 'pass', confirm_close: 'pass', volume: 'pass' });
  const profile = profileOf(
    gateProfile(
      decisionsOf([broken, { ...broken, event: 'replaced' }]),
      funnelOf([[0, { confirm_close: 4, volume: 6, rs: 9 }]]),
    ),
  );
  expect(Object.keys(profile)).toEqual(['breakout confirm_close', 'breakout volume']);
  expect(profile['breakout confirm_close']).toMatchObject({ asked: 12, passed: 8, failed: 4 });
  expect(profile['breakout volume']).toMatchObject({ asked: 8, passed: 2, failed: 6, pass_share: 0.25 });
});

it('a strategy that asks for no confirmed close has no such gate', () => {
  const broken = record('broken', 0, { breakout: 'pass', volume: 'pass' });
  const profile = profileOf(gateProfile(decisionsOf([broken]), funnelOf([[0, { volume: 1 }]])));
  expect(Object.keys(profile)).toEqual(['breakout volume']);
});

it('state changes are no gates; strategies, stages and gates stand in the order of judging', () => {
  const other = record('entry', 0, { b: 'pass', a: 'fail' }, 'another' as typeof TEST_STRATEGY);
  const decisions = decisionsOf([
    record('judged', 0, { second: 'pass' }),
    record('expired', 0, { touch_window_hours: 'fail' }),
    record('entry', 0, { trigger: 'pass', x: 'pass' }),
    other,
  ]);
  expect(
    rowsOf(gateProfile(decisions, null)).map((row) => [row['strategy_id'], row['gate'], row['gate_order']]),
  ).toEqual([
    ['another', 'b', 0],
    ['another', 'a', 1],
    ['test', 'x', 2],
    ['test', 'second', 3],
  ]);
});
