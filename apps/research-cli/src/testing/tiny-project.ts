/** A project for tests: an invented market of six symbols, small enough to be scanned in a blink, with signals and trades in it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DAY_MS,
  instrumentId,
  MINUTE_MS,
  type Candles,
  type Column,
  type FundingEvents,
  type Table,
} from '@donch/core';
import { openStoreForWrite, writeTable } from '@donch/data';
import { syntheticMarket, type SyntheticMarket } from '@donch/sim';

/** 2025-01-06, a Monday. */
const TINY_START_MS = 20_094 * DAY_MS;
export const TINY_DAYS = 42;
const TINY_VENUE = 'bybit';
const TINY_INTERVAL = '15m';

/** Six symbols; deterministic. */
export function tinyMarket(): SyntheticMarket {
  return syntheticMarket({
    seed: 11,
    symbols: 6,
    startMs: TINY_START_MS,
    days: TINY_DAYS,
    intervalMs: 15 * MINUTE_MS,
    mode: 'realistic',
    effect: 0.3,
    venue: TINY_VENUE,
  });
}

/** The shipped strategy's shape with windows that fit six weeks. */
export const TINY_STRATEGY = `schema_version: 1
strategy:
  name: Tiny
  side: long
  required_timeframes: [15m, 1h, 1d]
entry:
  donchian: {length_days: 3, confirm_close: true, trigger: close_above_break}
  pullback: {type: retest, window_hours: 24, entry_window_hours: 48, eps_frac: 0.002}
  volume: {multiple: 1.2, lookback_days: 9}
  regime_gate: {symbol: ETHUSDT, timeframe: 1h, macd: [3, 6, 3], require_hist_positive: true, when_down: block}
filters: {rs_percentile_min: 20, liquidity_median_24h_usd_min: 1000}
exits: {sl_atr_mult: 2, final_tp_atr_mult: 4, time_exit_hours: 24}
`;

/** One thread: another one takes longer to start than six small symbols take to scan. */
const TINY_CONFIG = `schema_version: 1
VENUE: ${TINY_VENUE}
TIMEFRAME: ${TINY_INTERVAL}
STRATEGY_SPEC_PATH: strategies/tiny.yaml
RISK_USD: 10
INITIAL_CAPITAL: 1000
N_WORKERS: 1
`;

/** A temporary folder that goes with the tests of a file. */
export function temporaryFolder(label: string): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), `donch-${label}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Settings, symbols and strategy, without data. */
export function writeTinyProject(folder: string): void {
  mkdirSync(join(folder, 'strategies'), { recursive: true });
  writeFileSync(join(folder, 'config.yaml'), TINY_CONFIG);
  writeFileSync(join(folder, 'symbols.txt'), '# every symbol of the store\n');
  writeFileSync(join(folder, 'strategies', 'tiny.yaml'), TINY_STRATEGY);
}

/** The project with its store filled; `change`: with other candles than those of the market. */
export async function makeTinyProject(
  folder: string,
  change: (candles: Candles) => Candles = (candles) => candles,
): Promise<void> {
  writeTinyProject(folder);
  const market = tinyMarket();
  const store = openStoreForWrite(join(folder, 'data'));
  try {
    for (const [k, { symbol }] of market.symbols.entries()) {
      const id = instrumentId(TINY_VENUE, symbol);
      const candles = change(market.candles(k));
      await store.candles.merge(id, TINY_INTERVAL, candles, { onRevision: 'error' });
      await store.funding.merge(id, market.funding(k, candles), { onRevision: 'error' });
    }
  } finally {
    await store.close();
  }
}

/** The same market as files that `donch import` reads: candles/<SYMBOL>.csv.gz and funding/<SYMBOL>.csv. */
export function writeTinyFiles(folder: string): void {
  const market = tinyMarket();
  for (const [k, { symbol }] of market.symbols.entries()) {
    const candles = market.candles(k);
    writeTable(join(folder, 'candles', `${symbol}.csv.gz`), candleTable(candles));
    writeTable(join(folder, 'funding', `${symbol}.csv`), fundingTable(market.funding(k, candles)));
  }
}

function candleTable(candles: Candles): Table {
  const { length, openTimeMs } = candles;
  const columns = new Map<string, Column>([['timestamp', { type: 'time', values: openTimeMs.slice(0, length) }]]);
  for (const name of ['open', 'high', 'low', 'close', 'volume'] as const)
    columns.set(name, { type: 'float', values: candles[name].slice(0, length) });
  return { name: 'candles', length, columns };
}

function fundingTable({ timeMs, rate }: FundingEvents): Table {
  const columns = new Map<string, Column>([
    ['timestamp', { type: 'time', values: timeMs }],
    ['funding_rate', { type: 'float', values: rate }],
  ]);
  return { name: 'funding', length: timeMs.length, columns };
}
