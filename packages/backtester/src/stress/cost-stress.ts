/** Fees and slippage times something, and how much of both the run can bear. */
import type { Refusal } from '@donch/stats';
import type { BacktestResult } from '../run-backtest.ts';
import { stressFigures } from './stress-figures.ts';
import type { BreakEvenCost, CostStress, StressFigures } from './stress-report.ts';
import type { StressedPortfolio } from './stressed-portfolio.ts';

/** Multiples that are shown; 1 is the run. */
const COST_MULTS = [1, 1.5, 2, 3] as const;
/** Nothing worth trading is still profitable beyond. */
const COST_MULT_MAX = 96;
/** Accuracy of the break-even multiple. */
const COST_MULT_TOLERANCE = 1e-4;
const STEPS_MAX = 60;
const BPS = 1e4;

/** The run under each multiple, and the multiple at which nothing is left. */
export function costStress(portfolio: StressedPortfolio, result: BacktestResult): CostStress {
  const levels = COST_MULTS.map((costMult) => ({
    costMult,
    ...stressFigures(costMult === 1 ? result : portfolio.simulate({ costMult })),
  }));
  return { levels, breakEven: breakEven(portfolio, levels[0]) };
}

function breakEven(portfolio: StressedPortfolio, run: StressFigures): CostStress['breakEven'] {
  const { feeFrac, slippageFrac, stopSlippageFrac, impactFrac } = portfolio.run.venue.costs;
  if (run.trades === 0) return refused('no_trades', 0, 1);
  if (!(feeFrac + slippageFrac + stopSlippageFrac + impactFrac > 0)) return refused('no_costs', 0, 0);
  const meanR = (costMult: number): number => portfolio.outline({ costMult }).meanR;
  const free = meanR(0);
  if (!(free > 0)) return refused('loses_without_costs', free, 0);
  let low = { at: 0, value: free };
  let high = { at: 1, value: run.meanR };
  while (high.value > 0) {
    if (high.at >= COST_MULT_MAX) return refused('profitable_at_any_cost', high.value, high.at);
    low = high;
    high = { at: Math.min(2 * high.at, COST_MULT_MAX), value: meanR(Math.min(2 * high.at, COST_MULT_MAX)) };
  }
  const costMult = crossing(low, high, meanR);
  const { costsUsd, turnoverUsd } = stressFigures(portfolio.simulate({ costMult }));
  const sides = { oneWayBps: (costsUsd / turnoverUsd) * BPS, runOneWayBps: (run.costsUsd / run.turnoverUsd) * BPS };
  return {
    kind: 'break_even',
    costMult,
    ...sides,
    roundTripBps: 2 * sides.oneWayBps,
    runRoundTripBps: 2 * sides.runOneWayBps,
  } satisfies BreakEvenCost;
}

function refused<Reason extends string>(reason: Reason, found: number, needed: number): Refusal<Reason> {
  return { kind: 'refused', reason, found, needed };
}

interface Point {
  readonly at: number;
  readonly value: number;
}

/**
 * Where a falling function goes through 0 between two points. Almost a straight line as long as the trades are the same ones, so
 * regula falsi comes close at once; every third step halves the interval, because sizes and guards may make it jump.
 */
function crossing(from: Point, to: Point, valueAt: (at: number) => number): number {
  let low = from;
  let high = to;
  for (let step = 0; step < STEPS_MAX && high.at - low.at > COST_MULT_TOLERANCE; step += 1) {
    const secant = low.at + ((high.at - low.at) * low.value) / (low.value - high.value);
    // a step past the root closes the interval from the other side as well
    const nudge = (step % 2 === 0 ? 1 : -1) * (COST_MULT_TOLERANCE / 2);
    const isInside = secant + nudge > low.at && secant + nudge < high.at;
    const at = step % 3 === 2 || !isInside ? (low.at + high.at) / 2 : secant + nudge;
    const value = valueAt(at);
    if (value > 0) low = { at, value };
    else high = { at, value };
  }
  return (low.at + high.at) / 2;
}
