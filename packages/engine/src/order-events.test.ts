import type { EngineEvent, OrderIntent } from '@donch/core';
import { EngineRig, testInstrument, testRules, testSettings, testSignal, testTerms, timeOfBar } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { intentOf } from './state.ts';

const AAA = testInstrument('AAA');
const BAR = [101, 99, 100] as const;
const hourly = testTerms({ timeExitHours: 1 });

function answer(rig: EngineRig, kind: 'order_accepted' | 'order_never', { clientOrderId }: OrderIntent): void {
  rig.apply({ kind, timeMs: rig.state.timeMs, clientOrderId });
}

function refuse(
  rig: EngineRig,
  { clientOrderId }: OrderIntent,
  kind: 'order_rejected' | 'order_unknown' = 'order_rejected',
) {
  return rig.apply({ kind, timeMs: rig.state.timeMs, clientOrderId, reason: 'because' });
}

/** A trade whose time exit has just been sent. */
function exiting(): EngineRig {
  const rig = new EngineRig({ strategies: [hourly] });
  rig.open(testSignal());
  rig.instant(13, { [AAA]: BAR });
  return rig;
}

describe('an order without a certain answer', () => {
  it('is looked up, and is neither sent again nor given up', () => {
    const rig = new EngineRig();
    rig.judge([testSignal()]);
    const commands = refuse(rig, rig.order('entry'), 'order_unknown');
    expect(commands.filter(({ kind }) => kind !== 'alert')).toEqual([
      { kind: 'lookup', clientOrderId: rig.order('entry').clientOrderId, instrumentId: AAA },
    ]);
    expect(intentOf(rig.state, rig.order('entry').clientOrderId)?.state).toBe('unknown');
    expect(rig.state.trades).toHaveLength(1);
    expect(rig.orders('entry')).toHaveLength(1);
  });

  it('that turns out to be live goes on', () => {
    const rig = new EngineRig();
    rig.judge([testSignal()]);
    refuse(rig, rig.order('entry'), 'order_unknown');
    answer(rig, 'order_accepted', rig.order('entry'));
    expect(intentOf(rig.state, rig.order('entry').clientOrderId)?.state).toBe('live');
    rig.complete(rig.order('entry'), 100);
    expect(rig.trade).toMatchObject({ state: 'open', qtyOpen: 50, entryWorking: false });
  });

  it('that turns out to be done is booked from its fills', () => {
    const rig = new EngineRig();
    rig.judge([testSignal()]);
    refuse(rig, rig.order('entry'), 'order_unknown');
    rig.complete(rig.order('entry'), 100.5);
    expect(rig.trade).toMatchObject({ state: 'open', qtyOpen: 50 });
  });

  it('of an entry that never was frees its slot', () => {
    const rig = new EngineRig();
    rig.judge([testSignal()]);
    refuse(rig, rig.order('entry'), 'order_unknown');
    answer(rig, 'order_never', rig.order('entry'));
    expect(rig.state).toMatchObject({ trades: [], intents: [] });
  });

  it('of an exit that never was goes out under a new id with the next instant', () => {
    const rig = exiting();
    refuse(rig, rig.order('exit'), 'order_unknown');
    answer(rig, 'order_never', rig.order('exit'));
    expect(rig.orders('exit')).toHaveLength(1);
    rig.instant(14, { [AAA]: BAR });
    expect(rig.orders('exit').map(({ clientOrderId }) => clientOrderId.slice(-4))).toEqual(['ex-0', 'ex-1']);
  });
});

