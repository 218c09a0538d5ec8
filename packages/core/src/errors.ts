/** Where a problem sits in a user's input. */
export interface ErrorPlace {
  readonly file?: string;
  /** 1-based physical line. */
  readonly line?: number;
  /** Dotted path inside a document, e.g. `entry.donchian.length_days`. */
  readonly path?: string;
}

export interface ErrorDetail extends ErrorPlace {
  /** What would have been accepted. */
  readonly expected?: string;
  /** What the user can do now. */
  readonly remedy?: string;
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/**
 * An error that a user can act on. The message says what was found, `expected` what would do, `remedy` the way out;
 * `code` is stable and documented (docs/CLI.md). Anything else that reaches the top is a bug.
 */
export class DonchError extends Error {
  override readonly name = 'DonchError';
  readonly code: string;
  readonly found: string;
  readonly detail: ErrorDetail;
  readonly retryable: boolean;

  constructor(code: string, found: string, detail: ErrorDetail = {}) {
    super(describe(found, detail), detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    this.found = found;
    this.detail = detail;
    this.retryable = detail.retryable ?? false;
  }
}

function describe(found: string, { file, line, path, expected, remedy }: ErrorDetail): string {
  const place = [file, line === undefined ? undefined : `line ${line}`, path].filter((part) => part !== undefined);
  const head = place.length === 0 ? found : `${place.join(', ')}: ${found}`;
  return [
    head,
    expected === undefined ? '' : `; expected ${expected}`,
    remedy === undefined ? '' : `\n  ${remedy}`,
  ].join('');
}

/** Several problems of one input, reported together instead of one per attempt. */
export class DonchErrors extends Error {
  override readonly name = 'DonchErrors';
  readonly code: string;
  /** The input that has them. */
  readonly what: string;
  readonly problems: readonly DonchError[];

  constructor(code: string, what: string, problems: readonly DonchError[]) {
    super(
      [
        `${what}: ${problems.length} problem${problems.length === 1 ? '' : 's'}`,
        ...problems.map((p) => `- ${p.message}`),
      ].join('\n'),
    );
    this.code = code;
    this.what = what;
    this.problems = problems;
  }
}
