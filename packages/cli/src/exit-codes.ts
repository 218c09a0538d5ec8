/** Exit codes: stable and documented in docs/CLI.md. */
import { DonchError, DonchErrors } from '@donch/core';
import { ERROR_CODES, type ErrorClass } from './error-codes.ts';
import { EXIT } from './exit-status.ts';

const EXIT_OF_CLASS: Readonly<Record<ErrorClass, number>> = {
  usage: EXIT.usage,
  data: EXIT.data,
  resource: EXIT.resource,
  interrupted: EXIT.interrupted,
};

/** Exit code of an error that reached the top. A code that the table lacks counts as data (a test keeps the table complete). */
export function exitCodeOf(error: unknown): number {
  if (!isExpected(error)) return EXIT.bug;
  return EXIT_OF_CLASS[ERROR_CODES[error.code]?.class ?? 'data'];
}

/** True for errors that a user can act on; everything else is a bug. */
export function isExpected(error: unknown): error is DonchError | DonchErrors {
  return error instanceof DonchError || error instanceof DonchErrors;
}
