/**
 * Daily returns of the selected trials, one file per data window, replaced as a whole: a line of JSON that says whose returns follow,
 * the returns as little-endian doubles, and the CRC-32 of all that. The same trials give the same bytes.
 */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { DonchError, invariant } from '@donch/core';
import { z } from 'zod';
import { namesIn, removeIfPresent, removeStaleTemporaries, writeFileAtomic } from './atomic-file.ts';
import { withIoErrors } from './io-error.ts';
import type { TrialReturns } from './ledger-record.ts';
import { errorCode } from './platform.ts';

export type ReturnsById = ReadonlyMap<string, TrialReturns>;

/** All windows together; 2,200 series of five years are 32 MB. Windows whose last new trial is the oldest go first. */
const RETURNS_BYTES_MAX = 2 ** 30;

const SCHEMA_VERSION = 1;
const HEADER = z.object({
  schema_version: z.literal(SCHEMA_VERSION),
  series: z.array(z.object({ trial_id: z.string(), first_day_ms: z.int(), days: z.int().nonnegative() })),
});

const DOUBLE_BYTES = 8;
const CHECKSUM_BYTES = 4;
const LINE_FEED = 10;

/** The files below `results/ledger/returns/`. */
export class LedgerReturns {
  readonly #folder: string;
  readonly #bytesMax: number;

  constructor(ledgerFolder: string, bytesMax = RETURNS_BYTES_MAX) {
    this.#folder = join(ledgerFolder, 'returns');
    this.#bytesMax = bytesMax;
  }

  /** Series of a window; none when the file is missing. Throws `ledger_damaged`. */
  read(window: string): ReturnsById {
    const path = this.#pathOf(window);
    const bytes = withIoErrors(path, 'read the returns', () => {
      try {
        return readFileSync(path);
      } catch (cause) {
        if (errorCode(cause) === 'ENOENT') return null;
        throw cause;
      }
    });
    return bytes === null ? new Map() : decodeReturns(bytes, path);
  }

  /** Replaces the series of a window. The caller holds the lock of the ledger. */
  write(window: string, series: ReturnsById): void {
    removeStaleTemporaries(this.#folder);
    writeFileAtomic(this.#pathOf(window), encodeReturns(series));
  }

  /** Drops whole windows, the first named first, until the rest fits; the last one stays in any case. */
  prune(windowsOldestFirst: readonly string[]): void {
    const present = new Set(namesIn(this.#folder));
    const files = windowsOldestFirst
      .filter((window) => present.has(nameOf(window)))
      .map((window) => ({ path: this.#pathOf(window), bytes: statSync(this.#pathOf(window)).size }));
    let total = files.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { path, bytes } of files.slice(0, -1)) {
      if (total <= this.#bytesMax) return;
      withIoErrors(path, 'remove the returns', () => removeIfPresent(path));
      total -= bytes;
    }
  }

  #pathOf(window: string): string {
    return join(this.#folder, nameOf(window));
  }
}

const nameOf = (window: string): string => `${window}.bin`;

/** Bytes of a file: series in order of their ids. */
function encodeReturns(series: ReturnsById): Uint8Array {
  const sorted = [...series].sort(([a], [b]) => (a < b ? -1 : 1));
  const header = {
    schema_version: SCHEMA_VERSION,
    series: sorted.map(([id, { firstDayMs, values }]) => ({
      trial_id: id,
      first_day_ms: firstDayMs,
      days: values.length,
    })),
  };
  const line = new TextEncoder().encode(`${JSON.stringify(header)}\n`);
  const count = sorted.reduce((sum, [, { values }]) => sum + values.length, 0);
  const bytes = new Uint8Array(line.length + count * DOUBLE_BYTES + CHECKSUM_BYTES);
  bytes.set(line);
  const view = new DataView(bytes.buffer);
  let at = line.length;
  for (const [, { values }] of sorted) {
    for (const value of values) {
      view.setFloat64(at, value, true);
      at += DOUBLE_BYTES;
    }
  }
  view.setUint32(at, crc32(bytes.subarray(0, at)), true);
  return bytes;
}

function decodeReturns(bytes: Uint8Array, file: string): ReturnsById {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = bytes.length - CHECKSUM_BYTES;
  const lineEnd = bytes.indexOf(LINE_FEED);
  if (!(lineEnd >= 0 && lineEnd < end) || view.getUint32(end, true) !== crc32(bytes.subarray(0, end)))
    throw damaged(file, 'the returns do not have the checksum that stands behind them');
  const header = HEADER.safeParse(JSON.parse(new TextDecoder().decode(bytes.subarray(0, lineEnd))));
  if (!header.success) throw damaged(file, z.prettifyError(header.error));
  let at = lineEnd + 1;
  const series = new Map<string, TrialReturns>();
  for (const { trial_id: id, first_day_ms: firstDayMs, days } of header.data.series) {
    const values = new Float64Array(days);
    for (let k = 0; k < days; k += 1) values[k] = view.getFloat64(at + k * DOUBLE_BYTES, true);
    series.set(id, { firstDayMs, values });
    at += days * DOUBLE_BYTES;
  }
  invariant(at === end, 'the series of the header fill the file');
  return series;
}

const damaged = (file: string, found: string): DonchError =>
  new DonchError('ledger_damaged', found, {
    file,
    expected: 'a file as the program writes it',
    remedy:
      'Delete it: the moments of all trials stand elsewhere; the daily returns come back when trials are run again.',
  });
