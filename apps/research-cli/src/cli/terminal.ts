/** What a command says: results on stdout, everything else on stderr. With `--json` stdout holds one JSON document and nothing more. */
import { Progress } from './progress.ts';

export interface TerminalOptions {
  readonly json: boolean;
  readonly quiet: boolean;
}

export class Terminal {
  readonly json: boolean;
  readonly #quiet: boolean;
  #progress: Progress | null = null;

  constructor({ json, quiet }: TerminalOptions) {
    this.json = json;
    this.#quiet = quiet;
  }

  /** A line for people about what is going on. */
  info(text: string): void {
    if (this.#quiet) return;
    this.#progress?.clear();
    process.stderr.write(`${text}\n`);
  }

  /** A line that must be seen even with `--quiet`. */
  warn(text: string): void {
    this.#progress?.clear();
    process.stderr.write(`warning: ${text}\n`);
  }

  /** The result for people; not printed with `--json`. */
  result(text: string): void {
    if (!this.json) process.stdout.write(`${text}\n`);
  }

  /** The result for programs. Numbers without a value (NaN, infinities) become null. */
  document(value: Readonly<Record<string, unknown>>): void {
    if (this.json)
      process.stdout.write(
        `${JSON.stringify(value, (_key, member: unknown) => (typeof member === 'number' && !Number.isFinite(member) ? null : member))}\n`,
      );
  }

  /** A progress line on a terminal; nothing elsewhere. End it with `done`. */
  progress(label: string, total: number, unit: string): Progress {
    this.#progress?.done();
    this.#progress = new Progress({ label, total, unit, enabled: !this.#quiet && process.stderr.isTTY });
    return this.#progress;
  }
}
