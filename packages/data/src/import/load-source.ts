/** Bytes of a file as the importer reads them: gzip opened, what the bytes are found out from the bytes themselves. */

import { readFile, stat } from 'node:fs/promises';
import { constants, gunzip, type InputType, type ZlibOptions } from 'node:zlib';
import { DonchError } from '@donch/core';

export interface Source {
  readonly path: string;
  readonly format: 'csv' | 'json' | 'parquet';
  readonly isGzip: boolean;
  /** Unpacked content without a byte order mark. */
  readonly bytes: Buffer;
  /** Text files: bytes of the byte order mark that was dropped (0 or 3). */
  readonly markBytes: number;
  /** False when the gzip archive ends too early and `bytes` is what could be read of it. */
  readonly isComplete: boolean;
}

/** About 15 million rows; a bar of one minute gives 0.5 million a year. Also keeps an archive bomb out of memory. */
const UNPACKED_BYTES_MAX = 1 << 30;

/** Reads and unpacks a file; throws `no_such_file`, `file_unreadable`, `file_too_large`, `archive_damaged` or `unknown_format`. */
export async function loadSource(path: string): Promise<Source> {
  return sourceOf(path, await readBytes(path));
}

/** The same for the bytes of a file; `path` is for messages. */
export async function sourceOf(path: string, packed: Buffer): Promise<Source> {
  const isGzip = packed[0] === 0x1f && packed[1] === 0x8b;
  const { bytes, isComplete } = isGzip ? await unpack(path, packed) : { bytes: packed, isComplete: true };
  const foreign = FOREIGN_FORMATS.find(({ magic }) => bytes.subarray(0, magic.length).equals(magic));
  if (foreign !== undefined) refuseFormat(path, foreign.what, foreign.remedy);
  const common = { path, isGzip, isComplete };
  if (bytes.subarray(0, 4).equals(PARQUET)) return { ...common, format: 'parquet', bytes, markBytes: 0 };
  const markBytes = bytes.subarray(0, 3).equals(UTF8_MARK) ? 3 : 0;
  const content = bytes.subarray(markBytes);
  if (content.subarray(0, 1_024).filter((byte) => byte === 0).length > NUL_BYTES_MAX) {
    refuseFormat(path, 'the file is not text (many NUL bytes)', 'Import CSV or JSON in UTF-8, or Parquet.');
  }
  const first = content.find((byte) => byte > 0x20);
  const format = first === 0x7b || first === 0x5b ? 'json' : 'csv';
  return { ...common, format, bytes: content, markBytes };
}

/** A damaged line may hold a few NUL bytes; more of them in the first KiB are another format. */
const NUL_BYTES_MAX = 64;

const PARQUET = Buffer.from('PAR1');
const UTF8_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const UNPACK_FIRST = 'Unpack the archive and import the files in it.';
const FOREIGN_FORMATS = [
  {
    magic: Buffer.from([0x50, 0x4b, 0x03, 0x04]),
    what: 'the file is a ZIP archive (or a spreadsheet)',
    remedy: UNPACK_FIRST,
  },
  { magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), what: 'the file is a zstd archive', remedy: UNPACK_FIRST },
  { magic: Buffer.from('ARROW1'), what: 'the file is Feather/Arrow', remedy: 'Save it as Parquet or CSV.' },
  { magic: Buffer.from([0xff, 0xfe]), what: 'the text is UTF-16', remedy: 'Save it as UTF-8.' },
  { magic: Buffer.from([0xfe, 0xff]), what: 'the text is UTF-16', remedy: 'Save it as UTF-8.' },
];

function refuseFormat(file: string, found: string, remedy: string): never {
  throw new DonchError('unknown_format', found, { file, expected: 'CSV, CSV.gz, JSON or Parquet', remedy });
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    const { size } = await stat(path);
    if (size > UNPACKED_BYTES_MAX) refuseSize(path);
    return await readFile(path);
  } catch (error) {
    if (error instanceof DonchError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    if (code === 'ENOENT') throw new DonchError('no_such_file', 'there is no such file', { file: path, cause: error });
    throw new DonchError('file_unreadable', `the file cannot be read (${code})`, { file: path, cause: error });
  }
}

async function unpack(path: string, packed: Buffer): Promise<{ bytes: Buffer; isComplete: boolean }> {
  try {
    return { bytes: await gunzipBytes(packed), isComplete: true };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'ERR_BUFFER_TOO_LARGE') refuseSize(path);
    if (code !== 'Z_BUF_ERROR') {
      throw new DonchError(
        'archive_damaged',
        `the gzip archive is damaged (${error instanceof Error ? error.message : code})`,
        {
          file: path,
          remedy: 'Fetch the file again: nothing in it can be trusted.',
          cause: error,
        },
      );
    }
  }
  // The end is missing: with this flag zlib gives what it has instead of an error.
  const bytes = await gunzipBytes(packed, { finishFlush: constants.Z_SYNC_FLUSH });
  return { bytes, isComplete: false };
}

function gunzipBytes(packed: InputType, options: ZlibOptions = {}): Promise<Buffer> {
  const settings = { chunkSize: 1 << 18, maxOutputLength: UNPACKED_BYTES_MAX, ...options };
  return new Promise((resolve, reject) => {
    gunzip(packed, settings, (error, bytes) => (error === null ? resolve(bytes) : reject(error)));
  });
}

function refuseSize(file: string): never {
  throw new DonchError('file_too_large', 'the unpacked file is larger than 1 GiB', {
    file,
    remedy: 'Split it, for example by year; parts of one symbol are joined in the store.',
  });
}
