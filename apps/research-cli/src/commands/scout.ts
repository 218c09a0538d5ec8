import { addRunFlags, type RunFlags, type Runner } from '@donch/cli';
import type { Command } from 'commander';

export function defineScout(program: Command, run: Runner): void {
  addRunFlags(program.command('scout').description('scan the universe: signals, decision records, funnel'))
    .addHelpText(
      'after',
      `
Examples:
  donch scout                                  all symbols, whole history
  donch scout --symbols BTCUSDT,ETHUSDT,SOLUSDT --start 2025-09-01
  donch scout --workers 1 --no-cache --json`,
    )
    .action((flags: RunFlags) =>
      run(flags, async (context) => {
        const { runScout } = await import('../pipeline/research.ts');
        await runScout(flags, context);
      }),
    );
}
