/** What every indicator kernel promises, as tests. */
import { barAt, CANDLE_COLUMNS, CandleBuffer, createPrng, type Candles, sliceCandles } from '@donch/core';
import { type Kernel, stepAll } from '@donch/indicators';
import { describe, expect, it } from 'vitest';

export interface KernelContract<K extends Kernel> {
  readonly create: () => K;
  /** Bars without gaps from a UTC midnight on; at least `warmupBars`, and 3 x `settleBars` + 50 for a recursive kernel. */
  readonly candles: Candles;
  /** All outputs that stand in fields after a step; default: none but the returned value. */
  readonly outputs?: (kernel: K) => readonly number[];
  /** Windows: first row that the value at row i may depend on; default `i - warmupBars + 1`. */
  readonly windowFrom?: (i: number) => number;
  /** Recursive kernels: size of the values, for the 1e-9 of forgetting; default 1. */
  readonly scale?: number;
}

/** Values and other outputs, one array per row. */
type Outputs = readonly (readonly number[])[];

/**
 * Registers the tests: no value before the warm-up and one at it, batch equals bar by bar, nothing above row i is read, and
 * then by kind - a window depends on its rows alone and may be stepped sparsely; a recursion steps over bars that it is not
 * shown and forgets its start.
 */
export function kernelContract<K extends Kernel>(name: string, contract: KernelContract<K>): void {
  describe(`${name} keeps the kernel contract`, () => {
    it('has no value before its warm-up and one from then on', () => checkWarmup(contract));
    it('gives the same bits in a loop over history and bar by bar on a growing buffer', () => checkLive(contract));
    it('reads no row above its own', () => checkFuture(contract));
    if (contract.create().kind === 'window') {
      it('depends on the rows of its window alone', () => checkWindow(contract));
      it('gives the same bits when it is stepped at some rows only', () => checkSparse(contract));
    } else {
      it('steps over bars that it is not shown', () => checkUnshown(contract));
      it('forgets where the series began', () => checkForgetting(contract));
    }
  });
}

function run<K extends Kernel>(
  { create, outputs }: KernelContract<K>,
  candles: Candles,
  rows?: Iterable<number>,
): Outputs {
  const kernel = create();
  const results: number[][] = [];
  for (const i of rows ?? Array.from({ length: candles.length }, (_, row) => row)) {
    const value = kernel.step(candles, i);
    results.push([value, ...(outputs?.(kernel) ?? [])]);
  }
  return results;
}

/** Message about the first row that differs in a bit, or '' . */
function firstDifference(found: Outputs, expected: Outputs): string {
  for (const [row, values] of expected.entries()) {
    for (const [k, value] of values.entries()) {
      if (!Object.is(found[row]?.[k], value))
        return `row ${row}, output ${k}: found ${found[row]?.[k]}, expected ${value}`;
    }
  }
  return found.length === expected.length ? '' : `found ${found.length} rows, expected ${expected.length}`;
}

function checkWarmup<K extends Kernel>({ create, candles }: KernelContract<K>): void {
  const kernel = create();
  const values = stepAll(kernel, candles);
  expect(candles.length).toBeGreaterThan(kernel.warmupBars);
  const first = values.findIndex((value) => !Number.isNaN(value));
  expect(first, 'first row with a value').toBe(kernel.warmupBars - 1);
  expect(values.subarray(first).some(Number.isNaN), 'a hole after the warm-up').toBe(false);
  expect(kernel.settleBars).toBeGreaterThanOrEqual(kernel.kind === 'window' ? kernel.warmupBars : 1);
}

function checkLive<K extends Kernel>(contract: KernelContract<K>): void {
  const { candles, create, outputs } = contract;
  const buffer = new CandleBuffer(candles.intervalMs, 1);
  const kernel = create();
  const live: number[][] = [];
  for (let i = 0; i < candles.length; i += 1) {
    buffer.append(barAt(candles, i));
    const value = kernel.step(buffer, i);
    live.push([value, ...(outputs?.(kernel) ?? [])]);
  }
  expect(firstDifference(live, run(contract, candles))).toBe('');
}

