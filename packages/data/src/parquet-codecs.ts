/** Compression of Parquet pages with what Node brings along. */
import { brotliDecompressSync, constants, gunzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/** Level 3 writes twice as fast as level 6 for 4 % more bytes; reading does not care (docs/decisions-data.md). */
const ZSTD_PARAMS = { [constants.ZSTD_c_compressionLevel]: 3 };

/** What we write. The bundled snappy is slower and larger than zstd. */
export const PARQUET_COMPRESSORS = {
  ZSTD: (page: Uint8Array): Uint8Array =>
    zstdCompressSync(page, { params: ZSTD_PARAMS, chunkSize: Math.max(page.length, 64) }),
};

/** What we read: our own files, and those of pandas, polars, DuckDB and Spark. Snappy is built into the decoder. */
export const PARQUET_DECOMPRESSORS = {
  ZSTD: (page: Uint8Array, length: number): Uint8Array => ownMemory(zstdDecompressSync(page, outputOf(length))),
  GZIP: (page: Uint8Array, length: number): Uint8Array => ownMemory(gunzipSync(page, outputOf(length))),
  BROTLI: (page: Uint8Array, length: number): Uint8Array => ownMemory(brotliDecompressSync(page, outputOf(length))),
};

/** One output buffer of the right size instead of many of 16 kB that are joined afterwards: a fifth of a read's time. */
function outputOf(length: number): { readonly chunkSize: number; readonly maxOutputLength: number } {
  const chunkSize = Math.max(length + 1, 64);
  return { chunkSize, maxOutputLength: chunkSize };
}

/** The decoder looks at Uint8Arrays; a Buffer is one, whose `slice` would share instead of copy. */
function ownMemory(page: Buffer): Uint8Array {
  return new Uint8Array(page.buffer, page.byteOffset, page.byteLength);
}
