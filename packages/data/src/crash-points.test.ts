/**
 * A process that ends at every single operation on the disk: what the next reader sees must be a state that the writer went
 * through, and the next writer must be able to finish. Random kills of real processes are in kill.test.ts.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DAY_MS, DonchError, candlesFromBars, instrumentId, rowsOf, type Bar } from '@donch/core';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CandleWriter } from './candle-writer.ts';
import { disk } from './platform.ts';
import { readRevisions, revisionShapes } from './revisions.ts';
import { RunStore } from './run-folder.ts';
import type { RunIdentity } from './run-manifest.ts';
import { StorePaths } from './store-paths.ts';
import { openStore } from './store.ts';
import { TAIL_COLUMNS } from './tail-format.ts';

const root = mkdtempSync(join(tmpdir(), 'donch-crash-'));
afterAll(() => rmSync(root, { recursive: true }));
/** A process that ends loses nothing that it wrote; waiting for the disk thousands of times would prove nothing. */
const WORKING: typeof disk = { ...disk, sync: () => {}, datasync: () => {} };
const REAL: typeof disk = { ...disk };

beforeEach(() => void Object.assign(disk, WORKING));
afterEach(() => void Object.assign(disk, REAL));

class Crash extends Error {}

/** From the k-th operation on, the disk does nothing any more; a write is cut in the middle. Returns false when k was not reached. */
async function crashAt(k: number, work: () => Promise<unknown>): Promise<boolean> {
  let count = 0;
  const guard = <Args extends unknown[], Result>(name: string, operation: (...args: Args) => Result) => {
    return (...args: Args): Result => {
      count += 1;
      if (count < k) return operation(...args);
      if (count === k && name === 'write') {
        const [fd, bytes, offset] = args as unknown as [number, Uint8Array, number];
        WORKING.write(fd, bytes.subarray(0, offset + ((bytes.length - offset) >> 1)), offset);
      }
      throw new Crash(name);
    };
  };
  const names = Object.keys(WORKING) as (keyof typeof disk)[];
  for (const name of names)
    Object.assign(disk, { [name]: guard(name, WORKING[name] as (...args: unknown[]) => unknown) });
  try {
    await work();
    return false;
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
    return true;
  } finally {
    Object.assign(disk, WORKING);
  }
}

/** The k-th operation meets a full disk, the others work. Returns false when k was not reached. */
async function failOnceAt(k: number, work: () => Promise<unknown>): Promise<boolean> {
  let count = 0;
  const names = Object.keys(WORKING) as (keyof typeof disk)[];
  for (const name of names) {
    const operation = WORKING[name] as (...args: unknown[]) => unknown;
    const failing = (...args: unknown[]): unknown => {
      count += 1;
      if (count === k) throw Object.assign(new Error('ENOSPC: injected'), { code: 'ENOSPC' });
      return operation(...args);
    };
    Object.assign(disk, { [name]: failing });
  }
  const code = await work().then(
    () => 'none',
    (error: unknown) => codeOf(error),
  );
  Object.assign(disk, WORKING);
  expect(['none', 'disk_full']).toContain(code);
  return count >= k;
}

function codeOf(error: unknown): string {
  return error instanceof DonchError ? error.code : String(error);
}

const ETH = instrumentId('bybit', 'ETHUSDT');
const BTC = instrumentId('bybit', 'BTCUSDT');
/** Daily bars; bar 8 is the first of February. */
const START = Date.UTC(2025, 1, 1) - 8 * DAY_MS;

function bar(k: number, close = 100): Bar {
  return {
    openTimeMs: START + k * DAY_MS,
    open: close,
    high: close,
    low: close,
    close,
    volume: k,
    turnover: Number.NaN,
  };
}

const bars = (ks: readonly number[], close?: number) =>
  candlesFromBars(
    DAY_MS,
    ks.map((k) => bar(k, close)),
  );
const barSet = (k: number, close?: number) => [ETH, BTC].map((id) => ({ instrumentId: id, bar: bar(k, close) }));

/** `k:close` of every bar. */
async function stateOf(folder: string, useCache = false): Promise<string> {
  const { candles } = openStore(folder, { useCache });
  const states = [];
  for (const id of [ETH, BTC]) {
    const { openTimeMs, close } = await candles.read(id, '1d');
    states.push(Array.from(openTimeMs, (timeMs, i) => `${(timeMs - START) / DAY_MS}:${close[i]}`).join(' '));
  }
  return states.join(' | ');
}

type Step = (writer: CandleWriter) => unknown;

async function runSteps(folder: string, steps: readonly Step[]): Promise<void> {
  const writer = new CandleWriter(new StorePaths(folder));
  for (const step of steps) await step(writer);
  await writer.close();
}

const STEPS: readonly Step[] = [
  (writer) => writer.append('bybit', '1d', barSet(10)),
  // Two months, a revision in the older one, and rows that the log holds too.
  (writer) => writer.merge(ETH, '1d', bars([3, 4, 10, 11], 200), { onRevision: 'take_new' }),
  (writer) => writer.append('bybit', '1d', barSet(4, 300)),
  (writer) => writer.compact('bybit', '1d'),
];

