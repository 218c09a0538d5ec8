import type { Command } from 'commander';
import { runCommand } from '../cli/command-runner.ts';
import { addRunFlags, type RunFlags } from '../cli/flags.ts';

interface BacktestFlags extends RunFlags {
  readonly signals?: string;
}

export function defineBacktest(program: Command): void {
  addRunFlags(program.command('backtest').description('trade signals in one portfolio: trades, equity, decisions'))
    .option('--signals <file>', 'a signals table of donch (default: those of the scout of the same settings)')
    .addHelpText(
      'after',
      `
Examples:
  donch backtest                                          the signals of the same settings, scanned if need be
  donch backtest --signals results/runs/<scout>/signals.parquet --set RISK_MODE=percent`,
    )
    .action((flags: BacktestFlags) =>
      runCommand(flags, async (context) => {
        const { backtestAndPublish, backtestForeign, scoutAndPublish, setUpResearch } =
          await import('../pipeline/research.ts');
        const { summaryLines } = await import('../pipeline/summary-document.ts');
        const setup = await setUpResearch(flags, context);
        const outcome =
          flags.signals === undefined
            ? await backtestAndPublish(setup, await scoutAndPublish(setup))
            : await backtestForeign(setup, flags.signals);
        const { run, cached, document } = outcome;
        context.terminal.result(summaryLines(document).join('\n'));
        context.terminal.result(`${cached ? 'cached run' : 'run'} ${run.id}: ${run.folder}`);
        context.terminal.document({ ok: true, runId: run.id, cached, ...document });
      }),
    );
}
