/** What else the days of a run could have brought, and the drawdown at which it would no longer be that run. */
import { createPrng } from '@donch/core';
import { LEVEL } from '../bootstrap/interval.ts';
import { mean } from '../moments.ts';
import { simulateReturns } from '../monte-carlo/return-simulation.ts';
import type { RobustnessInput, RobustnessOptions } from './robustness-input.ts';
import { holdingDays } from './run-activity.ts';
import type { MonteCarlo, RunRobustness } from './run-robustness.ts';

/**
 * Simulates the days in blocks. Refused without trades (days of nothing have no risk to show), with a missing return and for fewer than
 * 12 blocks of days.
 */
export function simulateRun(
  { dailyReturns, trades, seed }: Pick<RobustnessInput, 'dailyReturns' | 'trades' | 'seed'>,
  {
    ruinLossFrac,
    drawdownLimitFrac,
    blockDays,
  }: Required<Omit<RobustnessOptions, 'blockDays'>> & Pick<RobustnessOptions, 'blockDays'>,
): RunRobustness['monteCarlo'] {
  if (trades.pnlR.length === 0) return { kind: 'refused', reason: 'no_trades', found: 0, needed: 1 };
  const holdingDaysMean = mean(holdingDays(trades));
  const block = blockOf({ holdingDaysMean, days: dailyReturns.length, blockDays });
  const simulation = simulateReturns(dailyReturns, {
    rule: { kind: 'stationary', blockLength: block.length },
    prng: createPrng(seed, 'days in blocks'),
    ruinLossFrac,
    drawdownLimitFrac,
    level: LEVEL,
  });
  if (simulation.kind === 'refused') return simulation;
  return {
    kind: 'monte_carlo',
    simulation,
    blockFrom: block.from,
    holdingDaysMean,
    ruinLossFrac,
    drawdownLimitFrac,
  };
}

/** Trades that are open together, and markets, depend on each other for longer than a short trade lasts: hence the cube root. */
function blockOf({
  holdingDaysMean,
  days,
  blockDays,
}: {
  readonly holdingDaysMean: number;
  readonly days: number;
  readonly blockDays: number | undefined;
}): { readonly length: number; readonly from: MonteCarlo['blockFrom'] } {
  if (blockDays !== undefined) return { length: blockDays, from: 'option' };
  const held = Math.ceil(holdingDaysMean);
  const root = Math.max(1, Math.round(Math.cbrt(days)));
  return held >= root ? { length: held, from: 'holding_time' } : { length: root, from: 'days' };
}

/** The deep end of the simulated drawdowns. Refused where there is no simulation. */
export function killLevelOf(monteCarlo: RunRobustness['monteCarlo']): RunRobustness['killLevel'] {
  if (monteCarlo.kind === 'refused') return monteCarlo;
  const { low, level } = monteCarlo.simulation.drawdownFrac;
  return { kind: 'kill_level', drawdownFrac: low, quantile: (1 - level) / 2 };
}
