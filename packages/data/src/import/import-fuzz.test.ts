import { createPrng } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { checkDamagedFile, damagedFile, type FuzzFormat } from './import-fuzz.ts';

/** Damaged files of each format in the normal suite: 3,200 together. `import-fuzz.long.ts` reads a hundred times as many. */
const COUNTS: readonly { readonly format: FuzzFormat; readonly count: number }[] = [
  { format: 'csv', count: 1_700 },
  { format: 'gzip', count: 500 },
  { format: 'json', count: 600 },
  { format: 'parquet', count: 400 },
];

describe('damaged files', () => {
  it.each(COUNTS)(
    '$count x $format: a DonchError or a report in which every line is accounted for',
    async ({ format, count }) => {
      let read = 0;
      let accepted = 0;
      for (let seed = 0; seed < count; seed += 1) {
        const file = damagedFile(format, createPrng(seed, `fuzz/${format}`));
        const outcome = await checkDamagedFile(file);
        expect(outcome.broken, `seed ${seed}`).toBeNull();
        read += outcome.isRead ? 1 : 0;
        accepted += outcome.accepted;
      }
      // A property that holds because nothing gets through would say nothing.
      expect(read).toBeGreaterThan(count / 10);
      expect(accepted).toBeGreaterThan(count);
    },
  );
});
