/** Full counts: pnpm test:long onnx-fuzz. */
import { expect, it } from 'vitest';
import { fuzzGraphs } from './testing/onnx-fuzz.ts';

it('damaged files are refused by name or score numbers', async () => {
  const { files, refused, scored, violations } = await fuzzGraphs({ from: 0, files: 2_400 });
  expect(violations).toEqual([]);
  expect(refused + scored).toBe(files);
  // both ways are reached
  expect(scored).toBeGreaterThan(50);
  expect(refused).toBeGreaterThan(1_000);
});
