/** A hundred times the damaged files of the normal suite: `npm run test:long -- import-fuzz`. */

import { createPrng } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { checkDamagedFile, damagedFile, FUZZ_FORMATS } from './import-fuzz.ts';

const COUNT = 80_000;
const FIRST_SEED = 1_000_000;

describe('damaged files', () => {
  it.each(FUZZ_FORMATS)(`${COUNT} x %s`, async (format) => {
    let read = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + COUNT; seed += 1) {
      const outcome = await checkDamagedFile(damagedFile(format, createPrng(seed, `fuzz/${format}`)));
      expect(outcome.broken, `seed ${seed}`).toBeNull();
      read += outcome.isRead ? 1 : 0;
    }
    expect(read).toBeGreaterThan(COUNT / 10);
  });
});
