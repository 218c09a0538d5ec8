import { addRunFlags, type RunFlags, type Runner } from '@donch/cli';
import type { Command } from 'commander';

interface BacktestFlags extends RunFlags {
  readonly signals?: string;
}

export function defineBacktest(program: Command, run: Runner): void {
  addRunFlags(program.command('backtest').description('trade signals in one portfolio: trades, equity, decisions'))
    .option('--signals <file>', 'a signals table of donch (default: those of the scout of the same settings)')
    .addHelpText(
      'after',
      `
Examples:
  donch backtest                                          the signals of the same settings, scanned if need be
  donch backtest --set RISK_MODE=percent                  the same signals, sized by equity
  donch backtest --signals signals/signals.parquet        the signals of a file`,
    )
    .action((flags: BacktestFlags) =>
      run(flags, async (context) => {
        const { runResearch } = await import('../pipeline/research.ts');
        await runResearch('backtest', flags, context);
      }),
    );
}
