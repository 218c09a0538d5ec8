import { NEVER } from './timeline.ts';

/** What a pass holds: one slot per instrument, for a symbol belongs to one trade at a time. Written over by every pass. */
export class HeldColumns {
  /** Slots of trades that are not closed, in the order in which they were accepted, which is the venue's order as well. */
  readonly slots: Int32Array;
  count = 0;
  /** Slots of the step in hand, in the same order. */
  readonly acting: Int32Array;
  /** Place of the signal in the paths. */
  readonly signal: Int32Array;
  /** 1 = the entry order is on its way. */
  readonly isWorking: Uint8Array;
  /** Whether the venue fills the entry. */
  readonly isFilled: Uint8Array;
  /** Next step at which something happens to it; `NEVER` = it is closed, or the end of the data comes before. */
  readonly nextStep: Int32Array;
  /** Way out: number of the cause, step at which it is booked, price before slippage. */
  readonly exitCause: Uint8Array;
  readonly exitStep: Int32Array;
  readonly exitPrice: Float64Array;
  /** Place of the time exit in its table. */
  readonly timeAt: Int32Array;
  /** First step at which the instrument may be entered again. */
  readonly freeStep: Int32Array;
  readonly qty: Float64Array;
  /** < 0 = short; what is held, or will be once the entry is filled. */
  readonly heldQty: Float64Array;
  readonly leverage: Float64Array;
  readonly equityAtDecisionUsd: Float64Array;
  readonly stopPrice: Float64Array;
  /** After slippage, and as the venue shows it as an average. */
  readonly entryFilledPrice: Float64Array;
  readonly entryPrice: Float64Array;
  /** What would be lost at the stop, counted from the entry. */
  readonly stopRiskUsd: Float64Array;
  /** Least result that a mark can show, before costs; 0 = not held yet. */
  readonly leastUsd: Float64Array;
  /** Beyond it no mark can lie while the position is held. */
  readonly lossPrice: Float64Array;
  /** Where the next row of its funding starts. */
  readonly fundingAt: Int32Array;
  readonly feesUsd: Float64Array;
  readonly fundingUsd: Float64Array;
  readonly slippageUsd: Float64Array;
  /** Last accepted entry and last exit of the instrument; -Infinity = none. */
  readonly acceptedMs: Float64Array;
  readonly exitedMs: Float64Array;

  constructor(instruments: number) {
    const numbers = (): Float64Array => new Float64Array(instruments);
    const whole = (): Int32Array => new Int32Array(instruments);
    const small = (): Uint8Array => new Uint8Array(instruments);
    this.slots = whole();
    this.acting = whole();
    this.signal = whole();
    this.isWorking = small();
    this.isFilled = small();
    this.nextStep = whole();
    this.exitCause = small();
    this.exitStep = whole();
    this.exitPrice = numbers();
    this.timeAt = whole();
    this.freeStep = whole();
    this.qty = numbers();
    this.heldQty = numbers();
    this.leverage = numbers();
    this.equityAtDecisionUsd = numbers();
    this.stopPrice = numbers();
    this.entryFilledPrice = numbers();
    this.entryPrice = numbers();
    this.stopRiskUsd = numbers();
    this.leastUsd = numbers();
    this.lossPrice = numbers();
    this.fundingAt = whole();
    this.feesUsd = numbers();
    this.fundingUsd = numbers();
    this.slippageUsd = numbers();
    this.acceptedMs = numbers();
    this.exitedMs = numbers();
    this.clear();
  }

  /** Nothing held, nothing entered before. */
  clear(): void {
    this.count = 0;
    this.freeStep.fill(0);
    this.acceptedMs.fill(-Infinity);
    this.exitedMs.fill(-Infinity);
  }

  /** Takes a slot out of the list. */
  remove(slot: number): void {
    const { slots } = this;
    let place = 0;
    while (slots[place] !== slot) place += 1;
    this.count -= 1;
    for (let k = place; k < this.count; k += 1) slots[k] = slots[k + 1];
    this.nextStep[slot] = NEVER;
  }
}