describe('a writer that ends at any operation of the disk', () => {
  it('leaves a state it went through, and the next one finishes', async () => {
    const prepared = join(root, 'prepared');
    await runSteps(prepared, [
      (writer) => writer.merge(ETH, '1d', bars([0, 1, 2, 3]), { onRevision: 'error' }),
      ...[3, 4, 5, 8, 9].map(
        (k): Step =>
          (writer) =>
            writer.append('bybit', '1d', barSet(k)),
      ),
    ]);
    const legal = new Set([await stateOf(prepared)]);
    const straight = join(root, 'straight');
    cpSync(prepared, straight, { recursive: true });
    for (const step of STEPS) {
      await runSteps(straight, [step]);
      legal.add(await stateOf(straight));
    }
    const final = await stateOf(straight);
    // A merge replaces month after month.
    const halfway = join(root, 'halfway');
    cpSync(prepared, halfway, { recursive: true });
    await runSteps(halfway, [
      STEPS[0],
      (writer) => writer.merge(ETH, '1d', bars([3, 4], 200), { onRevision: 'take_new' }),
    ]);
    legal.add(await stateOf(halfway));

    let crashes = 0;
    for (let k = 1; ; k += 1) {
      const folder = join(root, `crash-${k}`);
      cpSync(prepared, folder, { recursive: true });
      if (!(await crashAt(k, () => runSteps(folder, STEPS)))) break;
      crashes += 1;
      expect(legal, `after a crash at operation ${k}`).toContain(await stateOf(folder, k % 2 === 0));
      await runSteps(folder, STEPS);
      expect(await stateOf(folder), `finished after a crash at operation ${k}`).toBe(final);
      rmSync(folder, { recursive: true });
    }
    // Below this number the test would not see the writer's files any more.
    expect(crashes).toBeGreaterThan(60);
    expect(final).toBe(
      '0:100 1:100 2:100 3:200 4:300 5:100 8:100 9:100 10:200 11:200 | 3:100 4:300 5:100 8:100 9:100 10:100',
    );
  });

  it('goes on in the same process after any operation has failed once', async () => {
    for (let k = 1; ; k += 3) {
      const folder = join(root, `full-${k}`);
      const writer = new CandleWriter(new StorePaths(folder));
      await writer.merge(ETH, '1d', bars([0, 1, 3]), { onRevision: 'error' });
      await writer.merge(BTC, '1d', bars([3]), { onRevision: 'error' });
      const steps = async (): Promise<void> => {
        for (const step of STEPS) await step(writer);
      };
      const isReached = await failOnceAt(k, steps);
      // A log whose synchronisation failed has to be opened again; everything else is tried again as it is.
      const problem = await steps().catch((error: unknown) => codeOf(error));
      expect([undefined, 'tail_log_broken']).toContain(problem);
      await writer.close();
      await runSteps(folder, STEPS);
      expect(await stateOf(folder), `after operation ${k} failed`).toBe(
        '0:100 1:100 3:200 4:300 10:200 11:200 | 3:100 4:300 10:100',
      );
      rmSync(folder, { recursive: true });
      if (!isReached) break;
    }
  });

  it('records every revision once, whenever it ends', async () => {
    const prepared = join(root, 'prepared-revisions');
    await runSteps(prepared, [(writer) => writer.merge(ETH, '1d', bars([0, 1, 9]), { onRevision: 'error' })]);
    const steps: Step[] = [
      (writer) => writer.append('bybit', '1d', [{ instrumentId: ETH, bar: bar(1, 150) }]),
      (writer) => writer.merge(ETH, '1d', bars([0, 9], 200), { onRevision: 'take_new' }),
      (writer) => writer.compact('bybit', '1d'),
    ];
    for (let k = 1; ; k += 1) {
      const folder = join(root, `revision-${k}`);
      cpSync(prepared, folder, { recursive: true });
      const crashed = await crashAt(k, () => runSteps(folder, steps));
      await runSteps(folder, steps);
      const revisions = rowsOf(readRevisions(join(folder, 'revisions/bybit/1d.csv'), revisionShapes(TAIL_COLUMNS)));
      const found = revisions.map(
        (row) => `${(Number(row['time']) - START) / DAY_MS}:${String(row['old_close'])}>${String(row['new_close'])}`,
      );
      expect(found.sort(), `after a crash at operation ${k}`).toEqual(['0:100>200', '1:100>150', '9:100>200']);
      rmSync(folder, { recursive: true });
      if (!crashed) break;
    }
  });
});

describe('a run that ends at any operation of the disk', () => {
  const identity: RunIdentity = {
    command: 'backtest',
    inputs: {},
    parameters: {},
    spec_hash: null,
    config_hash: null,
    universe_hash: null,
    seed: 1,
    source_hash: 'x',
    donch_version: '0.1.0',
    node_version: 'v24',
  };

  it('is there completely or not at all, and the next attempt completes it', async () => {
    const publish = async (results: string): Promise<void> => {
      const store = new RunStore(results);
      const found = store.find(identity, { verify: true });
      if (found.kind !== 'found') {
        const draft = store.start(identity);
        draft.writeFile('a.txt', 'first');
        draft.writeFile('deep/b.txt', 'second');
        draft.finish({ trades: 2 });
      }
      store.setLatest(store.list()[0].id);
    };
    let crashes = 0;
    for (let k = 1; ; k += 1) {
      const results = join(root, `run-${k}`);
      const crashed = await crashAt(k, () => publish(results));
      const store = new RunStore(results);
      const before = store.find(identity, { verify: true });
      expect(before.kind, `after a crash at operation ${k}`).not.toBe('damaged');
      const latest = store.latest();
      expect(latest === null || before.kind === 'found').toBe(true);
      await publish(results);
      const after = store.find(identity, { verify: true });
      expect(after).toMatchObject({ kind: 'found', run: { id: store.latest(), manifest: { summary: { trades: 2 } } } });
      if (!crashed) break;
      crashes += 1;
    }
    expect(crashes).toBeGreaterThan(30);
  });
});
