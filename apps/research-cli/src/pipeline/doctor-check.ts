/** One check of `donch doctor`. */
import { isExpected } from '@donch/cli';

export type CheckResult = 'ok' | 'warning' | 'failure' | 'skipped';

export interface Check {
  readonly name: string;
  readonly result: CheckResult;
  readonly found: string;
  /** Null = nothing to do. */
  readonly remedy: string | null;
}

export function ok(name: string, found: string): Check {
  return { name, result: 'ok', found, remedy: null };
}

export function warning(name: string, found: string, remedy: string): Check {
  return { name, result: 'warning', found, remedy };
}

export function failure(name: string, found: string, remedy: string | null): Check {
  return { name, result: 'failure', found, remedy };
}

/** The check of an error that a user can act on; its message carries the remedy. */
export function failed(name: string, error: unknown): Check {
  if (!isExpected(error)) throw error;
  return failure(name, error.message, null);
}
