/** The bar of one instrument in a bar set. */
import type { BarSet, InstrumentId } from '@donch/core';

/** One bar of a bar set, as scalars. */
export interface BarView {
  /** Position in the lists of the bar set. */
  readonly index: number;
  readonly openTimeMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** Finds instruments in bar sets; the map is made anew only when the list of instruments is another object. */
export class BarLookup {
  #instruments: readonly InstrumentId[] = [];
  #indexes: ReadonlyMap<InstrumentId, number> = new Map();
  /** Changes whenever indexes do. */
  version = 0;

  /** Takes the list of a bar set. */
  use({ instruments }: BarSet): void {
    if (this.#instruments === instruments) return;
    this.#instruments = instruments;
    this.#indexes = new Map(instruments.map((id, index) => [id, index]));
    this.version += 1;
  }

  /** Position in the lists of the bar set taken last, -1 = not among them. */
  indexOf(instrumentId: InstrumentId): number {
    return this.#indexes.get(instrumentId) ?? -1;
  }

  /** The bar that closes with the set; null = there is none. */
  barOf(barSet: BarSet, instrumentId: InstrumentId): BarView | null {
    this.use(barSet);
    const index = this.indexOf(instrumentId);
    const row = index < 0 ? -1 : barSet.rows[index];
    const candles = index < 0 ? null : barSet.candles[index];
    if (row < 0 || candles === null) return null;
    return {
      index,
      openTimeMs: candles.openTimeMs[row],
      open: candles.open[row],
      high: candles.high[row],
      low: candles.low[row],
      close: candles.close[row],
      volume: candles.volume[row],
    };
  }
}
