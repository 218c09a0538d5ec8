import type { Command } from 'commander';
import { runCommand } from '../cli/command-runner.ts';
import { addProjectFlags, wholeNumber, type RunFlags } from '../cli/flags.ts';
import { plantOption } from './lookahead.ts';

export interface NullTestFlags extends RunFlags {
  readonly seeds: string;
  readonly plant?: string;
}

const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), value];

export function defineNullTest(program: Command): void {
  addProjectFlags(
    program.command('null-test').description('your strategy on price martingales, where nothing honest can earn'),
  )
    .option('--strategy <file>', 'strategy file', collect)
    .option('--seeds <number>', 'markets, each one observation of the mean R (at least 20 for a verdict)', '24')
    .option('--workers <number>', 'threads (default: all cores)')
    .addOption(plantOption())
    .addHelpText(
      'after',
      `
Each seed makes 60 independent symbols x 220 days of martingale prices; the whole chain runs on them without costs or caps.
The t interval over the seeds must reach 0 or below: what earns here earns from a mistake.

Examples:
  donch null-test                     24 seeds
  donch null-test --plant rs_week     the planted mistake earns, and the interval lies above 0`,
    )
    .action((flags: NullTestFlags) =>
      runCommand(flags, async (context) => {
        const { runNullTest } = await import('../pipeline/honesty.ts');
        return runNullTest(flags, wholeNumber(flags.seeds, '--seeds', 1), context);
      }),
    );
}
