/**
 * A process for kill.test.ts: adds one bar after the other to a store, by append, merge and compaction, and publishes runs, until it
 * is killed. Prints the number of every finished step.
 */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { candlesFromBars, DAY_MS, instrumentId, type Bar } from '@donch/core';
import { publishRun, RunStore } from './run-folder.ts';
import { openStoreForWrite, type StoreWriter } from './store.ts';

export const KILL_INSTRUMENTS = [instrumentId('bybit', 'ETHUSDT'), instrumentId('bybit', 'BTCUSDT')];
export const KILL_START_MS = Date.UTC(2001, 0, 1);

/** Bar number k, the same in every process. */
export function killBar(k: number): Bar {
  const close = 100 + ((k * 7_919) % 1_000) / 10;
  return {
    openTimeMs: KILL_START_MS + k * DAY_MS,
    open: close,
    high: close,
    low: close,
    close,
    volume: k,
    turnover: 2 * k,
  };
}

/** What run number k holds; long enough that a cut would show. */
export function killRunText(k: number): string {
  return `run ${k}\n`.repeat(2_000);
}

async function step(writer: StoreWriter, k: number): Promise<void> {
  if (k % 4 === 3) {
    const bars = candlesFromBars(DAY_MS, [k - 3, k - 2, k - 1, k].map(killBar));
    for (const id of KILL_INSTRUMENTS) await writer.candles.merge(id, '1d', bars, { onRevision: 'error' });
  } else {
    writer.candles.append(
      'bybit',
      '1d',
      KILL_INSTRUMENTS.map((id) => ({ instrumentId: id, bar: killBar(k) })),
    );
  }
  if (k % 5 === 4) await writer.candles.compact('bybit', '1d');
  if (k % 3 === 2) publish(join(writer.folder, 'results'), k);
}

function publish(results: string, k: number): void {
  const store = new RunStore(results);
  const draft = store.start({
    command: 'kill',
    inputs: {},
    parameters: { k },
    spec_hash: null,
    config_hash: null,
    universe_hash: null,
    seed: null,
    source_hash: '',
    donch_version: '',
    node_version: '',
  });
  draft.writeFile('trades.csv', killRunText(k));
  const { run } = draft.finish({ k });
  publishRun(run, [{ file: 'trades.csv', target: join(results, 'trades.csv') }]);
  store.setLatest(run.id);
}

async function writeUntilKilled(folder: string, from: number): Promise<void> {
  const writer = openStoreForWrite(folder);
  for (let k = from; ; k += 1) {
    await step(writer, k);
    writeSync(1, `${k}\n`);
  }
}

if (import.meta.main) await writeUntilKilled(process.argv[2], Number(process.argv[3]));
