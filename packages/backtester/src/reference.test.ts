import { compareWithReference, randomBacktest } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { runBacktest } from './run-backtest.ts';

describe('the backtest and a naive simulator written from the rules', () => {
  it('agree on every trade of 2,500 random markets', () => {
    const seen = new Map<string, number>();
    for (let seed = 1; seed <= 2_500; seed += 1) {
      const world = randomBacktest(seed, { symbols: 2, bars: 90, signals: 5 });
      const { difference, reasons } = compareWithReference(world, runBacktest(world));
      expect(`seed ${seed}: ${difference}`).toBe(`seed ${seed}: `);
      for (const reason of reasons) seen.set(reason, (seen.get(reason) ?? 0) + 1);
    }
    // a comparison in which a way out never happens says nothing about it
    const causes = ['sl', 'tp', 'trail', 'break_even', 'time', 'delisted', 'end_of_data'];
    const afterFirst = causes.map((cause) => `tp1+${cause}`);
    const rare = [...causes.filter((cause) => cause !== 'break_even'), ...afterFirst].filter(
      (reason) => (seen.get(reason) ?? 0) < 10,
    );
    expect(rare).toEqual([]);
  });
});
