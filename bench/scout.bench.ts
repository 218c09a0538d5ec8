/**
 * Scout of 100 symbols x 365 days of 5m bars on one core, warm (read cache) and cold (Parquet), against a bare loop over the same
 * columns; the peak memory of a process that does nothing else; and the cost per symbol at 50 and at 500 symbols.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CANDLE_COLUMNS, instrumentId, MINUTE_MS, type InstrumentId } from '@donch/core';
import { openStore, openStoreForWrite, type Store } from '@donch/data';
import { syntheticMarket } from '@donch/sim';
import { type BenchReport, compare } from './harness.ts';
import { BENCH_START_MS, BENCH_VENUE, benchStrategy, scanStore } from './scan-store.ts';

const LARGE: StoreSize = { symbols: 100, days: 365 };
const WIDE: StoreSize = { symbols: 500, days: 60 };
/** Symbols of the small universe that the wide one is compared with. */
const FEW = 50;

export async function run(): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), 'donch-bench-'));
  try {
    const strategy = benchStrategy();
    const large = await makeStore(join(folder, 'large'), LARGE);
    const wide = await makeStore(join(folder, 'wide'), WIDE);
    const warm = openStore(large.folder);
    const cold = openStore(large.folder, { useCache: false });
    const scan = { ids: large.ids, strategy, days: LARGE.days };
    const bars = await scanStore(warm, scan);
    const report = await compare({
      name: 'scout',
      candidate: () => scanStore(warm, scan),
      reference: () => sumStore(warm, large.ids),
    });
    const coldMs = await medianOf(3, () => scanStore(cold, scan));
    const wideStore = openStore(wide.folder);
    const wideScan = { strategy, days: WIDE.days };
    await scanStore(wideStore, { ...wideScan, ids: wide.ids });
    const fewMs = await medianOf(7, () => scanStore(wideStore, { ...wideScan, ids: wide.ids.slice(0, FEW) }));
    const wideMs = await medianOf(7, () => scanStore(wideStore, { ...wideScan, ids: wide.ids }));
    return {
      ...report,
      figures: {
        bars,
        warmMillionBarsPerSec: bars / report.medianMs / 1e3,
        coldMillionBarsPerSec: bars / coldMs / 1e3,
        peakRssMbOf100Symbols: peakRssMb(large.folder, LARGE.days),
        peakRssMbOf500Symbols: peakRssMb(wide.folder, WIDE.days),
        msPerSymbolOf50: fewMs / FEW,
        msPerSymbolOf500: wideMs / WIDE.symbols,
        costPerSymbolRatio500To50: wideMs / WIDE.symbols / (fewMs / FEW),
      },
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function peakRssMb(folder: string, days: number): number {
  const program = join(import.meta.dirname, 'scan-store.ts');
  return Number(execFileSync(process.execPath, [program, folder, String(days)], { encoding: 'utf8' }));
}

async function sumStore(store: Store, ids: readonly InstrumentId[]): Promise<number> {
  let sum = 0;
  for (const id of ids) {
    const candles = await store.candles.read(id, '5m');
    for (const name of CANDLE_COLUMNS) {
      const column = candles[name];
      for (let i = 0; i < candles.length; i += 1) sum += column[i];
    }
  }
  return sum;
}

async function medianOf(rounds: number, work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let k = 0; k < rounds; k += 1) {
    const startMs = performance.now();
    await work();
    times.push(performance.now() - startMs);
  }
  return times.sort((a, b) => a - b)[rounds >> 1];
}

interface StoreSize {
  readonly symbols: number;
  readonly days: number;
}

async function makeStore(
  folder: string,
  { symbols, days }: StoreSize,
): Promise<{ folder: string; ids: InstrumentId[] }> {
  const market = syntheticMarket({
    seed: 1,
    symbols,
    days,
    startMs: BENCH_START_MS,
    intervalMs: 5 * MINUTE_MS,
    mode: 'realistic',
    venue: BENCH_VENUE,
  });
  const writer = openStoreForWrite(folder);
  const ids = market.symbols.map(({ symbol }) => instrumentId(BENCH_VENUE, symbol));
  for (const [k, id] of ids.entries()) await writer.candles.merge(id, '5m', market.candles(k), { onRevision: 'error' });
  await writer.close();
  return { folder, ids: ids.toSorted() };
}
