import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DonchError, MINUTE_MS, TABLES, candlesFromBars, instrumentId, tableFromRows, type Candles } from '@donch/core';
import { afterAll, describe, expect, it } from 'vitest';
import { encodeCandleMonth, readCandleMonth } from './candle-month.ts';
import { StorePaths } from './store-paths.ts';
import { openStore, openStoreForWrite, type StoreWriter } from './store.ts';

const root = mkdtempSync(join(tmpdir(), 'donch-certificate-'));
afterAll(() => rmSync(root, { recursive: true }));

const STEP = 5 * MINUTE_MS;
const START = Date.UTC(2025, 0, 31, 23);
const ETH = instrumentId('bybit', 'ETHUSDT');
const KEY = { instrumentId: ETH, interval: '5m' } as const;

/** Bars at these steps from 23:00 of the last day of January (February begins at step 12); those in `zeros` have no volume. */
function bars(ks: readonly number[], zeros: readonly number[] = [], close = 100): Candles {
  return candlesFromBars(
    STEP,
    ks.map((k) => ({
      openTimeMs: START + k * STEP,
      open: close,
      high: close + 1,
      low: close - 1,
      close,
      volume: zeros.includes(k) ? 0 : 1 + k,
      turnover: Number.NaN,
    })),
  );
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, k) => from + k);
}

let folders = 0;
async function storeWith(fill: (writer: StoreWriter) => Promise<unknown>): Promise<string> {
  folders += 1;
  const folder = join(root, String(folders));
  const writer = openStoreForWrite(folder);
  await fill(writer);
  await writer.close();
  return folder;
}

const steps = (stretch: { fromMs: number; toMs: number; bars: number }): number[] => [
  (stretch.fromMs - START) / STEP,
  (stretch.toMs - START) / STEP,
  stretch.bars,
];

describe('a certificate', () => {
  it('names gaps and runs without volume, also over the turn of a month', async () => {
    const present = [...range(0, 4), ...range(6, 11), ...range(15, 60)];
    const zeros = [...range(15, 30), 40];
    const folder = await storeWith(async (writer) => {
      await writer.candles.merge(ETH, '5m', bars(present, zeros), { onRevision: 'error' });
    });
    const certificate = await openStore(folder).certifier.certify(ETH, '5m');
    expect(certificate.gaps.map(steps)).toEqual([
      [4, 6, 2],
      [11, 15, 4],
    ]);
    expect(certificate.zeroVolumeRuns.map(steps)).toEqual([[15, 30, 15]]);
    expect(certificate).toMatchObject({
      rows: 54,
      firstMs: START,
      lastMs: START + 59 * STEP,
      missingBars: 6,
      zeroVolumeBars: 16,
      duplicates: 0,
      revisions: 0,
      listedMs: null,
    });
  });

  it('joins a run without volume that two months share, and drops a short one at an edge', async () => {
    const zeros = [0, 1, ...range(5, 20)];
    const folder = await storeWith((writer) =>
      writer.candles.merge(ETH, '5m', bars(range(0, 40), zeros), { onRevision: 'error' }),
    );
    const { zeroVolumeRuns } = await openStore(folder).certifier.certify(ETH, '5m');
    expect(zeroVolumeRuns.map(steps)).toEqual([[5, 20, 15]]);
  });

  it('knows the listing date and counts revisions', async () => {
    const listed = Date.UTC(2024, 0, 1);
    const folder = await storeWith(async (writer) => {
      await writer.candles.merge(ETH, '5m', bars([0, 1]), { onRevision: 'error' });
      await writer.candles.merge(ETH, '5m', bars([1], [], 90), { onRevision: 'keep_old' });
      const row = {
        instrument_id: ETH,
        tick_size: 0.01,
        qty_step: 0.01,
        qty_min: 0.01,
        notional_min_usd: 5,
        listed_time: listed,
        source: 'venue',
      };
      await writer.instruments.merge('bybit', tableFromRows('instruments', TABLES.instruments.columns, [row]));
    });
    const certificate = await openStore(folder).certifier.certify(ETH, '5m');
    expect(certificate).toMatchObject({ listedMs: listed, revisions: 1 });
  });
});

