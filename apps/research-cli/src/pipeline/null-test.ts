/** `donch null-test`: the user's strategy on price martingales. */
import { LEAK_TEXT, NULL_TEST_LAYER, nullTestVerdict, type LeakName, type NullSeed } from '@donch/backtester';
import { type CommandContext, EXIT, wholeNumber } from '@donch/cli';
import { DonchError } from '@donch/core';
import {
  openSettings,
  type SettingsContext,
  shippedStrategy,
  type StrategyInput,
  strategyInputs,
} from '@donch/project';
import { compileStrategy } from '@donch/strategy';
import { documentOf } from '../cli/documents.ts';
import type { NullTestFlags } from '../commands/null-test.ts';
import type { NullTask, seed as seedTask } from '../workers/null-worker.ts';
import { TaskPool } from '../workers/task-pool.ts';
import { plantOf, withLayers, withPlant } from './planted-leak.ts';

/** Runs the null test; exit code 4 when the interval lies above 0 or there are too few seeds for one. */
export async function runNullTest(flags: NullTestFlags, context: CommandContext): Promise<number> {
  if (flags.grid !== undefined || flags.vary !== undefined)
    throw new DonchError('bad_argument', '--grid and --vary are given without --sweep', {
      expected: 'donch null-test --sweep with the variants to search',
    });
  const seeds = wholeNumber(flags.seeds, '--seeds', 1);
  const firstSeed = wholeNumber(flags.seed ?? '1', '--seed');
  const leak = plantOf(flags);
  const settings = openSettings(flags, context);
  const input = nullInput(nullStrategy(settings, flags, context), leak);
  const observed = await observe(input, { seeds, firstSeed, leak, settings }, context);
  return reportNullTest(observed, leak, context);
}

/** The strategy to test: of the flag, of the project, else the shipped one. Several would be several tests. */
export function nullStrategy(
  settings: SettingsContext,
  flags: NullTestFlags,
  { cwd, terminal }: CommandContext,
): StrategyInput {
  const { strategy: files = [] } = flags;
  if (files.length > 1) {
    throw new DonchError('bad_argument', `--strategy is given ${files.length} times`, {
      expected: 'one strategy to test',
    });
  }
  const isProject = 'configPath' in settings;
  if (files.length === 0 && !isProject) terminal.info(`no project here: testing the shipped ${shippedStrategy()}`);
  const chosen = files.length === 0 && !isProject ? [shippedStrategy()] : files;
  return strategyInputs(settings, { files: chosen, cwd, universeHash: 'null test' })[0];
}

/** The strategy without costs and caps. Compiled once here, so that its problems are told before threads start. */
function nullInput(base: StrategyInput, leak: LeakName | null): StrategyInput {
  const input = withPlant(withLayers(base, [NULL_TEST_LAYER]), leak);
  compileStrategy(input);
  return input;
}

interface Observation {
  readonly seeds: number;
  readonly firstSeed: number;
  readonly leak: LeakName | null;
  readonly settings: SettingsContext;
}

async function observe(
  strategy: StrategyInput,
  { seeds, firstSeed, leak, settings }: Observation,
  { terminal, signal }: CommandContext,
): Promise<NullSeed[]> {
  const pool = new TaskPool('./null-worker.ts', { workers: settings.config.values.N_WORKERS, signal });
  try {
    const progress = terminal.progress('martingales', seeds, 'seeds');
    const tasks = Array.from({ length: seeds }, (_, k): NullTask => ({ strategy, seed: firstSeed + k, leak }));
    const observed: NullSeed[] = Array.from({ length: seeds });
    await pool.each<typeof seedTask>('seed', tasks, (result, k) => {
      observed[k] = result;
      progress.advance(1);
    });
    progress.done();
    return observed;
  } finally {
    await pool.close();
  }
}

function reportNullTest(seeds: readonly NullSeed[], leak: LeakName | null, { terminal }: CommandContext): number {
  const { ok, interval, trades } = nullTestVerdict(seeds);
  const known = interval.kind === 'interval' ? interval : null;
  if (leak !== null) terminal.result(`planted: ${leak} - ${LEAK_TEXT[leak]}`);
  terminal.result(verdictLines(seeds, { ok, interval, trades }).join('\n'));
  terminal.document(
    documentOf('null-test', {
      ok,
      plant: leak,
      seeds: seeds.length,
      trades,
      meanR: known?.estimate ?? null,
      ciLowR: known?.low ?? null,
      ciHighR: known?.high ?? null,
      perSeedMeanR: seeds.map(({ meanR }) => meanR),
      sweep: null,
    }),
  );
  return ok ? EXIT.ok : EXIT.finding;
}

/** With its sign: what is above 0 earns. */
export const signed = (value: number): string => `${value >= 0 ? '+' : ''}${value.toFixed(3)}`;

function verdictLines(
  seeds: readonly NullSeed[],
  { ok, interval, trades }: ReturnType<typeof nullTestVerdict>,
): string[] {
  const head = `${seeds.length} seeds, ${trades} trades`;
  if (interval.kind !== 'interval') {
    return [`${head}: no verdict, ${interval.found} seeds with trades where at least ${interval.needed} are needed`];
  }
  const { estimate, low, high, standardError } = interval;
  return [
    `${head}: mean ${signed(estimate)} R, 95 % interval ${signed(low)} to ${signed(high)} R (standard error ${standardError.toFixed(3)})`,
    ok
      ? 'the interval reaches 0 or below: nothing is earned from noise'
      : 'the interval lies above 0: something earns from noise, that is, from a mistake',
  ];
}
