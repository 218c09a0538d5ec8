/** Errors across threads: a clone keeps the message and loses class, code and detail, so they travel as plain data. */
import { DonchError, DonchErrors, type ErrorDetail } from '@donch/core';

export type SentError =
  | { readonly kind: 'one'; readonly code: string; readonly found: string; readonly detail: ErrorDetail }
  | { readonly kind: 'several'; readonly code: string; readonly what: string; readonly problems: readonly SentError[] };

/** What a task answers: its value, or an error that a user can act on. A bug is thrown and arrives as it is. */
export type Answer<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: SentError };

/** Runs a task's work and catches what its caller has to understand. */
export async function answer<Value>(work: () => Value | Promise<Value>): Promise<Answer<Value>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    if (error instanceof DonchError || error instanceof DonchErrors) return { ok: false, error: sent(error) };
    throw error;
  }
}

/** The value of an answer; throws the error that the thread met. */
export function valueOf<Value>(given: Answer<Value>): Value {
  if (given.ok) return given.value;
  throw received(given.error);
}

function sent(error: DonchError | DonchErrors): SentError {
  if (error instanceof DonchErrors) {
    return { kind: 'several', code: error.code, what: error.what, problems: error.problems.map(sent) };
  }
  // the cause may hold what cannot be cloned; its words stand in the message already
  const { cause: _, ...detail } = error.detail;
  return { kind: 'one', code: error.code, found: error.found, detail };
}

function received(error: SentError): DonchError | DonchErrors {
  if (error.kind === 'one') return new DonchError(error.code, error.found, error.detail);
  const problems = error.problems.map(received).filter((problem) => problem instanceof DonchError);
  return new DonchErrors(error.code, error.what, problems);
}
