/** Decoding stored candles from Parquet without the read cache (420,480 rows), against typed arrays read from a plain file. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instrumentId } from '@donch/core';
import { openStore } from '@donch/data';
import { SYMBOLS, fillFolder, rawCandles, scan } from './candle-fixture.ts';
import { type BenchReport, compare } from './harness.ts';

export async function run(): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), 'donch-bench-'));
  try {
    await fillFolder(folder);
    const store = openStore(join(folder, 'data'), { useCache: false });
    const readStore = async (): Promise<number> => {
      let sum = 0;
      for (const symbol of SYMBOLS) sum += scan(await store.candles.read(instrumentId('bench', symbol), '5m'));
      return sum;
    };
    const readRaw = (): number => SYMBOLS.reduce((sum, symbol) => sum + scan(rawCandles(join(folder, symbol))), 0);
    const [found, expected] = [await readStore(), readRaw()];
    if (found !== expected) throw new Error(`found the sum ${found}, expected ${expected}`);
    return await compare({ name: 'candle-decode', candidate: readStore, reference: readRaw, rounds: 21 });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
