import { createPrng } from '@donch/core';
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

/** Seeds of 40 in which a pass over something else than what the engine sees is told apart. */
function noticed(plant: (world: SweepWorld) => SweepWorld): number {
  let seeds = 0;
  for (let seed = 1; seed <= 40; seed += 1) {
    const world = sweepWorld(seed, SHAPES[seed % 2]);
    const planted = plant(world);
    const axes = exitAxes(world.variants.flatMap((strategies) => strategies.map(({ exits }) => exits)));
    const paths = new SignalPaths({ ...planted, axes });
    const isNoticed = world.variants.slice(0, 9).some((strategies) => {
      const pass = passPortfolio({ ...planted, paths, strategies });
      return !('needsEngine' in pass) && passDifference(pass, paths, runBacktest({ ...world, strategies })) !== '';
    });
    seeds += Number(isNoticed);
  }
  return seeds;
}

const withCosts = (world: SweepWorld, costs: Partial<SweepWorld['venue']['costs']>): SweepWorld => ({
  ...world,
  venue: { ...world.venue, costs: { ...world.venue.costs, ...costs } },
});

/** The last bit of a number. */
const ULP = 1 + 2 ** -52;

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

  it('agree when some of the signals are left out of the one and unknown to the other', () => {
    let compared = 0;
    for (let seed = 1; seed <= 40; seed += 1) {
      const world = sweepWorld(seed, SHAPES[seed % 2]);
      const axes = exitAxes(world.variants.flat().map(({ exits }) => exits));
      const paths = new SignalPaths({ ...world, axes });
      const prng = createPrng(seed, 'missed');
      const isMissed = Uint8Array.from(paths.signals, () => Number(prng.next() < 0.4));
      const signals = paths.signals.filter((_, k) => isMissed[k] === 0);
      for (const strategies of world.variants.slice(0, 18)) {
        const pass = passPortfolio({ ...world, paths, strategies, isMissed });
        if ('needsEngine' in pass) continue;
        expect(passDifference(pass, paths, runBacktest({ ...world, strategies, signals }))).toBe('');
        compared += Number(pass.trades.length > 0);
      }
    }
    expect(compared).toBeGreaterThan(200);
  });

  it.each<[string, (world: SweepWorld) => SweepWorld, number]>([
    ['nothing', (world) => world, 0],
    ['a fee that differs in its last bit', (w) => withCosts(w, { feeFrac: w.venue.costs.feeFrac * ULP }), 3],
    [
      'slippage of stops that differs in its last bit',
      (w) => withCosts(w, { stopSlippageFrac: 5.000000000000001e-4 }),
      3,
    ],
    [
      'funding rates that differ in their last bits',
      (w) => ({
        ...w,
        venue: {
          ...w.venue,
          fundingOf: () =>
            w.funding === null
              ? null
              : { timeMs: w.funding.timeMs, rate: w.funding.rate.map((rate) => rate * ULP * ULP) },
        },
      }),
      5,
    ],
    [
      'lows that are one tick lower',
      (w) => ({
        ...w,
        candlesOf(id) {
          const candles = w.candlesOf(id);
          return { ...candles, length: candles.length, low: candles.low.map((low) => low - 0.01) };
        },
      }),
      10,
    ],
    [
      'a cooldown that is a minute longer than an hour',
      (w) => ({ ...w, settings: { ...w.settings, guards: { ...w.settings.guards, cooldownMs: 3_660_000 } } }),
      5,
    ],
  ])('a comparison notices %s', (_name, plant, seedsMin) => {
    const seeds = noticed(plant);
    expect(seeds >= seedsMin && (seedsMin > 0 || seeds === 0), `noticed in ${seeds} of 40`).toBe(true);
  });
});
