/** The research CLI: `donch <command>`. Commands are declared here and loaded only when they run. */
import { Command, CommanderError } from 'commander';
import { EXIT } from './cli/exit-codes.ts';
import { defineBacktest } from './commands/backtest.ts';
import { defineDemo } from './commands/demo.ts';
import { defineImport } from './commands/import.ts';
import { defineInit } from './commands/init.ts';
import { defineLookahead } from './commands/lookahead.ts';
import { defineNullTest } from './commands/null-test.ts';
import { defineRun } from './commands/run.ts';
import { defineScout } from './commands/scout.ts';
import { defineWhy } from './commands/why.ts';
import { donchVersion } from './pipeline/version.ts';

const program = new Command('donch')
  .description('Research and trade Donchian breakouts on crypto perpetuals, with one code path for both.')
  .version(donchVersion())
  .showHelpAfterError('(donch --help lists the commands, donch <command> --help its flags)')
  .exitOverride();

for (const define of [
  defineDemo,
  defineInit,
  defineImport,
  defineRun,
  defineScout,
  defineBacktest,
  defineWhy,
  defineLookahead,
  defineNullTest,
])
  define(program);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
}
