import type { CommandContext } from '@donch/cli';
/** Candles that a run is computed from: named by one hash, and looked at again before the run is named after it. */
import { DonchError, hashJson, type InstrumentId } from '@donch/core';
import type { SeriesKey, Store } from '@donch/data';
import { symbolEvents, type CompiledStrategy, type SymbolEvents } from '@donch/strategy';

export interface PinnedData {
  readonly keys: readonly SeriesKey[];
  /** Over the content of all of them. */
  readonly hash: string;
}

/** Hash of the series as they are now. */
export async function pinData(store: Store, keys: readonly SeriesKey[]): Promise<PinnedData> {
  return { keys, hash: (await store.certifier.storeHash(keys)).hash };
}

/** Throws `data_changed` when an import or the bot has written meanwhile: what was computed comes from neither state for sure. */
export async function checkPinned(store: Store, pinned: PinnedData): Promise<void> {
  const now = await pinData(store, pinned.keys);
  if (now.hash !== pinned.hash) throw changed(store, 'candles');
}

/** As `checkPinned`, for the events of these instruments. */
export async function checkEvents(store: Store, instruments: readonly InstrumentId[], hash: string): Promise<void> {
  if ((await hashEvents(store, instruments)) !== hash) throw changed(store, 'events');
}

function changed(store: Store, what: string): DonchError {
  return new DonchError('data_changed', `the ${what} changed while they were read`, {
    file: store.folder,
    remedy: 'Another process writes to the store (an import?): start again when it has finished.',
    retryable: true,
  });
}

/** Events of an instrument as its features read them. */
export async function readEvents(
  store: Store,
  id: InstrumentId,
  settings: CompiledStrategy['settings'],
): Promise<SymbolEvents> {
  const stored = { funding: await store.funding.read(id), openInterest: await store.openInterest.readEvents(id) };
  return symbolEvents(stored, settings);
}

/** Hash of the events of these instruments as they are now. */
export async function hashEvents(store: Store, instruments: readonly InstrumentId[]): Promise<string> {
  const hashes: Record<string, readonly (string | null)[]> = {};
  for (const id of instruments)
    hashes[id] = [await store.funding.contentHash(id), await store.openInterest.contentHash(id)];
  return hashJson(hashes);
}

const ATTEMPTS_MAX = 3;

/** Does the work, and again when the data changed under it. Throws `data_changed` when they keep changing. */
export async function againWhileDataChange<T>({ terminal }: CommandContext, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const isChange = error instanceof DonchError && error.code === 'data_changed';
      if (!isChange || attempt === ATTEMPTS_MAX) throw error;
      terminal.info('the candles changed while they were read: starting again');
    }
  }
}
