import { HOUR_MS, type Signal } from '@donch/core';
import {
  EngineRig,
  TEST_INTERVAL_MS,
  testInstrument,
  testRules,
  testSettings,
  testSignal,
  testTerms,
  timeOfBar,
} from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { inPriorityOrder } from './entries.ts';

const named = (id: string, changes: Partial<Signal> = {}): Signal =>
  testSignal({ symbol: `S${id}`, signalId: id as Signal['signalId'], ...changes });

describe('priority of entries', () => {
  const signals = [
    named('c', { p: 0.6, features: { rs_percentile: 10 } }),
    named('a', { p: 0.6, features: { rs_percentile: 90 } }),
    named('d', { p: Number.NaN, features: { rs_percentile: Number.NaN } }),
    named('b', { p: 0.9, features: {} }),
    named('e', { p: 0.1, features: { rs_percentile: 90 } }),
    named('f', { p: 0, features: { rs_percentile: 0 } }),
  ];

  it.each([
    { priority: 'p', order: 'b a c e f d' },
    { priority: 'rs', order: 'a e c f b d' },
    { priority: 'hash', order: 'a b c d e f' },
  ] as const)('$priority: $order, whatever the order of arrival', ({ priority, order }) => {
    const arrivals = [signals, [...signals].reverse(), [...signals.slice(2), ...signals.slice(0, 2)]];
    for (const arrival of arrivals)
      expect(
        inPriorityOrder(arrival, priority)
          .map(({ signalId }) => signalId)
          .join(' '),
      ).toBe(order);
  });

  it('ties of one signal of two strategies go by strategy', () => {
    const two = ['z', 'y'].map((strategy) => named('a', { strategyId: strategy as Signal['strategyId'] }));
    expect(inPriorityOrder(two, 'p').map(({ strategyId }) => strategyId)).toEqual(['y', 'z']);
  });

  it('leaves the list that it was given alone', () => {
    const given = [named('b'), named('a')];
    inPriorityOrder(given, 'hash');
    expect(given.map(({ signalId }) => signalId)).toEqual(['b', 'a']);
  });
});

describe('an accepted entry', () => {
  it('sends one market order with stop and target, good until the next bar has closed', () => {
    const rig = new EngineRig({
      strategies: [testTerms({ partial: { ratioFrac: 0.5, atrMult: 5, breakEvenAfter: true } })],
    });
    const signal = testSignal();
    const commands = rig.judge([signal]);
    expect(commands.map(({ kind }) => kind)).toEqual(['decision', 'submit']);
    expect(rig.order('entry')).toEqual({
      clientOrderId: `d-${signal.signalId}-en-0`,
      tradeId: signal.signalId,
      instrumentId: signal.instrumentId,
      strategyId: signal.strategyId,
      leg: 'entry',
      side: 'buy',
      type: 'market',
      qty: 50,
      limitPrice: null,
      reduceOnly: false,
      leverage: 1,
      protection: { stopPrice: 98, targetPrice: 108 },
      referencePrice: 100,
      decidedMs: signal.decisionTimeMs,
      expiresMs: signal.decisionTimeMs + TEST_INTERVAL_MS,
    });
  });

  it('of a short sells, with the stop above and the target below', () => {
    const rig = new EngineRig();
    rig.judge([testSignal({ side: 'short' })]);
    expect(rig.order('entry')).toMatchObject({ side: 'sell', protection: { stopPrice: 102, targetPrice: 92 } });
  });

  it('has no target where the strategy has none', () => {
    const rig = new EngineRig({ strategies: [testTerms({ tpAtrMult: null })] });
    rig.judge([testSignal()]);
    expect(rig.order('entry').protection).toEqual({ stopPrice: 98, targetPrice: null });
  });

  it('rounds stop and target to the tick', () => {
    const rig = new EngineRig({ rulesAt: (instrumentId) => testRules({ instrumentId, tickSize: 0.25 }) });
    rig.judge([testSignal({ referencePrice: 100.1, atr: 1.01 })]);
    expect(rig.order('entry').protection).toEqual({ stopPrice: 98, targetPrice: 108.25 });
  });

  it('reserves before the next one is judged: symbol, slot, day count, open risk, notional', () => {
    const two = [named('a'), named('b')];
    const limits = {
      max_open: { guards: { openMax: 1 } },
      daily_cap: { guards: { entriesPerDayMax: 1 } },
      // 100 USD of risk and 5,000 USD of notional each; room for one and a half
      open_risk_cap: { initialCapitalUsd: 10_000, sizing: { openRiskCapFrac: 0.015 } },
      gross_exposure_cap: { initialCapitalUsd: 10_000, sizing: { grossExposureCapMult: 0.75 } },
      leverage_cap: { initialCapitalUsd: 7_500 },
    } as const;
    for (const [gate, changes] of Object.entries(limits)) {
      const rig = new EngineRig({ settings: testSettings(changes) });
      rig.judge(two);
      expect(rig.verdicts()).toEqual(['accepted', gate]);
    }
    const rig = new EngineRig({ settings: testSettings() });
    rig.judge([named('a', { instrumentId: testInstrument('X') }), named('b', { instrumentId: testInstrument('X') })]);
    expect(rig.verdicts()).toEqual(['accepted', 'symbol_free']);
  });

  it('leaves to the next one what is left when caps scale', () => {
    const rig = new EngineRig({
      settings: testSettings({
        initialCapitalUsd: 10_000,
        sizing: { grossExposureCapMult: 0.75, onCapBreach: 'scale' },
      }),
    });
    rig.judge([named('a'), named('b'), named('c')]);
    expect(rig.orders('entry').map(({ qty }) => qty)).toEqual([50, 25]);
    expect(rig.verdicts()).toEqual(['accepted', 'accepted', 'gross_exposure_cap']);
  });

  it('keeps its slot until its exit is filled', () => {
    const rig = new EngineRig({
      settings: testSettings({ guards: { openMax: 1 } }),
      strategies: [testTerms({ timeExitHours: 1 / 12 })],
    });
    rig.open(named('a'));
    rig.instant(2);
    expect(rig.trade.state).toBe('exiting');
    const at = (n: number) => named('b', { decisionTimeMs: timeOfBar(n) });
    rig.judge([at(2)]);
    rig.complete(rig.order('exit'), 100);
    rig.judge([at(3)]);
    expect(rig.verdicts()).toEqual(['accepted', 'max_open', 'accepted']);
  });
});

