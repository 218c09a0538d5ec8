/** Runs one command: terminal, interruption, errors to messages and exit codes. */
import { DonchError, DonchErrors } from '@donch/core';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { Terminal } from './terminal.ts';

/** Options that every command takes. */
export interface CommonFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly debug?: boolean;
}

export interface CommandContext {
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C: stop at the next safe point. */
  readonly signal: AbortSignal;
}

/** A command's work; returns the exit code (default 0). */
export type CommandWork = (context: CommandContext) => Promise<number | void>;

/** Runs the work and sets `process.exitCode`. The first Ctrl-C asks to stop at a safe point, the second ends the process. */
export async function runCommand(flags: CommonFlags, work: CommandWork): Promise<void> {
  const terminal = new Terminal({ json: flags.json ?? false, quiet: flags.quiet ?? false });
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort(
      new DonchError('interrupted', 'interrupted', {
        remedy: 'nothing is half-written; start the command again to go on',
      }),
    );
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    process.exitCode = (await work({ terminal, signal: controller.signal })) ?? EXIT.ok;
  } catch (error) {
    process.exitCode = report(controller.signal.aborted ? controller.signal.reason : error, terminal, flags);
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

/** Prints an error for people and programs; a stack only for bugs (and with `--debug`). */
function report(error: unknown, terminal: Terminal, { debug = false }: CommonFlags): number {
  const exitCode = exitCodeOf(error);
  const known = error instanceof DonchError || error instanceof DonchErrors;
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`error: ${message}\n`);
  if (!known || debug) process.stderr.write(`${error instanceof Error ? (error.stack ?? '') : ''}\n`);
  if (!known) process.stderr.write('This is a bug in DONCH: please report it with the lines above.\n');
  terminal.document({ ok: false, error: { code: known ? error.code : 'bug', message }, exitCode });
  return exitCode;
}

/** Throws at a safe point after Ctrl-C. */
export function throwIfInterrupted(signal: AbortSignal): void {
  if (signal.aborted) throw signal.reason;
}
