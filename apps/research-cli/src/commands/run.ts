import { addRunFlags, type RunFlags, type Runner } from '@donch/cli';
import type { Command } from 'commander';

interface RunCommandFlags extends RunFlags {
  readonly meta?: boolean;
}

export function defineRun(program: Command, run: Runner): void {
  addRunFlags(program.command('run').description('scout, then backtest: signals, trades, equity, decisions'))
    .option('--meta', 'then train a model, and trade what it would have let through: train and apply-meta --rebt')
    .addHelpText(
      'after',
      `
Examples:
  donch run                                            the whole history with the strategy of config.yaml
  donch run --start 2025-09-01 --end 2025-10-01        a short window, the quick smoke test
  donch run --strategy strategies/a.yaml --strategy strategies/b.yaml    two strategies in one portfolio
  donch run --meta                                     the whole chain, model included
  donch run --set SL_ATR_MULT=2.5 --json               another stop, result as one JSON document`,
    )
    .action((flags: RunCommandFlags) =>
      run(flags, async (context) => {
        if (flags.meta === true) {
          const { runMeta } = await import('../pipeline/meta-chain.ts');
          return runMeta(flags, context);
        }
        const { runResearch } = await import('../pipeline/research.ts');
        return runResearch('run', flags, context);
      }),
    );
}
