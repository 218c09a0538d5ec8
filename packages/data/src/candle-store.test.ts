import { copyFileSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DonchError,
  MINUTE_MS,
  barAt,
  candlesFromBars,
  instrumentId,
  rowsOf,
  type Bar,
  type Candles,
} from '@donch/core';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { readRevisions, revisionShapes } from './revisions.ts';
import { checkStoreModel } from './store-model.ts';
import { openStore, openStoreForWrite, type StoreWriter } from './store.ts';
import { TAIL_COLUMNS } from './tail-format.ts';

const CANDLE_REVISIONS = revisionShapes(TAIL_COLUMNS);

const root = mkdtempSync(join(tmpdir(), 'donch-store-'));
afterAll(() => rmSync(root, { recursive: true }));

let folders = 0;
function freshFolder(): string {
  folders += 1;
  return join(root, String(folders));
}

const STEP = 5 * MINUTE_MS;
/** Ten bars before the end of January. */
const START = Date.UTC(2025, 1, 1) - 10 * STEP;
const ETH = instrumentId('bybit', 'ETHUSDT');

function bar(k: number, close = 100 + k, turnover = Number.NaN): Bar {
  return { openTimeMs: START + k * STEP, open: close, high: close + 1, low: close - 1, close, volume: k, turnover };
}

function bars(ks: readonly number[], close?: number): Candles {
  return candlesFromBars(
    STEP,
    ks.map((k) => bar(k, close)),
  );
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, k) => from + k);
}

function rowsOfCandles(candles: Candles): Bar[] {
  return range(0, candles.length).map((i) => barAt(candles, i));
}

async function withWriter<T>(folder: string, work: (writer: StoreWriter) => Promise<T>): Promise<T> {
  const writer = openStoreForWrite(folder);
  try {
    return await work(writer);
  } finally {
    await writer.close();
  }
}

async function problemOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'none',
    (error: unknown) => (error instanceof DonchError ? error.code : String(error)),
  );
}

const TAKE = { onRevision: 'take_new' } as const;
const STRICT = { onRevision: 'error' } as const;

