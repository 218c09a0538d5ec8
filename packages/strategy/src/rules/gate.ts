/** A filter of the strategy: judges one entry by the values of its features. Written as what it accepts, so that NaN is refused. */
import type { GateCheck } from '@donch/core';

/** Values of all features at the decision, by name; categories as codes. */
export interface FeatureRow {
  /** NaN = missing. Throws (a bug) for a name that is not in the row. */
  valueOf(name: string): number;
}

export interface FilterGate {
  readonly name: string;
  /** Plain description, for hashing and printing. */
  readonly description: Readonly<Record<string, unknown>>;
  readonly features: readonly string[];
  judge(row: FeatureRow, symbol: string): GateCheck;
}
