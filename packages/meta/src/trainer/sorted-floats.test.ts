import { createPrng } from '@donch/core';
import { expect, it } from 'vitest';
import { sortedFloats } from './sorted-floats.ts';

it.each([0, 1, 100, 4_096, 20_000])('%i floats come out as from a comparison sort, without NaN', (size) => {
  const prng = createPrng(size, 'test/sorted-floats');
  // any bits at all: denormals, infinities, both zeros, NaN of either sign
  const bits = Uint32Array.from({ length: size }, () => Math.floor(prng.next() * 2 ** 32));
  const special = Float32Array.of(0, -0, Infinity, -Infinity, Number.NaN, 1e-45, -1e-45);
  const values = new Float32Array(bits.buffer).map((value, k) => (k % 9 === 0 ? special[(k / 9) % 7] : value));
  const expected = values.filter((value) => !Number.isNaN(value)).sort();
  expect(sortedFloats(values)).toEqual(expected);
});
