import type { BarSet, Command, Signal } from '@donch/core';
import { testInstrument, testRules, testSettings, testSignal, testTerms, timeOfBar } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { ScannedEntries } from './scanned-entries.ts';
import { Trader } from './trader.ts';

const setOf = (n: number): BarSet => ({
  closeTimeMs: timeOfBar(n),
  instruments: [],
  candles: [],
  rows: new Int32Array(),
});
const at = (n: number, symbol: string): Signal => testSignal({ symbol, decisionTimeMs: timeOfBar(n) });

describe('ScannedEntries', () => {
  const signals = [at(5, 'A'), at(2, 'B'), at(5, 'C'), at(9, 'D')];

  it('serves every signal at its time, whatever the order it was given', () => {
    for (const given of [signals, [...signals].reverse()]) {
      const entries = new ScannedEntries(given);
      const served = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => entries.signalsAt(setOf(n)));
      expect(served.map(({ length }) => length)).toEqual([0, 1, 0, 0, 2, 0, 0, 0, 1, 0]);
      const ids = served[4].map(({ signalId }) => signalId);
      expect(ids).toEqual(ids.toSorted());
    }
  });

  it('skips what lies before the first bar set asked for, and knows what comes next', () => {
    const entries = new ScannedEntries(signals);
    expect(entries.nextTimeMs).toBe(timeOfBar(2));
    expect(entries.signalsAt(setOf(5))).toHaveLength(2);
    expect(entries.nextTimeMs).toBe(timeOfBar(9));
    entries.signalsAt(setOf(9));
    expect(entries.nextTimeMs).toBe(Infinity);
  });
});

describe('Trader', () => {
  const trader = (entries: { signalsAt: (barSet: BarSet) => readonly Signal[] }): Trader =>
    new Trader({
      settings: testSettings(),
      strategies: [testTerms({ timeExitHours: 1 / 12 })],
      rulesAt: (instrumentId) => testRules({ instrumentId }),
      entries,
    });
  const kinds = (commands: readonly Command[]): string[] =>
    commands.map((command) => (command.kind === 'submit' ? `submit ${command.order.leg}` : command.kind));

  it('decides exits before entries, and asks for the signals of a bar set once', () => {
    const asked: number[] = [];
    const source = new ScannedEntries([at(1, 'A'), at(2, 'B')]);
    const subject = trader({
      signalsAt: (barSet) => {
        asked.push(barSet.closeTimeMs);
        return source.signalsAt(barSet);
      },
    });
    const first = subject.step(setOf(1));
    expect(kinds(first)).toEqual(['decision', 'submit entry']);
    const [, submit] = first;
    if (submit.kind !== 'submit') throw new Error('found no order');
    const { order } = submit;
    const fill = {
      ...order,
      execId: 'x',
      timeMs: timeOfBar(1),
      cause: 'entry',
      price: 100,
      feeUsd: 0,
      slippageUsd: 0,
    } as const;
    subject.apply({ kind: 'fill', timeMs: timeOfBar(1), fill });
    subject.apply({
      kind: 'order_done',
      timeMs: timeOfBar(1),
      clientOrderId: order.clientOrderId,
      filledQty: order.qty,
    });
    expect(kinds(subject.step(setOf(2)))).toEqual(['submit exit', 'decision', 'submit entry']);
    expect(asked).toEqual([timeOfBar(1), timeOfBar(2)]);
    expect(subject.state.trades.map(({ instrumentId }) => instrumentId)).toEqual(['A', 'B'].map(testInstrument));
  });

  it('enters on nothing that is stale', () => {
    const subject = trader(new ScannedEntries([at(1, 'A')]));
    const [command] = subject.step(setOf(1), 'benchmark absent');
    expect(command).toMatchObject({ kind: 'decision', decision: { verdict: 'skipped', reason: 'fresh_data' } });
  });
});
