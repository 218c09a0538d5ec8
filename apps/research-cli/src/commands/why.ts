import type { Command } from 'commander';
import { runCommand } from '../cli/command-runner.ts';
import { addProjectFlags, type RunFlags } from '../cli/flags.ts';

export interface WhyFlags extends RunFlags {
  readonly run?: string;
  readonly last: string;
}

export function defineWhy(program: Command): void {
  addProjectFlags(
    program
      .command('why')
      .argument('<symbol>', 'e.g. BTCUSDT')
      .argument('[time]', 'UTC, e.g. 2025-10-05T14:35')
      .description('why was this symbol traded, or not: its decision records as a waterfall of gates'),
  )
    .option('--run <id>', 'another run than the latest')
    .option('--last <number>', 'set-ups that are shown without a time', '3')
    .addHelpText(
      'after',
      `
Examples:
  donch why BTCUSDT                       the last set-ups of the latest run, and where it stands now
  donch why BTCUSDT 2025-10-05T14:35      the set-up at that time, gate by gate`,
    )
    .action((symbol: string, time: string | undefined, flags: WhyFlags) =>
      runCommand(flags, async (context) => {
        const { explainSymbol } = await import('../pipeline/explain.ts');
        await explainSymbol({ symbol, time }, flags, context);
      }),
    );
}
