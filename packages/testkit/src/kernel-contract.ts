/** What every indicator kernel promises, as tests. */
import { barAt, CANDLE_COLUMNS, CandleBuffer, createPrng, type Candles, sliceCandles } from '@donch/core';
import { type Kernel, stepAll } from '@donch/indicators';
import { describe, expect, it } from 'vitest';

export interface KernelContract<K extends Kernel> {
  readonly create: () => K;
  /** Bars without gaps from a UTC midnight on; more than `warmupBars`, and 3 x `settleBars` + 50 for a recursive kernel. */
  readonly candles: Candles;
  /** All outputs that stand in fields after a step; default: none but the returned value. */
  readonly outputs?: (kernel: K) => readonly number[];
  /** Windows: first row that the value at row i may depend on; default `i - warmupBars + 1`. */
  readonly windowFrom?: (i: number) => number;
  /** Recursive kernels: size of the values, for the 1e-9 of forgetting; default 1. */
  readonly scale?: number;
}

/** One promise of a kernel. */
interface KernelPromise {
  readonly name: string;
  /** Kind of kernel that makes it; undefined = every kernel. */
  readonly kind?: Kernel['kind'];
  /** '' when it is kept, else how it is broken. */
  readonly check: <K extends Kernel>(contract: KernelContract<K>) => string;
}

const PROMISES: readonly KernelPromise[] = [
  { name: 'has no value before its warm-up and one from then on', check: checkWarmup },
  { name: 'gives the same bits in a loop over history and bar by bar on a growing buffer', check: checkLive },
  { name: 'reads no row above its own', check: checkFuture },
  { name: 'depends on the rows of its window alone', kind: 'window', check: checkWindow },
  { name: 'gives the same bits when it is stepped at some rows only', kind: 'window', check: checkSparse },
  { name: 'gives the same bits after rows before its window were dropped', kind: 'window', check: checkRebase },
  { name: 'steps over bars that it is not shown', kind: 'recursive', check: checkUnshown },
  { name: 'forgets where the series began', kind: 'recursive', check: checkForgetting },
];

/** Registers one test per promise of the kernel. */
export function kernelContract<K extends Kernel>(name: string, contract: KernelContract<K>): void {
  describe(`${name} keeps the kernel contract`, () => {
    for (const { name: promise, check } of promisesOf(contract)) {
      it(promise, () => {
        expect(check(contract)).toBe('');
      });
    }
  });
}

/** The promises that a kernel breaks, each with the first place where it does. */
export function brokenPromises<K extends Kernel>(contract: KernelContract<K>): string[] {
  return promisesOf(contract).flatMap(({ name, check }) => {
    const broken = check(contract);
    return broken === '' ? [] : [`${name}: ${broken}`];
  });
}

function promisesOf<K extends Kernel>({ create }: KernelContract<K>): KernelPromise[] {
  const { kind } = create();
  return PROMISES.filter((promise) => promise.kind === undefined || promise.kind === kind);
}

/** The returned value and the other outputs, one array per step. */
type Outputs = readonly (readonly number[])[];

const allRows = (candles: Candles): number[] => Array.from({ length: candles.length }, (_, row) => row);

function run<K extends Kernel>(
  { create, outputs }: KernelContract<K>,
  candles: Candles,
  rows: readonly number[] = allRows(candles),
): Outputs {
  const kernel = create();
  return rows.map((i) => {
    const value = kernel.step(candles, i);
    return [value, ...(outputs?.(kernel) ?? [])];
  });
}

/** '' when all bits are equal, else the first step that differs. */
function firstDifference(found: Outputs, expected: Outputs): string {
  for (const [step, values] of expected.entries()) {
    for (const [k, value] of values.entries()) {
      const got = found[step]?.[k];
      if (!Object.is(got, value)) return `step ${step}, output ${k}: found ${got}, expected ${value}`;
    }
  }
  return found.length === expected.length ? '' : `found ${found.length} steps, expected ${expected.length}`;
}

function checkWarmup<K extends Kernel>({ create, candles }: KernelContract<K>): string {
  const kernel = create();
  const values = stepAll(kernel, candles);
  const first = values.findIndex((value) => !Number.isNaN(value));
  if (first !== kernel.warmupBars - 1) return `first value at row ${first}, expected ${kernel.warmupBars - 1}`;
  const hole = values.findIndex((value, row) => row > first && Number.isNaN(value));
  if (hole >= 0) return `no value at row ${hole}, after the warm-up`;
  const settleMin = kernel.kind === 'window' ? kernel.warmupBars : 1;
  return kernel.settleBars >= settleMin ? '' : `settles after ${kernel.settleBars} bars, expected ${settleMin} or more`;
}

function checkLive<K extends Kernel>(contract: KernelContract<K>): string {
  const { candles, create, outputs } = contract;
  const buffer = new CandleBuffer(candles.intervalMs, 1);
  const kernel = create();
  const live = allRows(candles).map((i) => {
    buffer.append(barAt(candles, i));
    const value = kernel.step(buffer, i);
    return [value, ...(outputs?.(kernel) ?? [])];
  });
  return firstDifference(live, run(contract, candles));
}

