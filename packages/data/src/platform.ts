/**
 * The one module that knows which system the program runs on: raw disk operations, renames over open files, folder
 * synchronisation, process identity. Everything that writes goes through `disk`, so that a test can make it fail.
 */
import {
  closeSync,
  constants,
  copyFileSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';

const IS_WINDOWS = process.platform === 'win32';

/** Operations that change the disk. Tests replace single members to inject a full disk or a lost connection. */
export const disk = {
  close: (fd: number): void => closeSync(fd),
  copy: (from: string, to: string): void => copyFileSync(from, to, constants.COPYFILE_EXCL),
  datasync: (fd: number): void => fdatasyncSync(fd),
  /** Makes a folder and those above it; returns the first one that had to be made. */
  makeFolder: (path: string): string | undefined => mkdirSync(path, { recursive: true }),
  open: (path: string, flags: string): number => openSync(path, flags),
  rename: (from: string, to: string): void => renameSync(from, to),
  sync: (fd: number): void => fsyncSync(fd),
  truncate: (fd: number, length: number): void => ftruncateSync(fd, length),
  unlink: (path: string): void => unlinkSync(path),
  /** Writes some of the bytes at the file's position; returns how many. */
  write: (fd: number, bytes: Uint8Array, offset: number): number =>
    writeSync(fd, bytes, offset, bytes.length - offset, null),
};

/** Writes all bytes at the file's position: one call may write fewer than it was given. */
export function writeAll(fd: number, bytes: Uint8Array): void {
  let offset = 0;
  while (offset < bytes.length) offset += disk.write(fd, bytes, offset);
}

/** Waits between tries of a rename, ms: together half a second, longer than a virus scanner holds a small file. */
const RENAME_WAITS_MS = [1, 2, 5, 10, 20, 50, 100, 150, 200];
const HELD_OPEN = new Set(['EPERM', 'EBUSY', 'EACCES']);

/**
 * Renames over an existing file. Windows refuses while another process has the target open, which passes: there it is tried
 * again a bounded number of times. Elsewhere the first answer counts.
 */
export function renameOver(from: string, to: string): void {
  for (let attempt = 0; ; attempt += 1) {
    try {
      disk.rename(from, to);
      return;
    } catch (cause) {
      const isHeldOpen = IS_WINDOWS && HELD_OPEN.has(errorCode(cause) ?? '');
      if (!isHeldOpen || attempt >= RENAME_WAITS_MS.length) throw cause;
      sleepSync(RENAME_WAITS_MS[attempt]);
    }
  }
}

/** File systems that cannot synchronise a folder answer with one of these; the rename itself is atomic all the same. */
const FOLDER_SYNC_UNSUPPORTED = new Set(['EINVAL', 'ENOTSUP', 'EISDIR', 'EPERM', 'EACCES']);

/** Makes a rename inside the folder durable. Windows offers no such call and needs none: NTFS journals the rename. */
export function syncFolder(path: string): void {
  if (IS_WINDOWS) return;
  const fd = disk.open(path, 'r');
  try {
    disk.sync(fd);
  } catch (cause) {
    if (!FOLDER_SYNC_UNSUPPORTED.has(errorCode(cause) ?? '')) throw cause;
  } finally {
    disk.close(fd);
  }
}

/** Blocks the thread. For waits of milliseconds in code that has to be synchronous. */
export function sleepSync(waitMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, waitMs);
}

/** `code` of a system error, e.g. `ENOSPC`; undefined for anything else. */
export function errorCode(cause: unknown): string | undefined {
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return undefined;
  return typeof cause.code === 'string' ? cause.code : undefined;
}

/** A process that can be told from a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** Boot and start of the process where the system tells them (Linux), else ''. */
  readonly start: string;
}

/** Identity of this process. */
export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, host: hostname(), start: startOf(process.pid) };
}

/**
 * True when a process of this host still runs. A number that was given to a new process is recognised by its start where the
 * system tells it; where it does not, the process counts as running. Never call it for another host.
 */
export function isRunning({ pid, start }: ProcessIdentity): boolean {
  try {
    process.kill(pid, 0);
  } catch (cause) {
    // EPERM: it runs and belongs to somebody else.
    if (errorCode(cause) !== 'EPERM') return false;
  }
  const startNow = startOf(pid);
  return start === '' || startNow === '' || start === startNow;
}

/** Boot id and start tick of a process from /proc; '' where there is no /proc. */
function startOf(pid: number): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold spaces; field 22 of the line is the 20th after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return `${boot}:${fields[19]}`;
  } catch {
    // No /proc on this system, or the process is gone: nothing can be said.
    return '';
  }
}