describe('merge', () => {
  it('spreads bars over months and gives them back, through the cache and without it', async () => {
    const folder = freshFolder();
    const candles = bars(range(0, 30));
    const report = await withWriter(folder, (writer) => writer.candles.merge(ETH, '5m', candles, STRICT));
    expect(report).toEqual({ added: 30, identical: 0, completed: 0, revised: [], months: ['2025-01', '2025-02'] });
    for (const store of [openStore(folder, { useCache: false }), openStore(folder), openStore(folder)]) {
      const read = await store.candles.read(ETH, '5m');
      expect(rowsOfCandles(read)).toEqual(rowsOfCandles(candles));
      expect(read.openTimeMs.buffer).toBeInstanceOf(SharedArrayBuffer);
    }
  });

  it('changes nothing the second time', async () => {
    const folder = freshFolder();
    const candles = bars(range(0, 30));
    await withWriter(folder, async (writer) => {
      await writer.candles.merge(ETH, '5m', candles, STRICT);
      const file = join(folder, 'candles/bybit/5m/ETHUSDT/2025-01.parquet');
      const before = readFileSync(file);
      const again = await writer.candles.merge(ETH, '5m', candles, STRICT);
      expect(again).toEqual({ added: 0, identical: 30, completed: 0, revised: [], months: [] });
      expect(readFileSync(file)).toEqual(before);
    });
  });

  it('fills the gap that it finds, and only its month is rewritten', async () => {
    const folder = freshFolder();
    await withWriter(folder, async (writer) => {
      await writer.candles.merge(ETH, '5m', bars([0, 1, 5, 20]), STRICT);
      const report = await writer.candles.merge(ETH, '5m', bars([1, 2, 3]), STRICT);
      expect(report).toMatchObject({ added: 2, identical: 1, months: ['2025-01'] });
      expect(await openTimes(folder)).toEqual([0, 1, 2, 3, 5, 20]);
    });
  });

  it('takes a turnover that was missing, whichever came first', async () => {
    const withTurnover = candlesFromBars(STEP, [bar(0, 100, 5_000)]);
    for (const [first, second] of [
      [bars([0]), withTurnover],
      [withTurnover, bars([0])],
    ]) {
      const folder = freshFolder();
      await withWriter(folder, async (writer) => {
        await writer.candles.merge(ETH, '5m', first, STRICT);
        const report = await writer.candles.merge(ETH, '5m', second, STRICT);
        expect(report.completed + report.identical).toBe(1);
        expect(rowsOfCandles(await writer.candles.read(ETH, '5m'))).toEqual([bar(0, 100, 5_000)]);
      });
    }
  });

  it.each([
    ['keep_old', 100, 'old'],
    ['take_new', 200, 'new'],
  ] as const)('with %s keeps the close %d of a revised bar and records both', async (onRevision, close, kept) => {
    const folder = freshFolder();
    await withWriter(folder, async (writer) => {
      await writer.candles.merge(ETH, '5m', bars([0, 1], 100), STRICT);
      for (let time = 0; time < 2; time += 1) await writer.candles.merge(ETH, '5m', bars([1], 200), { onRevision });
      expect((await writer.candles.read(ETH, '5m')).close[1]).toBe(close);
    });
    const recorded = rowsOf(readRevisions(join(folder, 'revisions/bybit/5m.csv'), CANDLE_REVISIONS));
    expect(recorded).toHaveLength(1);
    expect(recorded[0]).toMatchObject({
      symbol: 'ETHUSDT',
      time: START + STEP,
      source: 'merge',
      kept,
      old_close: 100,
      new_close: 200,
      old_turnover: null,
    });
  });

  it('with error writes nothing, not even the months without a revision', async () => {
    const folder = freshFolder();
    await withWriter(folder, async (writer) => {
      await writer.candles.merge(ETH, '5m', bars([20], 100), STRICT);
      const revised = writer.candles.merge(ETH, '5m', bars([0, 20], 200), STRICT);
      expect(await problemOf(revised)).toBe('bars_revised');
      expect(await openTimes(folder)).toEqual([20]);
    });
  });

  it.each([
    ['a bar off the interval', [{ ...bar(0), openTimeMs: START + 1 }], 'bad_bar'],
    ['a low above the close', [{ ...bar(0), low: 100.5 }], 'bad_bar'],
    ['a missing price', [{ ...bar(0), open: Number.NaN }], 'bad_bar'],
    ['a negative volume', [{ ...bar(0), volume: -1 }], 'bad_bar'],
    ['a bar in progress', [{ ...bar(0), openTimeMs: Date.UTC(2999, 0, 1) }], 'bar_in_progress'],
  ])('refuses %s', async (_, rows, code) => {
    await withWriter(freshFolder(), async (writer) => {
      const candles = candlesFromBars(STEP, rows);
      expect(await problemOf(writer.candles.merge(ETH, '5m', candles, STRICT))).toBe(code);
    });
  });

  it('keeps names apart that a file system may not', async () => {
    const folder = freshFolder();
    const names = ['币安人生USDT', 'CON', 'nul.X', 'COM1', 'LPT¹', '1000BONKUSDT', 'ÉUSDT'];
    await withWriter(folder, async (writer) => {
      for (const name of names)
        await writer.candles.merge(instrumentId('bybit', name), '5m', bars([names.indexOf(name)]), STRICT);
      const other = writer.candles.merge(instrumentId('bybit', 'éUsdt'), '5m', bars([0]), STRICT);
      expect(await problemOf(other)).toBe('symbol_case_conflict');
    });
    const store = openStore(folder);
    expect(store.candles.instruments('bybit', '5m')).toEqual(names.map((name) => instrumentId('bybit', name)).sort());
    for (const name of names) expect((await store.candles.read(instrumentId('bybit', name), '5m')).length).toBe(1);
    expect(existsSync(join(folder, 'candles/bybit/5m/CON'))).toBe(false);
  });
});

async function openTimes(folder: string): Promise<number[]> {
  const { openTimeMs } = await openStore(folder).candles.read(ETH, '5m');
  return Array.from(openTimeMs, (timeMs) => (timeMs - START) / STEP);
}

