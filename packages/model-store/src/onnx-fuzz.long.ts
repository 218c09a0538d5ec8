/** pnpm test:long onnx-fuzz: damaged ONNX files. FILES and SEED choose how many and which. */
import { expect, it } from 'vitest';
import { fuzzGraphs } from './testing/onnx-fuzz.ts';

const files = Number(process.env['FILES'] ?? 100_000);
const seed = Number(process.env['SEED'] ?? 1);

it(`${files} damaged files (seed ${seed}) are refused by name or score numbers`, async () => {
  const { refused, scored, violations } = await fuzzGraphs({ from: seed * 1_000_000, files });
  console.log(`${refused} refused, ${scored} scored`);
  expect(violations).toEqual([]);
});
