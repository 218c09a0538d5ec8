import type { ExitRules, Side, TrailingRules } from '@donch/core';
import {
  EngineRig,
  testInstrument,
  testRules,
  testSettings,
  testSignal,
  testTerms,
  timeOfBar,
  type RigBar,
} from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { Engine } from '../engine.ts';

const AAA = testInstrument('AAA');
const SIDES = ['long', 'short'] as const;

/** Long prices as they are; a short sees them mirrored at 100. */
const mirrored = (side: Side, price: number): number => (side === 'long' ? price : 200 - price);
const bar = (side: Side, [high, low, close]: RigBar): RigBar =>
  side === 'long' ? [high, low, close] : [200 - low, 200 - high, 200 - close];

function opened(side: Side, exits: Partial<ExitRules>, fillPrice = 100): EngineRig {
  const rig = new EngineRig({ strategies: [testTerms(exits)] });
  rig.open(testSignal({ side }), mirrored(side, fillPrice));
  return rig;
}

/** The stop of a long, or what it would be for one. */
const stopOf = (rig: EngineRig, side: Side): number => mirrored(side, rig.trade.protection.stopPrice);

describe('time exit', () => {
  const hourly = { timeExitHours: 1 };

  it('is decided at the first close with the age, counted from the fill, and sent once', () => {
    const rig = opened('long', hourly);
    for (let n = 2; n <= 12; n += 1) rig.instant(n, { [AAA]: [101, 99, 100] });
    expect(rig.orders('exit')).toEqual([]);
    rig.instant(13, { [AAA]: [101, 99, 100.5] }); // filled at bar 1, 12 bars before
    rig.instant(14, { [AAA]: [101, 99, 100] });
    expect(rig.orders('exit')).toHaveLength(1);
    expect(rig.order('exit')).toMatchObject({
      clientOrderId: `d-${rig.trade.tradeId}-ex-0`,
      side: 'sell',
      type: 'market',
      qty: 50,
      reduceOnly: true,
      protection: null,
      referencePrice: 100.5,
      decidedMs: timeOfBar(13),
      expiresMs: null,
    });
    rig.complete(rig.order('exit'), 102);
    expect(rig.trades).toMatchObject([{ exitReason: 'time', exitPrice: 102 }]);
  });

  it('goes by the clock of the bar sets, whether or not the instrument has a bar', () => {
    const rig = opened('long', hourly);
    rig.instant(40);
    expect(rig.orders('exit')).toHaveLength(1);
  });

  it('does not exist where the strategy has none', () => {
    const rig = opened('long', {});
    rig.instant(5_000, { [AAA]: [101, 99, 100] });
    expect(rig.orders('exit')).toEqual([]);
  });

  it('of a trade follows the exits that it was opened with', () => {
    const before = opened('long', hourly);
    const other = testTerms({ timeExitHours: null, slAtrMult: 5 });
    const engine = new Engine({
      settings: testSettings(),
      strategies: [other],
      rulesAt: (instrumentId) => testRules({ instrumentId }),
      state: before.state,
    });
    const commands = engine.apply({
      kind: 'instant',
      timeMs: timeOfBar(13),
      barSet: { closeTimeMs: timeOfBar(13), instruments: [], candles: [], rows: new Int32Array() },
    });
    expect(commands.map(({ kind }) => kind)).toEqual(['submit']);
  });
});

const trailing = (changes: Partial<TrailingRules> = {}): Partial<ExitRules> => ({
  tpAtrMult: null,
  trailing: { atrMult: 1, start: 'entry', reference: 'close', moveMinFrac: 0, ...changes },
});

