import { addProjectFlags, type ProjectFlags, type Runner } from '@donch/cli';
import type { Command } from 'commander';

export interface CompareFlags extends ProjectFlags {
  readonly html?: boolean;
}

export function defineCompare(program: Command, run: Runner): void {
  addProjectFlags(
    program
      .command('compare')
      .argument('<run>', 'A: id of a backtest, the begin of one, or latest')
      .argument('<others...>', 'B and more, each compared with A')
      .description('two or more runs side by side: figures, what differs, and whether the difference could be chance'),
  )
    .option('--html', 'also one page with the curves over each other, and the curves as SVG files')
    .addHelpText(
      'after',
      `
A run is named by its id (donch list), by the begin of its id or of the hash in it (four characters or more), or by latest.
The page goes to results/reports/compare-<hash>/. Every difference is the other run - A, with an interval of whole weeks that are
drawn for both together; trades of the same signal are also compared pair by pair. Choosing the better of many compared runs is a
selection: its figures are better than what it will earn.

Examples:
  donch compare latest backtest-0123456789abcdef      the run that results/ shows against an earlier one
  donch compare 0123 89ab cdef --html                 three runs, by the begin of their hashes, with the page
  donch compare latest 0123 --json`,
    )
    .action((first: string, others: readonly string[], flags: CompareFlags) =>
      run(flags, async (context) => {
        const { runCompare } = await import('../pipeline/compare.ts');
        await runCompare([first, ...others], flags, context);
      }),
    );
}
