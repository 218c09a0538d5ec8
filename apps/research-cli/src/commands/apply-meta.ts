import { addRunFlags, type RunFlags, type Runner } from '@donch/cli';
import type { BarLabel, DedupWay } from '@donch/meta';
import { Option, type Command } from 'commander';

export interface ApplyMetaFlags extends RunFlags {
  readonly signals?: string;
  readonly pred?: string;
  readonly probaCol?: string;
  readonly predTs?: string;
  readonly predSym?: string;
  readonly predId?: string;
  readonly predLabel?: BarLabel;
  readonly dedup?: DedupWay;
  readonly round?: string;
  readonly tol?: string;
  readonly minCoverage: string;
  readonly pstar?: string;
  readonly rebt?: boolean;
  readonly out?: string;
  /** True without a folder. */
  readonly bundle?: string | true;
  readonly inSample?: boolean;
}

const DEDUP_CHOICES: readonly DedupWay[] = ['mean', 'median', 'max', 'min', 'first', 'last'];

export function defineApplyMeta(program: Command, run: Runner): void {
  addRunFlags(program.command('apply-meta').description('keep the signals that the model likes, and trade them again'))
    .option('--signals <file>', 'signals (default: those of the scout of the same settings)')
    .option('--pred <file>', 'predictions (default: META_PRED_PATH, else the walk-forward ones of the newest bundle)')
    .option('--proba-col <column>', 'probability')
    .option('--pred-ts <column>', 'time of a prediction')
    .option('--pred-sym <column>', 'symbol of a prediction')
    .option('--pred-id <column>', 'id by which predictions are joined instead of symbol and time')
    .addOption(
      new Option('--pred-label <end>', 'which end of its bar a prediction is stamped with').choices(['open', 'close']),
    )
    .addOption(new Option('--dedup <way>', 'several predictions of a signal become one').choices(DEDUP_CHOICES))
    .option('--round <time>', 'grid for both times (default: META_MERGE_ROUND; empty or 0 = off)')
    .option(
      '--tol <time>',
      'how old a prediction may be at its signal (default: META_MERGE_TOL; empty or 0 = not older)',
    )
    .option('--min-coverage <frac>', 'least share of signals that have a prediction', '0.75')
    .option('--pstar <p>', "least probability (default: META_PROB_THRESHOLD, else each month's own, or the bundle's)")
    .option('--rebt', 'trade the kept signals again, beside all that were judged')
    .option('--out <file>', 'kept signals (default: signals/signals_p060.parquet for 0.60, signals_pwf.parquet)')
    .option('--bundle [folder]', 'score signals after the training with the model (default: the newest bundle)')
    .option('--in-sample', 'with --bundle: also those whose outcomes it has learned; everything is marked as such')
    .addHelpText(
      'after',
      `
Without --pred and --bundle each month is judged by the model, the calibrator and the p* that were known at its start: the only
figures that could have been traded. Months without a model or without a p* take nothing. results/trades.csv stays that of the plain
backtest; the gated trades are results/trades_gated.csv.

Examples:
  donch apply-meta --rebt                           walk-forward, beside all signals of the same months
  donch apply-meta --pstar 0.60 --rebt              your own threshold
  donch apply-meta --bundle --start 2025-09-01      signals after the training, scored by the newest model
  donch apply-meta --signals old.parquet --pred old/oos_predictions.parquet --dedup mean --pred-label open --pstar 0.60`,
    )
    .action((flags: ApplyMetaFlags) =>
      run(flags, async (context) => {
        const { runApplyMeta } = await import('../pipeline/apply-meta.ts');
        await runApplyMeta(flags, context);
      }),
    );
}
