import { addProjectFlags, type ProjectFlags, type Runner } from '@donch/cli';
import type { Command } from 'commander';

export interface ReportFlags extends ProjectFlags {
  readonly format?: string;
  readonly out?: string;
  readonly runAll?: boolean;
  readonly returnsCol: string;
  readonly variantCols?: readonly string[];
  readonly tradesCsv?: string;
  readonly cpcv?: boolean;
  readonly blocks: string;
  readonly kTest: string;
  readonly embargo: string;
}

export function defineReport(program: Command, run: Runner): void {
  addProjectFlags(
    program
      .command('report')
      .argument('[run]', 'id of a backtest (default: the one that results/ shows)')
      .description('one page about a run: what made and lost money, what it can bear, what luck alone would show'),
  )
    .option('--format <list>', 'comma-separated: html, md, json, svg, png (default: html, with --run-all all)')
    .option('--out <path>', 'folder, or with one format a file that ends in .html, .md or .json')
    .option('--run-all', 'everything, however long it takes: costs, late orders and random entries simulated again')
    .option('--variant-cols <columns...>', 'columns of the trades that cut the run into groups; they are no trials')
    .option('--returns-col <column>', 'column of the results of groups and of foreign trades', 'pnl_R')
    .option('--trades-csv <file>', 'a page about trades from elsewhere, as far as their columns allow')
    .option('--cpcv', 'judge the search behind the run however many trials it has')
    .option('--blocks <number>', 'groups of days of CPCV', '12')
    .option('--k-test <number>', 'how many of them are tested at a time', '3')
    .option('--embargo <days>', 'days beside tested ones that do not train', '1')
    .addHelpText(
      'after',
      `
The page is one file that needs no network: open it in a browser, on a phone too, or print it. It goes to
results/reports/<run>/ (a run's own folder never changes), and for the run that results/ shows also to results/report.html.
Without --run-all it holds what the tables of the run and the trial ledger give. A statistic whose conditions are not met is
refused with the reason; DSR and PBO come from the ledger (donch trials), never from groups of one run.

Examples:
  donch report                                    the latest run: results/report.html
  donch report backtest-0123456789abcdef          another run
  donch report --run-all --returns-col pnl_R --variant-cols pullback_type entry_rule don_break_len regime_up
  donch report --format html,md,png --out notes   page, Markdown and charts as PNG into the folder notes
  donch report --out shared.html                  one file under a name of your own
  donch report --trades-csv old/trades.csv        trades of another program`,
    )
    .action((wanted: string | undefined, flags: ReportFlags) =>
      run(flags, async (context) => {
        const { runReport } = await import('../pipeline/report.ts');
        await runReport(wanted, flags, context);
      }),
    );
}