describe('a refused exit', () => {
  it.each([
    { by: 'instant', next: (rig: EngineRig, n: number) => rig.instant(n, { [AAA]: BAR }) },
    { by: 'clock', next: (rig: EngineRig, n: number) => rig.clock(timeOfBar(n) - 1) },
  ])('is tried again under a new id with the next $by event, once per event and without an end', ({ next }) => {
    const rig = exiting();
    for (let n = 14; n < 134; n += 1) {
      const before = rig.orders('exit').length;
      refuse(rig, rig.order('exit'));
      expect(rig.orders('exit')).toHaveLength(before);
      next(rig, n);
      expect(rig.orders('exit')).toHaveLength(before + 1);
      expect(rig.trade.state).toBe('exiting');
    }
    expect(new Set(rig.orders('exit').map(({ clientOrderId }) => clientOrderId)).size).toBe(121);
    rig.complete(rig.order('exit'), 100);
    expect(rig.trades).toMatchObject([{ exitReason: 'time', qty: 50 }]);
  });

  it('is shouted about from the third attempt on', () => {
    const rig = exiting();
    for (let n = 14; n < 17; n += 1) {
      refuse(rig, rig.order('exit'));
      rig.instant(n, { [AAA]: BAR });
    }
    expect(rig.alerts().filter((code) => code === 'exit_failing')).toHaveLength(2);
  });

  it('that sold a part goes on with the rest at once', () => {
    const rig = exiting();
    const first = rig.order('exit');
    rig.execute(first, 100, { qty: 20 });
    rig.done(first, 20);
    expect(rig.orders('exit').map(({ qty }) => qty)).toEqual([50, 30]);
    rig.complete(rig.order('exit'), 99);
    expect(rig.trades).toMatchObject([{ qty: 50, exitPrice: 99.4, exitReason: 'time' }]);
  });

  it('is over when the stop was faster', () => {
    const rig = exiting();
    refuse(rig, rig.order('exit'));
    rig.stopOut(98);
    rig.instant(14, { [AAA]: BAR });
    expect(rig.orders('exit')).toHaveLength(1);
    expect(rig.trades).toMatchObject([{ exitReason: 'sl' }]);
  });
});

describe('an exit that is on its way when the position ends', () => {
  it('is cancelled, so that it meets no later position', () => {
    const rig = exiting();
    answer(rig, 'order_accepted', rig.order('exit'));
    rig.stopOut(98);
    expect(rig.all('cancel')).toMatchObject([{ clientOrderId: rig.order('exit').clientOrderId }]);
    expect(rig.state.intents).toEqual([]);
  });
});

describe('an exit that has closed the position', () => {
  it('is not cancelled, though nobody has said yet that it is done', () => {
    const rig = exiting();
    rig.execute(rig.order('exit'), 100);
    expect(rig.trades).toHaveLength(1);
    expect(rig.all('cancel')).toEqual([]);
  });
});

describe('answers after the end', () => {
  const kinds = ['order_accepted', 'order_rejected', 'order_unknown', 'order_never', 'order_done'] as const;

  it.each(kinds)('%s changes nothing', (kind) => {
    const rig = new EngineRig();
    rig.open(testSignal());
    const entry = rig.order('entry');
    rig.stopOut(98);
    const before = JSON.stringify(rig.state);
    const event = { kind, timeMs: rig.state.timeMs, clientOrderId: entry.clientOrderId, reason: 'late', filledQty: 50 };
    expect(rig.apply(event as EngineEvent)).toEqual([]);
    expect(JSON.stringify(rig.state)).toBe(before);
  });

  it.each(kinds)('%s to an order that nobody sent changes nothing', (kind) => {
    const rig = new EngineRig();
    rig.judge([testSignal()]);
    const before = JSON.stringify(rig.state);
    const clientOrderId = 'd-nobody-en-0' as OrderIntent['clientOrderId'];
    const event = { kind, timeMs: rig.state.timeMs, clientOrderId, reason: 'late', filledQty: 50 };
    expect(rig.apply(event as EngineEvent)).toEqual([]);
    expect(JSON.stringify(rig.state)).toBe(before);
  });
});

