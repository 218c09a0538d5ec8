/** How far a thread has come, in memory that both sides see: the thread may be busy for seconds without a turn of its event loop. */
import type { Progress } from '@donch/cli';

/** One number, 0..1. */
export type SharedProgress = Float64Array<SharedArrayBuffer>;

export function sharedProgress(): SharedProgress {
  return new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT));
}

const POLL_MS = 100;

/** Draws the progress while the work runs. */
export async function drawWhile<T>(shared: SharedProgress, progress: Progress, work: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => progress.set(shared[0]), POLL_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    progress.done();
  }
}
