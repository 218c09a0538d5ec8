/** Finished trades of a pass in columns: a sweep reads numbers of millions of them and rows of a few. */
import type { ResolvedExit } from './resolve-exit.ts';

type Cause = ResolvedExit['cause'];

/** Causes by their number in columns. */
export const CAUSES: readonly Cause[] = ['sl', 'tp', 'time', 'liquidation', 'delisted', 'end_of_data'];

/** What a sweep reads of trades: parallel columns in the order in which the trades ended. */
export interface PassTrades {
  readonly length: number;
  readonly entryTimeMs: Float64Array;
  /** Net of all costs. */
  readonly pnlR: Float64Array;
}

/** The same with what rows are made of, which is written where a pass is asked for rows. */
export class TradeColumns implements PassTrades {
  length = 0;
  readonly entryTimeMs: Float64Array;
  readonly pnlR: Float64Array;
  /** Place of the signal in the paths. */
  readonly signal: Int32Array;
  readonly feesUsd: Float64Array;
  /** > 0 received. */
  readonly fundingUsd: Float64Array;
  readonly slippageUsd: Float64Array;
  readonly qty: Float64Array;
  readonly equityAtDecisionUsd: Float64Array;
  /** After slippage. */
  readonly entryFilledPrice: Float64Array;
  readonly exitFilledPrice: Float64Array;
  /** Place in `CAUSES`. */
  readonly exitCause: Uint8Array;
  /** Bar set in which the exit is booked. */
  readonly exitStep: Int32Array;

  constructor(capacity: number) {
    this.signal = new Int32Array(capacity);
    this.entryTimeMs = new Float64Array(capacity);
    this.pnlR = new Float64Array(capacity);
    this.feesUsd = new Float64Array(capacity);
    this.fundingUsd = new Float64Array(capacity);
    this.slippageUsd = new Float64Array(capacity);
    this.qty = new Float64Array(capacity);
    this.equityAtDecisionUsd = new Float64Array(capacity);
    this.entryFilledPrice = new Float64Array(capacity);
    this.exitFilledPrice = new Float64Array(capacity);
    this.exitCause = new Uint8Array(capacity);
    this.exitStep = new Int32Array(capacity);
  }

  /** What has been written, as columns of their own. */
  copy(): PassTrades {
    const { length } = this;
    return { length, entryTimeMs: this.entryTimeMs.slice(0, length), pnlR: this.pnlR.slice(0, length) };
  }
}