describe('read', () => {
  it('gives the bars of a range, whatever part of it the store holds', async () => {
    const folder = freshFolder();
    const all = bars(range(0, 3_000).map((k) => k * 20));
    await withWriter(folder, (writer) => writer.candles.merge(ETH, '5m', all, STRICT));
    for (const useCache of [false, true, true]) {
      for (const [from, to] of [
        [0, 60_000],
        [7, 8],
        [100, 100],
        [-500, 21],
        [59_000, 99_999],
        [9_000, 30_000],
      ]) {
        const store = openStore(folder, { useCache });
        const read = await store.candles.read(ETH, '5m', { fromMs: START + from * STEP, toMs: START + to * STEP });
        const expected = range(0, 3_000)
          .map((k) => k * 20)
          .filter((k) => k >= from && k < to);
        expect(Array.from(read.openTimeMs, (timeMs) => (timeMs - START) / STEP)).toEqual(expected);
      }
    }
  });

  it('at once gives the same bars where the cache and the log have them, and says where they have not', async () => {
    const folder = freshFolder();
    await withWriter(folder, (writer) => writer.candles.merge(ETH, '5m', bars(range(0, 40)), STRICT));
    const { candles } = openStore(folder);
    expect(candles.readNow(ETH, '5m')).toBeNull();
    await candles.read(ETH, '5m');
    await withWriter(folder, (writer) =>
      Promise.resolve(writer.candles.append('bybit', '5m', [{ instrumentId: ETH, bar: bar(40) }])),
    );
    for (const limits of [
      {},
      { fromMs: START + 5 * STEP },
      { toMs: START + 12 * STEP },
      { fromMs: START + 99 * STEP },
    ]) {
      expect(candles.readNow(ETH, '5m', limits)).toEqual(await candles.read(ETH, '5m', limits));
    }
    expect(openStore(folder, { useCache: false }).candles.readNow(ETH, '5m')).toBeNull();
    await withWriter(folder, (writer) => writer.candles.merge(ETH, '5m', bars(range(50, 60)), STRICT));
    expect(candles.readNow(ETH, '5m')).toBeNull();
    expect(() => candles.readNow(instrumentId('bybit', 'NONEUSDT'), '5m')).toThrow(DonchError);
  });

  it('says which instrument it does not have', async () => {
    expect(await problemOf(openStore(freshFolder()).candles.read(ETH, '5m'))).toBe('no_candles');
  });

  it('lists venues, intervals and instruments', async () => {
    const folder = freshFolder();
    await withWriter(folder, async (writer) => {
      await writer.candles.merge(ETH, '5m', bars([0]), STRICT);
      writer.candles.append('okx', '5m', [{ instrumentId: instrumentId('okx', 'BTCUSDT'), bar: bar(0) }]);
    });
    const { candles } = openStore(folder);
    expect(candles.venues()).toEqual(['bybit', 'okx']);
    expect(candles.intervals('bybit')).toEqual(['5m']);
    expect(candles.instruments('okx', '5m')).toEqual(['okx:BTCUSDT']);
  });

  it('refuses a month file that was put in the place of another', async () => {
    const folder = freshFolder();
    const BTC = instrumentId('bybit', 'BTCUSDT');
    await withWriter(folder, async (writer) => {
      await writer.candles.merge(ETH, '5m', bars([0, 20]), STRICT);
      await writer.candles.merge(BTC, '5m', bars([0]), STRICT);
    });
    const month = (symbol: string, name: string): string => join(folder, 'candles/bybit/5m', symbol, `${name}.parquet`);
    copyFileSync(month('ETHUSDT', '2025-01'), month('BTCUSDT', '2025-01'));
    expect(await problemOf(openStore(folder).candles.read(BTC, '5m'))).toBe('wrong_file');
    copyFileSync(month('ETHUSDT', '2025-01'), month('ETHUSDT', '2025-02'));
    expect(await problemOf(openStore(folder).candles.read(ETH, '5m'))).toBe('wrong_file');
  });
});

