// One command line: the process as values, the program, errors as exit codes
export type { CliIo } from './cli-io.ts';
export { runProcess } from './run-process.ts';
export { runProgram } from './run-cli.ts';
export type { Command, Option } from 'commander';
export { buildProgram, type Definition, type Runner } from './program.ts';
export {
  errorDocument,
  interruption,
  listenForInterrupt,
  runCommand,
  throwIfInterrupted,
  type CommandContext,
  type CommandWork,
} from './command-runner.ts';
export { ERROR_CODES, type ErrorClass } from './error-codes.ts';
export { isExpected } from './exit-codes.ts';
export { EXIT, EXIT_TEXT } from './exit-status.ts';

// Flags
export {
  addCommonFlags,
  addProjectFlags,
  addRunFlags,
  addStrategyFlags,
  addWindowFlags,
  collect,
  type CommonFlags,
  type ProjectFlags,
  type RunFlags,
} from './flags.ts';
export { flagLayer, wholeNumber } from './flag-values.ts';

// What a command says
export { Terminal } from './terminal.ts';
export { Progress } from './progress.ts';
export { grouped, textTable } from './text-table.ts';
export * from './field-spec.ts';
export { donchVersion, PRODUCT_FOLDER } from './version.ts';
