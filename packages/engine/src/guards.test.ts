import { HOUR_MS, type Protection } from '@donch/core';
import { EngineRig, testInstrument, testSettings, testSignal, timeOfBar, type RigBar } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { drawdownFrac } from './instant.ts';

const AAA = testInstrument('AAA');
const at = (close: number): RigBar => [Math.max(100, close), Math.min(100, close), close];

/** Opens and stops out one trade per price, one bar each; 1 USD of price are 50 USD. */
function withTrades(rig: EngineRig, prices: readonly number[], from = 1): number {
  prices.forEach((price, k) => {
    const n = from + 2 * k;
    rig.judge([testSignal({ decisionTimeMs: timeOfBar(n) })]);
    if (rig.state.trades.length === 0) return;
    rig.complete(rig.order('entry'), 100);
    rig.instant(n + 1);
    rig.stopOut(price);
  });
  return from + 2 * prices.length;
}

const stops = (rig: EngineRig): string => rig.state.stops.map(({ kind }) => kind).join(' ');

describe('loss streak', () => {
  const guarded = () => new EngineRig({ settings: testSettings({ guards: { lossStreakMax: 3 } }) });

  it.each([
    { name: 'two losses', prices: [98, 98], stop: '' },
    { name: 'three losses', prices: [98, 98, 98], stop: 'loss_streak' },
    { name: 'a win between', prices: [98, 98, 101, 98, 98], stop: '' },
    { name: 'a trade of exactly nothing between', prices: [98, 98, 100, 98, 98], stop: '' },
  ])('$name: "$stop"', ({ prices, stop }) => {
    const rig = guarded();
    withTrades(rig, prices);
    expect(stops(rig)).toBe(stop);
  });

  it('counts net of costs', () => {
    const rig = guarded();
    for (const n of [1, 3, 5]) {
      rig.judge([testSignal({ decisionTimeMs: timeOfBar(n) })]);
      rig.complete(rig.order('entry'), 100, { feeUsd: 1 });
      rig.stopOut(100.01);
    }
    expect(stops(rig)).toBe('loss_streak');
  });

  it('stops entries, once, and lets positions go on; resume does not lift it, re-arm does and starts anew', () => {
    const rig = guarded();
    const n = withTrades(rig, [98, 98, 98, 98]);
    expect(rig.trades).toHaveLength(3);
    expect(rig.verdicts()).toEqual(['accepted', 'accepted', 'accepted', 'not_stopped']);
    expect(rig.alerts()).toEqual(['kill_switch']);
    rig.operator({ kind: 'resume' });
    expect(stops(rig)).toBe('loss_streak');
    expect(rig.alerts()).toContain('resume_refused');
    rig.operator({ kind: 'rearm' });
    expect(rig.state).toMatchObject({ stops: [], lossStreak: 0 });
    withTrades(rig, [98, 98], n);
    expect(stops(rig)).toBe('');
    expect(rig.trades).toHaveLength(5);
  });
});

