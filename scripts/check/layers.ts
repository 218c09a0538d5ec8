/**
 * The table of layers: which workspace package may import which, and which packages may talk to the world.
 * docs/ARCHITECTURE.md explains it; the checks read it from here and from nowhere else.
 */

export type Layer = {
  /** Arrows lead to lower levels only. */
  readonly level: number;
  /** Shell packages may do I/O and be asynchronous; all others only decide and compute. */
  readonly isShell: boolean;
  /** Names (without "@donch/") of the packages that its code may import. */
  readonly imports: readonly string[];
};

/** One package that any test may import although no arrow leads to it. */
export const TEST_PACKAGE = 'testkit';

const BELOW_APPS = [
  'core',
  'indicators',
  'stats',
  'sim',
  'data',
  'strategy',
  'engine',
  'meta',
  'report',
  'exchange',
  'trader',
  'model-store',
  'backtester',
  'cli',
  'project',
] as const;

/** By the name of the package's folder under packages/ or apps/ (and bench/). */
export const LAYERS: Readonly<Partial<Record<string, Layer>>> = {
  core: pure(0, []),

  indicators: pure(1, ['core']),
  stats: pure(1, ['core']),
  sim: pure(1, ['core']),
  data: shell(1, ['core']),

  strategy: pure(2, ['core', 'indicators', 'stats']),
  engine: pure(2, ['core', 'indicators']),
  meta: pure(2, ['core', 'stats']),
  report: pure(2, ['core', 'stats']),
  exchange: shell(2, ['core', 'sim']),

  trader: pure(3, ['core', 'strategy', 'engine', 'meta']),
  'model-store': shell(3, ['core', 'data', 'meta', 'strategy']),

  backtester: pure(4, ['core', 'stats', 'sim', 'strategy', 'engine', 'meta', 'trader']),

  cli: shell(1, ['core']),
  project: shell(5, ['backtester', 'cli', 'core', 'data', 'engine', 'sim', 'strategy']),

  'research-cli': shell(6, BELOW_APPS),
  'live-bot': shell(6, BELOW_APPS),
  testkit: shell(6, BELOW_APPS),

  bench: shell(7, [...BELOW_APPS, 'testkit']),
};

/**
 * Two packages that meet in `trader` and nowhere else: an app that imports values of both composes them a second time, and
 * backtest and live would part. Types of both are fine.
 */
export const COMPOSED_IN_TRADER = ['strategy', 'engine'] as const;

/**
 * Libraries that pure packages may use: each one computes only (no clock, randomness, files, network or locale on the paths
 * that are used).
 */
export const PURE_LIBRARIES: readonly string[] = ['@noble/hashes', 'echarts', 'yaml', 'zod'];

function pure(level: number, imports: readonly string[]): Layer {
  return { level, isShell: false, imports };
}

function shell(level: number, imports: readonly string[]): Layer {
  return { level, isShell: true, imports };
}
