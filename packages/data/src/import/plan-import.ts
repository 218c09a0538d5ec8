/** A look at files before they are imported: what each one would be taken for, and what the caller has to decide. */

import { DonchError, type Interval } from '@donch/core';
import { readFileName } from './file-name.ts';
import { findFiles, type FoundFile } from './find-files.ts';
import { FindingLog } from './finding-log.ts';
import { type ImportKind, type ImportOptions, resolveOptions, type ResolvedOptions } from './import-options.ts';
import type { FileContent } from './import-report.ts';
import { loadSource, type Source } from './load-source.ts';
import { readSource } from './read-file.ts';

export interface PlannedFile {
  readonly file: string;
  readonly format: Source['format'] | null;
  readonly kind: ImportKind | null;
  readonly venue: string | null;
  readonly symbol: string | null;
  readonly interval: Interval | null;
  readonly columns: FileContent['columns'];
  readonly assumptions: readonly string[];
  /** What keeps the file from being imported with these options; null = nothing that its beginning shows. */
  readonly problem: DonchError | null;
}

export interface ImportPlan {
  readonly files: readonly PlannedFile[];
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
  /** When all candle files agree, else null. */
  readonly venue: string | null;
  readonly interval: Interval | null;
}

/** Bytes of the beginning of a text file that are read for the plan: about 4,000 bars. */
const HEAD_BYTES = 1 << 18;

/** Detects every file; stores nothing. Throws `bad_import_option` and `no_such_file`. */
export async function planImport(
  paths: readonly string[],
  { options, nowMs }: { readonly options?: ImportOptions; readonly nowMs: number },
): Promise<ImportPlan> {
  const resolved = resolveOptions(options ?? {});
  const { files, skipped } = findFiles(paths);
  const planned: PlannedFile[] = [];
  for (const file of files) planned.push(await planFile(file, resolved, nowMs));
  const candles = planned.filter(({ kind }) => kind === 'candles');
  const known = planned.filter(({ kind }) => kind !== null);
  return {
    files: planned,
    skipped,
    venue: only(known.map(({ venue }) => venue)),
    interval: only(candles.map(({ interval }) => interval)),
  };
}

async function planFile({ path, folders }: FoundFile, options: ResolvedOptions, nowMs: number): Promise<PlannedFile> {
  const name = readFileName(path, folders);
  let format: PlannedFile['format'] = null;
  try {
    const source = await loadSource(path);
    format = source.format;
    const { kind, identity, interval, columns, assumptions } = await readHead(source, (part) =>
      readSource(part, { options, name, nowMs, log: new FindingLog() }),
    );
    const { venue, symbol } = identity;
    const problem =
      source.isComplete || options.allowPartial
        ? null
        : new DonchError('archive_incomplete', 'the gzip archive ends too early', { file: path });
    return { file: path, format, kind, venue, symbol, interval, columns, assumptions, problem };
  } catch (error) {
    if (!(error instanceof DonchError)) throw error;
    return {
      file: path,
      format,
      kind: null,
      venue: null,
      symbol: null,
      interval: null,
      columns: [],
      assumptions: [],
      problem: error,
    };
  }
}

/** Tries the beginning; what it leaves open (the order of day and month, say) the whole file may decide. */
async function readHead<T>(source: Source, read: (part: Source) => Promise<T>): Promise<T> {
  if (source.format !== 'csv' || source.bytes.length <= HEAD_BYTES) return read(source);
  try {
    const end = source.bytes.lastIndexOf('\n', HEAD_BYTES) + 1;
    return await read({ ...source, bytes: source.bytes.subarray(0, end > 0 ? end : source.bytes.length) });
  } catch (error) {
    if (!(error instanceof DonchError)) throw error;
    return read(source);
  }
}

function only<T>(values: readonly T[]): T | null {
  return new Set(values).size === 1 ? values[0] : null;
}
