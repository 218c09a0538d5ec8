import type { Command } from 'commander';
import { runCommand } from '../cli/command-runner.ts';
import { addRunFlags, type RunFlags } from '../cli/flags.ts';

export function defineScout(program: Command): void {
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
      runCommand(flags, async (context) => {
        const { scoutAndPublish, setUpResearch } = await import('../pipeline/research.ts');
        const setup = await setUpResearch(flags, context);
        const { run, cached, signals } = await scoutAndPublish(setup);
        context.terminal.result(`${signals.length} signals of ${setup.universe.members.length} symbols`);
        context.terminal.result(`${cached ? 'cached run' : 'run'} ${run.id}: ${run.folder}`);
        context.terminal.document({
          ok: true,
          runId: run.id,
          cached,
          signals: signals.length,
          symbols: setup.universe.members.length,
        });
      }),
    );
}
