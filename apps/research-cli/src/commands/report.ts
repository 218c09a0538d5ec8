import { addProjectFlags, type ProjectFlags, type Runner } from '@donch/cli';
import type { Command } from 'commander';

export interface ReportFlags extends ProjectFlags {
  readonly format: string;
  readonly out?: string;
}

export function defineReport(program: Command, run: Runner): void {
  addProjectFlags(
    program
      .command('report')
      .argument('[run]', 'id of a backtest (default: the one that results/ shows)')
      .description('one page about a run: what made and lost money, with charts, tables and every trade'),
  )
    .option('--format <list>', 'comma-separated: html, md, svg, png', 'html')
    .option('--out <path>', 'folder, or with one format a file that ends in .html or .md')
    .addHelpText(
      'after',
      `
The page is one file that needs no network: open it in a browser, on a phone too, or print it. It goes to
results/reports/<run>/ (a run's own folder never changes), and for the run that results/ shows also to results/report.html.

Examples:
  donch report                                    the latest run: results/report.html
  donch report backtest-0123456789abcdef          another run
  donch report --format html,md,png --out notes   page, Markdown and charts as PNG into the folder notes
  donch report --out shared.html                  one file under a name of your own`,
    )
    .action((wanted: string | undefined, flags: ReportFlags) =>
      run(flags, async (context) => {
        const { runReport } = await import('../pipeline/report.ts');
        await runReport(wanted, flags, context);
      }),
    );
}
