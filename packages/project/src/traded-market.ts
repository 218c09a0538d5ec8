/** What a simulation needs of the traded instruments besides candles: funding and instrument rules, with hashes of both. */
import {
  hashJson,
  rowsOf,
  textsOf,
  venueOf,
  type FundingEvents,
  type InstrumentId,
  type InstrumentRules,
  type Row,
  type Table,
} from '@donch/core';
import { tableHash, type Store } from '@donch/data';

export interface TradedMarket {
  /** Null = the store has none of this instrument. */
  readonly funding: ReadonlyMap<InstrumentId, FundingEvents | null>;
  /** Over exactly what `funding` holds. */
  readonly fundingHash: string;
  /** As far as the store knows them. */
  readonly rules: readonly InstrumentRules[];
}

/** Funding and rules of the instruments of a signals table. */
export async function tradedMarket(store: Store, signals: Table): Promise<TradedMarket> {
  return marketOf(store, instrumentsOf(signals));
}

/** The instruments of a signals table, each once, sorted. */
export function instrumentsOf(signals: Table): InstrumentId[] {
  const ids = textsOf(signals, 'instrument_id').filter((id) => id !== null);
  return [...new Set(ids)].sort() as InstrumentId[];
}

/** Funding and rules of these instruments. */
export async function marketOf(store: Store, instruments: readonly InstrumentId[]): Promise<TradedMarket> {
  const funding = new Map<InstrumentId, FundingEvents | null>();
  const hashes: Record<string, string | null> = {};
  for (const id of instruments) {
    const events = await store.funding.read(id);
    funding.set(id, events);
    hashes[id] = events === null ? null : eventsHash(events);
  }
  return { funding, fundingHash: hashJson(hashes), rules: await readRules(store, instruments) };
}

function eventsHash({ timeMs, rate }: FundingEvents): string {
  return tableHash({
    name: 'funding',
    length: timeMs.length,
    columns: new Map([
      ['time', { type: 'time', values: timeMs }],
      ['funding_rate', { type: 'float', values: rate }],
    ]),
  });
}

async function readRules(store: Store, instruments: readonly InstrumentId[]): Promise<InstrumentRules[]> {
  const wanted = new Set<string>(instruments);
  const rules: InstrumentRules[] = [];
  for (const venue of new Set(instruments.map(venueOf))) {
    const table = await store.instruments.read(venue);
    for (const row of table === null ? [] : rowsOf(table)) {
      if (wanted.has(String(row['instrument_id']))) rules.push(rulesOf(row));
    }
  }
  return rules;
}

function rulesOf(row: Row): InstrumentRules {
  const optional = (name: string): number | null => (typeof row[name] === 'number' ? row[name] : null);
  return {
    instrumentId: String(row['instrument_id']) as InstrumentId,
    validFromMs: optional('valid_from_time'),
    tickSize: Number(row['tick_size']),
    qtyStep: Number(row['qty_step']),
    qtyMin: Number(row['qty_min']),
    notionalMinUsd: Number(row['notional_min_usd']),
    marketQtyMax: optional('market_qty_max'),
    leverageMax: optional('leverage_max'),
    source: row['source'] as InstrumentRules['source'],
  };
}
