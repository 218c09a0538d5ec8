import { sweepWorld } from '@donch/testkit';
import { expect, it } from 'vitest';
import { runBacktest } from '../run-backtest.ts';
import { summarise } from '../run-summary.ts';
import { exitAxes } from './exit-axes.ts';
import { passPortfolio } from './portfolio-pass.ts';
import { SignalPaths } from './signal-paths.ts';
import { summariseVariant } from './variant-summary.ts';

const OF_DRAWDOWNS = ['drawdownFrac', 'drawdownUsd', 'underwaterDaysMax', 'marRatio', 'recoveryFactor'];

it('a variant has the figures of its backtest, but for drawdowns, which are those of daily marks', () => {
  let shallower = 0;
  for (let seed = 1; seed <= 12; seed += 1) {
    const world = sweepWorld(seed, { symbols: 3, bars: 900, signals: 15 });
    const axes = exitAxes(world.variants.flat().map(({ exits }) => exits));
    const paths = new SignalPaths({ ...world, axes });
    for (const strategies of world.variants.slice(0, 6)) {
      const pass = passPortfolio({ ...world, paths, strategies });
      if ('needsEngine' in pass) continue;
      const found = summariseVariant(pass);
      const expected = summarise(runBacktest({ ...world, strategies }), 1);
      const { dailyEquity, ...rest } = found;
      expect(rest).toStrictEqual(
        Object.fromEntries(Object.keys(rest).map((name) => [name, Reflect.get(expected, name) as unknown])),
      );
      const { drawdownFrac, drawdownUsd } = dailyEquity;
      const daily = Object.entries(dailyEquity).filter(([name]) => !OF_DRAWDOWNS.includes(name));
      expect(expected.equity).toMatchObject(Object.fromEntries(daily));
      expect(drawdownFrac).toBeGreaterThanOrEqual(expected.equity.drawdownFrac);
      expect(drawdownUsd).toBeGreaterThanOrEqual(expected.equity.drawdownUsd);
      expect(drawdownFrac).toBeLessThanOrEqual(0);
      shallower += Number(drawdownFrac > expected.equity.drawdownFrac);
    }
  }
  expect(shallower).toBeGreaterThan(20);
});
