/** Random worlds for comparing the fast path of sweeps with the engine: small accounts, several variants, one or two strategies. */
import { createPrng, strategyId, type ExitRules, type Prng } from '@donch/core';
import type { EngineSettings, StrategyTerms } from '@donch/engine';
import { randomBacktest, type RandomBacktest, type RandomBacktestOptions } from './random-backtest.ts';
import { testSettings, testTerms } from './trading-fixtures.ts';

export interface SweepWorld extends Omit<RandomBacktest, 'references'> {
  /** Terms of each variant. */
  readonly variants: readonly (readonly StrategyTerms[])[];
}

const SECOND = strategyId('second');

/** A random market of the testkit under random account settings, and all combinations of a few random exits. */
export function sweepWorld(seed: number, options: Omit<RandomBacktestOptions, 'settings' | 'disturbance'>): SweepWorld {
  const prng = createPrng(seed, 'sweep world');
  const pick = pickFrom(prng);
  const world = randomBacktest(seed, options);
  const isPair = prng.next() < 0.3;
  const regime = pick([{}, { regimeDownFactor: 0.5, regimeWanted: 1, regimeFeature: 'regime_up' }] as const);
  return {
    ...world,
    signals: world.signals.map((signal, k) => ({
      ...signal,
      ...(isPair && k % 2 === 1 && { strategyId: SECOND }),
      features: { ...signal.features, regime_up: k % 3 === 0 ? 1 : 0 },
    })),
    settings: randomAccount(prng),
    venue: { ...world.venue, costs: { ...world.venue.costs, impactFrac: 0 } },
    variants: randomExits(prng).map((exits, k, all) => [
      testTerms(exits, regime),
      ...(isPair ? [testTerms(all[all.length - 1 - k], { strategyId: SECOND })] : []),
    ]),
  };
}

function pickFrom(prng: Prng): <T>(values: readonly T[]) => T {
  return (values) => values[prng.below(values.length)];
}

function randomExits(prng: Prng): Partial<ExitRules>[] {
  const pick = pickFrom(prng);
  const slAtrMults = [pick([0.4, 0.5, 0.7]), pick([1, 1.37, 2]), pick([3, 5, 300])];
  const tpAtrMults = [pick([0.3, 1]), pick([2, 4.21]), pick([8, null, 200])];
  const timeExitHours = [pick([0, 0.05, 0.25]), pick([1, 2.51]), pick([4, null])];
  return slAtrMults.flatMap((slAtrMult) =>
    tpAtrMults.flatMap((tpAtrMult) => timeExitHours.map((hours) => ({ slAtrMult, tpAtrMult, timeExitHours: hours }))),
  );
}

/** Accounts small enough for every cap and minimum to bind now and then, and some that nothing binds. */
function randomAccount(prng: Prng): EngineSettings {
  const pick = pickFrom(prng);
  const capital = pick([1_000, 100_000]);
  return testSettings({
    initialCapitalUsd: capital,
    priority: pick(['hash', 'p', 'rs']),
    meta: { required: prng.next() < 0.2, pStar: 0.4 },
    stopAtrMin: 0.5,
    sizing: {
      risk: pick([
        { mode: 'fixed', riskUsd: capital * 0.01 },
        { mode: 'percent', equityFrac: 0.01 },
        { mode: 'percent', equityFrac: 0.1 },
      ]),
      riskUsdMax: pick([null, capital * 0.03]),
      probability: pick([null, { inMin: 0.3, inMax: 0.9, outMin: 0.5, outMax: 1.5 }]),
      notionalCapFrac: pick([0.3, 1, 5]),
      leverageMax: pick([1, 3, 10, 50]),
      openRiskCapFrac: pick([0.02, 0.1, 1]),
      grossExposureCapMult: pick([0.5, 3, 50]),
      onCapBreach: pick(['scale', 'skip']),
    },
    guards: {
      openMax: pick([1, 2, 10, Infinity]),
      entriesPerDayMax: pick([2, 5, Infinity]),
      cooldownMs: pick([0, 0, 1_800_000, 7_200_000]),
      dedupMs: pick([0, 0, 3_600_000]),
      abortEquityFrac: pick([0, 0.05, 0.9]),
      abortTradesMax: pick([4, Infinity, Infinity]),
    },
  });
}
