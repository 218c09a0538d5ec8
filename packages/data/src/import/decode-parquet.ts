/**
 * Decodes foreign Parquet files in a thread of their own. A file of ours has a checksum over everything; damaged bytes of any
 * other make the decoder (hyparquet 1.31) loop for ever about once in 600 files, because a missing length moves its position to
 * NaN. Time and memory of the thread are limited, so that such a file is refused instead of taking the process with it.
 */

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { DonchError, type ErrorDetail, invariant } from '@donch/core';
import type { ParquetColumn } from '../parquet-columns.ts';
import { type ParquetFile, readParquetColumns } from '../parquet.ts';

export interface DecodeRequest {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly names: readonly string[];
}

export type DecodeAnswer =
  | { readonly columns: readonly ParquetColumn[] }
  | { readonly code: string; readonly found: string; readonly detail: ErrorDetail };

/** Far more than a sound file takes (5 million rows, 110 MiB: 2 s), also on a busy machine. */
const TIMEOUT_MS = 5_000;
const TIMEOUT_MS_PER_MIB = 1_000;

/** Sound files stay far below; a runaway array reaches it in seconds. V8 aborts the process when one array exceeds 1 GiB. */
const HEAP_MIB_MAX = 768;

/** The thread of the last file, kept for the next one; it does not keep the process alive. */
let idle: Worker | null = null;

/** Columns of a file by name; throws `parquet_damaged`. The limit of a file is a parameter for tests only. */
export async function decodeParquet(
  parquet: ParquetFile,
  names: readonly string[],
  timeoutMs: number = Math.round(TIMEOUT_MS + (parquet.bytes.length / 2 ** 20) * TIMEOUT_MS_PER_MIB),
): Promise<readonly ParquetColumn[]> {
  if (parquet.isSealed) return readParquetColumns(parquet, names);
  const request: DecodeRequest = { file: parquet.file, bytes: parquet.bytes, names };
  const worker = await takeWorker();
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    worker.postMessage(request, []);
    const [answer] = (await once(worker, 'message', { signal: timeout })) as [DecodeAnswer];
    giveBack(worker);
    if ('columns' in answer) return answer.columns;
    throw new DonchError(answer.code, answer.found, answer.detail);
  } catch (error) {
    if (error instanceof DonchError) throw error;
    await worker.terminate();
    const limit = timeout.aborted ? `${timeoutMs / 1_000} s` : memoryLimit(error);
    if (limit === null) throw error;
    throw new DonchError('parquet_damaged', `the file could not be decoded within ${limit}`, {
      file: parquet.file,
      expected: 'an intact Parquet file',
      remedy: 'Fetch the file again. A sound file as large as this has to be split.',
      cause: error,
    });
  }
}

function memoryLimit(error: unknown): string | null {
  const isMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
  return isMemory ? `${HEAP_MIB_MAX} MiB` : null;
}

/** A thread that has told that it is ready: the time limit is for decoding, not for starting. */
async function takeWorker(): Promise<Worker> {
  const worker = idle ?? (await startWorker());
  idle = null;
  worker.ref();
  return worker;
}

async function startWorker(): Promise<Worker> {
  const resourceLimits = { maxOldGenerationSizeMb: HEAP_MIB_MAX };
  const worker = new Worker(new URL('./parquet-decode.worker.ts', import.meta.url), { resourceLimits });
  await once(worker, 'message');
  return worker;
}

function giveBack(worker: Worker): void {
  invariant(idle === null, 'files are decoded one after the other');
  worker.unref();
  idle = worker;
}
