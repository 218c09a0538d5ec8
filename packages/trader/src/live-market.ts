/** Candles at the live edge: the bars of every bar set as they arrived, with as much history as somebody still reads. */
import {
  CandleBuffer,
  DAY_MS,
  invariant,
  lowerBound,
  ROW_ABSENT,
  type Bar,
  type BarSet,
  type Candles,
  type InstrumentId,
  type LateBar,
} from '@donch/core';

/** A bar of one instrument. */
export interface ArrivedBar {
  /** Position of the instrument in the list of the market. */
  readonly index: number;
  readonly bar: Bar;
}

/** What had arrived when a bar set was frozen; the rest of the instruments is absent or late. */
export interface ArrivedBars {
  /** T. */
  readonly closeTimeMs: number;
  /** Bars that close at T. */
  readonly present: readonly ArrivedBar[];
  /** Bars that close before T and arrived only now; per instrument in order of time. */
  readonly late: readonly ArrivedBar[];
}

/** Room for bars to come before stale rows make room again. */
const SPARE_DAYS = 2;

export class LiveMarket {
  readonly intervalMs: number;
  readonly instruments: readonly InstrumentId[];
  readonly candles: readonly CandleBuffer[];

  constructor(instruments: readonly InstrumentId[], intervalMs: number) {
    this.instruments = instruments;
    this.intervalMs = intervalMs;
    this.candles = instruments.map(() => new CandleBuffer(intervalMs, 0));
  }

  /** Keeps the end of a history, `readsBackMs` of it, and returns how many rows were left out. Before the first bar set. */
  adopt(index: number, history: Candles, readsBackMs: number): number {
    const buffer = this.candles[index];
    invariant(buffer.length === 0, 'a history comes before the first bar set');
    if (history.length === 0) return 0;
    const first = firstReadRow(history, readsBackMs);
    buffer.appendRows(history, first, SPARE_DAYS * (DAY_MS / this.intervalMs));
    return first;
  }

  /** Takes the bars of a set. */
  take({ closeTimeMs, present, late }: ArrivedBars): BarSet {
    const rows = new Int32Array(this.instruments.length).fill(ROW_ABSENT);
    const lateBars = late.map(({ index, bar }) => ({ index, row: this.#append(index, bar) }));
    for (const { index, bar } of present) {
      invariant(bar.openTimeMs + this.intervalMs === closeTimeMs, 'a present bar closes at the time of its bar set');
      rows[index] = this.#append(index, bar);
    }
    const barSet = { closeTimeMs, instruments: this.instruments, candles: this.candles, rows };
    return lateBars.length === 0 ? barSet : { ...barSet, late: lateBars.sort(byInstrument) };
  }

  #append(index: number, bar: Bar): number {
    const buffer = this.candles[index];
    buffer.append(bar);
    return buffer.length - 1;
  }

  /** Rows of an instrument that nobody reads any more. */
  staleRows(index: number, readsBackMs: number): number {
    const buffer = this.candles[index];
    return buffer.length === 0 ? 0 : firstReadRow(buffer, readsBackMs);
  }
}

function byInstrument(a: LateBar, b: LateBar): number {
  return a.index - b.index || a.row - b.row;
}

function firstReadRow(candles: Candles, readsBackMs: number): number {
  return lowerBound(candles, candles.openTimeMs[candles.length - 1] - readsBackMs);
}
