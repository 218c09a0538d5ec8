import { addProjectFlags, addStrategyFlags, collect, type RunFlags, type Runner } from '@donch/cli';
import type { Command } from 'commander';
import { plantOption } from './lookahead.ts';

export interface NullTestFlags extends RunFlags {
  readonly seeds: string;
  readonly plant?: string;
  readonly sweep?: boolean;
  readonly grid?: string;
  readonly vary?: readonly string[];
}

export function defineNullTest(program: Command, run: Runner): void {
  const command = program
    .command('null-test')
    .description('your strategy on price martingales, where nothing honest can earn');
  addStrategyFlags(addProjectFlags(command))
    .option('--seeds <number>', 'markets, each one observation of the mean R (at least 20 for a verdict)', '24')
    .addOption(plantOption())
    .option('--sweep', 'a sweep on every market: is the best of many variants mistaken for a good one?')
    .option('--grid <file>', 'with --sweep: the grid of donch sweep (default: 2 entries x 100 exits)')
    .option('--vary <KEY=a,b,c>', 'with --sweep: as in donch sweep (repeatable)', collect)
    .addHelpText(
      'after',
      `
Each seed makes 60 independent symbols x 220 days of martingale prices; the whole chain runs on them without costs or caps.
The t interval over the seeds must reach 0 or below: what earns here earns from a mistake. --seed is the first of the seeds.
Outside of a project the shipped strategy is tested.

--sweep asks about the search instead: each market is swept and its winner judged as donch sweep judges it. Where nothing can be
earned, at most one winner in ten may have a deflated Sharpe ratio above 0.95, the probability of overfitting must be about one half
(0.4 to 0.6 on 40 seeds; fewer seeds scatter more, and the band says so), and the average variant must not earn. At least 8 seeds.

Examples:
  donch null-test                     24 seeds
  donch null-test --plant rs_week     the planted mistake earns, and the interval lies above 0
  donch null-test --sweep --seeds 8
  donch null-test --sweep --grid grids/exits.yaml`,
    )
    .action((flags: NullTestFlags) =>
      run(flags, async (context) => {
        if (flags.sweep === true) {
          const { runNullSweep } = await import('../pipeline/null-sweep.ts');
          return runNullSweep(flags, context);
        }
        const { runNullTest } = await import('../pipeline/null-test.ts');
        return runNullTest(flags, context);
      }),
    );
}