describe('fills', () => {
  it('are counted once by their id', () => {
    const rig = new EngineRig();
    rig.judge([testSignal()]);
    const entry = rig.order('entry');
    rig.execute(entry, 100, { execId: 'one', qty: 20, feeUsd: 1 });
    rig.execute(entry, 100, { execId: 'one', qty: 20, feeUsd: 1 });
    expect(rig.trade).toMatchObject({ qtyOpen: 20, feesUsd: 1 });
    expect(rig.state.cashUsd).toBe(999_999);
  });

  it('are remembered by the thousand, the newest for sure', () => {
    const rig = new EngineRig();
    const fundings = 12_000;
    for (let k = 0; k < fundings; k += 1)
      rig.apply({ kind: 'funding', timeMs: 1, execId: `f${k}`, instrumentId: AAA, amountUsd: 1, assumed: false });
    expect(rig.state.cashUsd).toBe(1_000_000 + fundings);
    for (let k = fundings - 5_000; k < fundings; k += 1)
      rig.apply({ kind: 'funding', timeMs: 1, execId: `f${k}`, instrumentId: AAA, amountUsd: 1, assumed: false });
    expect(rig.state.cashUsd).toBe(1_000_000 + fundings);
    const { recent, older } = rig.state.executions;
    expect(recent.length + older.length).toBeLessThanOrEqual(10_000);
  });

  it('may come after the word that the order is done: nothing is decided before the last of them', () => {
    const rig = new EngineRig({
      strategies: [testTerms({ partial: { ratioFrac: 0.5, atrMult: 3, breakEvenAfter: false } })],
    });
    rig.judge([testSignal()]);
    const entry = rig.order('entry');
    rig.execute(entry, 100, { qty: 20 });
    rig.done(entry, 50);
    rig.done(entry, 50);
    expect(rig.alerts()).toEqual(['fills_missing']);
    expect(rig.all('lookup')).toHaveLength(1);
    expect(rig.orders('tp1')).toEqual([]);
    expect(rig.trade.entryWorking).toBe(true);
    rig.execute(entry, 101, { qty: 30 });
    expect(rig.trade).toMatchObject({ qtyOpen: 50, entryWorking: false });
    expect(rig.order('tp1').qty).toBe(25);
  });

  it('that come in parts open the trade with the first, at the average price of all', () => {
    const rig = new EngineRig();
    rig.judge([testSignal()]);
    const entry = rig.order('entry');
    rig.execute(entry, 100, { qty: 10, timeMs: timeOfBar(1) + 1 });
    expect(rig.trade).toMatchObject({ state: 'open', entryTimeMs: timeOfBar(1) + 1, qtyOpen: 10 });
    rig.execute(entry, 102, { qty: 30, timeMs: timeOfBar(1) + 2 });
    rig.done(entry, 40);
    expect(rig.trade).toMatchObject({ entryTimeMs: timeOfBar(1) + 1, qtyOpen: 40, entryWorking: false });
    rig.stopOut(98);
    expect(rig.trades).toMatchObject([{ qty: 40, entryPrice: 101.5, riskUsd: 80 }]);
  });

  it('ask once to verify the protection of the new position', () => {
    const rig = new EngineRig();
    rig.judge([testSignal()]);
    rig.execute(rig.order('entry'), 100, { qty: 10 });
    rig.execute(rig.order('entry'), 100, { qty: 40 });
    expect(rig.all('verify_protection')).toEqual([
      { kind: 'verify_protection', instrumentId: AAA, tradeId: rig.trade.tradeId },
    ]);
  });

  it('that no trade explains are an alert and no guess', () => {
    const rig = new EngineRig();
    rig.open(testSignal());
    const entry = rig.order('entry');
    rig.stopOut(98);
    const cashUsd = rig.state.cashUsd;
    rig.execute(entry, 100, { qty: 1, feeUsd: 5 });
    expect(rig.alerts()).toContain('foreign_fill');
    expect(rig.state).toMatchObject({ cashUsd, trades: [] });
  });

  it("that would reduce a position which has not begun are somebody else's", () => {
    const rig = new EngineRig();
    rig.judge([testSignal()]);
    const cashUsd = rig.state.cashUsd;
    rig.execute({ ...rig.order('entry'), side: 'sell' }, 100, { qty: 1, feeUsd: 5 });
    expect(rig.alerts()).toContain('foreign_fill');
    expect(rig.state).toMatchObject({ cashUsd });
    expect(rig.trade.exitQty).toBe(0);
  });

  it("that add to a position without an order of ours are somebody else's", () => {
    const rig = new EngineRig();
    rig.open(testSignal());
    const { cashUsd } = rig.state;
    rig.execute(rig.order('entry'), 100, { qty: 5, feeUsd: 5, clientOrderId: null, cause: 'manual' });
    expect(rig.alerts()).toContain('foreign_fill');
    expect(rig.state.cashUsd).toBe(cashUsd);
    expect(rig.trade.qtyOpen).toBe(50);
  });

  it('beyond the position are an alert; the trade ends with what it held', () => {
    const rig = new EngineRig();
    rig.open(testSignal());
    rig.stopOut(99, { qty: 60 });
    expect(rig.alerts()).toContain('overfill');
    expect(rig.trades).toMatchObject([{ qty: 50, exitPrice: 99, pnlUsd: -50 }]);
    expect(rig.state.cashUsd).toBe(999_950);
  });

  it.each([
    ['liquidation', 'liquidation'],
    ['adl', 'adl'],
    ['delisted', 'delisted'],
    ['end_of_data', 'end_of_data'],
    ['manual', 'manual'],
    ['tp', 'tp'],
    ['sl', 'sl'],
    ['exit', 'manual'],
  ] as const)('of cause %s end a trade with reason %s', (cause, exitReason) => {
    const rig = new EngineRig();
    rig.open(testSignal());
    rig.stopOut(99, { cause });
    expect(rig.trades).toMatchObject([{ exitReason }]);
  });
});

