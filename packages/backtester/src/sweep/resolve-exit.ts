/**
 * The exit of one signal under one variant, from first touches alone: what engine and bar venue do bar by bar. A stop or target
 * counts at the open where that lies beyond it; the stop wins inside one bar; a time exit trades at the open of the first bar after
 * its decision, before anything inside that bar; what is left ends with the instrument or with the run.
 */
import type { ExitCause } from '@donch/core';
import type { CostSettings } from '@donch/sim';
import { firstBeyond } from './envelope.ts';
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

/** First touch of a level. */
export interface Touch {
  /** Bar set of the bar that reaches it; `NEVER` = none does as long as a variant looks. */
  step: number;
  /** That bar opens at or beyond the level. */
  isAtOpen: boolean;
  /** Where it trades, before slippage: the level, or that open. */
  price: number;
}

/** What ends a losing position. */
export interface Loss extends Touch {
  levelPrice: number;
  /** False = it is the stop. */
  isLiquidation: boolean;
}

export function emptyTouch(): Touch {
  return { step: NEVER, isAtOpen: false, price: Number.NaN };
}

export function emptyLoss(): Loss {
  return { ...emptyTouch(), levelPrice: Number.NaN, isLiquidation: false };
}

/** Writes the touch of a target. `target`: place on the axis. */
export function readTarget(touch: Touch, paths: SignalPaths, signal: number, target: number): void {
  const { targets, facts } = paths;
  const at = paths.at(signal, target);
  const open = targets.open[at];
  touch.step = targets.step[at];
  touch.isAtOpen = facts.direction[signal] * (open - targets.price[at]) >= 0;
  touch.price = touch.isAtOpen ? open : targets.price[at];
}

/** Writes the stop as a loss. `stop`: place on the axis. */
export function readStop(loss: Loss, paths: SignalPaths, signal: number, stop: number): void {
  const { stops, facts } = paths;
  const at = paths.at(signal, stop);
  const open = stops.open[at];
  loss.levelPrice = stops.price[at];
  loss.isLiquidation = false;
  loss.step = stops.step[at];
  loss.isAtOpen = facts.direction[signal] * (open - loss.levelPrice) <= 0;
  loss.price = loss.isAtOpen ? open : loss.levelPrice;
}

/** Puts the liquidation in the place of the stop where it lies nearer; it is booked at its own price. */
export function nearerLiquidation(
  loss: Loss,
  paths: SignalPaths,
  signal: number,
  liquidation: { readonly price: number; readonly bankruptcyPrice: number },
): void {
  const direction = paths.facts.direction[signal];
  if (!(direction * (liquidation.price - loss.levelPrice) > 0)) return;
  const range = paths.extremes(signal, 'worst');
  const row = firstBeyond(range, liquidation.price);
  loss.levelPrice = liquidation.price;
  loss.isLiquidation = true;
  loss.step = row === range.to ? NEVER : range.columns.step[row];
  loss.isAtOpen = row !== range.to && direction * (range.columns.open[row] - liquidation.price) <= 0;
  loss.price = liquidation.bankruptcyPrice;
}

/** What ends a position; `end`: its instrument or the run. */
export function wayOut(loss: Touch, target: Touch, timeStep: number): 'loss' | 'target' | 'time' | 'end' {
  const touchStep = loss.step < target.step ? loss.step : target.step;
  if (touchStep >= timeStep) return timeStep === NEVER ? 'end' : 'time';
  if (loss.step > touchStep) return 'target';
  // inside one bar: loss at the open, target at the open, loss
  return target.step === touchStep && target.isAtOpen && !loss.isAtOpen ? 'target' : 'loss';
}

export interface Ways {
  readonly loss: Loss;
  readonly target: Touch;
  /** Place on the axis of time exits. */
  readonly time: number;
}

/** Writes the exit of a signal that was filled. */
export function resolveExit(exit: ResolvedExit, paths: SignalPaths, signal: number, ways: Ways): void {
  const { loss, target } = ways;
  const time = paths.at(signal, ways.time);
  switch (wayOut(loss, target, paths.times.step[time])) {
    case 'loss':
      return write(exit, loss.isLiquidation ? 'liquidation' : 'sl', loss);
    case 'target':
      return write(exit, 'tp', target);
    case 'time':
      return write(exit, 'time', { step: paths.times.step[time], price: paths.times.price[time] });
    case 'end':
      return endOf(exit, paths, signal);
  }
}

/** Writes the exit of a position that nothing else ends. */
export function endOf(exit: ResolvedExit, { instruments, instrument }: SignalPaths, signal: number): void {
  const { isDelisted, endStep, endPrice } = instruments[instrument[signal]];
  write(exit, isDelisted ? 'delisted' : 'end_of_data', { step: endStep, price: endPrice });
}

export function write(
  exit: ResolvedExit,
  cause: ResolvedExit['cause'],
  { step, price }: Pick<ResolvedExit, 'step' | 'price'>,
): void {
  exit.cause = cause;
  exit.step = step;
  exit.price = price;
}

/** Slippage of an exit, fraction; null = booked at its price. */
export function exitSlippage(cause: ResolvedExit['cause'], costs: CostSettings): number | null {
  if (cause === 'liquidation') return null;
  return cause === 'sl' || cause === 'tp' ? costs.stopSlippageFrac : costs.slippageFrac;
}
