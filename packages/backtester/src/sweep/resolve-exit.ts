/**
 * The exit of one signal under one variant, from first touches alone: what engine and bar venue do bar by bar. A stop or target
 * counts at the open where that lies beyond it; the stop wins inside one bar; a time exit trades at the open of the first bar after
 * its decision, before anything inside that bar; what is left ends with the instrument or with the run.
 */
import { directionOf, type ExitCause } from '@donch/core';
import type { CostSettings } from '@donch/sim';
import { firstBeyond } from './envelope.ts';
import type { ExitPick } from './exit-axes.ts';
import type { SignalPaths } from './signal-paths.ts';
import { NEVER } from './timeline.ts';

/** Overwritten by each call: one object for millions of exits. */
export interface ResolvedExit {
  cause: Extract<ExitCause, 'sl' | 'tp' | 'time' | 'liquidation' | 'delisted' | 'end_of_data'>;
  /** Bar set in which it is booked. */
  step: number;
  /** Before slippage. */
  price: number;
}

export function emptyExit(): ResolvedExit {
  return { cause: 'end_of_data', step: NEVER, price: Number.NaN };
}

/** What ends a losing position, and where prices first came to it. */
export interface Loss {
  price: number;
  /** Step of the bar that reaches it. */
  step: number;
  /** Open of that bar. */
  open: number;
  /** Price at which a liquidation is booked; NaN = it is a stop. */
  bankruptcyPrice: number;
}

export function emptyLoss(): Loss {
  return { price: Number.NaN, step: NEVER, open: Number.NaN, bankruptcyPrice: Number.NaN };
}

/** The stop of a variant as a loss. */
export function stopLoss(loss: Loss, { stops, axes }: SignalPaths, signal: number, sl: number): void {
  const at = signal * axes.slAtrMults.length + sl;
  loss.price = stops.price[at];
  loss.step = stops.step[at];
  loss.open = stops.open[at];
  loss.bankruptcyPrice = Number.NaN;
}

/** Puts the liquidation in the place of the stop where it lies nearer. */
export function nearerLiquidation(
  loss: Loss,
  paths: SignalPaths,
  signal: number,
  liquidation: { readonly price: number; readonly bankruptcyPrice: number },
): void {
  const direction = directionOf(paths.signals[signal].side);
  if (!(direction * (liquidation.price - loss.price) > 0)) return;
  const range = paths.extremes(signal, 'worst');
  const row = firstBeyond(range, liquidation.price);
  loss.price = liquidation.price;
  loss.bankruptcyPrice = liquidation.bankruptcyPrice;
  loss.step = row === range.to ? NEVER : range.columns.step[row];
  loss.open = row === range.to ? Number.NaN : range.columns.open[row];
}

/** Writes the exit of a signal that was filled. */
export function resolveExit(
  exit: ResolvedExit,
  paths: SignalPaths,
  signal: number,
  { loss, pick }: { readonly loss: Loss; readonly pick: ExitPick },
): void {
  const { targets, times, axes } = paths;
  const target = signal * axes.tpAtrMults.length + pick.tp;
  const time = signal * axes.timeExitHours.length + pick.time;
  const touchStep = Math.min(loss.step, targets.step[target]);
  const timeStep = times.step[time];
  if (touchStep < timeStep) {
    touch(exit, loss, {
      direction: directionOf(paths.signals[signal].side),
      targetPrice: targets.price[target],
      open: loss.step === touchStep ? loss.open : targets.open[target],
      step: touchStep,
    });
  } else if (timeStep !== NEVER) {
    exit.cause = 'time';
    exit.step = timeStep;
    exit.price = times.price[time];
  } else {
    const { isDelisted, endStep, endPrice } = paths.instruments[paths.instrument[signal]];
    exit.cause = isDelisted ? 'delisted' : 'end_of_data';
    exit.step = endStep;
    exit.price = endPrice;
  }
}

interface TouchedBar {
  readonly direction: 1 | -1;
  /** NaN = none. */
  readonly targetPrice: number;
  readonly open: number;
  readonly step: number;
}

/** The order of `triggersOf`: loss at the open, target at the open, loss, target. */
function touch(exit: ResolvedExit, loss: Loss, { direction, targetPrice, open, step }: TouchedBar): void {
  const isLost = loss.step === step;
  exit.step = step;
  if (isLost && direction * (open - loss.price) <= 0) lose(exit, loss, open);
  else if (direction * (open - targetPrice) >= 0) win(exit, open);
  else if (isLost) lose(exit, loss, loss.price);
  else win(exit, targetPrice);
}

function lose(exit: ResolvedExit, { bankruptcyPrice }: Loss, price: number): void {
  const isStop = Number.isNaN(bankruptcyPrice);
  exit.cause = isStop ? 'sl' : 'liquidation';
  exit.price = isStop ? price : bankruptcyPrice;
}

function win(exit: ResolvedExit, price: number): void {
  exit.cause = 'tp';
  exit.price = price;
}

/** Slippage of an exit, fraction; null = booked at its price. */
export function exitSlippage(cause: ResolvedExit['cause'], costs: CostSettings): number | null {
  if (cause === 'liquidation') return null;
  return cause === 'sl' || cause === 'tp' ? costs.stopSlippageFrac : costs.slippageFrac;
}
