import { addProjectFlags, type ProjectFlags, type Runner } from '@donch/cli';
import type { Command } from 'commander';

export interface ConfigFlags extends ProjectFlags {
  readonly all?: boolean;
  /** True = the strategy of STRATEGY_SPEC_PATH. */
  readonly strategy?: string | true;
}

export function defineConfig(program: Command, run: Runner): void {
  addProjectFlags(program.command('config').description('the effective settings: every value, and where it comes from'))
    .option('--all', 'every key with its default, unit and meaning')
    .option('--strategy [file]', 'the effective strategy with the source of every value, its filters and its hashes')
    .addHelpText(
      'after',
      `
Precedence, lowest first: default, strategy file, config.yaml, environment (DONCH_<KEY>, also from .env), command line.

Examples:
  donch config                                    what is not at its default
  donch config --all                              every key
  donch config --strategy                         the strategy as it would run
  donch config --set SL_ATR_MULT=2.5 --json       try an override`,
    )
    .action((flags: ConfigFlags) =>
      run(flags, async (context) => {
        const { showConfig } = await import('../pipeline/show-config.ts');
        await showConfig(flags, context);
      }),
    );
}
