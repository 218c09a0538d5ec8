import type { Command } from 'commander';
import { runCommand } from '../cli/command-runner.ts';
import { addRunFlags, type RunFlags } from '../cli/flags.ts';

export function defineRun(program: Command): void {
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
      runCommand(flags, async (context) => {
        const { backtestAndPublish, scoutAndPublish, setUpResearch } = await import('../pipeline/research.ts');
        const { summaryLines } = await import('../pipeline/summary-document.ts');
        const setup = await setUpResearch(flags, context);
        const scan = await scoutAndPublish(setup);
        const { run, cached, document } = await backtestAndPublish(setup, scan);
        context.terminal.result(summaryLines(document).join('\n'));
        context.terminal.result(`${cached ? 'cached run' : 'run'} ${run.id}: ${run.folder}`);
        context.terminal.document({ ok: true, runId: run.id, cached, ...document });
      }),
    );
}
