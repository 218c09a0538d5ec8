import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { encodeParquet, openParquet } from '../parquet.ts';
import { decodeParquet } from './decode-parquet.ts';
import { sampleCandles, sampleParquet } from './sample-files.ts';

const CLEAN = sampleCandles(10);
const BYTES = sampleParquet(CLEAN);

async function closesOf(bytes: Buffer, timeoutMs?: number): Promise<unknown> {
  const [{ values }] = await decodeParquet(openParquet(bytes, 'x.parquet'), ['close'], timeoutMs);
  return values;
}

describe('decodeParquet', () => {
  it('gives the columns of foreign and of own files', async () => {
    expect(await closesOf(BYTES)).toEqual(CLEAN.close);
    const columns = [{ name: 'close', type: 'float' as const, isNullable: false, values: CLEAN.close }];
    expect(await closesOf(Buffer.from(encodeParquet({ rows: 10, columns, metadata: new Map() })))).toEqual(CLEAN.close);
  });

  it('stops a decoder that never ends and decodes the next file', async () => {
    // The page header of the first column: with these bits its lengths are missing and the decoder reads on at NaN for ever.
    const damaged = Buffer.from(BYTES);
    damaged[13] ^= 4;
    const decoding = decodeParquet(openParquet(damaged, 'x.parquet'), ['timestamp'], 400);
    await expect(decoding).rejects.toMatchObject({
      code: 'parquet_damaged',
      found: 'the file could not be decoded within 0.4 s',
    });
    expect(await closesOf(BYTES)).toEqual(CLEAN.close);
  });

  it('passes on what the decoder says', async () => {
    const bytes = parquetWriteBuffer({ columnData: [{ name: 'close', data: [2n ** 60n], type: 'INT64' }] });
    await expect(closesOf(Buffer.from(bytes))).rejects.toMatchObject({
      code: 'bad_cell',
      detail: { file: 'x.parquet' },
    });
  });
});