describe('the content hash', () => {
  it('is the same wherever the rows lie: month files, tail log, both, compacted', async () => {
    const all = range(0, 40);
    const candles = bars(all);
    const append = (writer: StoreWriter, ks: readonly number[]): void => {
      for (const k of ks) {
        const [openTimeMs, open, high, low, close, volume] = [candles.openTimeMs[k], 100, 101, 99, 100, 1 + k];
        writer.candles.append('bybit', '5m', [
          { instrumentId: ETH, bar: { openTimeMs, open, high, low, close, volume, turnover: Number.NaN } },
        ]);
      }
    };
    const stores = [
      await storeWith((writer) => writer.candles.merge(ETH, '5m', candles, { onRevision: 'error' })),
      await storeWith(async (writer) => append(writer, all)),
      await storeWith(async (writer) => {
        await writer.candles.merge(ETH, '5m', bars(range(0, 25)), { onRevision: 'error' });
        append(writer, range(20, 40));
      }),
      await storeWith(async (writer) => {
        append(writer, all);
        await writer.candles.compact('bybit', '5m');
      }),
    ];
    const hashes = new Set<string>();
    for (const folder of stores) {
      const { certifier } = openStore(folder);
      hashes.add((await certifier.certify(ETH, '5m')).contentHash);
      hashes.add(await certifier.seriesHash(ETH, '5m'));
    }
    expect(hashes.size).toBe(1);
    // Computed from the definition by a program in another language; manifests of users carry such hashes.
    expect([...hashes]).toEqual(['577a9232b11aa19c4f9419667b6bcbd346318bb85d19076b46ca537c1d86e420']);
  });

  it('changes with any value, any row and any time', async () => {
    const variants = [bars([0, 1]), bars([0, 1], [], 101), bars([0]), bars([0, 2]), bars([0, 1], [1])];
    const hashes = new Set<string>();
    for (const candles of variants) {
      const folder = await storeWith((writer) => writer.candles.merge(ETH, '5m', candles, { onRevision: 'error' }));
      hashes.add(await openStore(folder).certifier.seriesHash(ETH, '5m'));
    }
    expect(hashes.size).toBe(variants.length);
  });

  it('of a store does not depend on the order of the list', async () => {
    const BTC = { instrumentId: instrumentId('bybit', 'BTCUSDT'), interval: '5m' } as const;
    const folder = await storeWith(async (writer) => {
      await writer.candles.merge(ETH, '5m', bars([0]), { onRevision: 'error' });
      await writer.candles.merge(BTC.instrumentId, '5m', bars([1]), { onRevision: 'error' });
    });
    const { certifier } = openStore(folder);
    const one = await certifier.storeHash([KEY, BTC]);
    expect(await certifier.storeHash([BTC, KEY])).toEqual(one);
    expect((await certifier.storeHash([KEY])).hash).not.toBe(one.hash);
    expect(one.series.map((series) => series.instrumentId)).toEqual([BTC.instrumentId, ETH]);
  });

  it('follows the files: kept facts of a file that has changed are not believed', async () => {
    const folder = await storeWith((writer) =>
      writer.candles.merge(ETH, '5m', bars(range(0, 20)), { onRevision: 'error' }),
    );
    const before = await openStore(folder).certifier.certify(ETH, '5m');
    const writer = openStoreForWrite(folder);
    await writer.candles.merge(ETH, '5m', bars([19], [], 77), { onRevision: 'take_new' });
    expect((await writer.certifier.certify(ETH, '5m')).contentHash).not.toBe(before.contentHash);
    await writer.candles.merge(ETH, '5m', bars([19]), { onRevision: 'take_new' });
    expect((await writer.certifier.certify(ETH, '5m')).contentHash).toBe(before.contentHash);
    await writer.close();
  });

  it('is computed again when the kept facts are damaged', async () => {
    const folder = await storeWith((writer) =>
      writer.candles.merge(ETH, '5m', bars(range(0, 20)), { onRevision: 'error' }),
    );
    const before = await openStore(folder).certifier.certify(ETH, '5m');
    const path = new StorePaths(folder).certificate(KEY);
    for (const text of ['', '{}', '00000000 {}', `${'x'.repeat(9)}{"format":1}`]) {
      writeFileSync(path, text);
      expect(await openStore(folder).certifier.certify(ETH, '5m')).toEqual(before);
    }
    expect(readdirSync(join(path, '..'))).toEqual(['ETHUSDT.json']);
  });

  it('is verified against the rows on request', async () => {
    const folder = await storeWith((writer) =>
      writer.candles.merge(ETH, '5m', bars(range(0, 20)), { onRevision: 'error' }),
    );
    const { certifier } = openStore(folder);
    const certificate = await certifier.certify(ETH, '5m', { verify: true });
    expect(certificate.rows).toBe(20);
    // A program that writes well-formed month files with rows that are no bars.
    const path = new StorePaths(folder).month(KEY, '2025-02');
    const month = await readCandleMonth(KEY, '2025-02', path);
    month.candles.high[3] = 1;
    writeFileSync(path, encodeCandleMonth(KEY, month));
    const problem: unknown = await certifier.certify(ETH, '5m', { verify: true }).catch((error: unknown) => error);
    expect((problem as DonchError).code).toBe('content_mismatch');
  });
});
