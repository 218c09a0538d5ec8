import { addCommonFlags, type CommonFlags, type Runner } from '@donch/cli';
import type { Command } from 'commander';

export interface DemoFlags extends CommonFlags {
  readonly dir: string;
  readonly cache?: boolean;
  readonly workers?: string;
  /** False = `--no-effect`. */
  readonly effect?: boolean;
}

export function defineDemo(program: Command, run: Runner): void {
  addCommonFlags(
    program.command('demo').description('the whole research chain on a synthetic market: no data, no keys, no network'),
  )
    .option('--dir <folder>', 'where the demo project is made', 'donch-demo')
    .option('--no-effect', 'without the planted effect: nothing may be found then')
    .option('--no-cache', 'compute again even if the run exists')
    .option('--workers <number>', 'threads (default: all cores)')
    .addHelpText(
      'after',
      `
The prices are invented, with a planted effect that strategy and model can find; they say nothing about real markets.
The project stays in the folder: look at results/, try donch why BTCUSDT there.

Examples:
  donch demo
  donch demo --no-effect --dir donch-demo-null        the same without anything to find
  donch demo --dir /tmp/demo --no-cache --json`,
    )
    .action((flags: DemoFlags) =>
      run(flags, async (context) => {
        const { runDemo } = await import('../pipeline/demo.ts');
        await runDemo(flags, context);
      }),
    );
}
