import { addRunFlags, type Runner, type RunFlags } from '@donch/cli';
import type { Command } from 'commander';

export interface LiveFlags extends RunFlags {
  readonly offline?: boolean;
  readonly lateFrac: string;
  readonly absentFrac: string;
  readonly operator?: string;
  readonly fresh?: boolean;
}

export function defineLive(program: Command, run: Runner): void {
  addRunFlags(program.command('live').description('trade bar by bar: here on stored candles (--offline)'))
    .option('--offline', 'the feed is the candle store, the venue a simulator, the clock as fast as it goes')
    .option('--late-frac <fraction>', 'share of bars that come with the next bar set (by --seed)', '0')
    .option('--absent-frac <fraction>', 'share of bars that never come', '0')
    .option('--operator <file>', 'what you would do meanwhile, one act per line')
    .option('--fresh', 'begin anew even if a session of the same inputs is there')
    .addHelpText(
      'after',
      `
The session writes a journal: every bar set, decision, order, fill and the account, in order. When it is cut off, the same
command goes on where it was. At its end it replays itself: the same inputs must give the same records, byte by byte.

Lines of an operator file: 2025-09-20T12:00 pause <reason> | resume | kill <reason> | rearm | close <symbol> | set <KEY=VALUE>.
They take effect with the first bar set at or after their time, and stand in the journal like everything else.

Examples:
  donch live --offline --start 2025-09-01 --end 2025-10-01            a month as the bot would have traded it
  donch live --offline --late-frac 0.01 --absent-frac 0.002 --json    with a feed that is not perfect`,
    )
    .action((flags: LiveFlags) =>
      run(flags, async (context) => {
        const { runLive } = await import('../session/run-live.ts');
        return runLive(flags, context);
      }),
    );
}