describe.each(SIDES)('trailing stop of a %s', (side) => {
  interface TrailCase {
    readonly name: string;
    readonly rules: Partial<TrailingRules>;
    readonly bars: readonly RigBar[];
    readonly stops: readonly number[];
  }
  const cases: readonly TrailCase[] = [
    {
      name: 'follows the close, not the extreme',
      rules: {},
      bars: [[105, 99, 101]],
      stops: [100],
    },
    {
      name: 'never loosens',
      rules: {},
      bars: [
        [102, 99, 102],
        [102, 100.5, 100.5],
        [103, 100.5, 102.5],
      ],
      stops: [101, 101, 101.5],
    },
    {
      name: 'waits until it lies above the initial stop',
      rules: { atrMult: 3 },
      bars: [
        [100.5, 99, 100.9],
        [101.2, 100, 101.2],
      ],
      stops: [98, 98.2],
    },
    {
      name: 'follows the best extreme since the fill',
      rules: { reference: 'extreme' },
      bars: [
        [103, 99, 102.5],
        [102.8, 102.1, 102.2],
        [104, 103, 103.5],
      ],
      stops: [102, 102, 103],
    },
    {
      name: 'moves when the step is worth it: 0.1 % of the stop',
      rules: { moveMinFrac: 0.001 },
      bars: [
        [99.09, 99, 99.09],
        [99.1, 99, 99.1],
      ],
      stops: [98, 98.1],
    },
    {
      name: 'is rounded to the tick',
      rules: { atrMult: 0.333 },
      bars: [[101, 99, 101]],
      stops: [100.67],
    },
  ];
  // 0.1 % of a short's stop is not the mirror of a long's: its own case below
  it.each(side === 'long' ? cases : cases.filter(({ rules }) => rules.moveMinFrac === undefined))(
    '$name',
    ({ rules, bars, stops }) => {
      const rig = opened(side, trailing(rules));
      const found = bars.map((prices, k) => {
        rig.instant(k + 2, { [AAA]: bar(side, prices) });
        return stopOf(rig, side);
      });
      expect(found.map((stop) => Number(stop.toFixed(9)))).toEqual(stops);
      expect(rig.all('set_protection')).toHaveLength(new Set([98, ...stops]).size - 1);
      expect(rig.orders('exit')).toEqual([]);
    },
  );

  it('is told to the venue as stop and target together', () => {
    const rig = opened(side, { ...trailing(), tpAtrMult: 8 });
    rig.instant(2, { [AAA]: bar(side, [102, 99, 102]) });
    expect(rig.all('set_protection')).toMatchObject([
      {
        instrumentId: AAA,
        tradeId: rig.trade.tradeId,
        protection: { stopPrice: mirrored(side, 101), targetPrice: mirrored(side, 108) },
      },
    ]);
  });

  it('exits at market when it would lie beyond the close already', () => {
    const rig = opened(side, trailing({ reference: 'extreme' }));
    rig.instant(2, { [AAA]: bar(side, [104, 99, 102.9]) });
    expect(rig.all('set_protection')).toEqual([]);
    expect(rig.orders('exit')).toHaveLength(1);
    rig.complete(rig.order('exit'), mirrored(side, 102.5));
    expect(rig.trades).toMatchObject([{ exitReason: 'trail', finalStopPrice: mirrored(side, 98) }]);
  });

  it('does nothing at an instant without a bar of the instrument', () => {
    const rig = opened(side, trailing({ atrMult: 0.1 }));
    rig.instant(2);
    expect(rig.all('set_protection')).toEqual([]);
  });

  it('is the reason of an exit at a stop that it has moved', () => {
    const rig = opened(side, trailing());
    rig.stopOut(mirrored(side, 98));
    const moved = opened(side, trailing());
    moved.instant(2, { [AAA]: bar(side, [102, 99, 102]) });
    moved.stopOut(mirrored(side, 101));
    expect([...rig.trades, ...moved.trades].map(({ exitReason }) => exitReason)).toEqual(['sl', 'trail']);
    expect(moved.trades[0]).toMatchObject({
      initialStopPrice: mirrored(side, 98),
      finalStopPrice: mirrored(side, 101),
    });
  });

  it('waits for the first target when it starts there', () => {
    const rig = opened(side, {
      ...trailing({ start: 'after_tp1' }),
      partial: { ratioFrac: 0.4, atrMult: 3, breakEvenAfter: false },
    });
    rig.instant(2, { [AAA]: bar(side, [102.9, 100, 102.8]) });
    expect(stopOf(rig, side)).toBe(98);
    // filled inside bar 3; the close of that bar is the first that counts
    rig.complete(rig.order('tp1'), mirrored(side, 103), { cause: 'tp1' });
    expect(stopOf(rig, side)).toBe(98);
    rig.instant(3, { [AAA]: bar(side, [103.1, 101, 102]) });
    expect(stopOf(rig, side)).toBe(101);
  });
});

