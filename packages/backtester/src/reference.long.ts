/** The comparison of reference.test.ts on many more and longer markets, calm settings and coarse ticks alike. */
import { compareWithReference, randomBacktest } from '@donch/testkit';
import { expect, it } from 'vitest';
import { runBacktest } from './run-backtest.ts';

const MARKETS = 100_000;

it(`the backtest and the naive simulator agree on every trade of ${MARKETS} random markets`, () => {
  for (let seed = 1_000_001; seed <= 1_000_000 + MARKETS; seed += 1) {
    const world = randomBacktest(seed, { symbols: 3, bars: 60 + (seed % 7) * 40, signals: 2 + (seed % 11) });
    const { difference } = compareWithReference(world, runBacktest(world));
    expect(`seed ${seed}: ${difference}`).toBe(`seed ${seed}: `);
  }
});
