/** Appending the bar set of a whole universe to the tail log, against a plain write of as many bytes with the same fsync. */

import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type InstrumentId, MINUTE_MS, instrumentId } from '@donch/core';
import { type InstrumentBar, openStoreForWrite } from '@donch/data';
import { type BenchReport, compare } from './harness.ts';

/** Symbols of a usual universe. */
const SYMBOLS = 553;
const STEP_MS = 5 * MINUTE_MS;
/** Six values and a name of about nine characters per bar. */
const RECORD_BYTES = SYMBOLS * (6 * Float64Array.BYTES_PER_ELEMENT + 10);

export async function run(): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), 'donch-bench-'));
  const writer = openStoreForWrite(join(folder, 'data'));
  const fd = openSync(join(folder, 'raw'), 'a');
  try {
    const instruments = Array.from({ length: SYMBOLS }, (_, k) => instrumentId('bench', `SYM${k}USDT`));
    const bytes = new Uint8Array(RECORD_BYTES).fill(7);
    let bars = 0;
    return await compare({
      name: 'tail-append',
      candidate: () => writer.candles.append('bench', '5m', barSet(instruments, bars++)),
      reference: () => {
        writeSync(fd, bytes);
        fdatasyncSync(fd);
      },
      rounds: 101,
    });
  } finally {
    closeSync(fd);
    await writer.close();
    rmSync(folder, { recursive: true });
  }
}

function barSet(instruments: readonly InstrumentId[], k: number): InstrumentBar[] {
  const openTimeMs = Date.UTC(2024, 0, 1) + k * STEP_MS;
  return instruments.map((id, i) => {
    const close = 100 + i + k / 8;
    return {
      instrumentId: id,
      bar: { openTimeMs, open: close, high: close + 1, low: close - 1, close, volume: i, turnover: i * close },
    };
  });
}