describe('funding', () => {
  const funding = (execId: string, amountUsd: number): EngineEvent => ({
    kind: 'funding',
    timeMs: timeOfBar(1),
    execId,
    instrumentId: AAA,
    amountUsd,
    assumed: false,
  });

  it('is booked once, in cash and trade', () => {
    const rig = new EngineRig();
    rig.open(testSignal());
    for (const id of ['f1', 'f1', 'f2']) rig.apply(funding(id, -2));
    expect(rig.trade).toMatchObject({ fundingUsd: -4, fundingAssumed: false });
    expect(rig.state.cashUsd).toBe(999_996);
  });

  it('that comes after the trade is in equity and in no trade, and said so', () => {
    const rig = new EngineRig();
    rig.open(testSignal());
    rig.stopOut(100);
    rig.apply(funding('f1', -2));
    expect(rig.trades).toMatchObject([{ fundingUsd: 0 }]);
    expect(rig.state.cashUsd).toBe(999_998);
    expect(rig.alerts()).toContain('funding_without_trade');
  });
});

describe('time', () => {
  it('does not run backwards', () => {
    const rig = new EngineRig();
    rig.instant(2);
    expect(() => rig.clock(timeOfBar(1))).toThrow('time of events does not run backwards');
  });

  it('of a bar set may lie before that of events which came while its bars arrived', () => {
    const rig = new EngineRig();
    rig.instant(1);
    rig.clock(timeOfBar(2) + 3_000);
    rig.instant(2);
    expect(rig.state.timeMs).toBe(timeOfBar(2) + 3_000);
  });
});

describe('settings of the instrument', () => {
  it('are those of the decision time', () => {
    const seen: number[] = [];
    const rig = new EngineRig({
      settings: testSettings(),
      rulesAt: (instrumentId, timeMs) => {
        seen.push(timeMs);
        return testRules({ instrumentId });
      },
    });
    rig.judge([testSignal()]);
    expect([...new Set(seen)]).toEqual([timeOfBar(1)]);
  });
});
