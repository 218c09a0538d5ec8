/**
 * One writer per folder, any number of readers without a lock.
 *
 * Every contender puts a file of its own, with a name of its own, into `.lock/` and then lists the folder: it holds the lock if no
 * other file there belongs to a running process. Two contenders cannot both miss the other (the one that lists later sees the
 * other's file), and because names are never used twice, removing a dead owner's file cannot hit a new owner's.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DonchError, formatMinute } from '@donch/core';
import { z } from 'zod';
import { namesIn, removeIfPresent, removeStaleTemporaries, writeFileAtomic } from './atomic-file.ts';
import { withIoErrors } from './io-error.ts';
import { errorCode, isRunning, ownIdentity, sleepSync } from './platform.ts';

export interface StoreLock {
  /** The locked folder. */
  readonly folder: string;
  /** Gives the lock back; a second call does nothing. */
  release(): void;
}

const OWNER = z.object({
  pid: z.int().positive(),
  host: z.string(),
  start: z.string(),
  acquiredMs: z.number(),
  program: z.string(),
});
type Owner = z.infer<typeof OWNER>;

const SUFFIX = '.json';
/** Tries when another contender arrives in the same moment; each waits longer, together about a second. */
const ATTEMPTS_MAX = 6;
const WAIT_STEP_MS = 15;
/** An owner this young may be a contender that is about to give way. */
const CONTENDER_AGE_MS = 1_500;

/** Locks held by this process, by the path of their file. */
const held = new Map<string, () => void>();

/**
 * Takes the write lock of `folder` (made when missing). The lock of a process that has died is taken over. Throws
 * `store_locked` naming the process that holds it and since when.
 */
export function lockStore(folder: string): StoreLock {
  const lockFolder = join(folder, '.lock');
  removeStaleTemporaries(lockFolder);
  for (let attempt = 1; ; attempt += 1) {
    const name = randomBytes(8).toString('hex') + SUFFIX;
    const path = join(lockFolder, name);
    writeFileAtomic(path, JSON.stringify(describeSelf()));
    const other = runningOwner(lockFolder, name);
    if (other === undefined) return hold(folder, path);
    removeIfPresent(path);
    const isContender = other.owner.pid !== process.pid && Date.now() - other.owner.acquiredMs < CONTENDER_AGE_MS;
    if (!isContender || attempt === ATTEMPTS_MAX) throw lockedError(folder, other);
    // Different waits for different names, so that two contenders do not meet again.
    sleepSync(attempt * WAIT_STEP_MS + (Number.parseInt(name.slice(0, 2), 16) / 255) * attempt * WAIT_STEP_MS);
  }
}

/** Gives back every lock of this process. For an application's own shutdown; done at exit and on SIGINT, SIGTERM anyway. */
export function releaseAllLocks(): void {
  const releases = Array.from(held.values());
  for (const release of releases) release();
}

function describeSelf(): Owner {
  return { ...ownIdentity(), acquiredMs: Date.now(), program: process.argv.slice(1, 4).join(' ') };
}

interface Holder {
  readonly path: string;
  readonly owner: Owner;
}

/** The first other file whose owner runs; files of dead owners are removed. */
function runningOwner(lockFolder: string, ownName: string): Holder | undefined {
  for (const name of namesIn(lockFolder)) {
    if (name === ownName || !name.endsWith(SUFFIX)) continue;
    const path = join(lockFolder, name);
    const owner = readOwner(path);
    if (owner === undefined) continue;
    const self = ownIdentity();
    const isDead = owner.host === self.host && !isRunning(owner);
    if (!isDead) return { path, owner };
    removeIfPresent(path);
  }
  return undefined;
}

function readOwner(path: string): Owner | undefined {
  const text = withIoErrors(path, 'read the lock', () => {
    try {
      return readFileSync(path, 'utf8');
    } catch (cause) {
      // Given back since the folder was listed.
      if (errorCode(cause) === 'ENOENT') return undefined;
      throw cause;
    }
  });
  if (text === undefined) return undefined;
  try {
    return OWNER.parse(JSON.parse(text));
  } catch (cause) {
    throw new DonchError('lock_damaged', 'the lock file cannot be read, so its owner is unknown', {
      file: path,
      remedy: 'Delete the file when no other DONCH process writes to this folder.',
      cause,
    });
  }
}

function lockedError(folder: string, { path, owner }: Holder): DonchError {
  const { pid, host, acquiredMs, program } = owner;
  const self = ownIdentity();
  const remedy =
    host !== self.host
      ? `Wait until it has finished. If that machine is gone for good, delete "${path}".`
      : pid === self.pid
        ? 'This very process holds the lock already.'
        : `Wait until process ${pid} has finished, or stop it.`;
  const found = `process ${pid} on ${host} (${program}) is writing since ${formatMinute(acquiredMs)} UTC`;
  return new DonchError('store_locked', found, {
    file: folder,
    expected: 'one writer at a time',
    remedy,
    retryable: true,
  });
}

function hold(folder: string, path: string): StoreLock {
  const release = (): void => {
    if (!held.delete(path)) return;
    if (held.size === 0) stopWatchingExit();
    removeIfPresent(path);
  };
  if (held.size === 0) watchExit();
  held.set(path, release);
  return { folder, release };
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function watchExit(): void {
  process.on('exit', releaseAllLocks);
  for (const signal of SIGNALS) process.on(signal, onSignal);
}

function stopWatchingExit(): void {
  process.off('exit', releaseAllLocks);
  for (const signal of SIGNALS) process.off(signal, onSignal);
}

/**
 * An application that listens itself shuts down in its own order and keeps the lock until then. Where nobody else listens, our
 * listener has replaced the default, so it does what the default does: end the process.
 */
function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  releaseAllLocks();
  process.kill(process.pid, signal);
}
