/** The comparison of sweep-differential.test.ts on many more markets. */
import { sweepWorld } from '@donch/testkit';
import { expect, it } from 'vitest';
import { runBacktest } from '../run-backtest.ts';
import { exitAxes } from './exit-axes.ts';
import { passDifference } from './pass-difference.ts';
import { passPortfolio } from './portfolio-pass.ts';
import { SignalPaths } from './signal-paths.ts';

const MARKETS = 2_000;

it(`the pass over envelopes and the engine agree on 27 variants in each of ${MARKETS} random markets`, () => {
  let compared = 0;
  for (let seed = 1_000_001; seed <= 1_000_000 + MARKETS; seed += 1) {
    const world = sweepWorld(seed, { symbols: 2 + (seed % 9), bars: 60 + (seed % 7) * 120, signals: 5 + (seed % 25) });
    const axes = exitAxes(world.variants.flat().map(({ exits }) => exits));
    const paths = new SignalPaths({ ...world, axes });
    for (const strategies of world.variants) {
      const pass = passPortfolio({ ...world, paths, strategies });
      if ('needsEngine' in pass) continue;
      const difference = passDifference(pass, paths, runBacktest({ ...world, strategies }));
      expect(`seed ${seed}: ${difference}`).toBe(`seed ${seed}: `);
      compared += 1;
    }
  }
  expect(compared).toBeGreaterThan(20 * MARKETS);
});