describe('drawdown pause', () => {
  const guarded = (initialCapitalUsd = 10_000) =>
    new EngineRig({ settings: testSettings({ initialCapitalUsd, guards: { drawdownMaxFrac: 0.1 } }) });

  it.each([
    { close: 80.01, stop: '' },
    { close: 80, stop: 'drawdown' },
  ])('counts open positions: at $close "$stop"', ({ close, stop }) => {
    const rig = guarded();
    rig.open(testSignal());
    rig.instant(2, { [AAA]: at(close) });
    expect(stops(rig)).toBe(stop);
  });

  it('counts from the peak, open profits included', () => {
    const rig = guarded();
    rig.open(testSignal());
    rig.instant(2, { [AAA]: at(140) }); // 12,000
    rig.instant(3, { [AAA]: at(116.1) });
    expect(stops(rig)).toBe('');
    rig.instant(4, { [AAA]: at(116) }); // 10,800
    expect(stops(rig)).toBe('drawdown');
    expect(rig.alerts()).toEqual(['stopped_drawdown']);
  });

  it('is said once, stays when equity recovers, and is lifted by re-arm with a new peak', () => {
    const rig = guarded();
    rig.open(testSignal());
    rig.instant(2, { [AAA]: at(70) });
    rig.instant(3, { [AAA]: at(69) });
    rig.instant(4, { [AAA]: at(100) });
    expect(stops(rig)).toBe('drawdown');
    expect(rig.alerts()).toHaveLength(1);
    rig.instant(5, { [AAA]: at(70) }); // 8,500
    rig.operator({ kind: 'rearm' });
    rig.instant(6, { [AAA]: at(54) }); // 7,700: 9.4 % below the new peak
    expect(stops(rig)).toBe('');
    rig.instant(7, { [AAA]: at(53) }); // 7,650: 10 %
    expect(stops(rig)).toBe('drawdown');
  });

  it('is off where it is not configured', () => {
    const rig = new EngineRig({ settings: testSettings({ initialCapitalUsd: 10_000 }) });
    rig.open(testSignal());
    rig.instant(2, { [AAA]: at(1) });
    expect(stops(rig)).toBe('');
  });

  it('is not moved by deposits and withdrawals', () => {
    const rig = guarded();
    const wallet = (equityUsd: number) => rig.apply({ kind: 'wallet', timeMs: rig.state.timeMs, equityUsd });
    rig.open(testSignal());
    wallet(10_000);
    rig.instant(2, { [AAA]: at(100) });
    wallet(50_000); // a deposit makes no peak
    rig.instant(3, { [AAA]: at(100) });
    wallet(10_000); // a withdrawal is no loss
    rig.instant(4, { [AAA]: at(100) });
    expect(drawdownFrac(rig.state)).toBe(0);
    expect(stops(rig)).toBe('');
    wallet(5_000); // half the account has been taken out: 500 of what would be 5,000 are 10 %
    rig.instant(5, { [AAA]: at(90.1) });
    wallet(4_505);
    rig.instant(6, { [AAA]: at(90.1) });
    expect(stops(rig)).toBe('');
    wallet(4_500);
    rig.instant(7, { [AAA]: at(90) });
    expect(stops(rig)).toBe('drawdown');
  });
});

describe('equity guards', () => {
  it.each([
    { close: 60, stop: '' },
    { close: 59.9, stop: 'equity' },
  ])('MIN_EQUITY_USDT stops below, not at: $close "$stop"', ({ close, stop }) => {
    const rig = new EngineRig({
      settings: testSettings({ initialCapitalUsd: 10_000, guards: { equityMinUsd: 8_000 } }),
    });
    rig.open(testSignal());
    rig.instant(2, { [AAA]: at(close) });
    expect(stops(rig)).toBe(stop);
  });

  it('goes by the venue where it says what equity is', () => {
    const rig = new EngineRig({ settings: testSettings({ guards: { equityMinUsd: 8_000 } }) });
    rig.apply({ kind: 'wallet', timeMs: 0, equityUsd: 7_999 });
    rig.instant(1);
    expect(stops(rig)).toBe('equity');
  });

  it('stop when equity is no number', () => {
    const rig = new EngineRig({ settings: testSettings({ guards: { drawdownMaxFrac: 0.5 } }) });
    rig.apply({ kind: 'wallet', timeMs: 0, equityUsd: Number.NaN });
    rig.instant(1);
    expect(stops(rig)).toBe('drawdown equity abort');
  });

  it.each([
    { name: 'equity', guards: { abortEquityFrac: 0.5 }, prices: [0] },
    { name: 'trades', guards: { abortTradesMax: 2 }, prices: [100, 100] },
  ])('abort by $name, which nobody can lift', ({ guards, prices }) => {
    const rig = new EngineRig({ settings: testSettings({ initialCapitalUsd: 9_000, guards }) });
    const n = withTrades(rig, prices);
    rig.instant(n);
    rig.operator({ kind: 'rearm' });
    rig.operator({ kind: 'resume' });
    expect(stops(rig)).toBe('abort');
    rig.judge([testSignal({ decisionTimeMs: timeOfBar(n + 1) })]);
    expect(rig.verdicts().at(-1)).toBe('not_stopped');
  });
});

