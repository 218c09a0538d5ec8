import { listenForInterrupt, type CommandContext } from '@donch/cli';
/** `donch data compact` and `donch data repair`: upkeep of the tail log. */
import { DonchError, formatMinute, type Interval } from '@donch/core';
import { openStoreForWrite, type StoreWriter, type TailRepair } from '@donch/data';
import { openProject } from '@donch/project';
import { documentOf } from '../cli/documents.ts';
import type { DataFlags } from '../commands/data.ts';
import { storeParts, type StorePart } from './store-series.ts';

/** Opens the store of the project for writing, does the work on its parts, gives the lock back. */
async function onParts<T>(
  flags: DataFlags,
  context: CommandContext,
  work: (store: StoreWriter, part: StorePart) => Promise<T>,
): Promise<(StorePart & T)[]> {
  const project = openProject(flags, context);
  const store = openStoreForWrite(project.dataFolder);
  const done: (StorePart & T)[] = [];
  try {
    for (const part of storeParts(store, flags)) {
      await listenForInterrupt(context.signal);
      done.push({ ...part, ...(await work(store, part)) });
    }
  } finally {
    await store.close();
  }
  return done;
}

/** `donch data compact`. */
export async function dataCompact(flags: DataFlags, context: CommandContext): Promise<void> {
  const logs = await onParts(flags, context, async (store, { venue, interval }) => {
    const { instruments, months, revised } = await store.candles.compact(venue, interval);
    return { instruments, months, revised: revised.length };
  });
  for (const { venue, interval, instruments, months, revised } of logs) {
    context.terminal.result(
      `${venue} ${interval}: ${instruments} instruments moved to ${months} month files${revised > 0 ? `, ${revised} bars revised` : ''}`,
    );
  }
  context.terminal.document(documentOf('data compact', { ok: true, logs }));
}

/** Open times that a message lists. */
const TIMES_SHOWN = 20;

/** `donch data repair`. */
export async function dataRepair(flags: DataFlags, context: CommandContext): Promise<void> {
  const logs = await onParts(flags, context, async (store, { venue, interval }) => {
    if (!isDamaged(store, venue, interval)) {
      return {
        damaged: false,
        kept: store.candles.tail(venue, interval).records.length,
        lostBytes: 0,
        missingMs: [],
        movedTo: null,
      };
    }
    return { damaged: true, ...(await store.candles.repairTail(venue, interval)) };
  });
  for (const log of logs) context.terminal.result(repairText(log));
  context.terminal.document(documentOf('data repair', { ok: true, logs }));
}

function isDamaged(store: StoreWriter, venue: string, interval: Interval): boolean {
  try {
    store.candles.tail(venue, interval);
    return false;
  } catch (error) {
    if (error instanceof DonchError && error.code === 'tail_log_damaged') return true;
    throw error;
  }
}

type Repaired = StorePart & { readonly damaged: boolean } & (
    | TailRepair
    | (Omit<TailRepair, 'movedTo'> & { readonly movedTo: null })
  );

function repairText({ venue, interval, damaged, kept, lostBytes, missingMs, movedTo }: Repaired): string {
  if (!damaged) return `${venue} ${interval}: the log is whole, ${kept} bar sets`;
  const shown = missingMs.slice(0, TIMES_SHOWN).map((timeMs) => `${formatMinute(timeMs)} UTC`);
  const rest = missingMs.length > TIMES_SHOWN ? ` and ${missingMs.length - TIMES_SHOWN} more` : '';
  return [
    `${venue} ${interval}: kept ${kept} bar sets, ${lostBytes} bytes belong to none; the damaged file: ${movedTo ?? '-'}`,
    missingMs.length === 0 ? '  no bar set is missing between them' : `  import again: ${shown.join(', ')}${rest}`,
  ].join('\n');
}
