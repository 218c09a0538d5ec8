/** What can be saved of a damaged tail log. The damaged file stays beside the new one. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { intervalMs, type Interval } from '@donch/core';
import { copyFileAtomic, writeFileAtomic } from './atomic-file.ts';
import { readIdentified } from './candle-month.ts';
import { encodeTailHeader, encodeTailRecord, salvageTail, type TailRecord } from './tail-format.ts';

export interface TailRepair {
  /** Bar sets that were intact. */
  readonly kept: number;
  /** Bytes that belong to no intact record. */
  readonly lostBytes: number;
  /** Open times between the kept bar sets for which the log has no record any more: to be fetched again. */
  readonly missingMs: readonly number[];
  /** Where the damaged file lies now. */
  readonly movedTo: string;
}

export interface TailPlace {
  readonly path: string;
  readonly venue: string;
  readonly interval: Interval;
}

/** Rewrites a log from its intact records. The caller holds the lock and has the log closed. Throws the errors of the disk. */
export function repairTail({ path, venue, interval }: TailPlace): TailRepair {
  const { bytes } = readIdentified(path);
  const { header, records, lostBytes } = salvageTail(bytes, path);
  const movedTo = freeName(path);
  copyFileAtomic(path, movedTo);
  const nextSeq = Math.max(header?.nextSeq ?? 0, (records.at(-1)?.seq ?? -1) + 1);
  const logId = header?.logId ?? randomBytes(8).toString('hex');
  const parts = [encodeTailHeader({ venue, interval, logId, nextSeq }), ...records.map(encodeTailRecord)];
  writeFileAtomic(path, Buffer.concat(parts));
  return { kept: records.length, lostBytes, missingMs: missingTimes(records, intervalMs(interval)), movedTo };
}

function freeName(path: string): string {
  let count = 1;
  while (existsSync(`${path}.damaged-${count}`)) count += 1;
  return `${path}.damaged-${count}`;
}

/** A jump of more than this is an outage, not a damaged record. */
const MISSING_MAX = 10_000;

function missingTimes(records: readonly TailRecord[], barMs: number): number[] {
  const times = [...new Set(records.map((record) => record.openTimeMs))].sort((a, b) => a - b);
  const missing: number[] = [];
  for (let k = 1; k < times.length; k += 1) {
    for (let timeMs = times[k - 1] + barMs; timeMs < times[k] && missing.length < MISSING_MAX; timeMs += barMs)
      missing.push(timeMs);
  }
  return missing;
}
