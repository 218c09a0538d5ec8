/** `donch null-test --sweep`: the user's search on price martingales. */
import {
  gridVariants,
  LEAK_TEXT,
  NULL_SWEEP_GRID,
  NULL_SWEEP_SEEDS_MIN,
  nullSweepVerdict,
  variantLayer,
  type NullSweep,
  type NullSweepFinding,
  type NullSweepOptions,
  type NullSweepVerdict,
  type ScanLeak,
} from '@donch/backtester';
import { EXIT, grouped, textTable, wholeNumber, type CommandContext } from '@donch/cli';
import { DonchError } from '@donch/core';
import { openSettings } from '@donch/project';
import { compileStrategy } from '@donch/strategy';
import { documentOf } from '../cli/documents.ts';
import type { NullTestFlags } from '../commands/null-test.ts';
import type { sweep as sweepTask } from '../workers/null-worker.ts';
import { TaskPool } from '../workers/task-pool.ts';
import { nullStrategy, signed } from './null-test.ts';
import { plantOf, withPlant } from './planted-leak.ts';
import { sweepGrid } from './sweep-options.ts';

/** Fewer trades of a variant are no evidence, as in `donch sweep`. */
const TRADES_MIN = 30;
/** Fewer trials have no deflated Sharpe ratio. */
const VARIANTS_MIN = 5;

/** Runs the null test of sweeps; exit code 4 when the search takes luck for skill, or when there are too few seeds to say. */
export async function runNullSweep(flags: NullTestFlags, context: CommandContext): Promise<number> {
  const seeds = wholeNumber(flags.seeds, '--seeds', 1);
  const firstSeed = wholeNumber(flags.seed ?? '1', '--seed');
  const settings = openSettings(flags, context);
  const leak = scanLeakOf(flags);
  const grid = sweepGrid(flags, context.cwd, () => NULL_SWEEP_GRID);
  const variants = gridVariants(grid);
  if (variants.length < VARIANTS_MIN)
    throw new DonchError('bad_argument', `a search among ${variants.length}`, {
      expected: `at least ${VARIANTS_MIN} variants`,
    });
  const strategy = withPlant(nullStrategy(settings, flags, context), leak);
  // its problems are told before threads start
  compileStrategy({ ...strategy, layers: [...strategy.layers, variantLayer(variants[0])] });
  if (seeds < NULL_SWEEP_SEEDS_MIN)
    context.terminal.info(`${seeds} seeds: figures without a verdict, which needs at least ${NULL_SWEEP_SEEDS_MIN}`);
  const task = { strategy, grid, variants, minTrades: TRADES_MIN, leak };
  const tasks = Array.from({ length: seeds }, (_, k): NullSweepOptions => ({ ...task, seed: firstSeed + k }));
  const swept = await sweepMarkets(tasks, settings.config.values.N_WORKERS, context);
  return report({ swept, variants: variants.length, leak }, context);
}

function scanLeakOf(flags: NullTestFlags): ScanLeak | null {
  const leak = plantOf(flags);
  if (leak !== 'same_bar_trail') return leak;
  throw new DonchError(
    'bad_argument',
    `--plant ${leak} acts inside of bars in progress, which a sweep does not look at`,
    {
      expected: 'a mistake of the scan with --sweep',
    },
  );
}

async function sweepMarkets(
  tasks: readonly NullSweepOptions[],
  workers: number | null,
  { terminal, signal }: CommandContext,
): Promise<NullSweep[]> {
  const pool = new TaskPool('./null-worker.ts', { workers, signal });
  const progress = terminal.progress('sweeping martingales', tasks.length, 'seeds');
  try {
    const swept: NullSweep[] = Array.from({ length: tasks.length });
    await pool.each<typeof sweepTask>('sweep', tasks, (result, k) => {
      swept[k] = result;
      progress.advance(1);
    });
    return swept;
  } finally {
    progress.done();
    await pool.close();
  }
}

interface Swept {
  readonly swept: readonly NullSweep[];
  readonly variants: number;
  readonly leak: ScanLeak | null;
}

