import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ensureInstalled } from './install.mjs';

let root = '';
let lock = '';
let installs = 0;

/** Stands for pnpm: slow enough that two processes overlap. */
const install = async () => {
  await sleep(50);
  installs++;
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'donch install-'));
  lock = join(root, 'node_modules', '.donch-install.lock');
  installs = 0;
  writeFileSync(join(root, 'pnpm-lock.yaml'), 'one');
  vi.spyOn(console, 'error').mockImplementation(() => {});
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(root, { recursive: true });
});

describe('ensureInstalled', () => {
  it('installs on first use and not again', async () => {
    await ensureInstalled({ root, install });
    await ensureInstalled({ root, install });
    expect(installs).toBe(1);
    expect(existsSync(lock)).toBe(false);
  });

  it('installs again when the lockfile has changed', async () => {
    await ensureInstalled({ root, install });
    writeFileSync(join(root, 'pnpm-lock.yaml'), 'two');
    await ensureInstalled({ root, install });
    expect(installs).toBe(2);
  });

  it('installs once when several start at the same time', async () => {
    await Promise.all(Array.from({ length: 4 }, () => ensureInstalled({ root, install })));
    expect(installs).toBe(1);
  });

  it('waits for the lock of a living process', async () => {
    mkdirSync(lock, { recursive: true });
    const waiting = ensureInstalled({ root, install });
    await sleep(400);
    expect(installs).toBe(0);
    rmSync(lock, { recursive: true });
    await waiting;
    expect(installs).toBe(1);
  });

  it('takes over the lock of a dead process', async () => {
    mkdirSync(lock, { recursive: true });
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(lock, longAgo, longAgo);
    await Promise.all([ensureInstalled({ root, install }), ensureInstalled({ root, install })]);
    expect(installs).toBe(1);
    expect(existsSync(lock)).toBe(false);
  });

  it('passes a failure on, gives the lock back and tries again the next time', async () => {
    const failing = () => Promise.reject(new Error('no network'));
    await expect(ensureInstalled({ root, install: failing })).rejects.toThrow('no network');
    expect(existsSync(lock)).toBe(false);
    await ensureInstalled({ root, install });
    expect(installs).toBe(1);
  });
});