describe('the plan of an entry', () => {
  it.each([
    { name: 'the least distance', exits: { slAtrMult: 0.5 }, signal: { referencePrice: 0.1, atr: 0.003 }, tick: 1e-10 },
    {
      name: 'the least distance, rounded to a coarse tick',
      exits: { slAtrMult: 0.5 },
      signal: { atr: 1.01 },
      tick: 0.05,
    },
    { name: 'a stop one tick away', exits: { slAtrMult: 0.5 }, signal: { atr: 0.02 }, tick: 0.01 },
  ])('is accepted with $name', ({ exits, signal, tick }) => {
    const rig = new EngineRig({
      strategies: [testTerms(exits)],
      rulesAt: (instrumentId) => testRules({ instrumentId, tickSize: tick }),
    });
    rig.judge([testSignal(signal)]);
    expect(rig.verdicts()).toEqual(['accepted']);
  });

  it.each([
    { name: 'nearer than MIN_STOP_ATR', exits: { slAtrMult: 0.499 }, signal: {}, gate: 'stop_distance_atr' },
    { name: 'on the price after rounding', exits: {}, signal: { atr: 0.002 }, gate: 'stop_distance_ticks' },
    { name: 'without an ATR', exits: {}, signal: { atr: Number.NaN }, gate: 'stop_distance_ticks' },
    { name: 'with an ATR of 0', exits: {}, signal: { atr: 0 }, gate: 'stop_distance_ticks' },
    {
      name: 'without a reference price',
      exits: {},
      signal: { referencePrice: Number.NaN },
      gate: 'stop_distance_ticks',
    },
    { name: 'below 0', exits: {}, signal: { atr: 60 }, gate: 'stop_price' },
    { name: 'target of a short below 0', exits: {}, signal: { side: 'short', atr: 13 }, gate: 'target_price' },
    // 1.25 x 79 % + 2 % leave no leverage of 1
    { name: 'beyond the liquidation of a long', exits: {}, signal: { atr: 39.5 }, gate: 'before_liquidation' },
    {
      name: 'beyond the liquidation of a short',
      exits: { tpAtrMult: null },
      signal: { side: 'short', atr: 39.5 },
      gate: 'before_liquidation',
    },
  ] as const)('is refused when the stop is $name', ({ exits, signal, gate }) => {
    const rig = new EngineRig({
      strategies: [testTerms(exits)],
      settings: testSettings({ sizing: { leverageMax: 10 } }),
    });
    rig.judge([testSignal(signal)]);
    expect(rig.verdicts()).toEqual([gate]);
    expect(rig.state.trades).toEqual([]);
    expect(rig.state.acceptedMs).toEqual({});
  });

  it.each([
    { name: 'the configured leverage', max: 10, venue: null, atr: 1, leverage: 10 },
    { name: "the venue's, where that is less", max: 10, venue: 5, atr: 1, leverage: 5 },
    // 1.25 x 20 % + 0.5 / 25
    { name: 'less for a wide stop', max: 10, venue: null, atr: 10, leverage: 3.7 },
    // 1.25 x 20 % + 0.5 / 100
    { name: 'less for a wide stop, by the margin of the venue', max: 10, venue: 100, atr: 10, leverage: 3.92 },
    { name: 'no more than asked for', max: 2, venue: 100, atr: 1, leverage: 2 },
  ])('has $name: $leverage', ({ max, venue, atr, leverage }) => {
    const rig = new EngineRig({
      settings: testSettings({ sizing: { leverageMax: max } }),
      rulesAt: (instrumentId) => testRules({ instrumentId, leverageMax: venue }),
      strategies: [testTerms({ tpAtrMult: null })],
    });
    rig.judge([testSignal({ atr })]);
    expect(rig.order('entry').leverage).toBe(leverage);
    expect(rig.trade.leverage).toBe(leverage);
    // isolated: liquidated at 1/L - m of the entry price, which is at least a quarter farther than the stop
    const liquidationFrac = 1 / leverage - 0.5 / (venue ?? 25);
    expect(liquidationFrac).toBeGreaterThanOrEqual((1.25 * 2 * atr) / 100);
  });

  it('frees less margin with less leverage', () => {
    const rig = new EngineRig({
      settings: testSettings({ initialCapitalUsd: 1_000, sizing: { leverageMax: 10, onCapBreach: 'scale' } }),
      strategies: [testTerms({ tpAtrMult: null })],
    });
    // wanted 5 units of 100 USD each; at 3.7 times 1,000 USD carry 37 of them, of which 5 tie up 135.14
    rig.judge([named('a', { atr: 10 }), named('b', { atr: 10 })]);
    const caps = rig.all('decision').map(({ decision }) => decision.gates.find(({ gate }) => gate === 'leverage_cap'));
    expect(caps.map((gate) => gate?.threshold)).toEqual([expect.closeTo(37, 9), expect.closeTo(32, 9)]);
  });
});