it('a move of exactly the smallest size is worth it', () => {
  const rig = new EngineRig({ strategies: [testTerms(trailing({ moveMinFrac: 0.5 }))] });
  rig.open(testSignal({ referencePrice: 128, atr: 32 })); // stop 64
  rig.instant(2, { [AAA]: [128, 127, 127.99] });
  expect(rig.trade.protection.stopPrice).toBe(64);
  rig.instant(3, { [AAA]: [128, 127, 128] });
  expect(rig.trade.protection.stopPrice).toBe(96);
});

it('the smallest move of a short is a share of its stop too', () => {
  const rig = opened('short', trailing({ moveMinFrac: 0.001 })); // stop 102, least move 0.102
  rig.instant(2, { [AAA]: [101, 100.9, 100.9] });
  expect(rig.trade.protection.stopPrice).toBe(102);
  rig.instant(3, { [AAA]: [101, 100.89, 100.89] });
  expect(rig.trade.protection.stopPrice).toBe(101.89);
});

describe.each(SIDES)('first target of a %s', (side) => {
  const partial = (changes: Partial<NonNullable<ExitRules['partial']>> = {}): Partial<ExitRules> => ({
    partial: { ratioFrac: 0.4, atrMult: 3, breakEvenAfter: false, ...changes },
  });

  it('rests as a reduce-only limit order as soon as the entry is done', () => {
    const rig = new EngineRig({ strategies: [testTerms(partial())] });
    rig.judge([testSignal({ side })]);
    const entry = rig.order('entry');
    rig.execute(entry, 100, { qty: 20 });
    rig.execute(entry, 100, { qty: 30 });
    expect(rig.orders('tp1')).toEqual([]);
    rig.done(entry, 50);
    expect(rig.order('tp1')).toMatchObject({
      clientOrderId: `d-${rig.trade.tradeId}-tp-0`,
      type: 'limit',
      side: side === 'long' ? 'sell' : 'buy',
      qty: 20,
      limitPrice: mirrored(side, 103),
      reduceOnly: true,
      protection: null,
      expiresMs: null,
    });
  });

  it('takes its share of what was filled, down to the lot', () => {
    const rig = new EngineRig({
      strategies: [testTerms(partial())],
      rulesAt: (instrumentId) => testRules({ instrumentId, qtyStep: 0.5 }),
    });
    rig.judge([testSignal({ side })]);
    rig.execute(rig.order('entry'), 100, { qty: 33 });
    rig.done(rig.order('entry'), 33);
    expect(rig.order('tp1').qty).toBe(13);
  });

  it.each([
    { name: 'less than a lot', qtyStep: 40, qtyMin: 0 },
    { name: 'below the least quantity', qtyStep: 1, qtyMin: 21 },
  ])('is left out, and said so, when its share is $name', ({ qtyStep, qtyMin }) => {
    const rig = new EngineRig({
      strategies: [testTerms(partial())],
      rulesAt: (instrumentId) => testRules({ instrumentId, qtyStep, qtyMin }),
      settings: testSettings({ sizing: { risk: { mode: 'fixed', riskUsd: 80 } } }),
    });
    rig.open(testSignal({ side }));
    expect(rig.orders('tp1')).toEqual([]);
    expect(rig.alerts()).toEqual(['no_first_target']);
    rig.stopOut(mirrored(side, 98));
    expect(rig.trades).toMatchObject([{ exitReason: 'sl' }]);
  });

  it('stands in the reason of the exit, once it was taken', () => {
    const rig = opened(side, partial());
    rig.complete(rig.order('tp1'), mirrored(side, 103), { cause: 'tp1' });
    expect(rig.trade).toMatchObject({ qtyOpen: 30, state: 'open' });
    rig.stopOut(mirrored(side, 98));
    // 20 x 3 - 30 x 2
    expect(rig.trades).toMatchObject([{ exitReason: 'tp1+sl', qty: 50 }]);
    expect(rig.trades[0].pnlUsd).toBeCloseTo(0, 9);
    expect(rig.trades[0].exitPrice).toBeCloseTo(mirrored(side, 100), 9);
  });

  it('moves the stop to the entry price when asked to', () => {
    const rig = opened(side, partial({ breakEvenAfter: true }), 100.031);
    rig.complete(rig.order('tp1'), mirrored(side, 103), { cause: 'tp1' });
    expect(rig.all('set_protection')).toEqual([]);
    rig.instant(2, { [AAA]: bar(side, [103.1, 100, 101]) });
    expect(stopOf(rig, side)).toBeCloseTo(100.03, 9);
    rig.instant(3, { [AAA]: bar(side, [103.1, 100, 101]) });
    expect(rig.all('set_protection')).toHaveLength(1);
    rig.stopOut(mirrored(side, 100));
    expect(rig.trades).toMatchObject([{ exitReason: 'tp1+break_even' }]);
  });

  it('ends with the stop that rested when both come in one bar', () => {
    const rig = opened(side, partial({ breakEvenAfter: true }));
    rig.complete(rig.order('tp1'), mirrored(side, 103), { cause: 'tp1' });
    rig.stopOut(mirrored(side, 98));
    expect(rig.trades).toMatchObject([{ exitReason: 'tp1+sl', finalStopPrice: mirrored(side, 98) }]);
  });

  it('exits at market when the close has come back to the entry price', () => {
    const rig = opened(side, partial({ breakEvenAfter: true }));
    rig.complete(rig.order('tp1'), mirrored(side, 103), { cause: 'tp1' });
    rig.instant(2, { [AAA]: bar(side, [103.1, 99, 100]) });
    expect(rig.all('set_protection')).toEqual([]);
    rig.complete(rig.order('exit'), mirrored(side, 99.5));
    expect(rig.trades).toMatchObject([{ exitReason: 'tp1+break_even', finalStopPrice: mirrored(side, 98) }]);
  });

  it('amends the stop once when break-even and trail both move it', () => {
    const rig = opened(side, { ...partial({ breakEvenAfter: true }), ...trailing({ start: 'after_tp1' }) });
    rig.complete(rig.order('tp1'), mirrored(side, 103), { cause: 'tp1' });
    rig.instant(2, { [AAA]: bar(side, [103.1, 100, 102.5]) });
    expect(rig.all('set_protection')).toMatchObject([{ protection: { stopPrice: mirrored(side, 101.5) } }]);
  });

  it('does not loosen a stop that lies beyond the entry price', () => {
    const rig = opened(side, { ...partial({ breakEvenAfter: true }), ...trailing() });
    rig.instant(2, { [AAA]: bar(side, [102, 100, 102]) });
    rig.complete(rig.order('tp1'), mirrored(side, 103), { cause: 'tp1' });
    expect(stopOf(rig, side)).toBe(101);
    rig.stopOut(mirrored(side, 101));
    expect(rig.trades).toMatchObject([{ exitReason: 'tp1+trail' }]);
  });

  it('is cancelled when the position ends before it', () => {
    const rig = opened(side, partial());
    rig.stopOut(mirrored(side, 98));
    expect(rig.all('cancel')).toMatchObject([{ clientOrderId: rig.order('tp1').clientOrderId, instrumentId: AAA }]);
    expect(rig.state.intents).toEqual([]);
  });

  it.each(['order_rejected', 'order_never'] as const)(
    'that the venue does not have (%s) leaves all to the final exit',
    (kind) => {
      const rig = opened(side, partial({ breakEvenAfter: true }));
      rig.apply({ kind, timeMs: rig.state.timeMs, clientOrderId: rig.order('tp1').clientOrderId, reason: 'no' });
      expect(rig.alerts()).toContain('no_first_target');
      rig.stopOut(mirrored(side, 98));
      expect(rig.trades).toMatchObject([{ exitReason: 'sl' }]);
      expect(rig.all('cancel')).toEqual([]);
    },
  );

  it('leaves an exit of whole steps: 0.3 - 0.1 is not 0.2 in binary', () => {
    const rig = new EngineRig({
      strategies: [testTerms({ ...partial({ ratioFrac: 0.34 }), timeExitHours: 1 })],
      rulesAt: (instrumentId) => testRules({ instrumentId, qtyStep: 0.1 }),
      settings: testSettings({ sizing: { risk: { mode: 'fixed', riskUsd: 0.6 } } }),
    });
    rig.open(testSignal({ side }));
    expect(rig.order('entry').qty).toBe(0.3);
    rig.complete(rig.order('tp1'), mirrored(side, 103), { cause: 'tp1' });
    rig.instant(20, { [AAA]: [101, 99, 100] });
    expect(rig.order('exit').qty).toBe(0.2);
    rig.complete(rig.order('exit'), 100);
    expect(rig.state.trades).toEqual([]);
  });
});

