import { addProjectFlags, type RunFlags, collect, type Runner } from '@donch/cli';
import type { Command } from 'commander';

export interface WhyFlags extends RunFlags {
  readonly run?: string;
  readonly last: string;
}

export function defineWhy(program: Command, run: Runner): void {
  addProjectFlags(
    program
      .command('why')
      .argument('<symbol>', 'e.g. BTCUSDT')
      .argument('[time]', 'UTC, e.g. 2025-10-05T14:35')
      .description('why was this symbol traded, or not: decision records and gates, at any time'),
  )
    .option('--strategy <file>', 'strategy file (repeatable)', collect)
    .option('--run <id>', 'another run than the latest')
    .option('--last <number>', 'set-ups that are shown without a time', '3')
    .addHelpText(
      'after',
      `
First the recorded decisions of the run. Then where the symbol stands at that time (without one: at the end of the data),
set-up or not: level, distance, volume, every filter with its margin, and what stopped the other symbols at that bar.

Examples:
  donch why BTCUSDT                       the last set-ups of the latest run, and where it stands now
  donch why BTCUSDT 2025-10-05T14:35      the set-up at that time, gate by gate`,
    )
    .action((symbol: string, time: string | undefined, flags: WhyFlags) =>
      run(flags, async (context) => {
        const { explainSymbol } = await import('../pipeline/explain.ts');
        await explainSymbol({ symbol, time }, flags, context);
      }),
    );
}
