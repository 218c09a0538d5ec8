/** The thread in which foreign Parquet files are decoded, see `decode-parquet.ts`. */

import { parentPort } from 'node:worker_threads';
import { DonchError, invariant } from '@donch/core';
import { openParquet, readParquetColumns } from '../parquet.ts';
import type { DecodeAnswer, DecodeRequest } from './decode-parquet.ts';

const port = parentPort;
invariant(port !== null, 'the Parquet decoder runs as a worker');
port.on('message', (request: DecodeRequest) => {
  void decode(request).then((answer) => port.postMessage(answer));
});
port.postMessage('ready');

async function decode({ file, bytes, names }: DecodeRequest): Promise<DecodeAnswer> {
  try {
    return { columns: await readParquetColumns(openParquet(bytes, file), names) };
  } catch (error) {
    if (!(error instanceof DonchError)) throw error;
    const { expected, remedy } = error.detail;
    return {
      code: error.code,
      found: error.found,
      detail: { file, ...(expected && { expected }), ...(remedy && { remedy }) },
    };
  }
}
