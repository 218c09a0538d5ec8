/** `USE_INTRABAR_1M` as users have it: stored minutes decide exits that a bar alone cannot, and what they decided is told. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { instrumentId, MINUTE_MS, resample } from '@donch/core';
import { openStore, openStoreForWrite } from '@donch/data';
import { minuteSeries } from '@donch/project';
import { syntheticMarket } from '@donch/sim';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { documentIn, donch } from './testing/run-donch.ts';
import { temporaryFolder, writeTinyProject } from './testing/tiny-project.ts';

const root = temporaryFolder('intrabar');
const [withMinutes, withoutMinutes] = [join(root.path, 'with'), join(root.path, 'without')];
/** Stop and target so near that bars reach both. */
const NEAR = [
  '--set',
  'SL_ATR_MULT=0.5',
  '--set',
  'FINAL_TP_ATR_MULT=0.1',
  '--set',
  'DEDUP_BUSY_WINDOW_MIN=0',
  '--set',
  'RS_MIN_PERCENTILE=0',
];

beforeAll(async () => {
  writeTinyProject(withMinutes);
  const market = syntheticMarket({
    seed: 11,
    symbols: 4,
    startMs: Date.UTC(2025, 0, 6),
    days: 35,
    intervalMs: MINUTE_MS,
    mode: 'realistic',
    venue: 'bybit',
  });
  const store = openStoreForWrite(join(withMinutes, 'data'));
  try {
    for (const [k, { symbol }] of market.symbols.entries()) {
      const id = instrumentId('bybit', symbol);
      const minutes = market.candles(k);
      await store.candles.merge(id, '1m', minutes, { onRevision: 'error' });
      await store.candles.merge(id, '15m', resample(minutes, 15 * MINUTE_MS).bars, { onRevision: 'error' });
    }
  } finally {
    await store.close();
  }
  cpSync(withMinutes, withoutMinutes, { recursive: true });
  rmSync(join(withoutMinutes, 'data', 'candles', 'bybit', '1m'), { recursive: true });
});

afterAll(() => {
  root.remove();
});

async function run(cwd: string, ...settings: readonly string[]): Promise<Record<string, unknown>> {
  const ended = await donch(['run', '--json', ...NEAR, ...settings], { cwd });
  expect([ended.code, ended.stderr]).toEqual([0, expect.any(String)]);
  return documentIn(ended);
}

it('minutes decide exits in doubt, and the summary says how many', async () => {
  const off = await run(withMinutes);
  const on = await run(withMinutes, '--set', 'USE_INTRABAR_1M=true');
  expect(off).toMatchObject({ exitsInDoubtByMinutes: 0 });
  expect(Number(off['exitsInDoubtByTieBreaker'])).toBeGreaterThan(0);
  expect(Number(on['exitsInDoubtByMinutes'])).toBeGreaterThan(0);
  expect(on).toMatchObject({ exitsInDoubtByTieBreaker: 0, signals: off['signals'] });
  // the tie-breaker is against us: minutes can only do better
  expect(Number(on['meanR'])).toBeGreaterThan(Number(off['meanR']));
  expect(on['runId']).not.toBe(off['runId']);
});

it('without minutes the tie-breaker decides, and that is told', async () => {
  const on = await run(withoutMinutes, '--set', 'USE_INTRABAR_1M=true');
  expect(on).toMatchObject({ exitsInDoubtByMinutes: 0 });
  expect(Number(on['exitsInDoubtByTieBreaker'])).toBeGreaterThan(0);
});

it('bars of a minute have nothing below them', () => {
  const store = openStore(join(withMinutes, 'data'));
  expect(() => minuteSeries(store, { USE_INTRABAR_1M: true, TIMEFRAME: '1m' }, [])).toThrow(/longer than a minute/);
});