describe('operator', () => {
  it.each(['pause', 'kill'] as const)('%s stops entries and nothing else', (kind) => {
    const rig = new EngineRig();
    rig.open(testSignal());
    rig.operator({ kind, reason: 'lunch' });
    rig.judge([testSignal({ symbol: 'BBB', decisionTimeMs: timeOfBar(2) })]);
    expect(rig.verdicts()).toEqual(['accepted', 'not_stopped']);
    expect(rig.all('decision')[1].decision.gates[0].detail).toBe(`${kind}: lunch`);
    expect(rig.trade.state).toBe('open');
    expect(rig.orders('exit')).toEqual([]);
  });

  it('resume lifts a pause', () => {
    const rig = new EngineRig();
    rig.operator({ kind: 'pause', reason: 'a' });
    rig.operator({ kind: 'pause', reason: 'b' });
    expect(rig.state.stops).toMatchObject([{ kind: 'pause', reason: 'b' }]);
    rig.operator({ kind: 'resume' });
    expect(stops(rig)).toBe('');
  });

  it('resume is refused while a kill switch is set, and the pause stays', () => {
    const rig = new EngineRig();
    rig.operator({ kind: 'pause', reason: '' });
    rig.operator({ kind: 'kill', reason: '' });
    rig.operator({ kind: 'resume' });
    expect(stops(rig)).toBe('pause kill');
    rig.operator({ kind: 'rearm' });
    expect(stops(rig)).toBe('pause');
    rig.operator({ kind: 'resume' });
    expect(stops(rig)).toBe('');
  });

  it('close sends one exit', () => {
    const rig = new EngineRig();
    rig.open(testSignal());
    rig.operator({ kind: 'close', instrumentId: AAA });
    rig.operator({ kind: 'close', instrumentId: AAA });
    expect(rig.orders('exit')).toHaveLength(1);
    rig.complete(rig.order('exit'), 101);
    expect(rig.trades).toMatchObject([{ exitReason: 'manual' }]);
  });

  it('close of an entry on its way is carried out as soon as it is filled', () => {
    const rig = new EngineRig();
    rig.judge([testSignal()]);
    rig.operator({ kind: 'close', instrumentId: AAA });
    expect(rig.alerts()).toEqual(['close_after_entry']);
    rig.execute(rig.order('entry'), 100, { qty: 20 });
    expect(rig.orders('exit')).toEqual([]);
    rig.execute(rig.order('entry'), 100, { qty: 30 });
    rig.done(rig.order('entry'), 50);
    expect(rig.orders('exit')).toMatchObject([{ qty: 50 }]);
    rig.complete(rig.order('exit'), 99);
    expect(rig.trades).toMatchObject([{ exitReason: 'manual' }]);
  });

  it('close of nothing says so', () => {
    const rig = new EngineRig();
    rig.operator({ kind: 'close', instrumentId: AAA });
    expect(rig.alerts()).toEqual(['nothing_to_close']);
  });
});

describe('a foreign position', () => {
  const foreign = (rig: EngineRig, qty: number) =>
    rig.apply({ kind: 'foreign_position', timeMs: rig.state.timeMs, instrumentId: AAA, side: 'short', qty });

  it('blocks its symbol until it is gone, is told once, and keeps its first time', () => {
    const rig = new EngineRig();
    rig.instant(1);
    foreign(rig, 5);
    rig.judge([
      testSignal({ decisionTimeMs: timeOfBar(2) }),
      testSignal({ symbol: 'BBB', decisionTimeMs: timeOfBar(2) }),
    ]);
    foreign(rig, 7);
    expect(rig.verdicts().toSorted()).toEqual(['accepted', 'symbol_free']);
    expect(rig.state.foreign[AAA]).toEqual({ side: 'short', qty: 7, sinceMs: timeOfBar(1) });
    expect(rig.alerts()).toEqual(['foreign_position']);
    foreign(rig, 0);
    rig.judge([testSignal({ decisionTimeMs: timeOfBar(3) })]);
    expect(rig.verdicts().at(-1)).toBe('accepted');
  });
});

