/** What gates and sizing read of signals, in columns: a pass looks at no signal itself. */
import { directionOf, type Signal, type StrategyId } from '@donch/core';
import { riskFactorOf, type RegimeTerms, type SizingSettings } from '@donch/engine';

export class SignalFacts {
  /** +1 = long, -1 = short. */
  readonly direction: Int8Array;
  readonly referencePrice: Float64Array;
  /** NaN = not scored. */
  readonly p: Float64Array;
  /** Place in `strategyIds`. */
  readonly strategy: Int32Array;
  readonly strategyIds: readonly StrategyId[];
  readonly #signals: readonly Signal[];
  /** The factors asked for last and what they were asked with: the same for all variants that differ in exits. */
  #riskFactors: { readonly key: string; readonly factors: Float64Array } = { key: '', factors: new Float64Array(0) };

  constructor(signals: readonly Signal[]) {
    this.#signals = signals;
    this.direction = Int8Array.from(signals, ({ side }) => directionOf(side));
    this.referencePrice = Float64Array.from(signals, ({ referencePrice }) => referencePrice);
    this.p = Float64Array.from(signals, ({ p }) => p);
    this.strategyIds = [...new Set(signals.map(({ strategyId }) => strategyId))];
    const placeOf = new Map(this.strategyIds.map((id, place) => [id, place]));
    this.strategy = Int32Array.from(signals, ({ strategyId }) => placeOf.get(strategyId) ?? -1);
  }

  /**
   * What the risk of each signal is multiplied by; `terms` parallel to `strategyIds`. In the key Infinity reads as null: no setting may
   * be both.
   */
  riskFactors(sizing: SizingSettings, terms: readonly RegimeTerms[]): Float64Array {
    const key = JSON.stringify([sizing, terms.map((of) => [of.regimeDownFactor, of.regimeFeature, of.regimeWanted])]);
    if (this.#riskFactors.key !== key) {
      const factors = Float64Array.from(this.#signals, (signal, k) =>
        riskFactorOf(signal, sizing, terms[this.strategy[k]]),
      );
      this.#riskFactors = { key, factors };
    }
    return this.#riskFactors.factors;
  }
}