/** What the future is replaced with: nothing, absurd highs and absurd lows. */
const POISONS = [Number.NaN, 1e15, -1e15];

function checkFuture<K extends Kernel>(contract: KernelContract<K>): void {
  const { candles } = contract;
  const expected = run(contract, candles);
  for (const share of [0.2, 0.55, 0.97]) {
    const cut = Math.floor(candles.length * share);
    for (const poison of POISONS) {
      const poisoned = copyOf(candles);
      for (const column of CANDLE_COLUMNS) poisoned[column].fill(poison, cut + 1);
      const found = run(
        contract,
        poisoned,
        Array.from({ length: cut + 1 }, (_, row) => row),
      );
      expect(firstDifference(found, expected.slice(0, cut + 1)), `rows above ${cut} are ${poison}`).toBe('');
    }
  }
}

function copyOf(candles: Candles): Candles {
  const buffer = new CandleBuffer(candles.intervalMs, candles.length);
  for (let i = 0; i < candles.length; i += 1) buffer.append(barAt(candles, i));
  return buffer;
}

function checkWindow<K extends Kernel>(contract: KernelContract<K>): void {
  const { candles, create } = contract;
  const { warmupBars } = create();
  const windowFrom = contract.windowFrom ?? ((i: number) => i - warmupBars + 1);
  const expected = run(contract, candles);
  const prng = createPrng(1, 'window rows');
  for (let trial = 0; trial < 40; trial += 1) {
    const i = trial === 0 ? candles.length - 1 : warmupBars - 1 + prng.below(candles.length - warmupBars + 1);
    const from = Math.max(0, windowFrom(i));
    const found = run(contract, sliceCandles(candles, from, i + 1));
    expect(firstDifference(found.slice(-1), expected.slice(i, i + 1)), `window of row ${i}`).toBe('');
  }
}

function checkSparse<K extends Kernel>(contract: KernelContract<K>): void {
  const { candles } = contract;
  const prng = createPrng(2, 'sparse rows');
  for (const stepMax of [3, 40, Math.ceil(candles.length / 3)]) {
    const rows: number[] = [];
    for (let i = prng.below(stepMax); i < candles.length; i += 1 + prng.below(stepMax)) rows.push(i);
    const all = run(contract, candles);
    const expected = rows.map((row) => all[row]);
    expect(firstDifference(run(contract, candles, rows), expected), `steps of up to ${stepMax} rows`).toBe('');
  }
}

/** Absurd bars are put between the true ones and not shown: nothing may change. */
function checkUnshown<K extends Kernel>(contract: KernelContract<K>): void {
  const { candles } = contract;
  const prng = createPrng(3, 'unshown bars');
  const mixed = new CandleBuffer(candles.intervalMs / 2);
  const shown: number[] = [];
  for (let i = 0; i < candles.length; i += 1) {
    const bar = barAt(candles, i);
    if (prng.next() < 0.2) {
      mixed.append({ ...bar, openTimeMs: bar.openTimeMs - 1, high: 1e9, low: 1e-9, close: 1e9, volume: 1e15 });
    }
    shown.push(mixed.length);
    mixed.append(bar);
  }
  expect(firstDifference(run(contract, mixed, shown), run(contract, candles))).toBe('');
}

function checkForgetting<K extends Kernel>(contract: KernelContract<K>): void {
  const { candles, create, scale = 1 } = contract;
  const bars = 3 * create().settleBars;
  const last = candles.length - 1;
  expect(last, 'bars of input').toBeGreaterThan(bars + 40);
  const all = run(contract, candles)[last];
  for (const from of [last - bars, Math.floor((last - bars) / 2)]) {
    const late = run(contract, sliceCandles(candles, from, last + 1)).at(-1) ?? [];
    for (const [k, value] of all.entries()) expect(Math.abs(late[k] - value)).toBeLessThanOrEqual(1e-9 * scale);
  }
}
