import { HOUR_MS, MINUTE_MS, type GateCheck, type InstrumentId, type Signal } from '@donch/core';
import { EngineRig, testInstrument, testSettings, testSignal, type SettingsChanges } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { initialState, type EngineState } from '../state.ts';
import { GATES } from './gate-list.ts';
import { atLeast, checkGates, gateFacts, isWithin, moreThan } from './gate.ts';

const AAA = testInstrument('AAA');
const BBB = testInstrument('BBB');

interface GateCase {
  readonly name: string;
  readonly gate: string;
  readonly result: GateCheck['result'];
  readonly state?: (state: EngineState) => void;
  readonly settings?: SettingsChanges;
  readonly signal?: Partial<Signal>;
  readonly stale?: string;
}

const pausedBy = (kind: EngineState['stops'][number]['kind']) => (state: EngineState) =>
  state.stops.push({ kind, reason: '', sinceMs: 0 });
const since =
  (record: 'acceptedMs' | 'exitedMs', agoMs: number, id: InstrumentId = AAA) =>
  (state: EngineState) => {
    state[record][id] = testSignal().decisionTimeMs - agoMs;
  };
/** A state with trades of other symbols than AAA, or of AAA itself. */
const holding = (...symbols: readonly string[]) => {
  const rig = new EngineRig();
  rig.judge(symbols.map((symbol) => testSignal({ symbol })));
  return (state: EngineState) => state.trades.push(...rig.state.trades);
};

const CASES: readonly GateCase[] = [
  { name: 'nothing stops', gate: 'not_stopped', result: 'pass' },
  ...(['pause', 'kill', 'drawdown', 'loss_streak', 'equity', 'abort'] as const).map((kind) => ({
    name: kind,
    gate: 'not_stopped',
    result: 'fail' as const,
    state: pausedBy(kind),
  })),
  { name: 'fresh', gate: 'fresh_data', result: 'pass' },
  { name: 'stale', gate: 'fresh_data', result: 'fail', stale: 'benchmark absent' },
  { name: 'symbol not held', gate: 'symbol_free', result: 'pass', state: holding('BBB') },
  { name: 'symbol held', gate: 'symbol_free', result: 'fail', state: holding('AAA') },
  {
    name: 'symbol held by another strategy',
    gate: 'symbol_free',
    result: 'fail',
    state: holding('AAA'),
    signal: { strategyId: 'other' as Signal['strategyId'] },
  },
  {
    name: 'foreign position',
    gate: 'symbol_free',
    result: 'fail',
    state: (state) => (state.foreign[AAA] = { side: 'short', qty: 1, sinceMs: 0 }),
  },
  {
    name: 'foreign position of another symbol',
    gate: 'symbol_free',
    result: 'pass',
    state: (state) => (state.foreign[BBB] = { side: 'short', qty: 1, sinceMs: 0 }),
  },
  ...(
    [
      ['acceptedMs', 'dedup', { dedupMs: 480 * MINUTE_MS }, 480 * MINUTE_MS],
      ['exitedMs', 'cooldown', { cooldownMs: 2 * HOUR_MS }, 2 * HOUR_MS],
    ] as const
  ).flatMap(([record, gate, guards, windowMs]): GateCase[] => [
    { name: `${gate}: never before`, gate, result: 'pass', settings: { guards } },
    {
      name: `${gate}: 1 ms too early`,
      gate,
      result: 'fail',
      settings: { guards },
      state: since(record, windowMs - 1),
    },
    { name: `${gate}: exactly over`, gate, result: 'pass', settings: { guards }, state: since(record, windowMs) },
    { name: `${gate}: another symbol`, gate, result: 'pass', settings: { guards }, state: since(record, 1, BBB) },
    { name: `${gate}: switched off`, gate, result: 'pass', state: since(record, 0) },
  ]),
  {
    name: 'last entry of the day',
    gate: 'daily_cap',
    result: 'pass',
    settings: { guards: { entriesPerDayMax: 3 } },
    state: (state) => (state.entriesToday = 2),
  },
  {
    name: 'day used up',
    gate: 'daily_cap',
    result: 'fail',
    settings: { guards: { entriesPerDayMax: 3 } },
    state: (state) => (state.entriesToday = 3),
  },
  {
    name: 'last slot',
    gate: 'max_open',
    result: 'pass',
    settings: { guards: { openMax: 3 } },
    state: holding('BBB', 'CCC'),
  },
  {
    name: 'no slot',
    gate: 'max_open',
    result: 'fail',
    settings: { guards: { openMax: 2 } },
    state: holding('BBB', 'CCC'),
  },
  { name: 'gate off, not scored', gate: 'meta', result: 'pass' },
  ...(
    [
      ['p above p*', 0.61, 'pass'],
      ['p at p*', 0.6, 'pass'],
      ['p below p*', 0.6 - 1e-12, 'fail'],
      ['not scored', Number.NaN, 'not_ready'],
    ] as const
  ).map(([name, p, result]) => ({
    name,
    gate: 'meta',
    result,
    settings: { meta: { required: true, pStar: 0.6 } },
    signal: { p },
  })),
  {
    name: 'p* unknown',
    gate: 'meta',
    result: 'fail',
    settings: { meta: { required: true, pStar: Number.NaN } },
    signal: { p: 0.99 },
  },
];

