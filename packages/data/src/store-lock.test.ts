import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DonchError } from '@donch/core';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { lockStore } from './store-lock.ts';

const root = mkdtempSync(join(tmpdir(), 'donch-lock-'));
afterAll(() => rmSync(root, { recursive: true }));

let folders = 0;
function freshFolder(): string {
  folders += 1;
  return join(root, String(folders));
}

const LOCK_MODULE = JSON.stringify(join(import.meta.dirname, 'store-lock.ts'));
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.length = 0;
});

/** Starts a process that takes the lock, prints its code or "held", and then runs `after`. */
function startHolder(folder: string, after = 'setInterval(() => {}, 1000)'): ChildProcess {
  const script = `
    import { lockStore } from ${LOCK_MODULE};
    try { globalThis.lock = lockStore(process.argv[1]); console.log('held'); } catch (error) { console.log(error.code); }
    ${after}`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script, folder], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  return child;
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => child.stdout?.once('data', (data: Buffer) => resolve(data.toString().trim())));
}

function ended(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve(String(signal ?? code))));
}

function problemOf(folder: string): string {
  try {
    lockStore(folder).release();
    return 'none';
  } catch (error) {
    return error instanceof DonchError ? `${error.code}: ${error.message}` : String(error);
  }
}

function lockFiles(folder: string): string[] {
  return readdirSync(join(folder, '.lock')).filter((name) => name.endsWith('.json'));
}

describe('lockStore', () => {
  it('is held once, and free again after its release', () => {
    const folder = freshFolder();
    const lock = lockStore(folder);
    expect(problemOf(folder)).toContain('store_locked');
    lock.release();
    lock.release();
    expect(problemOf(folder)).toBe('none');
    expect(lockFiles(folder)).toEqual([]);
  });

  it('names the process that has it and since when, then passes to the next one', async () => {
    const folder = freshFolder();
    const holder = startHolder(folder);
    expect(await firstLine(holder)).toBe('held');
    expect(problemOf(folder)).toMatch(
      new RegExp(`process ${holder.pid} on ${hostname()}.*is writing since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d`),
    );
    const end = ended(holder);
    holder.kill('SIGKILL');
    await end;
    expect(lockFiles(folder)).toHaveLength(1);
    expect(problemOf(folder)).toBe('none');
    expect(lockFiles(folder)).toEqual([]);
  });

  it('is given back at the end of the program, at process.exit, an uncaught exception, SIGINT and SIGTERM', async () => {
    const forever = 'setInterval(() => {}, 1000);';
    const waysOut = [
      ['', '0'],
      ['process.exit(3)', '3'],
      ['setTimeout(() => { throw new Error("x"); }, 1)', '1'],
      [`${forever} setTimeout(() => process.kill(process.pid, "SIGINT"), 1);`, 'SIGINT'],
      [`${forever} setTimeout(() => process.kill(process.pid, "SIGTERM"), 1);`, 'SIGTERM'],
    ];
    const found = waysOut.map(async ([after]) => {
      const folder = freshFolder();
      const end = await ended(startHolder(folder, after));
      return [end, lockFiles(folder)];
    });
    expect(await Promise.all(found)).toEqual(waysOut.map(([, end]) => [end, []]));
  });

  it('is kept by an application that handles the signal itself, until it exits', async () => {
    const folder = freshFolder();
    const after = `
      process.on('SIGTERM', () => { console.log('asked'); setTimeout(() => process.exit(0), 1500); });
      setInterval(() => {}, 1000);`;
    const child = startHolder(folder, after);
    expect(await firstLine(child)).toBe('held');
    const asked = firstLine(child);
    child.kill('SIGTERM');
    expect(await asked).toBe('asked');
    expect(problemOf(folder)).toContain('store_locked');
    expect(await ended(child)).toBe('0');
    expect(lockFiles(folder)).toEqual([]);
  });

  it('is given to exactly one of many that ask in the same moment', async () => {
    const folder = freshFolder();
    const answers = await Promise.all(Array.from({ length: 4 }, () => firstLine(startHolder(folder))));
    expect(answers.sort()).toEqual(['held', 'store_locked', 'store_locked', 'store_locked']);
  });

  it.skipIf(process.platform !== 'linux')('is not kept by another process that got the number of a dead one', () => {
    const folder = freshFolder();
    mkdirSync(join(folder, '.lock'), { recursive: true });
    const old = { pid: process.ppid, host: hostname(), start: 'another-boot:1', acquiredMs: 0, program: 'donch' };
    writeFileSync(join(folder, '.lock', 'aaaa.json'), JSON.stringify(old));
    expect(problemOf(folder)).toBe('none');
  });

  it('is not taken from a process of another machine, which cannot be asked', () => {
    const folder = freshFolder();
    mkdirSync(join(folder, '.lock'), { recursive: true });
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    const other = { pid, host: 'another-machine', start: '', acquiredMs: 0, program: 'donch' };
    writeFileSync(join(folder, '.lock', 'aaaa.json'), JSON.stringify(other));
    expect(problemOf(folder)).toMatch(/on another-machine.*\n.*delete ".*aaaa\.json"/);
  });

  it('says so when a lock file cannot be read', () => {
    const folder = freshFolder();
    mkdirSync(join(folder, '.lock'), { recursive: true });
    writeFileSync(join(folder, '.lock', 'aaaa.json'), '{"pid":');
    expect(problemOf(folder)).toContain('lock_damaged');
    expect(lockFiles(folder)).toContain('aaaa.json');
  });
});
