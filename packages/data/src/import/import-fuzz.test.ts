import { createPrng } from '@donch/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkDamagedFile, damagedFile, type FuzzFormat } from './import-fuzz.ts';

/** Damaged files of each format in the normal suite: 3,200 together. `import-fuzz.long.ts` reads a hundred times as many. */
const COUNTS: readonly { readonly format: FuzzFormat; readonly count: number }[] = [
  { format: 'csv', count: 1_700 },
  { format: 'gzip', count: 500 },
  { format: 'json', count: 600 },
  { format: 'parquet', count: 400 },
];

/** One file per seed; a smaller seed is not a smaller file, so nothing is shrunk. */
const SEEDS = fc.noShrink(fc.noBias(fc.nat()));

/** A Parquet file that the decoder never finishes costs 5 s; one in 600 is such a file. */
const TIMEOUT_MS = 60_000;

describe('damaged files', () => {
  it.each(COUNTS)(
    '$count x $format: a DonchError or a report in which every line is accounted for',
    async ({ format, count }) => {
      let read = 0;
      let accepted = 0;
      const property = fc.asyncProperty(SEEDS, async (seed) => {
        const outcome = await checkDamagedFile(damagedFile(format, createPrng(seed, `fuzz/${format}`)));
        expect(outcome.broken).toBeNull();
        read += outcome.isRead ? 1 : 0;
        accepted += outcome.accepted;
      });
      await fc.assert(property, { numRuns: count, seed: 20_250_303 });
      // A property that holds because nothing gets through would say nothing.
      expect(read).toBeGreaterThan(count / 10);
      expect(accepted).toBeGreaterThan(count);
    },
    TIMEOUT_MS,
  );
});