describe.each(SIDES)('PROTECTION_ANCHOR of a %s', (side) => {
  const partial = { ratioFrac: 0.4, atrMult: 3, breakEvenAfter: false };
  const run = (protectionAnchor: 'reference' | 'fill'): EngineRig => {
    const rig = new EngineRig({ strategies: [testTerms({ partial })], settings: testSettings({ protectionAnchor }) });
    rig.open(testSignal({ side }), mirrored(side, 101));
    return rig;
  };

  it('reference: the prices of the decision stay', () => {
    const rig = run('reference');
    expect(rig.all('set_protection')).toEqual([]);
    expect(rig.trade.protection).toEqual({ stopPrice: mirrored(side, 98), targetPrice: mirrored(side, 108) });
    expect(rig.order('tp1').limitPrice).toBe(mirrored(side, 103));
  });

  it('fill: the same distances from the fill, and one R stays what was planned', () => {
    const rig = run('fill');
    expect(rig.all('set_protection')).toHaveLength(1);
    expect(rig.trade.protection).toEqual({ stopPrice: mirrored(side, 99), targetPrice: mirrored(side, 109) });
    expect(rig.order('tp1').limitPrice).toBe(mirrored(side, 104));
    rig.stopOut(mirrored(side, 99));
    expect(rig.trades[0]).toMatchObject({
      riskUsd: 100,
      pnlUsd: -100,
      pnlR: -1,
      initialStopPrice: mirrored(side, 98),
      finalStopPrice: mirrored(side, 99),
      exitReason: 'sl',
    });
  });
});