function report({ swept, variants, leak }: Swept, { terminal }: CommandContext): number {
  const verdict = nullSweepVerdict(swept);
  const { findings, judged, skilled, skilledMax, pbo, pboLow, pboHigh, averageMeanR } = verdict;
  const ok = findings.length === 0;
  const known = averageMeanR.kind === 'interval' ? averageMeanR : null;
  if (leak !== null) terminal.result(`planted: ${leak} - ${LEAK_TEXT[leak]}`);
  terminal.result([...seedLines(swept), '', ...verdictLines(swept, variants, verdict)].join('\n'));
  terminal.document(
    documentOf('null-test', {
      ok,
      plant: leak,
      seeds: swept.length,
      trades: swept.reduce((sum, { trades }) => sum + trades, 0),
      meanR: known?.estimate ?? null,
      ciLowR: known?.low ?? null,
      ciHighR: known?.high ?? null,
      perSeedMeanR: swept.map((seed) => seed.averageMeanR),
      sweep: {
        variants,
        findings,
        judged,
        skilled,
        skilledMax,
        pbo,
        pboLow,
        pboHigh,
        perSeed: swept.map(({ seed, tag, trades, meanR, annualSharpe, dsr, pbo: overfit }) => ({
          seed,
          tag,
          trades,
          meanR,
          dailySharpe: annualSharpe,
          dsr,
          pbo: overfit,
        })),
      },
    }),
  );
  return ok ? EXIT.ok : EXIT.finding;
}

function seedLines(swept: readonly NullSweep[]): string[] {
  const right = 'right' as const;
  const text = (value: number, digits = 3): string => (Number.isNaN(value) ? '-' : value.toFixed(digits));
  return textTable(
    [
      { title: 'seed', align: right },
      { title: 'winner' },
      { title: 'trades', align: right },
      { title: 'mean R', align: right },
      { title: 'Sharpe', align: right },
      { title: 'DSR', align: right },
      { title: 'PBO', align: right },
      { title: 'mean R of all', align: right },
    ],
    swept.map(({ seed, tag, trades, meanR, annualSharpe, dsr, pbo, averageMeanR }) => [
      String(seed),
      tag,
      String(trades),
      text(meanR),
      text(annualSharpe, 2),
      text(dsr),
      text(pbo),
      text(averageMeanR),
    ]),
  );
}

const FINDING_TEXT: Readonly<Record<NullSweepFinding, string>> = {
  too_few: `no verdict: at least ${NULL_SWEEP_SEEDS_MIN} seeds with DSR and PBO are needed`,
  skill:
    'DSR takes luck for skill too often: winners of this search cannot be trusted, or something earns from a mistake',
  overfitting:
    'the probability of overfitting is not what pure chance has: the ranks of variants last, for a reason that is no skill',
  earns: 'the average variant earns from noise, that is, from a mistake',
};

function verdictLines(swept: readonly NullSweep[], variants: number, verdict: NullSweepVerdict): string[] {
  const { findings, judged, skilled, skilledMax, pbo, pboLow, pboHigh, averageMeanR } = verdict;
  const band = `${pboLow.toFixed(2)} to ${pboHigh.toFixed(2)}`;
  const lines = [
    `${swept.length} markets, ${grouped(variants)} variants on each: what the best of them earns is luck, or a mistake`,
    `DSR above 0.95 for ${skilled} of ${judged} winners, at most ${skilledMax} may be`,
  ];
  if (!Number.isNaN(pbo))
    lines.push(
      `probability of overfitting ${pbo.toFixed(3)} on average, must lie within ${band} (0.40 to 0.60 from 40 seeds on)`,
    );
  if (averageMeanR.kind === 'interval')
    lines.push(
      `mean R of all variants ${signed(averageMeanR.estimate)}, 95 % interval ${signed(averageMeanR.low)} to ${signed(averageMeanR.high)}, must reach 0 or below`,
    );
  if (findings.length === 0) return [...lines, 'the search finds nothing in noise'];
  return [...lines, ...findings.map((finding) => FINDING_TEXT[finding])];
}
