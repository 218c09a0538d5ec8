import { addRunFlags, collect, type RunFlags, type Runner } from '@donch/cli';
import type { Command } from 'commander';

export interface SweepFlags extends RunFlags {
  readonly grid?: string;
  readonly vary?: readonly string[];
  readonly random?: string;
  readonly single?: boolean;
  readonly use1m?: boolean;
  readonly robustTopk: string;
  readonly variant?: readonly string[];
  readonly minTrades: string;
}

export function defineSweep(program: Command, run: Runner): void {
  addRunFlags(
    program
      .command('sweep')
      .description('many variants of entries and exits at once: leaderboard, heat maps, what luck alone would show'),
  )
    .option(
      '--grid <file>',
      'YAML file: configuration keys, each with a list of values (default: 2 stops x 2 targets x 2 time exits)',
    )
    .option('--vary <KEY=a,b,c>', 'one key and its values, in place of those of the grid file (repeatable)', collect)
    .option('--random <number>', 'as many variants drawn at random instead of all')
    .option('--single', 'the first variant only: a smoke test')
    .option('--use-1m', 'stored 1m bars decide what came first inside a bar')
    .option('--robust-topk <number>', 'backtest and full report for so many of the best', '1')
    .option('--variant <tag>', 'backtest and full report for this one too (repeatable)', collect)
    .option('--min-trades <number>', 'variants with fewer trades are marked and stand last', '30')
    .addHelpText(
      'after',
      `
Signals are scanned once for each combination of entry keys and kept; exits are evaluated on the way that prices took after each signal. A
random sample of the variants is simulated by the engine too: one bit of difference ends the sweep. A sweep that was interrupted goes on
where it was. Every variant is a trial in the ledger (donch trials), and the deflated Sharpe ratio counts them all.

Examples:
  donch sweep --single                                     does it run?
  donch sweep --start 2025-01-01 --end 2025-08-10 --robust-topk 5
  donch sweep --vary SL_ATR_MULT=1.5,2,2.5 --vary TIME_EXIT_HOURS=24,72,null
  donch sweep --grid grids/exits.yaml --random 200 --seed 7

A grid file:
  DON_N_DAYS: [10, 20, 40]
  SL_ATR_MULT: [2, 2.5, 3]
  FINAL_TP_ATR_MULT: [8, 12, null]`,
    )
    .action((flags: SweepFlags) =>
      run(flags, async (context) => {
        const { runSweep } = await import('../pipeline/sweep.ts');
        await runSweep(flags, context);
      }),
    );
}
