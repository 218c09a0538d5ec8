/** A process for kill.test.ts: fills a small file system, and looks at what the store makes of it. */
import { unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DonchError } from '@donch/core';
import { KILL_INSTRUMENTS, killBar } from './kill-writer.ts';
import { openStore, openStoreForWrite, type StoreWriter } from './store.ts';

/** What the process prints when all is well. */
export const FULL_DISK_PASSED = 'refused with disk_full; nothing lost; goes on';

function append(writer: StoreWriter, k: number): void {
  const bars = KILL_INSTRUMENTS.map((id) => ({ instrumentId: id, bar: killBar(k) }));
  writer.candles.append('bybit', '1d', bars);
}

async function lengthOf(folder: string): Promise<number> {
  return (await openStore(folder, { useCache: false }).candles.read(KILL_INSTRUMENTS[0], '1d')).length;
}

async function fillDisk(mount: string): Promise<string> {
  const folder = join(mount, 'data');
  const writer = openStoreForWrite(folder);
  append(writer, 0);
  writeFileSync(join(mount, 'ballast'), new Uint8Array(2_900_000));
  let k = 1;
  let code = '';
  // A bar set takes 200 bytes; long before this many the disk is full.
  for (; k < 9_000 && code === ''; k += 1) {
    try {
      append(writer, k);
      if (k % 40 === 0) await writer.candles.compact('bybit', '1d');
    } catch (error) {
      if (!(error instanceof DonchError)) throw error;
      code = error.code;
    }
  }
  const kept = await lengthOf(folder);
  const isKept = kept === k || kept === k - 1;
  unlinkSync(join(mount, 'ballast'));
  await writer.candles.compact('bybit', '1d');
  append(writer, kept);
  await writer.close();
  const isWriting = (await lengthOf(folder)) === kept + 1;
  return `refused with ${code}; ${isKept ? 'nothing lost' : `${kept} of ${k} bars`}; ${isWriting ? 'goes on' : 'stuck'}`;
}

if (import.meta.main) console.log(await fillDisk(process.argv[2]));
