/** Exit codes: stable and documented in docs/CLI.md. */
import { DonchError, DonchErrors } from '@donch/core';

export const EXIT = {
  ok: 0,
  /** A bug: anything that is not an error of the kinds below. */
  bug: 1,
  /** Command line, configuration, strategy file. */
  usage: 2,
  /** Data: missing, damaged, refused. */
  data: 3,
  /** A check did its work and found something: a leak, a null test that is not null. */
  finding: 4,
  /** Disk full, store locked, no permission: try again when that is mended. */
  resource: 5,
  interrupted: 130,
} as const;

const USAGE_CODES = new Set([
  'bad_config',
  'bad_config_value',
  'unknown_config_key',
  'config_contradiction',
  'bad_strategy',
  'bad_yaml',
  'old_dialect',
  'bad_time',
  'bad_argument',
  'no_project',
  'no_strategy_file',
  'unknown_symbol',
  'no_threshold',
  'bad_groups',
  'no_column',
]);
const RESOURCE_CODES = new Set(['disk_full', 'store_locked', 'no_permission', 'file_too_large', 'too_many_files']);

/** Exit code of an error that reached the top. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof DonchError || error instanceof DonchErrors)) return EXIT.bug;
  if (error.code === 'interrupted') return EXIT.interrupted;
  if (USAGE_CODES.has(error.code)) return EXIT.usage;
  return RESOURCE_CODES.has(error.code) ? EXIT.resource : EXIT.data;
}
