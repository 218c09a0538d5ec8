/** The whole shared folder through the importer into a real store, compared value by value with another way of reading it. */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { instrumentId } from '@donch/core';
import { describeWithShared, sharedDir } from '@donch/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStoreForWrite, type StoreWriter } from '../store.ts';
import { importFiles } from './import-files.ts';
import type { ImportReport } from './import-report.ts';
import { StoreSink } from './store-sink.ts';

const NOW_MS = Date.UTC(2026, 0, 1);

/** Rows of the candle files as the description of the data counts them. */
const BARS = 3_171_126;
const SETTLEMENTS = 22_454;

/** Target of the whole import. Measured as CPU time of all threads, which a busy machine does not change much. */
const TARGET_SEC = 25;

describeWithShared('the shared folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'donch-import-long-'));
  let store: StoreWriter;
  let first: ImportReport;
  let cpuSec = Number.NaN;
  const run = (): Promise<ImportReport> =>
    importFiles({
      paths: [sharedDir('data', 'binance_perp_5m'), sharedDir('data', 'funding')],
      sink: new StoreSink(store, NOW_MS),
      rejectsFolder: join(folder, 'rejects'),
      nowMs: NOW_MS,
    });

  beforeAll(async () => {
    store = openStoreForWrite(join(folder, 'data'));
    const before = process.cpuUsage();
    first = await run();
    const { user, system } = process.cpuUsage(before);
    cpuSec = (user + system) / 1e6;
  });
  afterAll(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  it('has nothing to find: real extreme bars are neither errors nor warnings', () => {
    expect(first.files).toHaveLength(84);
    expect(first.files.flatMap(({ findings }) => findings)).toEqual([]);
    expect(first).toMatchObject({
      acceptedRows: BARS + SETTLEMENTS,
      venue: 'binance',
      interval: '5m',
      findingsFile: null,
    });
    expect(first.files.every(({ content }) => content?.coverage.gaps === 0)).toBe(true);
  });

  it(`takes less than ${TARGET_SEC} s of CPU`, () => {
    console.log(`${first.acceptedRows} rows in ${cpuSec.toFixed(1)} s of CPU, ${Math.round(first.elapsedMs)} ms`);
    expect(cpuSec).toBeLessThan(TARGET_SEC);
  });

  it('stores every value as the file writes it', async () => {
    let bars = 0;
    for (const name of readdirSync(sharedDir('data', 'binance_perp_5m'))) {
      const id = instrumentId('binance', name.replace('.csv.gz', ''));
      const { length, openTimeMs, open, high, low, close, volume, turnover } = await store.candles.read(id, '5m');
      const lines = gunzipSync(readFileSync(sharedDir('data', 'binance_perp_5m', name)))
        .toString('latin1')
        .trimEnd()
        .split('\n');
      expect(length).toBe(lines.length - 1);
      let different = 0;
      for (let i = 0; i < length; i += 1) {
        const cells = lines[i + 1].split(',');
        const stored = [openTimeMs[i], open[i], high[i], low[i], close[i], volume[i]];
        if (!stored.every((value, k) => Object.is(value, Number(cells[k]))) || !Number.isNaN(turnover[i]))
          different += 1;
      }
      expect([id, different]).toEqual([id, 0]);
      bars += length;
    }
    expect(bars).toBe(BARS);
  });

  it('changes nothing the second time', async () => {
    const second = await run();
    expect(second.files.map(({ stored }) => [stored?.added, stored?.revisions])).toEqual(
      second.files.map(() => [0, 0]),
    );
    expect(second.files.every(({ steps }) => steps === null || steps.outcome === 'unchanged')).toBe(true);
  });
});
