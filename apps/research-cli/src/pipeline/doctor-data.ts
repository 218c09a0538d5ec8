import { type CommandContext, isExpected } from '@donch/cli';
/** Checks of the data: venue, symbols, coverage, funding, benchmarks, reading. */
import { formatMinute, instrumentId, intervalMs, symbolOf, type Interval, type Universe } from '@donch/core';
import { openStore, type Store } from '@donch/data';
import { type ProjectContext, resolveUniverse, strategyInputs } from '@donch/project';
import { compileStrategy, createTracks } from '@donch/strategy';
import { readStatus, type SeriesStatus } from './data-status.ts';
import { failed, failure, ok, warning, type Check } from './doctor-check.ts';
import { coverageFrac } from './store-series.ts';

/** Everything about the candles of the project's venue and base interval. */
export async function dataChecks(project: ProjectContext, context: CommandContext): Promise<Check[]> {
  const store = openStore(project.dataFolder);
  const interval = project.config.values.TIMEFRAME;
  let universe: Universe;
  try {
    const { terminal, cwd } = context;
    universe = await resolveUniverse({ project, store, interval, symbols: undefined, cwd, terminal });
  } catch (error) {
    return [failed('universe', error), skipped('data'), skipped('benchmarks')];
  }
  const keys = universe.members.map(({ instrumentId: id }) => ({ instrumentId: id, interval }));
  const found = `${universe.members.length} symbols of ${universe.venue}, ${interval} bars, ${universe.rule === 'list' ? 'as listed' : 'all of the store'}`;
  try {
    const series = await readStatus(store, keys, context);
    return [
      ok('universe', found),
      ...coverageChecks(series, interval),
      fundingCheck(series),
      benchmarkCheck(project, { store, universe, interval, context }),
      await readCheck(store, series),
    ];
  } catch (error) {
    return [ok('universe', found), failed('data', error)];
  }
}

function skipped(name: string): Check {
  return { name, result: 'skipped', found: 'needs a universe', remedy: null };
}

/** Below this share of its bars a series has holes that a strategy notices. */
const COVERAGE_LOW_FRAC = 0.99;
/** Series that a message lists. */
const SHOWN = 5;

function coverageChecks(series: readonly SeriesStatus[], interval: Interval): Check[] {
  const sum = (count: (one: SeriesStatus) => number): number => series.reduce((total, one) => total + count(one), 0);
  const rows = sum((one) => one.rows);
  const frac = coverageFrac(
    rows,
    sum(({ missingBars }) => missingBars),
  );
  const lastMs = Math.max(...series.map((one) => one.lastMs)) + intervalMs(interval);
  const gaps = sum((one) => one.gaps.length);
  const checks = [
    ok(
      'data',
      `${rows} bars until ${formatMinute(lastMs)} UTC, ${(frac * 100).toFixed(2)} % of all there could be, ${gaps} gaps`,
    ),
  ];
  const thin = series.filter((one) => one.coverageFrac < COVERAGE_LOW_FRAC);
  if (thin.length > 0) {
    const remedy = 'gaps stay gaps: windows with too few bars are not ready; donch data status --gaps lists them';
    checks.push(warning('coverage', `${thin.length} series with less than 99 %: ${names(thin)}`, remedy));
  }
  const doubled = series.filter((one) => one.duplicates > 0);
  if (doubled.length > 0) {
    checks.push(
      failure('duplicates', `${doubled.length} series hold a bar twice: ${names(doubled)}`, 'import their files again'),
    );
  }
  return checks;
}

function names(series: readonly SeriesStatus[]): string {
  const shown = series.slice(0, SHOWN).map((one) => symbolOf(one.instrumentId));
  return `${shown.join(', ')}${series.length > SHOWN ? ', ...' : ''}`;
}

function fundingCheck(series: readonly SeriesStatus[]): Check {
  const without = series.filter(({ fundingEvents }) => fundingEvents === 0);
  if (without.length === 0) return ok('funding', `rates of all ${series.length} symbols`);
  const remedy = 'import them (donch import <folder> --kind funding): ASSUMED_FUNDING_BPS_8H is charged until then';
  return warning('funding', `${without.length} of ${series.length} symbols have no rates: ${names(without)}`, remedy);
}

interface BenchmarkInput {
  readonly store: Store;
  readonly universe: Universe;
  readonly interval: Interval;
  readonly context: CommandContext;
}

/** Symbols that the regime gate and the features of the active strategy read. */
function benchmarkCheck(project: ProjectContext, { store, universe, interval, context }: BenchmarkInput): Check {
  try {
    const [input] = strategyInputs(project, {
      files: undefined,
      cwd: context.cwd,
      universeHash: universe.universeHash,
    });
    const { settings, regime } = compileStrategy(input);
    const there = new Set(store.candles.instruments(universe.venue, interval));
    const wanted = [...new Set(Object.values(createTracks(settings)).map(({ symbol }) => symbol))].sort();
    const missing = wanted.filter((symbol) => !there.has(instrumentId(universe.venue, symbol)));
    if (missing.length === 0) return ok('benchmarks', `${wanted.join(', ')} are there`);
    const isGate = regime !== 'any' && missing.includes(settings.REGIME_ASSET);
    const found = `no candles of ${missing.join(', ')}`;
    return isGate
      ? failure('benchmarks', found, 'the regime gate reads them: import them, or run with --no-regime')
      : warning('benchmarks', found, 'features that read them are not ready; import them');
  } catch (error) {
    if (!isExpected(error)) throw error;
    // told by the check of the strategy
    return { name: 'benchmarks', result: 'skipped', found: 'the strategy does not compile', remedy: null };
  }
}

const READ_SLOW_MS = 1_000;

/** Reads the largest series once more: what every scan does, symbol after symbol. */
async function readCheck(store: Store, series: readonly SeriesStatus[]): Promise<Check> {
  const largest = series.reduce((most, one) => (one.rows > most.rows ? one : most));
  await store.candles.read(largest.instrumentId, largest.interval);
  const startMs = performance.now();
  await store.candles.read(largest.instrumentId, largest.interval);
  const elapsedMs = performance.now() - startMs;
  const found = `${largest.rows} bars of ${symbolOf(largest.instrumentId)} in ${elapsedMs.toFixed(0)} ms`;
  return elapsedMs < READ_SLOW_MS
    ? ok('reading', found)
    : warning('reading', found, 'can data/.cache be written, and is the disk a local one?');
}