describe('append and compact', () => {
  const LATE = Date.UTC(2025, 5, 1);

  it('shows appended bars at once, and keeps them when they move to the month files', async () => {
    const folder = freshFolder();
    await withWriter(folder, async (writer) => {
      await writer.candles.merge(ETH, '5m', bars([0, 1]), STRICT);
      for (const k of [2, 3, 11]) writer.candles.append('bybit', '5m', [{ instrumentId: ETH, bar: bar(k) }]);
      expect(await openTimes(folder)).toEqual([0, 1, 2, 3, 11]);
      const report = await writer.candles.compact('bybit', '5m', LATE);
      expect(report).toMatchObject({ instruments: 1, months: 2, revised: [] });
      expect(await openTimes(folder)).toEqual([0, 1, 2, 3, 11]);
      expect(writer.candles.tail('bybit', '5m').records).toHaveLength(0);
      expect(await writer.candles.compact('bybit', '5m', LATE)).toMatchObject({ instruments: 0, months: 0 });
    });
    expect(await openTimes(folder)).toEqual([0, 1, 2, 3, 11]);
  });

  it('leaves the bars of the day in progress in the log', async () => {
    const folder = freshFolder();
    await withWriter(folder, async (writer) => {
      for (const k of range(0, 30)) writer.candles.append('bybit', '5m', [{ instrumentId: ETH, bar: bar(k) }]);
      await writer.candles.compact('bybit', '5m', START + 12 * STEP);
      expect(writer.candles.tail('bybit', '5m').records.map((record) => (record.openTimeMs - START) / STEP)).toEqual(
        range(10, 30),
      );
      expect(await openTimes(folder)).toEqual(range(0, 30));
    });
  });

  it('writes the same bar once, and takes a corrected one as the newer', async () => {
    const folder = freshFolder();
    await withWriter(folder, async (writer) => {
      const append = (close: number) =>
        writer.candles.append('bybit', '5m', [{ instrumentId: ETH, bar: bar(0, close) }]);
      expect(append(100)).toMatchObject({ added: 1, identical: 0 });
      expect(append(100)).toMatchObject({ added: 0, identical: 1 });
      expect(append(101).revised).toHaveLength(1);
      expect((await writer.candles.read(ETH, '5m')).close[0]).toBe(101);
      const { revised } = await writer.candles.compact('bybit', '5m', LATE);
      expect(revised.map((revision) => [revision.old.close, revision.new.close])).toEqual([[100, 101]]);
    });
    expect((await openStore(folder).candles.read(ETH, '5m')).close[0]).toBe(101);
  });

  it('lets a later merge win over what the log still holds, before and after compaction', async () => {
    const folder = freshFolder();
    await withWriter(folder, async (writer) => {
      writer.candles.append('bybit', '5m', [{ instrumentId: ETH, bar: bar(0, 100) }]);
      await writer.candles.merge(ETH, '5m', bars([0], 200), TAKE);
      expect((await writer.candles.read(ETH, '5m')).close[0]).toBe(200);
      expect((await openStore(folder).candles.read(ETH, '5m')).close[0]).toBe(200);
      await writer.candles.compact('bybit', '5m', LATE);
      expect((await writer.candles.read(ETH, '5m')).close[0]).toBe(200);
    });
  });

  it('takes a bar again that a merge had replaced meanwhile', async () => {
    const folder = freshFolder();
    await withWriter(folder, async (writer) => {
      const append = () => writer.candles.append('bybit', '5m', [{ instrumentId: ETH, bar: bar(0, 100) }]);
      append();
      await writer.candles.merge(ETH, '5m', bars([0], 200), TAKE);
      expect(append().added).toBe(1);
      expect((await writer.candles.read(ETH, '5m')).close[0]).toBe(100);
    });
  });

  it('believes a new log after the old one was deleted', async () => {
    const folder = freshFolder();
    await withWriter(folder, async (writer) => {
      for (const k of range(0, 5)) writer.candles.append('bybit', '5m', [{ instrumentId: ETH, bar: bar(k) }]);
      await writer.candles.compact('bybit', '5m', LATE);
    });
    rmSync(join(folder, 'tail'), { recursive: true });
    await withWriter(folder, async (writer) => {
      writer.candles.append('bybit', '5m', [{ instrumentId: ETH, bar: bar(5) }]);
      expect(await openTimes(folder)).toEqual(range(0, 6));
    });
  });
});

describe('any sequence of merges, appends and compactions', () => {
  it('leaves what a map of bars would hold', async () => {
    expect(await checkStoreModel({ folder: root, runs: 25, seed: 11 })).toBeNull();
  });

  it('merged in any order gives the same files', async () => {
    const positions = fc.uniqueArray(fc.integer({ min: 0, max: 25 }), { minLength: 1, maxLength: 8 });
    const parts = fc.array(positions, { minLength: 2, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(parts, fc.integer(), async (sets, turn) => {
        const shuffled = sets.map((_, k) => sets[(k + Math.abs(turn)) % sets.length]).reverse();
        const files: Buffer[] = [];
        for (const order of [sets, shuffled]) {
          const folder = freshFolder();
          await withWriter(folder, async (writer) => {
            for (const ks of order) await writer.candles.merge(ETH, '5m', bars(ks.toSorted((a, b) => a - b)), STRICT);
          });
          const series = join(folder, 'candles/bybit/5m/ETHUSDT');
          files.push(
            Buffer.concat(
              readdirSync(series)
                .sort()
                .map((name) => readFileSync(join(series, name))),
            ),
          );
        }
        expect(files[0].equals(files[1])).toBe(true);
      }),
      { numRuns: 8, seed: 11 },
    );
  });
});
