/**
 * Stops the process on a programming error: `rule` states what must hold ("position size is positive").
 * On in production: corrupt state near money is worse than no process. Never used for bad input.
 */
export function invariant(condition: boolean, rule: string): asserts condition {
  if (!condition) throw new InvariantError(rule);
}

/** A broken invariant, that is: a bug in DONCH. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
  constructor(rule: string) {
    super(`Invariant broken: ${rule}`);
  }
}

/** Makes the compiler list the missing cases of a union. */
export function assertNever(value: never, what: string): never {
  throw new InvariantError(`${what} has no case for ${JSON.stringify(value)}`);
}
