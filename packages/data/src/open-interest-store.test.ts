import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HOUR_MS, instrumentId } from '@donch/core';
import { afterAll, describe, expect, it } from 'vitest';
import { openStore, openStoreForWrite } from './store.ts';

const folder = mkdtempSync(join(tmpdir(), 'donch-interest-'));
afterAll(() => rmSync(folder, { recursive: true }));

const BTC = instrumentId('bybit', 'BTCUSDT');
const START = Date.UTC(2025, 0, 1);
const events = (from: number, ...values: number[]) => ({
  timeMs: Float64Array.from(values, (_, k) => START + (from + k) * HOUR_MS),
  value: Float64Array.from(values),
});

describe('stored open interest', () => {
  it('is merged like funding and kept apart from it', async () => {
    const writer = openStoreForWrite(folder);
    expect((await writer.openInterest.mergeEvents(BTC, events(0, 10, 11, 12), { onRevision: 'error' })).added).toBe(3);
    const before = await writer.openInterest.contentHash(BTC);
    expect(await writer.openInterest.mergeEvents(BTC, events(2, 12, 13), { onRevision: 'error' })).toMatchObject({
      added: 1,
      identical: 1,
    });
    await expect(writer.openInterest.mergeEvents(BTC, events(0, 99), { onRevision: 'error' })).rejects.toMatchObject({
      code: 'events_revised',
    });
    await writer.close();
    const { openInterest, funding } = openStore(folder);
    expect(await openInterest.readEvents(BTC)).toEqual(events(0, 10, 11, 12, 13));
    expect(await openInterest.contentHash(BTC)).not.toBe(before);
    expect(openInterest.instruments('bybit')).toEqual([BTC]);
    expect(await funding.read(BTC)).toBeNull();
    expect(await openInterest.readEvents(instrumentId('bybit', 'ETHUSDT'))).toBeNull();
  });
});
