/** Writers that are killed. Every single point of a write is in crash-points.test.ts; here real processes die at random ones. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { candlesFromBars, DAY_MS, DonchError, instrumentId } from '@donch/core';
import { afterAll, describe, expect, it } from 'vitest';
import { FULL_DISK_PASSED } from './full-disk.ts';
import { killWriters } from './kill-harness.ts';
import { killBar } from './kill-writer.ts';
import { openStore, openStoreForWrite } from './store.ts';

const root = mkdtempSync(join(tmpdir(), 'donch-kill-'));
afterAll(() => rmSync(root, { recursive: true }));

describe('writers that are killed', () => {
  it('never show a reader anything wrong, and the next one goes on', async () => {
    const report = await killWriters({ folder: join(root, 'a'), kills: 4, seed: 5 });
    expect(report.violations).toEqual([]);
    expect(report.reads).toBeGreaterThan(4);
    expect(report.steps).toBeGreaterThan(4);
  });
});

describe('a second writer', () => {
  it('is refused while the first one lives, reads all the same, and writes when it is gone', async () => {
    const folder = join(root, 'b');
    const ETH = instrumentId('bybit', 'ETHUSDT');
    const child = spawn(process.execPath, [join(import.meta.dirname, 'kill-writer.ts'), folder, '0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    let refusal: unknown;
    try {
      openStoreForWrite(folder);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(DonchError);
    expect((refusal as DonchError).message).toContain(`process ${child.pid}`);
    expect((await openStore(folder).candles.read(ETH, '1d')).length).toBeGreaterThan(0);
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await closed;
    const writer = openStoreForWrite(folder);
    const bars = candlesFromBars(DAY_MS, [killBar(9_000)]);
    expect(await writer.candles.merge(ETH, '1d', bars, { onRevision: 'error' })).toMatchObject({ added: 1 });
    await writer.close();
  });
});

const hasSmallDisk = spawnSync('sh', ['-c', 'unshare -Urm true']).status === 0;

describe('a disk that is really full', () => {
  it.skipIf(!hasSmallDisk)('loses nothing, and what was refused is taken when there is space again', () => {
    const mount = join(root, 'small');
    mkdirSync(mount);
    const inside = `mount -t tmpfs -o size=3m tmpfs "$1" && exec "$0" "$2" "$1"`;
    const script = join(import.meta.dirname, 'full-disk.ts');
    const args = ['-c', `exec unshare -Urm sh -c '${inside}' "$@"`, 'sh', process.execPath, mount, script];
    const { stdout, stderr } = spawnSync('sh', args, { encoding: 'utf8' });
    expect([stdout.trim(), stderr]).toEqual([FULL_DISK_PASSED, '']);
  });
});
