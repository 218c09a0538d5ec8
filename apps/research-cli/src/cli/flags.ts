/** Flags that several commands share, and what they mean for the configuration. */
import { DonchError, type ConfigLayer } from '@donch/core';
import { Option, type Command } from 'commander';
import type { CommonFlags } from './command-runner.ts';

export interface RunFlags extends CommonFlags {
  readonly config?: string;
  readonly strategy?: readonly string[];
  readonly start?: string;
  readonly end?: string;
  readonly symbols?: string;
  readonly seed?: string;
  /** False with `--no-cache`. */
  readonly cache?: boolean;
  readonly workers?: string;
  readonly set?: readonly string[];
  readonly rs?: boolean;
  readonly regime?: boolean;
}

const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), value];

/** `--json --quiet --debug`, which every command takes. */
export function addCommonFlags(command: Command): Command {
  return command
    .option('--json', 'one JSON document on stdout, everything else on stderr')
    .option('-q, --quiet', 'no progress and no notes')
    .addOption(new Option('--debug', 'show the stack of every error').hideHelp());
}

/** `--config --set`: where the project is and what overrides it. */
export function addProjectFlags(command: Command): Command {
  return addCommonFlags(command)
    .option('--config <file>', 'config.yaml of the project (default: here or in a folder above)')
    .option('--set <KEY=VALUE>', 'override a configuration key (repeatable)', collect);
}

/** Flags of commands that scan or trade. */
export function addRunFlags(command: Command): Command {
  return addProjectFlags(command)
    .option('--strategy <file>', 'strategy file (repeatable)', collect)
    .option('--start <date>', 'first decision, UTC, inclusive')
    .option('--end <date>', 'end of decisions, UTC, exclusive')
    .option('--symbols <list>', 'comma-separated symbols, or a file with one per line')
    .option('--seed <number>', 'seed of resampling', '1')
    .option('--no-cache', 'compute again even if this run exists')
    .option('--workers <number>', 'threads (default: all cores); never changes a result')
    .addOption(new Option('--no-rs', 'switch the relative-strength filter off'))
    .addOption(new Option('--no-regime', 'switch the regime gate off'));
}

/** The command line as the configuration layer `flag`. Throws `bad_argument` for a `--set` without `=`. */
export function flagLayer(flags: RunFlags): ConfigLayer {
  const values: Record<string, unknown> = {};
  for (const assignment of flags.set ?? []) {
    const at = assignment.indexOf('=');
    if (at <= 0) throw new DonchError('bad_argument', `--set ${assignment}`, { expected: '--set KEY=VALUE' });
    values[assignment.slice(0, at)] = assignment.slice(at + 1);
  }
  if (flags.start !== undefined) values['START_DATE'] = flags.start;
  if (flags.end !== undefined) values['END_DATE'] = flags.end;
  if (flags.workers !== undefined) values['N_WORKERS'] = flags.workers;
  if (flags.rs === false) values['RS_ENABLED'] = false;
  if (flags.regime === false) values['REGIME_FILTER_ENABLED'] = false;
  return { layer: 'flag', source: 'command line', values };
}

/** A whole number from a flag. Throws `bad_argument`. */
export function wholeNumber(text: string, flag: string, min = 0): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && Number.isSafeInteger(value))) {
    throw new DonchError('bad_argument', `${flag} is "${text}"`, { expected: `a whole number from ${min} on` });
  }
  return value;
}
