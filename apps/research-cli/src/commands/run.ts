import { addRunFlags, type RunFlags, type Runner } from '@donch/cli';
import type { Command } from 'commander';

export function defineRun(program: Command, run: Runner): void {
  addRunFlags(program.command('run').description('scout, then backtest: signals, trades, equity, decisions'))
    .addHelpText(
      'after',
      `
Examples:
  donch run                                            the whole history with the strategy of config.yaml
  donch run --start 2025-09-01 --end 2025-10-01        a short window, the quick smoke test
  donch run --strategy strategies/a.yaml --strategy strategies/b.yaml    two strategies in one portfolio
  donch run --set SL_ATR_MULT=2.5 --json               another stop, result as one JSON document`,
    )
    .action((flags: RunFlags) =>
      run(flags, async (context) => {
        const { runResearch } = await import('../pipeline/research.ts');
        await runResearch('run', flags, context);
      }),
    );
}
