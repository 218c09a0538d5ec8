/** One command at a time puts its files at the familiar places. */
import { DonchError } from '@donch/core';
import { lockStore, type StoreLock } from '@donch/data';

/** Publishing takes milliseconds; `lockStore` itself waits about a second for a contender. */
const ATTEMPTS_MAX = 10;

/** Does the work under the lock of the folder. Throws `store_locked` when another process holds it for seconds. */
export function whilePublishing<T>(folder: string, work: () => T): T {
  const lock = takeLock(folder);
  try {
    return work();
  } finally {
    lock.release();
  }
}

function takeLock(folder: string): StoreLock {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return lockStore(folder);
    } catch (error) {
      const isLocked = error instanceof DonchError && error.code === 'store_locked';
      if (!isLocked || attempt === ATTEMPTS_MAX) throw error;
    }
  }
}