describe('an entry that comes to nothing', () => {
  const entry = testSignal();

  it.each(['order_rejected', 'order_never', 'order_done'] as const)(
    '%s gives back symbol, slot, day count and busy window',
    (kind) => {
      const rig = new EngineRig({
        settings: testSettings({
          guards: { openMax: 1, entriesPerDayMax: 1, dedupMs: 8 * HOUR_MS, cooldownMs: HOUR_MS },
        }),
      });
      rig.judge([entry]);
      const { clientOrderId } = rig.order('entry');
      rig.apply({ kind, timeMs: rig.state.timeMs, clientOrderId, reason: 'open beyond the stop', filledQty: 0 });
      expect(rig.state).toMatchObject({
        trades: [],
        intents: [],
        acceptedMs: {},
        exitedMs: {},
        entriesToday: 0,
        cashUsd: 1_000_000,
      });
      rig.judge([testSignal({ decisionTimeMs: timeOfBar(2) })]);
      expect(rig.verdicts()).toEqual(['accepted', 'accepted']);
      expect(rig.trades).toEqual([]);
    },
  );

  it('does not touch the count of the day after', () => {
    const lastBar = 288;
    const rig = new EngineRig();
    rig.judge([testSignal({ decisionTimeMs: timeOfBar(lastBar - 1) })]);
    const { clientOrderId } = rig.order('entry');
    rig.instant(lastBar);
    expect(rig.state.entriesToday).toBe(0);
    rig.apply({ kind: 'order_never', timeMs: rig.state.timeMs, clientOrderId });
    expect(rig.state.entriesToday).toBe(0);
  });
});

describe('days', () => {
  it('count entries from 00:00 UTC on, the one at 00:00 in the new day', () => {
    const rig = new EngineRig({ settings: testSettings({ guards: { entriesPerDayMax: 1 } }) });
    for (const n of [286, 287, 288, 289]) rig.judge([testSignal({ symbol: `S${n}`, decisionTimeMs: timeOfBar(n) })]);
    expect(rig.verdicts()).toEqual(['accepted', 'daily_cap', 'accepted', 'daily_cap']);
  });
});
