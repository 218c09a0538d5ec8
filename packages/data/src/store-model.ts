/** The candle store against a map of bars: any sequence of merges, appends and compactions. For tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { candlesFromBars, createPrng, instrumentId, MINUTE_MS, type Bar, type Candles, type Prng } from '@donch/core';
import { openStore, openStoreForWrite, type StoreWriter } from './store.ts';

const STEP = 5 * MINUTE_MS;
/** Ten bars before the end of January. */
const START = Date.UTC(2025, 1, 1) - 10 * STEP;
const ETH = instrumentId('bybit', 'ETHUSDT');

interface Rows {
  readonly ks: readonly number[];
  readonly close: number;
}
type Step =
  | ({ readonly kind: 'merge'; readonly keep: boolean } & Rows)
  | ({ readonly kind: 'append' } & Rows)
  /** All days, or those before February. */
  | { readonly kind: 'compact'; readonly all: boolean }
  | { readonly kind: 'reopen' };

function randomStep(prng: Prng): Step {
  const kind = (['merge', 'append', 'compact', 'reopen'] as const)[prng.below(4)];
  if (kind === 'compact') return { kind, all: prng.next() < 0.5 };
  if (kind === 'reopen') return { kind };
  const ks = new Set(Array.from({ length: 1 + prng.below(4) }, () => 6 + prng.below(9)));
  const rows = { ks: [...ks], close: prng.next() < 0.5 ? 100 : 200 };
  return kind === 'append' ? { kind, ...rows } : { kind, keep: prng.next() < 0.5, ...rows };
}

export interface ModelOptions {
  /** Folder for the stores; what is made in it is removed. */
  readonly folder: string;
  readonly runs: number;
  readonly seed: number;
}

/** Runs random sequences. Returns the first sequence after which the store reads otherwise than the map, or null. */
export async function checkStoreModel({ folder, runs, seed }: ModelOptions): Promise<string | null> {
  for (let run = 0; run < runs; run += 1) {
    const prng = createPrng(seed, `store-model-${run}`);
    const steps = Array.from({ length: 1 + prng.below(14) }, () => randomStep(prng));
    const data = mkdtempSync(join(folder, 'model-'));
    const problem = await checkSequence(data, steps);
    if (problem !== null) return `run ${run}: ${problem} in ${JSON.stringify(steps)}`;
    rmSync(data, { recursive: true });
  }
  return null;
}

async function checkSequence(data: string, steps: readonly Step[]): Promise<string | null> {
  const model = new Map<number, number>();
  let writer = openStoreForWrite(data);
  try {
    for (const [index, step] of steps.entries()) {
      writer = await apply(writer, step);
      applyToModel(model, step);
      const sorted = [...model].sort(([a], [b]) => a - b);
      const expected = sorted.map(([k, close]) => `${k}:${close}`).join(' ');
      for (const store of [writer, openStore(data)]) {
        const found = model.size === 0 ? '' : describe(await store.candles.read(ETH, '5m'));
        if (found !== expected) return `after step ${index}: found ${found}, expected ${expected}`;
      }
    }
  } finally {
    await writer.close();
  }
  return null;
}

async function apply(writer: StoreWriter, step: Step): Promise<StoreWriter> {
  if (step.kind === 'compact') await writer.candles.compact('bybit', '5m', step.all ? Date.now() : START + 15 * STEP);
  else if (step.kind === 'reopen') {
    await writer.close();
    return openStoreForWrite(writer.folder);
  } else if (step.kind === 'merge') {
    const candles = candlesFromBars(
      STEP,
      step.ks.toSorted((a, b) => a - b).map((k) => bar(k, step.close)),
    );
    await writer.candles.merge(ETH, '5m', candles, { onRevision: step.keep ? 'keep_old' : 'take_new' });
  } else {
    writer.candles.append(
      'bybit',
      '5m',
      step.ks.map((k) => ({ instrumentId: ETH, bar: bar(k, step.close) })),
    );
  }
  return writer;
}

function applyToModel(model: Map<number, number>, step: Step): void {
  if (step.kind === 'compact' || step.kind === 'reopen') return;
  const keeps = step.kind === 'merge' && step.keep;
  for (const k of step.ks) if (!(keeps && model.has(k))) model.set(k, step.close);
}

function bar(k: number, close: number): Bar {
  const openTimeMs = START + k * STEP;
  return { openTimeMs, open: close, high: close, low: close, close, volume: k, turnover: Number.NaN };
}

function describe({ openTimeMs, close, length }: Candles): string {
  return Array.from({ length }, (_, i) => `${(openTimeMs[i] - START) / STEP}:${close[i]}`).join(' ');
}
