import { sweepWorld, type SweepWorld } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { runBacktest } from '../run-backtest.ts';
import { exitAxes } from './exit-axes.ts';
import { needsEngine } from './needs-engine.ts';
import { passDifference } from './pass-difference.ts';
import { passPortfolio } from './portfolio-pass.ts';
import { SignalPaths } from './signal-paths.ts';

/** What the compared variants contained: a comparison in which something never happens says nothing about it. */
type Counts = Record<string, number>;

/** '' = all variants agree, else the first difference. */
function compareWorld(world: SweepWorld, counts: Counts): string {
  const count = (name: string): void => {
    counts[name] = (counts[name] ?? 0) + 1;
  };
  const axes = exitAxes(world.variants.flatMap((strategies) => strategies.map(({ exits }) => exits)));
  const paths = new SignalPaths({ ...world, axes });
  for (const strategies of world.variants) {
    const refusal = needsEngine({ ...world, strategies });
    const pass = passPortfolio({ ...world, paths, strategies });
    if (refusal !== null || 'needsEngine' in pass) {
      count(refusal ?? ('needsEngine' in pass ? pass.needsEngine : ''));
      continue;
    }
    const result = runBacktest({ ...world, strategies });
    const difference = passDifference(pass, paths, result);
    if (difference !== '') return `${JSON.stringify(strategies.map(({ exits }) => exits))} ${difference}`;
    count('variants');
    if (result.abortReason !== '') count('aborted');
    for (const { exitReason, sizing, fundingUsd, strategyId, side } of [...result.trades, ...result.openAtEnd]) {
      for (const name of [exitReason, strategyId, side]) count(name);
      if (sizing.capped < 0.9) count('made smaller');
      if (fundingUsd !== 0) count('funded');
    }
  }
  return '';
}

/** Long and thin, short and crowded. */
const SHAPES = [
  { symbols: 4, bars: 500, signals: 15 },
  { symbols: 8, bars: 60, signals: 25 },
];

describe('the pass over envelopes and the engine', () => {
  it('agree on every bit of every trade and of the daily equity of 27 variants in each of 120 random markets', () => {
    const counts: Counts = {};
    for (let seed = 1; seed <= 120; seed += 1) {
      const difference = compareWorld(sweepWorld(seed, SHAPES[seed % 2]), counts);
      expect(`seed ${seed}: ${difference}`).toBe(`seed ${seed}: `);
    }
    const wanted = ['sl', 'tp', 'time', 'delisted', 'end_of_data', 'liquidation', 'long', 'short', 'test', 'second'];
    const rare = [...wanted, 'aborted', 'made smaller', 'funded'].filter((name) => !(counts[name] >= 10));
    expect(rare).toEqual([]);
    expect(counts['variants']).toBeGreaterThan(3_000);
  });
});
