/**
 * Hamilton filter over a hidden Markov chain of K states: what is known of the state after each observation, and nothing that comes
 * later. Source: J. D. Hamilton, "A New Approach to the Economic Analysis of Nonstationary Time Series and the Business Cycle",
 * Econometrica 57 (1989). Densities arrive as logarithms, so that no sequence underflows.
 */
import { invariant } from '@donch/core';

export interface HiddenChain {
  /** Probability of each state before the first observation. */
  readonly initial: ArrayLike<number>;
  /** `transition[i][j]` = P(next state is j | state is i); every row adds up to 1. */
  readonly transition: readonly ArrayLike<number>[];
}

export class HamiltonFilter {
  /** Probability of each state at the last observation, given only the ones before it. */
  readonly predicted: Float64Array;
  /** Probability of each state given all observations up to the last one. */
  readonly filtered: Float64Array;
  /** Logarithm of the joint density of the observations so far. */
  logLikelihood = 0;
  readonly #transition: Float64Array;
  #isFirst = true;

  constructor({ initial, transition }: HiddenChain) {
    invariant(transition.length === initial.length, 'one row of transition probabilities per state');
    this.predicted = Float64Array.from(initial);
    this.filtered = Float64Array.from(initial);
    this.#transition = Float64Array.from(transition.flatMap((row) => Array.from(row)));
  }

  /** Takes the next observation as the logarithms of its density under each state (-Infinity = impossible). */
  step(logDensities: ArrayLike<number>): void {
    this.#predict();
    const { predicted, filtered } = this;
    let highest = -Infinity;
    for (let k = 0; k < filtered.length; k += 1) if (logDensities[k] > highest) highest = logDensities[k];
    let density = 0;
    for (let k = 0; k < filtered.length; k += 1) {
      filtered[k] = predicted[k] * Math.exp(logDensities[k] - highest);
      density += filtered[k];
    }
    for (let k = 0; k < filtered.length; k += 1) filtered[k] /= density;
    this.logLikelihood += Math.log(density) + highest;
  }

  /** One step of the chain without an observation: knowledge of the state fades. */
  skip(): void {
    this.#predict();
    this.filtered.set(this.predicted);
  }

  #predict(): void {
    if (this.#isFirst) {
      this.#isFirst = false;
      return;
    }
    const states = this.filtered.length;
    for (let to = 0; to < states; to += 1) {
      let sum = 0;
      for (let from = 0; from < states; from += 1) sum += this.filtered[from] * this.#transition[from * states + to];
      this.predicted[to] = sum;
    }
  }
}
