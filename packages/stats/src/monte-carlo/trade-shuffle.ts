/** How deep the same trades could have gone in another order. */
import { invariant, type Prng } from '@donch/core';
import { DRAWS_MIN } from '../bootstrap/cluster-bootstrap.ts';
import { LEVEL, type Refusal } from '../bootstrap/interval.ts';
import { measurePath, resamplePaths, type Sizing } from '../bootstrap/resampled-paths.ts';
import { type SimulatedFigure, type SimulatedShare, simulatedFigure, simulatedShare } from './simulated-figure.ts';

/** One trade has one order. */
const TRADES_MIN = 2;

export interface TradeShuffleOptions {
  /** `fixed`: results are amounts of money. `compounded`: results are fractions of the capital at the time. */
  readonly sizing: Sizing;
  readonly startCapital: number;
  /** A drawdown deeper than this share (0..1) of the peak is beyond the limit. */
  readonly drawdownLimitFrac: number;
  readonly prng: Prng;
  /** At least `DRAWS_MIN`, which is the default. */
  readonly draws?: number;
  /** Of all intervals; default 0.95. */
  readonly level?: number;
}

/** `missing_result`: `found` of `needed` trades have one. `too_few_trades`: one order only. */
export type ShuffleRefusal = 'missing_result' | 'too_few_trades';

/** Drawdowns alone: the final capital of a shuffle is the same in every order and says nothing. */
export interface TradeShuffle {
  readonly kind: 'shuffle';
  readonly trades: number;
  readonly draws: number;
  /** Share of the peak before, <= 0: `low` is the deep end. */
  readonly drawdownFrac: SimulatedFigure;
  /** In units of the capital, <= 0. */
  readonly drawdownCash: SimulatedFigure;
  readonly drawdownBeyondLimit: SimulatedShare;
}

/**
 * Drawdowns of the trades in random order, one after the other. Assumes that trades are independent, that none overlap and that the size
 * of each would have been the same elsewhere: losses that came together because a market fell are spread out, so that true drawdowns
 * are deeper. For the spread of outcomes, and whenever trades depend on each other, `simulateReturns`. Refused with a missing result and
 * below two trades.
 */
export function shuffleTrades(
  results: ArrayLike<number>,
  options: TradeShuffleOptions,
): TradeShuffle | Refusal<ShuffleRefusal> {
  const { sizing, startCapital, drawdownLimitFrac, prng, draws = DRAWS_MIN, level = LEVEL } = options;
  invariant(draws >= DRAWS_MIN, `a shuffle has ${DRAWS_MIN} draws or more`);
  invariant(drawdownLimitFrac > 0 && drawdownLimitFrac < 1, 'a limit of the drawdown lies between 0 and 1');
  const trades = results.length;
  const present = Array.from(results).filter((value) => !Number.isNaN(value)).length;
  if (present < trades) return { kind: 'refused', reason: 'missing_result', found: present, needed: trades };
  if (!(trades >= TRADES_MIN)) return { kind: 'refused', reason: 'too_few_trades', found: trades, needed: TRADES_MIN };
  const paths = resamplePaths(results, { rule: { kind: 'shuffle' }, draws, prng, sizing, startCapital });
  const own = measurePath(results, { sizing, startCapital });
  return {
    kind: 'shuffle',
    trades,
    draws,
    drawdownFrac: simulatedFigure(own.drawdownFrac, paths.drawdownFrac, level),
    drawdownCash: simulatedFigure(own.drawdownCash, paths.drawdownCash, level),
    drawdownBeyondLimit: simulatedShare(paths.drawdownFrac, (depth) => depth < -drawdownLimitFrac, level),
  };
}
