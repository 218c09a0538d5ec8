import { addProjectFlags, type ProjectFlags, type Runner } from '@donch/cli';
import { Option, type Command } from 'commander';

export interface ImportFlags extends ProjectFlags {
  readonly venue?: string;
  readonly interval?: string;
  readonly symbol?: string;
  readonly kind?: 'candles' | 'funding' | 'open-interest';
  readonly columns?: string;
  readonly timeUnit?: string;
  readonly timeZone?: string;
  readonly dayFirst?: boolean;
  readonly monthFirst?: boolean;
  readonly timeLabel?: string;
  readonly strict?: boolean;
  readonly repair?: boolean;
  readonly conflicts?: string;
  readonly revisions?: string;
  readonly allowPartial?: boolean;
  readonly dryRun?: boolean;
}

export function defineImport(program: Command, run: Runner): void {
  addProjectFlags(
    program
      .command('import')
      .argument('<paths...>', 'files or folders')
      .description('bring candles, funding rates and open interest of other programs into the store'),
  )
    .option('--venue <venue>', 'venue of the data, e.g. binance')
    .option('--interval <interval>', 'bar length, e.g. 5m (checked against the data)')
    .option('--symbol <symbol>', 'symbol, where the file name does not say it')
    .addOption(new Option('--kind <kind>', 'what the files hold').choices(['candles', 'funding', 'open-interest']))
    .option('--columns <map>', 'columns by role, e.g. time=Date,open=O,volume=6 (names or 1-based positions)')
    .addOption(new Option('--time-unit <unit>', 'unit of numeric times').choices(['s', 'ms', 'us', 'ns']))
    .option('--time-zone <zone>', 'zone of times that name none: UTC or an offset such as +02:00')
    .option('--day-first', '03/04/2025 is 3 April')
    .option('--month-first', '03/04/2025 is 4 March')
    .addOption(new Option('--time-label <label>', 'which instant of the bar the time names').choices(['open', 'close']))
    .option('--strict', 'refuse a file that has any error')
    .option('--repair', 'apply safe repairs, each one reported')
    .addOption(
      new Option('--conflicts <rule>', 'which of several different rows of one bar is used').choices([
        'none',
        'first',
        'last',
      ]),
    )
    .addOption(
      new Option('--revisions <rule>', 'what happens to a stored bar with other values').choices(['keep', 'take']),
    )
    .option('--allow-partial', 'use the complete lines of an archive that ends too early')
    .option('--dry-run', 'say what each file would be taken for, store nothing')
    .addHelpText(
      'after',
      `
Nothing is guessed in silence: what was detected stands in the report, and every finding with file, line and rule.

Examples:
  donch import downloads/binance_5m --venue binance --interval 5m
  donch import funding/ --venue binance
  donch import open_interest/ --kind open-interest --venue bybit
  donch import dump.csv --symbol SOLUSDT --columns time=1,open=2,high=3,low=4,close=5,volume=6 --dry-run`,
    )
    .action((paths: string[], flags: ImportFlags) =>
      run(flags, async (context) => {
        const { runImport } = await import('../pipeline/import-data.ts');
        return runImport(paths, flags, context);
      }),
    );
}
