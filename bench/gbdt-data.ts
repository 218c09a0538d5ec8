/** Rows to train on: uniform sums and an effect of eight of the features, so that trees have something to find to the end. */
import { createPrng } from '@donch/core';
import type { TrainingRows } from '@donch/meta';

const EFFECT_FEATURES = 8;

/** Columns lie one after the other in one shared buffer. */
export function gbdtRows(rows: number, features: number): TrainingRows & { readonly values: Float32Array } {
  const prng = createPrng(1, `bench/gbdt/${rows}`);
  const values = new Float32Array(new SharedArrayBuffer(4 * rows * features));
  for (let k = 0; k < values.length; k += 1) values[k] = prng.next() + prng.next() - 1;
  const columns = Array.from({ length: features }, (_, k) => values.subarray(k * rows, (k + 1) * rows));
  const y = new Uint8Array(rows);
  for (let row = 0; row < rows; row += 1) {
    let effect = 2 * prng.next() - 1;
    for (let k = 0; k < EFFECT_FEATURES; k += 1)
      effect += Math.sin(3 * columns[k][row]) * (k % 2 === 0 ? columns[k + 1][row] : 1);
    y[row] = effect > 0 ? 1 : 0;
  }
  return {
    features: { names: columns.map((_, k) => `f${k}`), columns },
    rows: Int32Array.from(y.keys()),
    y,
    weight: null,
    values,
  };
}
