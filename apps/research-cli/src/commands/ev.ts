import { addProjectFlags, type ProjectFlags, type Runner } from '@donch/cli';
import { Option, type Command } from 'commander';

export interface EvFlags extends ProjectFlags {
  readonly pred?: string;
  readonly trades?: string;
  readonly predTs?: string;
  readonly tradesTs?: string;
  readonly predSym?: string;
  readonly tradesSym?: string;
  readonly predId?: string;
  readonly tradesId?: string;
  readonly probaCol?: string;
  readonly predLabel?: 'open' | 'close';
  readonly dedup?: string;
  readonly round?: string;
  readonly tol?: string;
  readonly minCoverage: string;
  readonly minTrades?: string;
  readonly grid?: string;
  readonly groups?: string;
  readonly embargo?: string;
  readonly horizon: string;
  readonly seed?: string;
  readonly pstar?: string;
  readonly out?: string;
  readonly write?: boolean;
}

export function defineEv(program: Command, run: Runner): void {
  addProjectFlags(program.command('ev').description('EV by probability threshold, and p*'))
    .option('--pred <file>', 'predictions (default: the out-of-fold predictions of the newest bundle)')
    .option('--trades <file>', 'trades (default: results/trades.csv)')
    .option('--pred-ts <column>', 'time of a prediction')
    .option('--trades-ts <column>', 'entry time of a trade')
    .option('--pred-sym <column>', 'symbol of a prediction')
    .option('--trades-sym <column>', 'symbol of a trade')
    .option('--pred-id <column>', 'id by which predictions are joined instead of symbol and time')
    .option('--trades-id <column>', 'the same id in the trades')
    .option('--proba-col <column>', 'probability')
    .addOption(
      new Option('--pred-label <end>', 'which end of its bar a prediction is stamped with').choices(['open', 'close']),
    )
    .option('--dedup <way>', 'several predictions of a trade: mean, median, max, min, first or last')
    .option('--round <time>', 'grid for both times, e.g. 5min (empty or 0 = off)')
    .option('--tol <time>', 'how old a prediction may be at its trade, e.g. 10min (empty or 0 = not older)')
    .option('--min-coverage <frac>', 'least share of trades that have a prediction', '0.75')
    .option('--min-trades <n>', 'signals that must lie above p* (default: that of the training, else 150)')
    .option('--grid <list>', 'thresholds, e.g. 0.30,0.35,...,0.90 (default: these and deciles of the probabilities)')
    .option('--groups <n>', 'groups of time, each judged by the others (default: those of the training, else 6)')
    .option(
      '--embargo <time>',
      'rows that start within it behind a group do not teach (default: as in the training, else --horizon)',
    )
    .option('--horizon <time>', 'length of a trade whose exit is not in the file', '72h')
    .option('--seed <number>', 'seed of the intervals (default: that of the training, else 1)')
    .option('--pstar <p>', 'your own threshold: shown, and with --write recorded as yours')
    .option('--out <file>', 'curve as CSV, with a drawing beside it (default: results/ev_curve.csv)')
    .option('--write', 'p* into a new version of the bundle, shown where the old one was')
    .addHelpText(
      'after',
      `
The figure of p* is cross-fitted: each group of time is judged by the calibrator and the threshold of the others. No p* is named
unless the lower 95 % bound of EV(p >= p*) - EV(all) is above 0.

Examples:
  donch ev                              the newest bundle: all its signals, and those that were traded
  donch ev --write                      its p* into a new version of the bundle; the old one stays under models/
  donch ev --pstar 0.60 --write         your own threshold instead
  donch ev --out results/meta_export/ev_curve.csv
  donch ev --pred old/oos_predictions.parquet --trades old/trades.csv --proba-col y_proba --dedup mean --pred-label open`,
    )
    .action((flags: EvFlags) =>
      run(flags, async (context) => {
        const { runEv } = await import('../pipeline/ev.ts');
        await runEv(flags, context);
      }),
    );
}
