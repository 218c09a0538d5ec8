import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DonchError } from '@donch/core';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { copyFileAtomic, removeStaleTemporaries, writeFileAtomic } from './atomic-file.ts';
import { disk } from './platform.ts';

const root = mkdtempSync(join(tmpdir(), 'donch-atomic-'));
afterAll(() => rmSync(root, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

let folders = 0;
function freshFolder(): string {
  folders += 1;
  return join(root, String(folders));
}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}

function codeOf(work: () => unknown): string {
  try {
    work();
    return 'none';
  } catch (error) {
    return error instanceof DonchError ? error.code : String(error);
  }
}

/** A process number that no process has: that of a child which has ended. */
function deadPid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid;
}

describe('writeFileAtomic', () => {
  it('replaces the file and leaves nothing else', () => {
    const folder = freshFolder();
    writeFileAtomic(join(folder, 'deep', 'a.txt'), 'one');
    writeFileAtomic(join(folder, 'deep', 'a.txt'), 'two');
    expect(readFileSync(join(folder, 'deep', 'a.txt'), 'utf8')).toBe('two');
    expect(readdirSync(join(folder, 'deep'))).toEqual(['a.txt']);
  });

  it('has the content on the disk before it takes the name, and the name before it returns', () => {
    const folder = freshFolder();
    const done: string[] = [];
    for (const name of ['makeFolder', 'write', 'sync', 'rename'] as const) {
      const operation = disk[name] as (...args: unknown[]) => never;
      vi.spyOn(disk, name).mockImplementation((...args: unknown[]) => {
        done.push(name);
        return operation(...args);
      });
    }
    writeFileAtomic(join(folder, 'a', 'b', 'file'), 'x');
    // Three new folders, each made durable by synchronising the one above it.
    expect(done.join(' ')).toBe('makeFolder sync sync sync write sync rename sync');
    done.length = 0;
    writeFileAtomic(join(folder, 'a', 'b', 'file'), 'y');
    expect(done.join(' ')).toBe('makeFolder write sync rename sync');
    done.length = 0;
    writeFileAtomic(join(folder, 'a', 'b', 'file'), 'z', { durable: false });
    expect(done.join(' ')).toBe('makeFolder write rename');
  });

  it('writes on when the disk takes only a part at a time', () => {
    const folder = freshFolder();
    const write = disk.write;
    vi.spyOn(disk, 'write').mockImplementation((fd, bytes, offset) =>
      write(fd, bytes.subarray(0, Math.min(bytes.length, offset + 3)), offset),
    );
    writeFileAtomic(join(folder, 'a.txt'), '0123456789');
    expect(readFileSync(join(folder, 'a.txt'), 'utf8')).toBe('0123456789');
  });

  it.each([
    ['write', 'ENOSPC', 'disk_full'],
    ['write', 'EDQUOT', 'disk_full'],
    ['write', 'EFBIG', 'file_too_large'],
    ['write', 'EIO', 'disk_error'],
    ['sync', 'EIO', 'disk_error'],
    ['sync', 'ENOSPC', 'disk_full'],
    ['open', 'EACCES', 'no_permission'],
    ['open', 'EROFS', 'no_permission'],
    ['open', 'EMFILE', 'too_many_open_files'],
    ['makeFolder', 'EACCES', 'no_permission'],
    ['rename', 'EACCES', 'no_permission'],
    ['rename', 'EBUSY', 'file_in_use'],
    ['rename', 'EXDEV', 'io_error'],
  ] as const)('keeps the old file when "%s" fails with %s', (operation, system, code) => {
    const folder = freshFolder();
    const path = join(folder, 'a.txt');
    writeFileAtomic(path, 'old');
    vi.spyOn(disk, operation).mockImplementation(() => {
      throw systemError(system);
    });
    expect(codeOf(() => writeFileAtomic(path, 'new'))).toBe(code);
    vi.restoreAllMocks();
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['a.txt']);
  });

  it.skipIf(process.platform === 'win32')('keeps the old file at a real limit of the file size', () => {
    const folder = freshFolder();
    const path = join(folder, 'a.txt');
    writeFileAtomic(path, 'old');
    const script = `
      import { writeFileAtomic } from ${JSON.stringify(join(import.meta.dirname, 'atomic-file.ts'))};
      try { writeFileAtomic(process.argv[1], new Uint8Array(5e6)); } catch (error) { console.log(error.code); }`;
    // A limit of one megabyte, with the signal ignored, so that the write fails as it does on a full quota.
    const shell = `trap '' XFSZ; ulimit -f 1000; exec "$0" --input-type=module-typescript -e "$1" "$2"`;
    const { stdout } = spawnSync('bash', ['-c', shell, process.execPath, script, path], { encoding: 'utf8' });
    expect(stdout.trim()).toBe('file_too_large');
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['a.txt']);
  });

  it('passes a bug on as it is', () => {
    vi.spyOn(disk, 'write').mockImplementation(() => {
      throw new RangeError('a bug');
    });
    expect(() => writeFileAtomic(join(freshFolder(), 'a'), 'x')).toThrow(new RangeError('a bug'));
  });
});

describe('copyFileAtomic', () => {
  it('copies, and keeps the old target when it fails', () => {
    const folder = freshFolder();
    writeFileAtomic(join(folder, 'source'), 'new');
    writeFileAtomic(join(folder, 'target'), 'old');
    vi.spyOn(disk, 'copy').mockImplementation((from, to) => {
      writeFileSync(to, readFileSync(from).subarray(0, 1));
      throw systemError('ENOSPC');
    });
    expect(codeOf(() => copyFileAtomic(join(folder, 'source'), join(folder, 'target')))).toBe('disk_full');
    expect(readFileSync(join(folder, 'target'), 'utf8')).toBe('old');
    vi.restoreAllMocks();
    copyFileAtomic(join(folder, 'source'), join(folder, 'target'));
    expect(readFileSync(join(folder, 'target'), 'utf8')).toBe('new');
    expect(readdirSync(folder).sort()).toEqual(['source', 'target']);
  });
});

describe('removeStaleTemporaries', () => {
  it('removes what a dead process left, and nothing of a living one or of the user', () => {
    const folder = freshFolder();
    const stale = `.a.parquet.${deadPid()}-3.tmp`;
    const living = `.a.parquet.${process.ppid}-1.tmp`;
    const own = `.a.parquet.${process.pid}-900.tmp`;
    for (const name of [stale, living, own, 'notes.tmp', '.a.tmp']) writeFileAtomic(join(folder, name), 'x');
    expect(removeStaleTemporaries(folder)).toEqual([stale]);
    expect(existsSync(join(folder, living))).toBe(true);
    // Yesterday's: whoever has these numbers now did not write them.
    const yesterday = Date.now() / 1_000 - 90_000;
    for (const name of [living, own]) utimesSync(join(folder, name), yesterday, yesterday);
    expect(removeStaleTemporaries(folder).sort()).toEqual([own, living].sort());
    expect(readdirSync(folder).sort()).toEqual(['.a.tmp', 'notes.tmp']);
  });

  it('finds nothing in a folder that is not there', () => {
    expect(removeStaleTemporaries(freshFolder())).toEqual([]);
  });
});
