import {
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CANDLE_COLUMNS,
  MINUTE_MS,
  candlesFromBars,
  firstDifference,
  instrumentId,
  type Candles,
  type Table,
} from '@donch/core';
import { tableFromIPC } from 'apache-arrow';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { readArrowCache } from './arrow-cache.ts';
import { disk } from './platform.ts';
import { StorePaths } from './store-paths.ts';
import { openStore, openStoreForWrite } from './store.ts';

const root = mkdtempSync(join(tmpdir(), 'donch-cache-'));
afterAll(() => rmSync(root, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

const STEP = 5 * MINUTE_MS;
const START = Date.UTC(2025, 0, 31, 23);
const ETH = instrumentId('bybit', 'ETHUSDT');
const KEY = { instrumentId: ETH, interval: '5m' } as const;

function series(length: number, close = 100): Candles {
  return candlesFromBars(
    STEP,
    Array.from({ length }, (_, k) => ({
      openTimeMs: START + k * STEP,
      open: close,
      high: close + 1,
      low: close - 1,
      close,
      volume: k / 3,
      turnover: k % 2 === 0 ? k : Number.NaN,
    })),
  );
}

let folders = 0;
async function freshStore(length = 40): Promise<{ folder: string; cache: string }> {
  folders += 1;
  const folder = join(root, String(folders));
  const writer = openStoreForWrite(folder);
  await writer.candles.merge(ETH, '5m', series(length), { onRevision: 'error' });
  await writer.close();
  return { folder, cache: new StorePaths(folder).arrow(KEY) };
}

function toTable(candles: Candles): Table {
  const columns = CANDLE_COLUMNS.map(
    (name) => [name, { type: 'float', values: candles[name].slice(0, candles.length) }] as const,
  );
  return { name: 'candles', length: candles.length, columns: new Map(columns) };
}

/** First difference between what the store reads and what it holds; null = none. */
async function misread(folder: string, expected: Candles): Promise<unknown> {
  return firstDifference(toTable(await openStore(folder).candles.read(ETH, '5m')), toTable(expected));
}

/** True when a read leaves the cache file as it is. */
async function hit(folder: string): Promise<boolean> {
  const before = statSync(new StorePaths(folder).arrow(KEY)).ino;
  await openStore(folder).candles.read(ETH, '5m');
  return statSync(new StorePaths(folder).arrow(KEY)).ino === before;
}

describe('the read cache', () => {
  it('is written by the first read and used by the next ones', async () => {
    const { folder, cache } = await freshStore();
    expect(await misread(folder, series(40))).toBeNull();
    expect(await hit(folder)).toBe(true);
    expect(await misread(folder, series(40))).toBeNull();
    expect(readdirSync(join(cache, '..'))).toEqual(['ETHUSDT.arrow']);
  });

  it('is an Arrow file that other programs can open', async () => {
    const { folder, cache } = await freshStore();
    expect(await misread(folder, series(40))).toBeNull();
    const table = tableFromIPC(readFileSync(cache));
    expect(table.schema.fields.map((field) => field.name)).toEqual([...CANDLE_COLUMNS]);
    expect([table.numRows, table.getChild('volume')?.get(7)]).toEqual([40, 7 / 3]);
  });

  it('may be deleted at any time', async () => {
    const { folder } = await freshStore();
    expect(await misread(folder, series(40))).toBeNull();
    rmSync(join(folder, '.cache'), { recursive: true });
    expect(await misread(folder, series(40))).toBeNull();
  });

  it('is left when the month files change, in number or in content', async () => {
    const { folder } = await freshStore(40);
    expect(await misread(folder, series(40))).toBeNull();
    for (const next of [series(41), series(41, 200)]) {
      const writer = openStoreForWrite(folder);
      await writer.candles.merge(ETH, '5m', next, { onRevision: 'take_new' });
      await writer.close();
      expect(await misread(folder, next)).toBeNull();
      expect(await misread(folder, next)).toBeNull();
    }
  });

  it('is not written by a read of a short range, but serves one', async () => {
    folders += 1;
    const folder = join(root, String(folders));
    const writer = openStoreForWrite(folder);
    const spread = Array.from({ length: 5 }, (_, month) => ({
      ...barOf(series(1)),
      openTimeMs: Date.UTC(2025, month, 2),
    }));
    await writer.candles.merge(ETH, '5m', candlesFromBars(STEP, spread), { onRevision: 'error' });
    await writer.close();
    const range = { fromMs: Date.UTC(2025, 2, 1), toMs: Date.UTC(2025, 3, 1) };
    const store = openStore(folder);
    expect((await store.candles.read(ETH, '5m', range)).length).toBe(1);
    expect(
      readArrowCache(new StorePaths(folder).arrow(KEY), { key: KEY, current: [], first: '', last: '~' }),
    ).toBeNull();
    await store.candles.read(ETH, '5m');
    const read = await store.candles.read(ETH, '5m', range);
    expect(Array.from(read.openTimeMs)).toEqual([Date.UTC(2025, 2, 2)]);
  });

  it('that cannot be written costs nothing but time', async () => {
    const { folder } = await freshStore();
    vi.spyOn(disk, 'write').mockImplementation(() => {
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    });
    expect(await misread(folder, series(40))).toBeNull();
    vi.restoreAllMocks();
    expect(await misread(folder, series(40))).toBeNull();
  });
});

function barOf(candles: Candles): Record<(typeof CANDLE_COLUMNS)[number], number> {
  return Object.fromEntries(CANDLE_COLUMNS.map((name) => [name, candles[name][0]])) as Record<
    (typeof CANDLE_COLUMNS)[number],
    number
  >;
}

describe('a damaged cache file', () => {
  it('is never read wrongly, whichever byte changed, before and after it was verified once', async () => {
    const expected = series(12);
    for (const reads of [1, 2]) {
      const { folder, cache } = await freshStore(12);
      // The first read writes the file, the second verifies it.
      for (let read = 0; read < reads; read += 1) expect(await misread(folder, expected)).toBeNull();
      const bytes = readFileSync(cache);
      for (let k = reads; k < bytes.length; k += 7) {
        const damaged = Uint8Array.from(bytes);
        damaged[k] ^= 1 << (k % 8);
        writeFileSync(cache, damaged);
        expect(await misread(folder, expected)).toBeNull();
      }
    }
  });

  it('is never read wrongly, whatever its length', async () => {
    const { folder, cache } = await freshStore(12);
    const expected = series(12);
    expect(await misread(folder, expected)).toBeNull();
    const { size } = statSync(cache);
    for (let length = 0; length < size; length += 37) {
      truncateSync(cache, length);
      expect(await misread(folder, expected)).toBeNull();
    }
  });

  it('is verified again after any program has written to it, whatever time it left', async () => {
    const { folder, cache } = await freshStore(12);
    expect(await misread(folder, series(12))).toBeNull();
    expect(await misread(folder, series(12))).toBeNull();
    const sealedMs = statSync(cache).mtimeMs;
    expect(sealedMs).toBeLessThan(Date.UTC(2015, 0, 1));
    utimesSync(cache, new Date(), new Date());
    expect(await hit(folder)).toBe(true);
    expect(statSync(cache).mtimeMs).toBe(sealedMs);
  });
});
