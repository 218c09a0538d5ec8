import { defineConfig } from 'vitest/config';

// Far from UTC and with daylight saving: a test that depends on the machine's time zone fails here and not at a user's.
process.env['TZ'] = 'America/Los_Angeles';

/** What the unit tests and the long tests have in common; a test may take longer when the machine is busy. */
export const sharedOptions = {
  exclude: ['**/node_modules/**'],
  testTimeout: 30_000,
  hookTimeout: 30_000,
};

export default defineConfig({
  test: { ...sharedOptions, include: ['{packages,apps,bench,scripts,strategies}/**/*.test.ts'] },
});
