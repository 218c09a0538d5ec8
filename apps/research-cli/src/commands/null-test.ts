import { addProjectFlags, addStrategyFlags, type RunFlags, type Runner } from '@donch/cli';
import type { Command } from 'commander';
import { plantOption } from './lookahead.ts';

export interface NullTestFlags extends RunFlags {
  readonly seeds: string;
  readonly plant?: string;
}

export function defineNullTest(program: Command, run: Runner): void {
  const command = program
    .command('null-test')
    .description('your strategy on price martingales, where nothing honest can earn');
  addStrategyFlags(addProjectFlags(command))
    .option('--seeds <number>', 'markets, each one observation of the mean R (at least 20 for a verdict)', '24')
    .addOption(plantOption())
    .addHelpText(
      'after',
      `
Each seed makes 60 independent symbols x 220 days of martingale prices; the whole chain runs on them without costs or caps.
The t interval over the seeds must reach 0 or below: what earns here earns from a mistake. --seed is the first of the seeds.
Outside of a project the shipped strategy is tested.

Examples:
  donch null-test                     24 seeds
  donch null-test --plant rs_week     the planted mistake earns, and the interval lies above 0`,
    )
    .action((flags: NullTestFlags) =>
      run(flags, async (context) => {
        const { runNullTest } = await import('../pipeline/null-test.ts');
        return runNullTest(flags, context);
      }),
    );
}
