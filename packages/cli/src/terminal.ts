/** What a command says: results on stdout, everything else on stderr. With `--json` stdout holds one JSON document and nothing more. */
import type { CliIo } from './cli-io.ts';
import { Progress } from './progress.ts';

export interface TerminalOptions {
  readonly json: boolean;
  readonly quiet: boolean;
}

export class Terminal {
  readonly json: boolean;
  readonly #quiet: boolean;
  readonly #io: CliIo;
  #progress: Progress | null = null;

  constructor(io: CliIo, { json, quiet }: TerminalOptions) {
    this.#io = io;
    this.json = json;
    this.#quiet = quiet;
  }

  /** A line for people about what is going on. */
  info(text: string): void {
    if (!this.#quiet) this.#say(text);
  }

  /** A line that must be seen even with `--quiet`. */
  warn(text: string): void {
    this.#say(`warning: ${text}`);
  }

  /** Why a command ends without its result. */
  error(text: string): void {
    this.#say(text);
  }

  #say(text: string): void {
    this.#progress?.clear();
    this.#io.stderr(`${text}\n`);
  }

  /** The result for people; not printed with `--json`. */
  result(text: string): void {
    if (this.json) return;
    this.#progress?.clear();
    this.#io.stdout(`${text}\n`);
  }

  /** Bytes of a file that goes to stdout (`donch export` without `--out`), as they are. */
  raw(text: string): void {
    this.#io.stdout(text);
  }

  /** The result for programs. Numbers without a value (NaN, infinities) become null. */
  document(value: object): void {
    if (this.json) this.#io.stdout(`${JSON.stringify(value, finiteOrNull)}\n`);
  }

  /** A progress line on a terminal; nothing elsewhere. End it with `done`. */
  progress(label: string, total: number, unit: string): Progress {
    this.#progress?.done();
    const enabled = !this.#quiet && this.#io.drawsProgress;
    this.#progress = new Progress({ label, total, unit, enabled, write: this.#io.stderr });
    return this.#progress;
  }

  /** Ends the progress line that was begun last. */
  endProgress(): void {
    this.#progress?.done();
    this.#progress = null;
  }
}

function finiteOrNull(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? null : value;
}
