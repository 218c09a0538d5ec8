/** The candle store against a map of bars: any sequence of merges, appends and compactions. For tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { candlesFromBars, instrumentId, MINUTE_MS, type Bar, type Candles } from '@donch/core';
import * as fc from 'fast-check';
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
  | { readonly kind: 'compact' }
  | { readonly kind: 'reopen' };

const rows = {
  ks: fc.uniqueArray(fc.integer({ min: 0, max: 25 }), { minLength: 1, maxLength: 8 }),
  close: fc.constantFrom(100, 200),
};
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('merge' as const), keep: fc.boolean(), ...rows }),
  fc.record({ kind: fc.constant('append' as const), ...rows }),
  fc.record({ kind: fc.constant('compact' as const) }),
  fc.record({ kind: fc.constant('reopen' as const) }),
);

export interface ModelOptions {
  /** Folder for the stores; what is made in it is removed. */
  readonly folder: string;
  readonly runs: number;
  readonly seed: number;
}

/** Throws with the smallest sequence after which the store reads otherwise than the map. */
export async function checkStoreModel({ folder, runs, seed }: ModelOptions): Promise<void> {
  const property = fc.asyncProperty(fc.array(anyStep, { maxLength: 14 }), async (steps) => {
    const data = mkdtempSync(join(folder, 'model-'));
    const model = new Map<number, number>();
    let writer = openStoreForWrite(data);
    try {
      for (const [index, step] of steps.entries()) {
        writer = await apply(writer, step);
        applyToModel(model, step);
        for (const store of [writer, openStore(data)]) {
          const found = model.size === 0 ? '' : describe(await store.candles.read(ETH, '5m'));
          const expected = [...model].sort(([a], [b]) => a - b).map(([k, close]) => `${k}:${close}`);
          if (found !== expected.join(' '))
            throw new Error(`after step ${index}: found ${found}, expected ${expected.join(' ')}`);
        }
      }
    } finally {
      await writer.close();
      rmSync(data, { recursive: true });
    }
  });
  await fc.assert(property, { numRuns: runs, seed });
}

async function apply(writer: StoreWriter, step: Step): Promise<StoreWriter> {
  if (step.kind === 'compact') await writer.candles.compact('bybit', '5m', START + 15 * STEP);
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
