import { defineConfig } from 'vitest/config';
import { sharedOptions } from './vitest.config.ts';

/** Full counts take as long as they take; scripts/test-long.ts selects the file by name. */
export default defineConfig({
  test: {
    ...sharedOptions,
    include: ['{packages,apps,bench,scripts,strategies}/**/*.long.ts'],
    testTimeout: 6 * 3_600_000,
    hookTimeout: 600_000,
  },
});