describe('gates before an entry', () => {
  it.each(CASES)('$gate: $name is a $result', ({ gate, result, state: change, settings, signal, stale = '' }) => {
    const all = testSettings(settings);
    const state = initialState(all);
    change?.(state);
    const context = { state, settings: all, staleReason: stale, timeMs: testSignal(signal).decisionTimeMs };
    const checks = checkGates(GATES, testSignal(signal), context);
    const facts = gateFacts(testSignal(signal), context);
    const passed = GATES.map((each) => isWithin(each, each.measure(facts, all), each.limit(all)));
    const off = GATES.map((each, index) => each.isOff?.(all) === true && !passed[index]);
    expect(off).not.toContain(true);
    expect(checks.map((check) => check.result === 'pass')).toEqual(passed);
    expect(checks.map(({ gate: name }) => name)).toEqual([
      'not_stopped',
      'fresh_data',
      'symbol_free',
      'dedup',
      'cooldown',
      'daily_cap',
      'max_open',
      'meta',
    ]);
    expect(checks.find(({ gate: name }) => name === gate)?.result).toBe(result);
  });

  it.each([
    { accepts: atLeast, value: 2, limit: 2, result: 'pass' },
    { accepts: atLeast, value: 1, limit: 2, result: 'fail' },
    { accepts: atLeast, value: Number.NaN, limit: 2, result: 'not_ready' },
    { accepts: atLeast, value: 2, limit: Number.NaN, result: 'fail' },
    { accepts: moreThan, value: 2.1, limit: 2, result: 'pass' },
    { accepts: moreThan, value: 2, limit: 2, result: 'fail' },
    { accepts: moreThan, value: Number.NaN, limit: 2, result: 'not_ready' },
  ])('$accepts.name($value, $limit) is a $result', ({ accepts, value, limit, result }) => {
    expect(accepts('gate', value, limit).result).toBe(result);
  });

  it('record every gate of a decision, in order, and name the first that did not pass', () => {
    const rig = new EngineRig({
      settings: testSettings({ guards: { openMax: 0, entriesPerDayMax: 0 }, meta: { required: true, pStar: 0.5 } }),
    });
    rig.judge([testSignal()]);
    const [{ decision }] = rig.all('decision');
    expect(decision).toMatchObject({ stage: 'engine', event: 'judged', verdict: 'skipped', reason: 'daily_cap' });
    expect(decision.gates.map(({ gate, result }) => `${gate} ${result}`)).toEqual([
      'not_stopped pass',
      'fresh_data pass',
      'symbol_free pass',
      'dedup pass',
      'cooldown pass',
      'daily_cap fail',
      'max_open fail',
      'meta not_ready',
    ]);
    expect(rig.state.trades).toEqual([]);
  });

  it('are followed by the checks of the plan, the risk, the caps and the minimum', () => {
    const rig = new EngineRig();
    rig.judge([testSignal()]);
    const [{ decision }] = rig.all('decision');
    expect(decision.gates.slice(GATES.length).map(({ gate }) => gate)).toEqual([
      'stop_distance_atr',
      'stop_distance_ticks',
      'stop_price',
      'target_price',
      'before_liquidation',
      'risk_usd',
      'notional_cap',
      'leverage_cap',
      'open_risk_cap',
      'gross_exposure_cap',
      'qty_min',
      'notional_min',
    ]);
    expect(decision).toMatchObject({ verdict: 'accepted', reason: '' });
  });
});
