/** Flags that several commands share. Declared without anything else loaded: `--help` is answered from here. */
import { Option, type Command } from 'commander';

/** Options that every command takes. */
export interface CommonFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly debug?: boolean;
}

/** Where the project is and what overrides it. */
export interface ProjectFlags extends CommonFlags {
  readonly config?: string;
  readonly set?: readonly string[];
}

/** What commands that scan or trade take. */
export interface RunFlags extends ProjectFlags {
  readonly strategy?: readonly string[];
  readonly start?: string;
  readonly end?: string;
  readonly symbols?: string;
  readonly seed?: string;
  /** False with `--no-cache`. */
  readonly cache?: boolean;
  readonly workers?: string;
  readonly rs?: boolean;
  readonly regime?: boolean;
}

/** Collects a repeatable flag. */
export const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  value,
];

/** `--json --quiet --debug`, which every command takes. */
export function addCommonFlags(command: Command): Command {
  return command
    .option('--json', 'one JSON document on stdout, everything else on stderr')
    .option('-q, --quiet', 'no progress and no notes')
    .addOption(new Option('--debug', 'show the stack of every error').hideHelp());
}

/** `--config --set`. */
export function addProjectFlags(command: Command): Command {
  return addCommonFlags(command)
    .option('--config <file>', 'config.yaml of the project (default: here or in a folder above)')
    .option('--set <KEY=VALUE>', 'override a configuration key (repeatable)', collect);
}

/** `--strategy --workers --seed --no-rs --no-regime`: commands that compute with a strategy. */
export function addStrategyFlags(command: Command): Command {
  return command
    .option('--strategy <file>', 'strategy file (repeatable)', collect)
    .option('--seed <number>', 'seed of everything that is drawn at random', '1')
    .option('--workers <number>', 'threads (default: all cores); never changes a result')
    .option('--no-rs', 'switch the relative-strength filter off')
    .option('--no-regime', 'switch the regime gate off');
}

/** `--start --end --symbols`: which part of the store. */
export function addWindowFlags(command: Command): Command {
  return command
    .option('--start <date>', 'first decision, UTC, inclusive')
    .option('--end <date>', 'end of decisions, UTC, exclusive')
    .option('--symbols <list>', 'comma-separated symbols, or a file with one per line');
}

/** Flags of commands that scan or trade and keep their runs. */
export function addRunFlags(command: Command): Command {
  return addStrategyFlags(addWindowFlags(addProjectFlags(command))).option(
    '--no-cache',
    'compute again even if this run exists',
  );
}
