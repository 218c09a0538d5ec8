import { defineConfig } from 'vitest/config';

// Far from UTC and with daylight saving: a test that depends on the machine's time zone fails here and not at a user's.
process.env['TZ'] = 'America/Los_Angeles';

/** What the unit tests and the long tests have in common; a test may take longer when the machine is busy. */
export const sharedOptions = {
  exclude: ['**/node_modules/**'],
  testTimeout: 30_000,
  hookTimeout: 30_000,
  // Test files of one worker share the loaded modules, which halves the time of the suite (25 s against 12 s for 20 files).
  // The price: a test restores what it changes (environment, spies, globals).
  isolate: false,
  // vitest would leave one core idle, which on two cores is half of them.
  maxWorkers: '100%',
  // Node itself loads the files, as it does for users. vitest's own module runner makes every call across modules slower
  // (a loop of 50 M such calls: 1.9 s against 0.5 s); all it would add is module mocking, which we do not use.
  experimental: { viteModuleRunner: false, nodeLoader: false },
};

export default defineConfig({
  test: { ...sharedOptions, include: ['{packages,apps,bench,scripts,strategies}/**/*.test.ts'] },
});
