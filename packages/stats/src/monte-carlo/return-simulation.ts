/** What else the same days could have brought: a block bootstrap of daily returns. */
import { invariant, type Prng } from '@donch/core';
import { DRAWS_MIN } from '../bootstrap/cluster-bootstrap.ts';
import { LEVEL, type Refusal } from '../bootstrap/interval.ts';
import { BLOCKS_MIN, type BlockRule } from '../bootstrap/resample-indices.ts';
import { measurePath, resamplePaths } from '../bootstrap/resampled-paths.ts';
import { cagrFrac, YEAR_DAYS } from '../metrics/growth.ts';
import { type SimulatedFigure, type SimulatedShare, simulatedFigure, simulatedShare } from './simulated-figure.ts';

export interface ReturnSimulationOptions {
  /** Blocks of days about as long as what happens on one day bears on the next: the holding time and more. */
  readonly rule: BlockRule;
  readonly prng: Prng;
  /** Ruin: at some time this share (0..1) of the starting capital or more is lost. */
  readonly ruinLossFrac: number;
  /** A drawdown deeper than this (0..1) is beyond the limit. */
  readonly drawdownLimitFrac: number;
  /** At least `DRAWS_MIN`, which is the default. */
  readonly draws?: number;
  /** Of all intervals; default 0.95. */
  readonly level?: number;
}

/** `missing_return`: `found` of `needed` days have one. `too_few_blocks`: the days hold `found` blocks. */
export type SimulationRefusal = 'missing_return' | 'too_few_blocks';

/** `below_one_year`: `found` days; what a shorter time would be per year nobody will earn. */
type CagrRefusal = 'below_one_year';

export interface ReturnSimulation {
  readonly kind: 'simulation';
  /** Days of every path, as many as the data have. */
  readonly days: number;
  readonly draws: number;
  readonly blockLength: number;
  readonly totalReturnFrac: SimulatedFigure;
  readonly cagrFrac: SimulatedFigure | Refusal<CagrRefusal>;
  /** <= 0: `low` is the deep end. Of marks at the end of days; inside a day it was deeper. */
  readonly drawdownFrac: SimulatedFigure;
  /** Most consecutive days below the peak before them. */
  readonly underwaterDaysMax: SimulatedFigure;
  readonly ruin: SimulatedShare;
  readonly drawdownBeyondLimit: SimulatedShare;
}

/**
 * Simulates as many days as there are, drawn in blocks with replacement and compounded. Assumes that the future is made of the same
 * days: no crash that was not seen, no edge that wears off, and nothing that lasts longer than a block. The intervals of the figures are
 * what luck alone would spread; those of the two probabilities are the error of the simulation only. Refused with a missing return and
 * below `BLOCKS_MIN` blocks of days. Days from the in-sample time of a search make every figure too good.
 */
export function simulateReturns(
  dailyReturns: ArrayLike<number>,
  options: ReturnSimulationOptions,
): ReturnSimulation | Refusal<SimulationRefusal> {
  const { rule, prng, ruinLossFrac, drawdownLimitFrac, draws = DRAWS_MIN, level = LEVEL } = options;
  invariant(draws >= DRAWS_MIN, `a bootstrap has ${DRAWS_MIN} draws or more`);
  invariant(ruinLossFrac > 0 && ruinLossFrac <= 1, 'ruin is the loss of a share of capital');
  invariant(drawdownLimitFrac > 0 && drawdownLimitFrac < 1, 'a limit of the drawdown lies between 0 and 1');
  const days = dailyReturns.length;
  const present = Array.from(dailyReturns).filter((value) => !Number.isNaN(value)).length;
  if (present < days) return { kind: 'refused', reason: 'missing_return', found: present, needed: days };
  const blocks = Math.floor(days / rule.blockLength);
  if (!(blocks >= BLOCKS_MIN)) return { kind: 'refused', reason: 'too_few_blocks', found: blocks, needed: BLOCKS_MIN };
  const paths = resamplePaths(dailyReturns, { rule, draws, prng });
  const own = measurePath(dailyReturns);
  return {
    kind: 'simulation',
    days,
    draws,
    blockLength: rule.blockLength,
    totalReturnFrac: simulatedFigure(own.totalReturnFrac, paths.totalReturnFrac, level),
    cagrFrac: cagrOf(own.totalReturnFrac, paths.totalReturnFrac, { days, level }),
    drawdownFrac: simulatedFigure(own.drawdownFrac, paths.drawdownFrac, level),
    underwaterDaysMax: simulatedFigure(own.underwaterMax, paths.underwaterMax, level),
    ruin: simulatedShare(paths.lowestFrac, (lowest) => lowest <= -ruinLossFrac, level),
    drawdownBeyondLimit: simulatedShare(paths.drawdownFrac, (depth) => depth < -drawdownLimitFrac, level),
  };
}

function cagrOf(
  own: number,
  drawn: Float64Array,
  { days, level }: { readonly days: number; readonly level: number },
): SimulatedFigure | Refusal<CagrRefusal> {
  if (!(days >= YEAR_DAYS)) return { kind: 'refused', reason: 'below_one_year', found: days, needed: YEAR_DAYS };
  const perYear = (totalReturnFrac: number): number => cagrFrac({ start: 1, end: 1 + totalReturnFrac, days });
  return simulatedFigure(perYear(own), drawn.map(perYear), level);
}
