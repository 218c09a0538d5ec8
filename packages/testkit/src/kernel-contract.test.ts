import type { Candles } from '@donch/core';
import { Ema, type Kernel, RollingSd } from '@donch/indicators';
import { describe, expect, it } from 'vitest';
import { brokenPromises } from './kernel-contract.ts';
import { randomCandles } from './random-candles.ts';

const candles = randomCandles({ seed: 1, length: 400 });

/** Mean of the last 5 closes, right in every way; the planted kernels below each spoil one thing. */
class MeanOfFive implements Kernel {
  readonly kind: Kernel['kind'] = 'window';
  readonly warmupBars: number = 5;
  readonly settleBars: number = 5;

  step({ close }: Candles, i: number): number {
    return i < 4 ? Number.NaN : (close[i - 4] + close[i - 3] + close[i - 2] + close[i - 1] + close[i]) / 5;
  }
}

class EarlyMean extends MeanOfFive {
  override step(rows: Candles, i: number): number {
    return i < 4 ? 0 : super.step(rows, i);
  }
}

class PeekingMean extends MeanOfFive {
  override step(rows: Candles, i: number): number {
    return i + 1 < rows.length ? super.step(rows, i) + 1e-9 * rows.close[i + 1] : super.step(rows, i);
  }
}

/** Adds the new close and subtracts the old one: the rounding of all bars before stays in the sum. */
class RunningMean extends MeanOfFive {
  #sum = 0;
  override step({ close }: Candles, i: number): number {
    this.#sum += close[i] - (i < 5 ? 0 : close[i - 5]);
    return i < 4 ? Number.NaN : this.#sum / 5;
  }
}

/** Counts its own calls instead of looking at the row. */
class CallCountingMean extends MeanOfFive {
  #calls = 0;
  override step(rows: Candles, i: number): number {
    this.#calls += 1;
    return this.#calls < 5 ? Number.NaN : super.step(rows, i);
  }
}

/** Reads the close of the row before instead of keeping the close it was shown last. */
class RowBeforeEma extends Ema {
  override step(rows: Candles, i: number): number {
    return super.step(rows, i) + (i > 0 ? 1e-6 * rows.close[i - 1] : 0);
  }
}

/** Carries something of the first bar for ever. */
class NeverForgettingEma extends Ema {
  #first = Number.NaN;
  override step(rows: Candles, i: number): number {
    if (Number.isNaN(this.#first)) this.#first = rows.close[i];
    return super.step(rows, i) + 1e-3 * this.#first;
  }
}

/** State outside of the kernel: the second run differs from the first. */
let calls = 0;
class GlobalStateMean extends MeanOfFive {
  override step(rows: Candles, i: number): number {
    calls += 1;
    return super.step(rows, i) + calls;
  }
}

describe('kernelContract', () => {
  it('finds nothing wrong with kernels that keep their promises', () => {
    expect(brokenPromises({ create: () => new MeanOfFive(), candles })).toEqual([]);
    expect(brokenPromises({ create: () => new RollingSd(30), candles })).toEqual([]);
    expect(brokenPromises({ create: () => new Ema(10), candles, scale: 100 })).toEqual([]);
  });

  it.each([
    { planted: 'a value during the warm-up', create: () => new EarlyMean(), broken: 'has no value before its warm-up' },
    { planted: 'a look at the next bar', create: () => new PeekingMean(), broken: 'reads no row above its own' },
    { planted: 'a running sum', create: () => new RunningMean(), broken: 'depends on the rows of its window alone' },
    { planted: 'a count of calls', create: () => new CallCountingMean(), broken: 'stepped at some rows only' },
    { planted: 'the row before', create: () => new RowBeforeEma(10), broken: 'steps over bars that it is not shown' },
    { planted: 'a memory', create: () => new NeverForgettingEma(10), broken: 'forgets where the series began' },
    { planted: 'global state', create: () => new GlobalStateMean(), broken: 'gives the same bits in a loop' },
  ])('names $planted', ({ create, broken }) => {
    expect(brokenPromises({ create, candles, scale: 100 }).join('\n')).toContain(broken);
  });

  it('looks at the other outputs too', () => {
    const create = () => new MeanOfFive();
    let step = 0;
    expect(brokenPromises({ create, candles, outputs: () => [(step += 1)] }).length).toBeGreaterThan(0);
  });
});
