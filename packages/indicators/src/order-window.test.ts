import { createPrng } from '@donch/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OrderWindow } from './order-window.ts';

const ascending = (values: readonly number[]) => values.toSorted((a, b) => a - b);

/** By definition: sort everything. */
function sortedMedian(values: readonly number[]): number {
  const sorted = ascending(values);
  const middle = sorted.length >>> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function sortedQuantile(values: readonly number[], q: number): number {
  const sorted = ascending(values);
  const position = q * (sorted.length - 1);
  const rank = Math.floor(position);
  if (rank === position || sorted[rank] === sorted[rank + 1]) return sorted[rank];
  return sorted[rank] + (sorted[rank + 1] - sorted[rank]) * (position - rank);
}

const anyValue = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true, min: 0, max: 1e12 }),
  fc.constantFrom(0, 1, 1, 2.5, 1e-300, 1e300, -3, 0.1, Number.MIN_VALUE),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e18, max: 1e18 }),
);

describe('OrderWindow', () => {
  it('has the median and quantiles of a sorted copy after any pushes and drops', () => {
    const commands = fc.array(
      fc.oneof({ weight: 3, arbitrary: anyValue }, { weight: 1, arbitrary: fc.constant(null) }),
      {
        maxLength: 200,
        size: 'max',
      },
    );
    fc.assert(
      fc.property(commands, fc.integer({ min: 1, max: 8 }), (list, capacity) => {
        const window = new OrderWindow(capacity);
        const model: number[] = [];
        for (const command of list) {
          if (command !== null) {
            window.push(command);
            model.push(command);
          } else if (model.length > 0) {
            window.dropOldest();
            model.shift();
          }
          expect(window.count).toBe(model.length);
          expect(window.median()).toEqual(model.length === 0 ? Number.NaN : sortedMedian(model));
          for (const q of [0, 0.1, 0.5, 0.95, 1]) {
            expect(window.quantile(q)).toEqual(model.length === 0 ? Number.NaN : sortedQuantile(model, q));
          }
        }
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it('is right over a long sliding window of log-normal values with ties and zeros', () => {
    const prng = createPrng(5);
    const window = new OrderWindow(500);
    const model: number[] = [];
    const found: number[] = [];
    const expected: number[] = [];
    for (let step = 0; step < 6_000; step += 1) {
      const draw = prng.next();
      const value = draw < 0.05 ? 0 : draw < 0.2 ? Math.round(100 * prng.next()) : Math.exp(5 + 2 * prng.normal());
      window.push(value);
      model.push(value);
      if (model.length > 500) {
        window.dropOldest();
        model.shift();
      }
      if (step % 37 !== 0) continue;
      found.push(window.median(), window.quantile(0.95));
      expected.push(sortedMedian(model), sortedQuantile(model, 0.95));
    }
    expect(found).toEqual(expected);
  });

  it('grows past 65,536 values, where slots need more than two bytes', () => {
    const prng = createPrng(6);
    const window = new OrderWindow(40_000);
    const model: number[] = [];
    for (let k = 0; k < 70_000; k += 1) {
      if (k >= 1_000 && k < 1_500) window.dropOldest();
      model.push(Math.exp(3 * prng.normal()));
      window.push(model[k]);
    }
    expect(window.count).toBe(69_500);
    expect(window.median()).toBe(sortedMedian(model.slice(500)));
    expect(window.quantile(0.01)).toBe(sortedQuantile(model.slice(500), 0.01));
  });

  it('forgets everything on clear', () => {
    const window = new OrderWindow(4);
    for (const value of [5, 6, 7]) window.push(value);
    window.clear();
    expect(window.median()).toBeNaN();
    window.push(2);
    expect(window.median()).toBe(2);
  });

  it('refuses NaN and dropping from an empty window', () => {
    const window = new OrderWindow(4);
    expect(() => window.push(Number.NaN)).toThrow('holds numbers');
    expect(() => window.dropOldest()).toThrow('drops only what it holds');
    expect(() => window.quantile(1.5)).toThrow('0..1');
  });
});
