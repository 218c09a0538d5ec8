import { addProjectFlags, type ProjectFlags, type Runner } from '@donch/cli';
import { Argument, type Command } from 'commander';

export interface ExportFlags extends ProjectFlags {
  readonly out?: string;
  readonly start?: string;
  readonly end?: string;
  readonly run?: string;
  readonly oldNames?: boolean;
}

/** What can be exported: series of the store, and tables of a run. */
const EXPORTS = [
  'candles',
  'funding',
  'instruments',
  'trades',
  'equity',
  'signals',
  'labels',
  'decisions',
  'funnel',
  'gates',
  'aggregated',
] as const;
export type ExportKind = (typeof EXPORTS)[number];

export function defineExport(program: Command, run: Runner): void {
  addProjectFlags(
    program
      .command('export')
      .addArgument(new Argument('<what>', 'series of the store, or table of a run').choices(EXPORTS))
      .argument('[symbols...]', 'for candles and funding; in tables: only these symbols')
      .description('candles, funding, or any table of a run as Parquet or CSV'),
  )
    .option('--out <file>', 'name ends in .parquet, .csv or .csv.gz (default: CSV on stdout)')
    .option('--start <date>', 'first time, UTC, inclusive')
    .option('--end <date>', 'end of times, UTC, exclusive')
    .option('--run <id>', 'another run than the latest')
    .option('--old-names', 'the column names of the earlier system (timestamp, entry_ts, rs_pct, ...)')
    .addHelpText(
      'after',
      `
Candles of one symbol have no symbol column, and donch import reads them back; several symbols go into one table with one.

Examples:
  donch export candles BTCUSDT --out btc.csv --start 2025-09-01
  donch export candles BTCUSDT ETHUSDT --out candles.parquet
  donch export trades --run backtest-0123456789abcdef --out trades.parquet
  donch export signals --old-names > signals.csv`,
    )
    .action((what: ExportKind, symbols: string[], flags: ExportFlags) =>
      run(flags, async (context) => {
        const { runExport } = await import('../pipeline/export.ts');
        await runExport({ what, symbols }, flags, context);
      }),
    );
}