describe.each(SIDES)('the row of a %s', (side) => {
  it('holds excursions until the exit fill: bars that closed before, and fills', () => {
    const rig = opened(side, { timeExitHours: 1 / 4 }, 100.5);
    rig.instant(2, { [AAA]: bar(side, [104, 99.5, 101]) });
    rig.instant(3, { [AAA]: bar(side, [103, 98.5, 99]) });
    rig.instant(4, { [AAA]: bar(side, [103, 99, 99]) });
    rig.complete(rig.order('exit'), mirrored(side, 98.1));
    const [{ maeAtr, mfeAtr }] = rig.trades;
    expect(mfeAtr).toBeCloseTo(3.5, 9);
    expect(maeAtr).toBeCloseTo(2.4, 9);
  });

  it('adds up: averages, fees, funding, slippage, R against the planned risk', () => {
    const rig = new EngineRig();
    rig.judge([testSignal({ side })]);
    const entry = rig.order('entry');
    rig.execute(entry, mirrored(side, 100), { qty: 20, feeUsd: 1, slippageUsd: 0.5 });
    rig.execute(entry, mirrored(side, 101), { qty: 30, feeUsd: 2, slippageUsd: 0.25 });
    rig.done(entry, 50);
    rig.apply({
      kind: 'funding',
      timeMs: rig.state.timeMs,
      execId: 'f1',
      instrumentId: AAA,
      amountUsd: -4,
      assumed: true,
    });
    rig.instant(2, { [AAA]: bar(side, [104, 99.5, 102]) });
    // marked at 102: 20 x 2 + 30 x 1 - 3 fees - 4 funding
    expect(rig.state.equityUsd).toBeCloseTo(1_000_000 + 70 - 7, 9);
    rig.stopOut(mirrored(side, 98), { feeUsd: 3, slippageUsd: 1 });
    const [trade] = rig.trades;
    expect(trade).toMatchObject({
      entryPrice: mirrored(side, 100.6),
      exitPrice: mirrored(side, 98),
      qty: 50,
      feesUsd: 6,
      fundingUsd: -4,
      fundingAssumed: true,
      slippageUsd: 1.75,
      riskUsd: 100,
      exitTimeMs: timeOfBar(2),
      entryTimeMs: timeOfBar(1),
    });
    // 20 x -2 + 30 x -3 - 6 - 4
    expect(trade.pnlUsd).toBeCloseTo(-140, 9);
    expect(trade.pnlR).toBeCloseTo(-1.4, 12);
    expect(rig.state.cashUsd).toBeCloseTo(1_000_000 - 140, 9);
  });

  it.each([0.7, Number.NaN])('keeps p as it was: %d', (p) => {
    const rig = new EngineRig();
    rig.open(testSignal({ side, p }));
    rig.stopOut(mirrored(side, 98));
    expect(rig.trades[0].p).toBe(p);
  });

  it('takes time of entry and exit from the fills, not from their arrival', () => {
    const rig = new EngineRig();
    rig.judge([testSignal({ side })]);
    const entry = rig.order('entry');
    rig.clock(timeOfBar(1) + 5_000);
    rig.complete(entry, 100, { timeMs: timeOfBar(1) + 300 });
    rig.clock(timeOfBar(1) + 90_000);
    rig.stopOut(98, { timeMs: timeOfBar(1) + 88_000 });
    expect(rig.trades).toMatchObject([{ entryTimeMs: timeOfBar(1) + 300, exitTimeMs: timeOfBar(1) + 88_000 }]);
    expect(rig.state.exitedMs[AAA]).toBe(timeOfBar(1) + 88_000);
  });
});

