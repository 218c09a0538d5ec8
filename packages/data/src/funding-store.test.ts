import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DonchError,
  HOUR_MS,
  TABLES,
  instrumentId,
  rowsOf,
  tableFromRows,
  type FundingEvents,
  type Row,
} from '@donch/core';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { readRevisions, revisionShapes } from './revisions.ts';
import { openStore, openStoreForWrite } from './store.ts';

const root = mkdtempSync(join(tmpdir(), 'donch-funding-'));
afterAll(() => rmSync(root, { recursive: true }));

let folders = 0;
function freshFolder(): string {
  folders += 1;
  return join(root, String(folders));
}

const ETH = instrumentId('bybit', 'ETHUSDT');
const START = Date.UTC(2025, 0, 1);

function events(ks: readonly number[], rate = 0.0001): FundingEvents {
  return { timeMs: Float64Array.from(ks, (k) => START + k * 8 * HOUR_MS), rate: Float64Array.from(ks, () => rate) };
}

async function problemOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
    return 'none';
  } catch (error) {
    return error instanceof DonchError ? error.code : String(error);
  }
}

describe('funding', () => {
  it('is merged, idempotent, and null where there is none', async () => {
    const folder = freshFolder();
    const writer = openStoreForWrite(folder);
    expect(await writer.funding.read(ETH)).toBeNull();
    expect(await writer.funding.merge(ETH, events([0, 1, 3]), { onRevision: 'error' })).toMatchObject({ added: 3 });
    const before = readFileSync(join(folder, 'funding/bybit/ETHUSDT.parquet'));
    expect(await writer.funding.merge(ETH, events([1, 3]), { onRevision: 'error' })).toMatchObject({
      added: 0,
      identical: 2,
    });
    expect(readFileSync(join(folder, 'funding/bybit/ETHUSDT.parquet'))).toEqual(before);
    await writer.funding.merge(ETH, events([2]), { onRevision: 'error' });
    expect(await openStore(folder).funding.read(ETH)).toEqual(events([0, 1, 2, 3]));
    expect(openStore(folder).funding.instruments('bybit')).toEqual([ETH]);
    await writer.close();
  });

  it.each([
    ['keep_old', 0.0001],
    ['take_new', 0.0002],
  ] as const)('with %s keeps the rate %d and records both', async (onRevision, rate) => {
    const folder = freshFolder();
    const writer = openStoreForWrite(folder);
    await writer.funding.merge(ETH, events([0, 1]), { onRevision });
    await writer.funding.merge(ETH, events([1], 0.0002), { onRevision });
    await writer.close();
    expect((await openStore(folder).funding.read(ETH))?.rate[1]).toBe(rate);
    const recorded = rowsOf(
      readRevisions(join(folder, 'revisions/bybit/funding.csv'), revisionShapes(['funding_rate'])),
    );
    expect(recorded).toHaveLength(1);
    expect(recorded[0]).toMatchObject({ symbol: 'ETHUSDT', old_funding_rate: 0.0001, new_funding_rate: 0.0002 });
  });

  it.each([
    ['a revision that is an error', events([0], 0.5), 'events_revised'],
    ['a rate that is missing', events([5], Number.NaN), 'bad_event'],
    ['the future', { timeMs: Float64Array.of(Date.UTC(2999, 0, 1)), rate: Float64Array.of(0) }, 'bad_event'],
    ['disorder', events([3, 2]), 'bad_event'],
    ['the same time twice', events([2, 2]), 'bad_event'],
  ])('refuses %s', async (_, incoming, code) => {
    const writer = openStoreForWrite(freshFolder());
    await writer.funding.merge(ETH, events([0]), { onRevision: 'error' });
    expect(await problemOf(async () => writer.funding.merge(ETH, incoming, { onRevision: 'error' }))).toBe(code);
    await writer.close();
  });

  it('of another instrument in this place is refused', async () => {
    const folder = freshFolder();
    const writer = openStoreForWrite(folder);
    await writer.funding.merge(ETH, events([0]), { onRevision: 'error' });
    await writer.close();
    copyFileSync(join(folder, 'funding/bybit/ETHUSDT.parquet'), join(folder, 'funding/bybit/BTCUSDT.parquet'));
    expect(await problemOf(() => openStore(folder).funding.read(instrumentId('bybit', 'BTCUSDT')))).toBe('wrong_file');
  });

  it('merged in any order is the union', async () => {
    const sets = fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 9 }), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(sets, async (parts) => {
        const folder = freshFolder();
        const writer = openStoreForWrite(folder);
        for (const ks of parts)
          await writer.funding.merge(ETH, events(ks.toSorted((a, b) => a - b)), { onRevision: 'error' });
        await writer.close();
        const union = [...new Set(parts.flat())].sort((a, b) => a - b);
        expect(await openStore(folder).funding.read(ETH)).toEqual(events(union));
      }),
      { numRuns: 15, seed: 3 },
    );
  });
});

describe('instruments', () => {
  const rules = (symbol: string, tick: number, from: number | null = null): Row => ({
    instrument_id: instrumentId('bybit', symbol),
    valid_from_time: from,
    tick_size: tick,
    qty_step: 0.01,
    qty_min: 0.01,
    notional_min_usd: 5,
    source: 'venue',
  });
  const table = (rows: readonly Row[]) => tableFromRows('instruments', TABLES.instruments.columns, rows);

  it('keep one row per instrument and start of validity, the last one stated', async () => {
    const folder = freshFolder();
    const writer = openStoreForWrite(folder);
    expect(await writer.instruments.read('bybit')).toBeNull();
    await writer.instruments.merge('bybit', table([rules('ETHUSDT', 0.01), rules('BTCUSDT', 0.1)]));
    const report = await writer.instruments.merge(
      'bybit',
      table([rules('BTCUSDT', 0.5), rules('BTCUSDT', 1, START), rules('ETHUSDT', 0.01)]),
    );
    expect(report).toEqual({ added: 1, identical: 1, replaced: 1 });
    await writer.close();
    const read = await openStore(folder).instruments.read('bybit');
    expect(
      read === null ? [] : rowsOf(read).map((row) => [row['instrument_id'], row['valid_from_time'], row['tick_size']]),
    ).toEqual([
      ['bybit:BTCUSDT', null, 0.5],
      ['bybit:BTCUSDT', START, 1],
      ['bybit:ETHUSDT', null, 0.01],
    ]);
  });

  it('of another venue are refused', async () => {
    const writer = openStoreForWrite(freshFolder());
    expect(await problemOf(() => writer.instruments.merge('okx', table([rules('ETHUSDT', 1)])))).toBe('bad_instrument');
    await writer.close();
  });
});
