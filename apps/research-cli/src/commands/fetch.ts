import { addProjectFlags, type ProjectFlags, type Runner } from '@donch/cli';
import type { Command } from 'commander';

export interface FetchFlags extends ProjectFlags {
  readonly symbols?: string;
  readonly all?: boolean;
  readonly delisted?: boolean;
  readonly minTurnover?: string;
  readonly listedBefore?: string;
  readonly intervals?: string;
  readonly start?: string;
  readonly end?: string;
  readonly funding?: boolean;
  readonly openInterest?: boolean;
  readonly jobs: string;
  readonly rate: string;
  readonly baseUrl?: string;
}

export function defineFetch(program: Command, run: Runner): void {
  addProjectFlags(program.command('fetch').description('download candles, funding and instruments from Bybit'))
    .option('--symbols <list>', 'symbols by comma, or a file of them; default: symbols.txt, and all where it is empty')
    .option('--all', 'every USDT perpetual, whatever symbols.txt says')
    .option('--delisted', 'with those that have left the venue: a universe without survivorship bias')
    .option('--min-turnover <usd>', 'only symbols that traded as much in the last 24 hours')
    .option('--listed-before <time>', 'only symbols that were listed before')
    .option('--intervals <list>', 'bar lengths by comma', '5m')
    .option('--start <time>', 'first bar; default: two years back, or where the store ends')
    .option('--end <time>', 'end, excluded; default: now')
    .option('--no-funding', 'without funding rates')
    .option('--open-interest', 'with open interest, hourly')
    .option('--jobs <n>', 'symbols beside each other', '8')
    .option('--rate <n>', 'requests per second; Bybit allows an address 120', '80')
    .option('--base-url <url>', 'a server on this machine in place of Bybit')
    .addHelpText(
      'after',
      `
Needs no key. What the store has is not fetched again: the same command goes on after an interruption, and a nightly run fetches
the new bars. The last two days are compared with the venue every time; bars that it has revised are replaced and recorded.
A bar that has not closed is never stored. A bar that is missing is asked for again until the venue has said several times that
there is none.

Examples:
  donch fetch                                       what symbols.txt names, two years of 5m bars, funding
  donch fetch --all --delisted --start 2023-01-01   every perpetual that ever traded since
  donch fetch --symbols BTCUSDT,ETHUSDT --intervals 1m,5m --open-interest`,
    )
    .action((flags: FetchFlags) =>
      run(flags, async (context) => {
        const { runFetch } = await import('../pipeline/fetch.ts');
        return runFetch(flags, context);
      }),
    );
}
