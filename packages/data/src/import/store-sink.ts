/** Joins the importer to the store of a data folder. */

import {
  type Candles,
  type FundingEvents,
  type InstrumentId,
  type InstrumentRules,
  type OpenInterestEvents,
  type Row,
  rowsOf,
  TABLES,
  tableFromRows,
  venueOf,
} from '@donch/core';
import type { OnRevision } from '../candle-writer.ts';
import type { StoreWriter } from '../store.ts';
import type { CandleMergeReport, CandleTarget, EventMergeCounts, ImportSink } from './import-sink.ts';

/** The parts of an open store that an import writes to. */
export type WritableStore = Pick<StoreWriter, 'candles' | 'funding' | 'openInterest' | 'instruments'>;

/** A sink that merges into a store opened for writing. Errors of the store pass through. */
export class StoreSink implements ImportSink {
  readonly #store: WritableStore;
  readonly #nowMs: number;
  /** Open times of the last series: its next file (another month, mostly) need not read the whole series again. */
  #lastKey = '';
  #lastTimes: Float64Array = new Float64Array();

  /** `nowMs`: bars that close later are refused. */
  constructor(store: WritableStore, nowMs: number) {
    this.#store = store;
    this.#nowMs = nowMs;
  }

  async mergeCandles(target: CandleTarget, candles: Candles, kept: 'old' | 'new'): Promise<CandleMergeReport> {
    const { instrumentId, interval } = target;
    const options = { onRevision: onRevision(kept), nowMs: this.#nowMs };
    const report = await this.#store.candles.merge(instrumentId, interval, candles, options);
    if (this.#lastKey === keyOf(target)) this.#lastTimes = unionTimes(this.#lastTimes, candles.openTimeMs);
    return report;
  }

  async openTimes(target: CandleTarget): Promise<Float64Array> {
    if (this.#lastKey !== keyOf(target)) {
      const { openTimeMs, length } = await this.#store.candles.read(target.instrumentId, target.interval);
      this.#lastTimes = openTimeMs.slice(0, length);
      this.#lastKey = keyOf(target);
    }
    return this.#lastTimes;
  }

  mergeFunding(id: InstrumentId, events: FundingEvents, kept: 'old' | 'new'): Promise<EventMergeCounts> {
    return this.#store.funding.merge(id, events, { onRevision: onRevision(kept), nowMs: this.#nowMs });
  }

  async settlementTimes(id: InstrumentId): Promise<Float64Array> {
    return (await this.#store.funding.read(id))?.timeMs ?? new Float64Array();
  }

  mergeOpenInterest(id: InstrumentId, events: OpenInterestEvents, kept: 'old' | 'new'): Promise<EventMergeCounts> {
    return this.#store.openInterest.mergeEvents(id, events, { onRevision: onRevision(kept), nowMs: this.#nowMs });
  }

  async openInterestTimes(id: InstrumentId): Promise<Float64Array> {
    return (await this.#store.openInterest.readEvents(id))?.timeMs ?? new Float64Array();
  }

  async rules(id: InstrumentId): Promise<InstrumentRules[]> {
    const table = await this.#store.instruments.read(venueOf(id));
    if (table === null) return [];
    return rowsOf(table)
      .filter((row) => row['instrument_id'] === id)
      .map((row) => rulesOfRow(id, row));
  }

  async putRules(rules: InstrumentRules): Promise<void> {
    const { name, columns } = TABLES.instruments;
    await this.#store.instruments.merge(venueOf(rules.instrumentId), tableFromRows(name, columns, [rowOfRules(rules)]));
  }
}

function keyOf({ instrumentId, interval }: CandleTarget): string {
  return `${instrumentId} ${interval}`;
}

/** Ascending times of both, each once. */
function unionTimes(a: Float64Array, b: Float64Array): Float64Array {
  const union = new Float64Array(a.length + b.length);
  let count = 0;
  for (let i = 0, k = 0; i < a.length || k < b.length; count += 1) {
    const next = Math.min(i < a.length ? a[i] : Infinity, k < b.length ? b[k] : Infinity);
    if (a[i] === next) i += 1;
    if (b[k] === next) k += 1;
    union[count] = next;
  }
  return union.subarray(0, count);
}

function onRevision(kept: 'old' | 'new'): OnRevision {
  return kept === 'old' ? 'keep_old' : 'take_new';
}

function rulesOfRow(instrumentId: InstrumentId, row: Row): InstrumentRules {
  const number = (name: string): number => Number(row[name] ?? Number.NaN);
  const limit = (name: string): number | null => (row[name] === null ? null : number(name));
  const source = row['source'];
  return {
    instrumentId,
    validFromMs: limit('valid_from_time'),
    tickSize: number('tick_size'),
    qtyStep: number('qty_step'),
    qtyMin: number('qty_min'),
    notionalMinUsd: number('notional_min_usd'),
    marketQtyMax: limit('market_qty_max'),
    leverageMax: limit('leverage_max'),
    source: source === 'venue' || source === 'inferred' ? source : 'default',
  };
}

function rowOfRules(rules: InstrumentRules): Row {
  return {
    instrument_id: rules.instrumentId,
    valid_from_time: rules.validFromMs,
    tick_size: rules.tickSize,
    qty_step: rules.qtyStep,
    qty_min: rules.qtyMin,
    notional_min_usd: rules.notionalMinUsd,
    market_qty_max: rules.marketQtyMax,
    leverage_max: rules.leverageMax,
    listed_time: null,
    delisted_time: null,
    source: rules.source,
  };
}