/** Bar by bar on a buffer that keeps little more than the window. */
function checkRebase<K extends Kernel>(contract: KernelContract<K>): string {
  const { candles, create, outputs } = contract;
  const buffer = new CandleBuffer(candles.intervalMs, 1);
  const kernel = create();
  const windowFrom = contract.windowFrom ?? ((i: number) => i - kernel.warmupBars + 1);
  let dropped = 0;
  const live = allRows(candles).map((i) => {
    buffer.append(barAt(candles, i));
    const value = kernel.step(buffer, i - dropped);
    const outgrown = Math.min(windowFrom(i), windowFrom(Math.min(i + 1, candles.length - 1))) - dropped;
    if (outgrown >= REBASE_ROWS) {
      buffer.dropFirst(outgrown);
      kernel.rebase?.(outgrown);
      dropped += outgrown;
    }
    return [value, ...(outputs?.(kernel) ?? [])];
  });
  return firstDifference(live, run(contract, candles));
}

const REBASE_ROWS = 37;

/** What the future is replaced with: nothing, absurd highs and absurd lows. */
const POISONS = [Number.NaN, 1e15, -1e15];

function checkFuture<K extends Kernel>(contract: KernelContract<K>): string {
  const { candles } = contract;
  const expected = run(contract, candles);
  for (const share of [0.2, 0.55, 0.97]) {
    const cut = Math.floor(candles.length * share);
    for (const poison of POISONS) {
      const poisoned = copyOf(candles);
      for (const column of CANDLE_COLUMNS) poisoned[column].fill(poison, cut + 1);
      const found = run(contract, poisoned, allRows(candles).slice(0, cut + 1));
      const difference = firstDifference(found, expected.slice(0, cut + 1));
      if (difference !== '') return `rows above ${cut} are ${poison}: ${difference}`;
    }
  }
  return '';
}

function copyOf(candles: Candles): Candles {
  const buffer = new CandleBuffer(candles.intervalMs, candles.length);
  for (let i = 0; i < candles.length; i += 1) buffer.append(barAt(candles, i));
  return buffer;
}

/** The value from a history that is cut off right before the window. */
function checkWindow<K extends Kernel>(contract: KernelContract<K>): string {
  const { candles, create } = contract;
  const { warmupBars } = create();
  const windowFrom = contract.windowFrom ?? ((i: number) => i - warmupBars + 1);
  const expected = run(contract, candles);
  const prng = createPrng(1, 'window rows');
  for (let trial = 0; trial < 40; trial += 1) {
    const i = trial === 0 ? candles.length - 1 : warmupBars - 1 + prng.below(candles.length - warmupBars + 1);
    const found = run(contract, sliceCandles(candles, Math.max(0, windowFrom(i)), i + 1));
    const difference = firstDifference(found.slice(-1), expected.slice(i, i + 1));
    if (difference !== '') return `window of row ${i}: ${difference}`;
  }
  return '';
}

function checkSparse<K extends Kernel>(contract: KernelContract<K>): string {
  const { candles } = contract;
  const prng = createPrng(2, 'sparse rows');
  const expected = run(contract, candles);
  for (const stepMax of [3, 40, Math.ceil(candles.length / 3)]) {
    const rows: number[] = [];
    for (let i = prng.below(stepMax); i < candles.length; i += 1 + prng.below(stepMax)) rows.push(i);
    const wanted = rows.map((row) => expected[row]);
    const difference = firstDifference(run(contract, candles, rows), wanted);
    if (difference !== '') return `steps of up to ${stepMax} rows: ${difference}`;
  }
  return '';
}

/** Absurd bars are put between the true ones and not shown: nothing may change. */
function checkUnshown<K extends Kernel>(contract: KernelContract<K>): string {
  const { candles } = contract;
  const prng = createPrng(3, 'unshown bars');
  const mixed = new CandleBuffer(candles.intervalMs);
  const shown: number[] = [];
  for (let i = 0; i < candles.length; i += 1) {
    const bar = barAt(candles, i);
    if (prng.next() < 0.2) {
      mixed.append({ ...bar, openTimeMs: bar.openTimeMs - 1, high: 1e9, low: 1e-9, close: 1e9, volume: 1e15 });
    }
    shown.push(mixed.length);
    mixed.append(bar);
  }
  return firstDifference(run(contract, mixed, shown), run(contract, candles));
}

/** After 3 x `settleBars` the values of two histories lie within 1e-9 of their scale. */
function checkForgetting<K extends Kernel>(contract: KernelContract<K>): string {
  const { candles, create, scale = 1 } = contract;
  const bars = 3 * create().settleBars;
  const last = candles.length - 1;
  if (last < bars + 50) return `found ${candles.length} candles, expected ${bars + 51}`;
  const all = run(contract, candles)[last];
  for (const from of [last - bars, Math.floor((last - bars) / 2)]) {
    const late = run(contract, sliceCandles(candles, from, last + 1)).at(-1) ?? [];
    const k = all.findIndex((value, output) => !(Math.abs(late[output] - value) <= 1e-9 * scale));
    if (k >= 0) return `begun at row ${from}, output ${k}: found ${late[k]}, expected ${all[k]}`;
  }
  return '';
}
