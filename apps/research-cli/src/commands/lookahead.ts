import { addProjectFlags, addStrategyFlags, addWindowFlags, type RunFlags, type Runner } from '@donch/cli';
import { Option, type Command } from 'commander';

export interface LookaheadFlags extends RunFlags {
  readonly cuts: string;
  readonly sample: string;
  readonly plant?: string;
}

/** Leaks by name; declared here so that `--help` needs nothing else loaded. A test holds it against the backtester's list. */
export const PLANTS = ['rs_week', 'htf_open', 'day_open', 'future_high', 'smoothed_regime', 'same_bar_trail'];

export function plantOption(): Option {
  return new Option('--plant <leak>', 'plant a known mistake and see that it is found').choices(PLANTS);
}

export function defineLookahead(program: Command, run: Runner): void {
  const command = program
    .command('lookahead')
    .description('prove that nothing looks into the future: on your strategy, on your data');
  addStrategyFlags(addWindowFlags(addProjectFlags(command)))
    .option('--cuts <number>', 'instants after which everything is replaced by garbage', '8')
    .option('--sample <number>', 'symbols that are looked at, drawn by the seed', '10')
    .addOption(plantOption())
    .addHelpText(
      'after',
      `
Everything after an instant t is replaced by garbage and everything is computed again: features, ranks, decisions, signals,
trades, equity. Nothing at or before t may change. Exits are tested too: they must not know the close of their own bar.

Examples:
  donch lookahead                          8 instants, 10 symbols and the benchmarks
  donch lookahead --cuts 40 --sample 30    thorough
  donch lookahead --plant rs_week          the test must bite: names rs_percentile`,
    )
    .action((flags: LookaheadFlags) =>
      run(flags, async (context) => {
        const { runLookahead } = await import('../pipeline/lookahead.ts');
        return runLookahead(flags, context);
      }),
    );
}
