import { addRunFlags, type RunFlags, type Runner } from '@donch/cli';
import type { Command } from 'commander';

export interface HoldoutFlags extends RunFlags {
  readonly signals?: string;
  readonly open?: boolean;
  readonly reason?: string;
}

export function defineHoldout(program: Command, run: Runner): void {
  addRunFlags(
    program
      .command('holdout')
      .argument('[run]', 'id of a backtest whose configuration is tested (default: that of the settings)')
      .description('the one look at data that nothing else looks at: is what was chosen good there, too?'),
  )
    .option('--signals <file>', 'a signals table of donch (default: those of the scout of the same settings)')
    .option('--open', 'do it: without this flag the command only says what it would look at')
    .option('--reason <text>', 'why, for the log')
    .addHelpText(
      'after',
      `
HOLDOUT_START hides all data from that date on from every research command. This command backtests one configuration there, once it is
final, and sets the figures beside those from before. Every look is written to results/ledger/holdout.log before anything is computed: a
second configuration that is tested because the first one failed makes the hold-out a search like any other, and its figures say so.

Examples:
  donch holdout                                             what would be tested, and how often it was opened
  donch holdout --open --reason "final choice of the sweep"  the configuration of the settings
  donch holdout backtest-0123456789abcdef --open            the configuration of a run`,
    )
    .action((wanted: string | undefined, flags: HoldoutFlags) =>
      run(flags, async (context) => {
        const { runHoldout } = await import('../pipeline/holdout.ts');
        await runHoldout(wanted, flags, context);
      }),
    );
}