describe('protection', () => {
  const verified = (rig: EngineRig, protection: Protection) =>
    rig.apply({ kind: 'protection_verified', timeMs: rig.state.timeMs, instrumentId: AAA, protection });
  const missing = (rig: EngineRig) =>
    rig.apply({ kind: 'protection_missing', timeMs: rig.state.timeMs, instrumentId: AAA, reason: 'none shown' });
  const wanted: Protection = { stopPrice: 98, targetPrice: 108 };

  it('as wanted leaves everything as it is', () => {
    const rig = new EngineRig();
    rig.open(testSignal());
    expect(verified(rig, wanted)).toEqual([]);
    expect(rig.trade).toMatchObject({ state: 'open', unprotectedSinceMs: null });
  });

  it.each([
    { stopPrice: 97, targetPrice: 108 },
    { stopPrice: 98, targetPrice: 107 },
    { stopPrice: 98, targetPrice: null },
  ])('other than wanted ($stopPrice, $targetPrice) is set again', (shown) => {
    const rig = new EngineRig();
    rig.open(testSignal());
    expect(verified(rig, shown)).toMatchObject([{ kind: 'set_protection', protection: wanted }]);
  });

  it('that is missing is set at once and asked after', () => {
    const rig = new EngineRig();
    rig.open(testSignal());
    const commands = missing(rig);
    expect(commands.map(({ kind }) => kind)).toEqual(['alert', 'set_protection']);
    expect(rig.trade).toMatchObject({ state: 'protecting', unprotectedSinceMs: timeOfBar(1) });
    verified(rig, wanted);
    expect(rig.trade).toMatchObject({ state: 'open', unprotectedSinceMs: null });
    rig.clock(timeOfBar(1) + HOUR_MS);
    expect(rig.orders('exit')).toEqual([]);
  });

  it.each(['clock', 'instant', 'missing again'] as const)(
    'that stays missing for 15 s closes the position (%s)',
    (by) => {
      const rig = new EngineRig();
      rig.open(testSignal());
      missing(rig);
      rig.clock(timeOfBar(1) + 14_999);
      missing(rig);
      expect(rig.orders('exit')).toEqual([]);
      if (by === 'clock') rig.clock(timeOfBar(1) + 15_000);
      else if (by === 'instant') rig.instant(2, { [AAA]: at(100) });
      else rig.apply({ kind: 'protection_missing', timeMs: timeOfBar(1) + 15_000, instrumentId: AAA, reason: '' });
      expect(rig.orders('exit')).toMatchObject([{ qty: 50, reduceOnly: true }]);
      expect(rig.trade.state).toBe('emergency_exit');
      rig.operator({ kind: 'close', instrumentId: AAA });
      expect(rig.orders('exit')).toHaveLength(1);
      rig.complete(rig.order('exit'), 99);
      expect(rig.trades).toMatchObject([{ exitReason: 'emergency' }]);
    },
  );

  it('that the price has passed before the venue has it closes the position at market, once', () => {
    const rig = new EngineRig();
    const passed = () =>
      rig.apply({ kind: 'stop_passed', timeMs: rig.state.timeMs, instrumentId: AAA, reason: 'refused' });
    expect(passed()).toEqual([]);
    rig.open(testSignal());
    passed();
    passed();
    expect(rig.orders('exit')).toMatchObject([{ qty: 50, reduceOnly: true, type: 'market' }]);
    rig.complete(rig.order('exit'), 97);
    expect(rig.trades).toMatchObject([{ exitReason: 'sl' }]);
  });

  it('of no position, or of one that is gone, concerns nobody', () => {
    const rig = new EngineRig();
    expect([...missing(rig), ...verified(rig, wanted)]).toEqual([]);
    rig.open(testSignal());
    rig.stopOut(98);
    expect([...missing(rig), ...verified(rig, wanted)]).toEqual([]);
  });

  it('is wanted while an exit is on its way, too', () => {
    const rig = new EngineRig();
    rig.open(testSignal());
    rig.operator({ kind: 'close', instrumentId: AAA });
    expect(missing(rig).map(({ kind }) => kind)).toEqual(['alert', 'set_protection']);
    expect(rig.trade.state).toBe('exiting');
    rig.clock(timeOfBar(1) + 60_000);
    expect(rig.orders('exit')).toHaveLength(1);
  });
});
