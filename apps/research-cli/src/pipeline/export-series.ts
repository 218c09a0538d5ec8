/** Candles and funding of the store as tables. */
import {
  concatTables,
  DonchError,
  instrumentId,
  symbolOf,
  type Column,
  type ColumnShape,
  type InstrumentId,
  type Table,
} from '@donch/core';
import type { Store } from '@donch/data';
import type { ExportWindow } from './export-window.ts';
import type { StorePart } from './store-series.ts';

export interface SeriesExport {
  readonly store: Store;
  readonly part: StorePart;
  readonly symbols: readonly string[];
  readonly window: ExportWindow;
}

const CANDLE_SHAPES: readonly ColumnShape[] = [
  { name: 'open_time', type: 'time' },
  { name: 'open', type: 'float' },
  { name: 'high', type: 'float' },
  { name: 'low', type: 'float' },
  { name: 'close', type: 'float' },
  { name: 'volume', type: 'float' },
  { name: 'turnover', type: 'float' },
];
const FUNDING_SHAPES: readonly ColumnShape[] = [
  { name: 'time', type: 'time' },
  { name: 'funding_rate', type: 'float' },
];
const SYMBOL_SHAPE: ColumnShape = { name: 'symbol', type: 'text' };

/** Candles of the symbols, with a symbol column where there are several. Throws `unknown_symbol`, and what reading throws. */
export async function candlesTable({ store, part, symbols, window }: SeriesExport): Promise<Table> {
  const range = {
    ...(window.fromMs !== null && { fromMs: window.fromMs }),
    ...(window.toMs !== null && { toMs: window.toMs }),
  };
  return joined('candles', CANDLE_SHAPES, symbols, async (symbol) => {
    const { openTimeMs, length, ...prices } = await store.candles.read(
      instrumentId(part.venue, symbol),
      part.interval,
      range,
    );
    const columns = new Map<string, Column>([['open_time', { type: 'time', values: openTimeMs.subarray(0, length) }]]);
    for (const name of ['open', 'high', 'low', 'close', 'volume', 'turnover'] as const)
      columns.set(name, { type: 'float', values: prices[name].subarray(0, length) });
    return { name: 'candles', length, columns };
  });
}

/** Funding of the symbols, as `candlesTable`. Throws `no_funding` for a symbol without any. */
export async function fundingTable({ store, part, symbols, window }: SeriesExport): Promise<Table> {
  return joined('funding', FUNDING_SHAPES, symbols, async (symbol) => {
    const id = instrumentId(part.venue, symbol);
    const events = await store.funding.read(id);
    if (events === null) throw noFunding(id);
    const rows = Array.from(events.timeMs.keys()).filter(
      (row) => events.timeMs[row] >= (window.fromMs ?? -Infinity) && events.timeMs[row] < (window.toMs ?? Infinity),
    );
    return {
      name: 'funding',
      length: rows.length,
      columns: new Map<string, Column>([
        ['time', { type: 'time', values: Float64Array.from(rows, (row) => events.timeMs[row]) }],
        ['funding_rate', { type: 'float', values: Float64Array.from(rows, (row) => events.rate[row]) }],
      ]),
    };
  });
}

function noFunding(id: InstrumentId): DonchError {
  return new DonchError('no_funding', `there are no funding rates of ${symbolOf(id)}`, {
    remedy: 'import them: donch import <folder> --kind funding',
  });
}

/** One table after the other; the symbol column is made only where it says something. */
async function joined(
  name: string,
  shapes: readonly ColumnShape[],
  symbols: readonly string[],
  read: (symbol: string) => Promise<Table>,
): Promise<Table> {
  if (symbols.length === 1) return read(symbols[0]);
  const tables: Table[] = [];
  for (const symbol of symbols) {
    const table = await read(symbol);
    const values = Array.from({ length: table.length }, () => symbol);
    tables.push({ ...table, columns: new Map([['symbol', { type: 'text', values }], ...table.columns]) });
  }
  return concatTables(name, [SYMBOL_SHAPE, ...shapes], tables);
}