describe('exits counted from the VWAP since the breakout', () => {
  const anchored = { basis: 'avwap_atr', slAtrMult: 2, tpAtrMult: 8 } as const;
  const rig = (avwap: number, exits: Partial<ExitRules> = {}, side: Side = 'long'): EngineRig => {
    const engine = new EngineRig({
      strategies: [testTerms({ ...anchored, ...exits })],
      settings: testSettings({ sizing: { leverageMax: 10 } }),
    });
    engine.judge([testSignal({ side, features: { avwap_break: avwap } })]);
    return engine;
  };
  const reason = (engine: EngineRig): string => engine.all('decision')[0].decision.reason;

  it.each(SIDES)('%s: stop and targets lie around it, the risk is counted from the reference price', (side) => {
    const partial = { ratioFrac: 0.5, atrMult: 5, breakEvenAfter: false };
    const { order } = rig(mirrored(side, 99.5), { partial }, side).all('submit')[0];
    expect(mirrored(side, order.protection?.stopPrice ?? 0)).toBe(97.5);
    expect(mirrored(side, order.protection?.targetPrice ?? 0)).toBe(107.5);
    // 100 USD over a distance of 2.5
    expect(order.qty).toBe(40);
  });

  it.each([
    ['a stop nearer than MIN_STOP_ATR', 101.6, 'stop_distance_atr'],
    ['a stop beyond the price', 102.5, 'stop_distance_atr'],
    ['a target that the price has passed', 91.9, 'target_distance_ticks'],
    ['no VWAP', Number.NaN, 'stop_distance_atr'],
  ])('%s rejects the trade with its reason', (_name, avwap, gate) => {
    const engine = rig(avwap);
    expect(engine.all('submit')).toEqual([]);
    expect(reason(engine)).toBe(gate);
  });

  it('a first target that the price has passed rejects the trade, and MIN_STOP_ATR itself is far enough', () => {
    const partial = { ratioFrac: 0.5, atrMult: 1, breakEvenAfter: false };
    expect(reason(rig(98.9, { partial }))).toBe('first_target_distance_ticks');
    expect(reason(rig(101.5))).toBe('');
  });

  it('stays where it is at the fill', () => {
    const engine = new EngineRig({
      strategies: [testTerms(anchored)],
      settings: testSettings({ protectionAnchor: 'fill' }),
    });
    engine.open(testSignal({ features: { avwap_break: 99.5 } }), 101);
    expect(engine.trade.protection).toEqual({ stopPrice: 97.5, targetPrice: 107.5 });
  });
});
