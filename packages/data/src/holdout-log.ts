/**
 * `results/ledger/holdout.log`: every look at a hold-out, an append-only journal with checksums. A look is on the disk before anything is
 * computed, so whoever stops half-way has looked all the same; a killed process loses at most the look that it had not begun.
 */
import { join } from 'node:path';
import { DonchError, invariant } from '@donch/core';
import { z } from 'zod';
import { JournalWriter, readJournal, type JournalContent } from './journal-file.ts';
import { lockLedger } from './ledger-lock.ts';

const ID = z.string().regex(/^[0-9a-f]{24}$/);

const LOOK = z.object({
  type: z.literal('look'),
  /** UTC ms. */
  time: z.int(),
  /** The hold-out: decisions from `start_time` on and before `end_time`. */
  start_time: z.int(),
  end_time: z.int(),
  configuration_id: ID,
  trial_id: ID,
  /** The run whose configuration is tested. */
  run_id: z.string(),
  data_hash: z.string(),
  /** Why it was opened, in the words of who did. */
  reason: z.string(),
});
/** One look as it stands in the log. */
export type HoldoutLook = Readonly<Omit<z.infer<typeof LOOK>, 'type'>>;

const LINE = z.discriminatedUnion('type', [z.object({ type: z.literal('holdout'), schema_version: z.int() }), LOOK]);

const SCHEMA_VERSION = 1;
const HEADER: z.infer<typeof LINE> = { type: 'holdout', schema_version: SCHEMA_VERSION };

/** How often a hold-out was looked at. */
export interface HoldoutCount {
  readonly looks: number;
  /** Ids of the different configurations, in the order of their first look. */
  readonly configurations: readonly string[];
  /** Time of the last look, UTC ms; null = none yet. */
  readonly lastMs: number | null;
}

/** The looks of one results folder, oldest first. Throws `journal_damaged`, `ledger_damaged`, `newer_schema` and the errors of the disk. */
export function readHoldoutLooks(resultsFolder: string): HoldoutLook[] {
  const path = pathIn(resultsFolder);
  return looksOf(readJournal(path), path);
}

/**
 * Looks at data from `startMs` on: a hold-out whose start is moved inside one that was looked at has been looked at too. Throws as
 * `readHoldoutLooks` does.
 */
export function countHoldout(looks: readonly HoldoutLook[], startMs: number): HoldoutCount {
  const seen = looks.filter(({ end_time: endMs }) => endMs > startMs);
  return {
    looks: seen.length,
    configurations: [...new Set(seen.map(({ configuration_id: id }) => id))],
    lastMs: seen.at(-1)?.time ?? null,
  };
}

/** Records a look; it is on the disk when this returns. `tornBytes`: of an unfinished record of a killed process, cut off. Throws as reading does, and `store_locked`. */
export function recordHoldoutLook(resultsFolder: string, look: HoldoutLook): { readonly tornBytes: number } {
  const line = LOOK.safeParse({ type: 'look', ...look });
  invariant(line.success && look.start_time < look.end_time, 'a look names a window, a configuration and a trial');
  const lock = lockLedger(folderIn(resultsFolder));
  try {
    const path = pathIn(resultsFolder);
    const content = readJournal(path);
    looksOf(content, path);
    const journal = new JournalWriter(path, content);
    try {
      if (content.validBytes === 0) journal.append(JSON.stringify(HEADER));
      journal.append(JSON.stringify(line.data));
    } finally {
      journal.close();
    }
    return { tornBytes: content.tornBytes };
  } finally {
    lock.release();
  }
}

const folderIn = (resultsFolder: string): string => join(resultsFolder, 'ledger');
const pathIn = (resultsFolder: string): string => join(folderIn(resultsFolder), 'holdout.log');

function looksOf({ records }: JournalContent, file: string): HoldoutLook[] {
  return records.flatMap((text) => {
    const line = parseLine(text, file);
    if (line.type === 'look') {
      const { type: _, ...look } = line;
      return [look];
    }
    if (line.schema_version <= SCHEMA_VERSION) return [];
    throw new DonchError('newer_schema', `the log of the hold-out has schema version ${line.schema_version}`, {
      file,
      expected: `at most ${SCHEMA_VERSION}`,
      remedy: 'A newer DONCH wrote it: update the program.',
    });
  });
}

function parseLine(text: string, file: string): z.infer<typeof LINE> {
  try {
    return LINE.parse(JSON.parse(text));
  } catch (cause) {
    throw new DonchError('ledger_damaged', 'a line of the log of the hold-out cannot be read', {
      file,
      expected: 'lines as the program writes them',
      remedy: 'Restore it from a backup. Looks that are forgotten make the hold-out look untouched.',
      cause,
    });
  }
}
