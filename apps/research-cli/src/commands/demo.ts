import { addCommonFlags, type CommonFlags, type Runner } from '@donch/cli';
import type { Command } from 'commander';

export interface DemoFlags extends CommonFlags {
  readonly dir: string;
  readonly cache?: boolean;
  readonly workers?: string;
}

export function defineDemo(program: Command, run: Runner): void {
  addCommonFlags(
    program.command('demo').description('the whole research chain on a synthetic market: no data, no keys, no network'),
  )
    .option('--dir <folder>', 'where the demo project is made', 'donch-demo')
    .option('--no-cache', 'compute again even if the run exists')
    .option('--workers <number>', 'threads (default: all cores)')
    .addHelpText(
      'after',
      `
The prices are invented, with a planted effect that the strategy can find; they say nothing about real markets.
The project stays in the folder: look at results/, try donch why BTCUSDT there.

Examples:
  donch demo
  donch demo --dir /tmp/demo --no-cache --json`,
    )
    .action((flags: DemoFlags) =>
      run(flags, async (context) => {
        const { runDemo } = await import('../pipeline/demo.ts');
        await runDemo(flags, context);
      }),
    );
}
