import { quantileOf } from '@donch/core';
import type { Interval } from '../bootstrap/interval.ts';
import { binomialInterval } from '../distributions/binomial-interval.ts';

/** A figure over all simulated paths; `estimate` is that of the data themselves, `low` and `high` are quantiles of the paths. */
export interface SimulatedFigure extends Interval {
  /** Of the paths. */
  readonly median: number;
}

/** A share of paths; `estimate` = hits / trials, and the interval is the error of the simulation, which more draws make narrower. */
export interface SimulatedShare extends Interval {
  readonly hits: number;
  readonly trials: number;
}

/** Quantiles of a figure over the paths around the one of the data. */
export function simulatedFigure(estimate: number, drawn: Float64Array, level: number): SimulatedFigure {
  return {
    kind: 'interval',
    estimate,
    median: quantileOf(drawn, 0.5),
    low: quantileOf(drawn, (1 - level) / 2),
    high: quantileOf(drawn, (1 + level) / 2),
    level,
  };
}

/** Share of the paths for which something holds. */
export function simulatedShare(drawn: Float64Array, holds: (value: number) => boolean, level: number): SimulatedShare {
  const hits = drawn.filter(holds).length;
  const trials = drawn.length;
  return {
    kind: 'interval',
    estimate: hits / trials,
    ...binomialInterval({ hits, trials }, level),
    level,
    hits,
    trials,
  };
}
