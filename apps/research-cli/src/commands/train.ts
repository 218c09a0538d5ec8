import { addRunFlags, type RunFlags, type Runner } from '@donch/cli';
import type { Command } from 'commander';

export interface TrainFlags extends RunFlags {
  readonly signalsParquet?: string;
  readonly tradesCsv?: string;
  readonly target: string;
  readonly mfeK: string;
  readonly rThreshold: string;
  readonly horizonHours?: string;
  readonly outdir?: string;
  readonly pstar?: string;
  readonly minTrades: string;
  readonly blocks: string;
  readonly kTest: string;
  readonly embargo?: string;
  readonly maxSplits: string;
  readonly sampleWeights: string;
}

export function defineTrain(program: Command, run: Runner): void {
  addRunFlags(program.command('train').description('win-probability model: validate, calibrate, choose p*, bundle'))
    .option('--signals-parquet <file>', 'a signals table of donch (default: those of the scout of the same settings)')
    .option('--trades-csv <file>', 'learn from the signals of these trades only (default: from every signal)')
    .option('--target <label>', 'mfe_k, mfe_k_full, pnl_pos, hit_tp or triple_barrier', 'mfe_k')
    .option('--mfe-k <atr>', 'ATR multiple of mfe_k', '2.0')
    .option('--r-threshold <R>', 'least result of pnl_pos', '0.0')
    .option('--horizon-hours <hours>', 'length of the label (default: the time exit, else 72)')
    .option('--outdir <folder>', 'where the bundle is shown (default: results/meta_export)')
    .option('--pstar <p>', 'your own threshold, recorded as such (default: chosen on evidence)')
    .option('--min-trades <n>', 'signals that must lie above p*', '150')
    .option('--blocks <n>', 'groups of time of the cross-validation', '6')
    .option('--k-test <n>', 'groups that are tested at a time', '2')
    .option(
      '--embargo <time>',
      'rows that start within it behind a test do not train, e.g. 72h (default: the label horizon)',
    )
    .option('--max-splits <n>', 'at most so many splits, every group tested equally often', '30')
    .option('--sample-weights <kind>', 'none, uniqueness or time_decay', 'none')
    .addHelpText(
      'after',
      `
Examples:
  donch train                                    every signal of the settings' scout, label mfe_k
  donch train --target pnl_pos --r-threshold 0   another label
  donch train --blocks 12 --k-test 3             more splits
  donch train --pstar 0.60                       your own threshold

What a figure means stands in docs/RESEARCH.md.`,
    )
    .action((flags: TrainFlags) =>
      run(flags, async (context) => {
        const { runTrain } = await import('../pipeline/train.ts');
        await runTrain(flags, context);
      }),
    );
}
