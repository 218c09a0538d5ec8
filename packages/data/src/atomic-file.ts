/**
 * Files that are either the old one or the new one, whatever happens in between: temporary file beside the target, written,
 * synchronised, renamed over the target, folder synchronised.
 */
import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { DAY_MS, SECOND_MS } from '@donch/core';
import { withIoErrors } from './io-error.ts';
import { disk, errorCode, isRunning, ownIdentity, renameOver, syncFolder, writeAll } from './platform.ts';

/** `.<name>.<pid>-<count>.tmp` */
const TEMPORARY = /^\..+\.(\d+)-\d+\.tmp$/;

/** A temporary file of a running process on another machine is not ours to judge before this age. */
const FOREIGN_AGE_MS = DAY_MS;

let count = 0;

/** Name of a temporary file in the folder of `path`; unique in this process, recognised by `removeStaleTemporaries`. */
function temporaryPath(path: string): string {
  count += 1;
  return join(dirname(path), `.${basename(path)}.${process.pid}-${count}.tmp`);
}

export interface AtomicWriteOptions {
  /** False = the caller synchronises the folder once for many files. */
  readonly syncFolder?: boolean;
  /** False = for what can be made again at any time: still the old or the new file, but nothing waits for the disk. */
  readonly durable?: boolean;
}

/**
 * Replaces the file at `path`, making its folder. Afterwards the new content is on the disk; when it throws, the old
 * file is untouched and no temporary file is left. Throws a DonchError (`disk_full`, `file_too_large`, `no_permission`, ...).
 */
export function writeFileAtomic(path: string, bytes: Uint8Array | string, options: AtomicWriteOptions = {}): void {
  const content = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
  replaceFile(path, options, (fd) => writeAll(fd, content));
}

/** As `writeFileAtomic`, with the content written by a function. */
function replaceFile(path: string, options: AtomicWriteOptions, fill: (fd: number) => void): void {
  const durable = options.durable !== false;
  withIoErrors(path, 'write the file', () => {
    makeFolder(dirname(path), durable);
    const temporary = temporaryPath(path);
    const fd = disk.open(temporary, 'wx');
    try {
      fillAndClose(fd, fill, durable);
      renameOver(temporary, path);
    } catch (cause) {
      removeIfPresent(temporary);
      throw cause;
    }
    if (durable && options.syncFolder !== false) syncFolder(dirname(path));
  });
}

/** Makes a folder; a new one is durable only when the folder above it has been synchronised. */
export function makeFolder(folder: string, durable = true): void {
  const first = disk.makeFolder(folder);
  if (first === undefined || !durable) return;
  for (let made = resolve(folder); made.length >= resolve(first).length; made = dirname(made))
    syncFolder(dirname(made));
}

function fillAndClose(fd: number, fill: (fd: number) => void, durable: boolean): void {
  try {
    fill(fd);
    if (durable) disk.sync(fd);
  } finally {
    disk.close(fd);
  }
}

/** Copies a file to `target`, which is then the old or the new one. Throws as `writeFileAtomic`. */
export function copyFileAtomic(source: string, target: string): void {
  withIoErrors(target, `copy "${source}" there`, () => {
    makeFolder(dirname(target));
    const temporary = temporaryPath(target);
    try {
      disk.copy(source, temporary);
      syncFile(temporary);
      renameOver(temporary, target);
    } catch (cause) {
      removeIfPresent(temporary);
      throw cause;
    }
    syncFolder(dirname(target));
  });
}

/** Makes the renames inside a folder durable. */
export function settleFolder(folder: string): void {
  withIoErrors(folder, 'synchronise the folder', () => syncFolder(folder));
}

/** Makes the content of a file durable. */
export function syncFile(path: string): void {
  const fd = disk.open(path, 'r+');
  try {
    disk.sync(fd);
  } finally {
    disk.close(fd);
  }
}

/** Deletes a file; one that is not there is fine. */
export function removeIfPresent(path: string): void {
  try {
    disk.unlink(path);
  } catch (cause) {
    if (errorCode(cause) !== 'ENOENT') throw cause;
  }
}

/**
 * Deletes what a killed process left in the folder: temporary files whose process no longer runs. Returns their names.
 * A missing folder has none.
 */
export function removeStaleTemporaries(folder: string): string[] {
  const removed: string[] = [];
  for (const name of namesIn(folder)) {
    const match = TEMPORARY.exec(name);
    if (match === null || !isLeftOver(join(folder, name), Number(match[1]))) continue;
    removeIfPresent(join(folder, name));
    removed.push(name);
  }
  return removed;
}

/** True when what a process made at `path` was left behind: the process has ended, or it cannot be the one that has its number now. */
export function isLeftOver(path: string, pid: number): boolean {
  if (pid !== process.pid && !isRunning({ ...ownIdentity(), pid, start: '' })) return true;
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return false;
  const ageMs = Date.now() - stat.mtimeMs;
  // In a container every run has the same process number: what is older than this process is not its own.
  return ageMs > FOREIGN_AGE_MS || (pid === process.pid && ageMs > process.uptime() * SECOND_MS);
}

/** Names in a folder, sorted by code unit; none when the folder is missing. */
export function namesIn(folder: string): string[] {
  return withIoErrors(folder, 'list the folder', () => {
    try {
      return readdirSync(folder).sort();
    } catch (cause) {
      if (errorCode(cause) === 'ENOENT') return [];
      throw cause;
    }
  });
}
