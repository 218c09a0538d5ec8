/** One writer at a time in the folder of the ledger: trials and the log of the hold-out. */
import { DonchError } from '@donch/core';
import { sleepSync } from './platform.ts';
import { lockStore, type StoreLock } from './store-lock.ts';

/** Others hold the lock for milliseconds, with full windows of returns for tenths of a second. */
const LOCK_WAIT_MS_MAX = 60_000;
const LOCK_WAIT_STEP_MS = 20;

/** The lock of the ledger. Throws `store_locked` when others hold it for a minute. */
export function lockLedger(folder: string): StoreLock {
  const lastMs = performance.now() + LOCK_WAIT_MS_MAX;
  for (;;) {
    try {
      return lockStore(folder);
    } catch (error) {
      const isLocked = error instanceof DonchError && error.code === 'store_locked';
      if (!isLocked || performance.now() >= lastMs) throw error;
      sleepSync(LOCK_WAIT_STEP_MS);
    }
  }
}
