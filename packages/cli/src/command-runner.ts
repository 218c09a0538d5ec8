/** Runs one command: terminal, interruption, errors to messages and exit codes. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DonchError, DonchErrors } from '@donch/core';
import type { CliIo } from './cli-io.ts';
import { exitCodeOf, isExpected } from './exit-codes.ts';
import { EXIT } from './exit-status.ts';
import type { CommonFlags } from './flags.ts';
import { Terminal } from './terminal.ts';

export interface CommandContext {
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C: stop at the next safe point. */
  readonly signal: AbortSignal;
  readonly cwd: string;
  readonly env: Readonly<NodeJS.Dict<string>>;
  /** Has something released when the command has ended, however it ended. */
  readonly atEnd: (release: () => Promise<void>) => void;
}

/** A command's work; returns the exit code (default 0). */
export type CommandWork = (context: CommandContext) => Promise<number | void>;

/** Runs the work; returns the exit code. Whatever it throws becomes a message and, with `--json`, a document. */
export async function runCommand(flags: CommonFlags, work: CommandWork, io: CliIo): Promise<number> {
  const terminal = new Terminal(io, { json: flags.json ?? false, quiet: flags.quiet ?? false });
  const releases: (() => Promise<void>)[] = [];
  try {
    throwIfInterrupted(io.signal);
    const { signal, cwd, env } = io;
    const atEnd = (release: () => Promise<void>): number => releases.push(release);
    return (await work({ terminal, signal, cwd, env, atEnd })) ?? EXIT.ok;
  } catch (error) {
    return report(io.signal.aborted ? interruption() : error, terminal, flags);
  } finally {
    await Promise.all(releases.map((release) => release()));
  }
}

/** Prints an error for people and programs; a stack only for bugs (and with `--debug`). */
function report(error: unknown, terminal: Terminal, { debug = false }: CommonFlags): number {
  const exitCode = exitCodeOf(error);
  const known = isExpected(error);
  const message = error instanceof Error ? error.message : String(error);
  terminal.error(`error: ${message}`);
  if (!known || debug) terminal.error(error instanceof Error ? (error.stack ?? '') : '');
  if (!known) terminal.error('This is a bug in DONCH: please report it with the lines above.');
  terminal.document(errorDocument(known ? error : { code: 'bug', message }, exitCode));
  return exitCode;
}

/** Version of the document that stands in for the result when a command fails. */
const ERROR_SCHEMA_VERSION = 1;

/** The document of a failure: the error, and with several problems each of them. */
export function errorDocument(error: { readonly code: string; readonly message: string }, exitCode: number): object {
  const problems = error instanceof DonchErrors ? error.problems : error instanceof DonchError ? [error] : [];
  return {
    schema_version: ERROR_SCHEMA_VERSION,
    ok: false,
    exitCode,
    error: { code: error.code, message: error.message, problems: problems.map(problemDocument) },
  };
}

function problemDocument({ code, found, detail }: DonchError): object {
  const { file = null, line = null, path = null, expected = null, remedy = null } = detail;
  return { code, found, file, line, path, expected, remedy };
}

/** The reason with which Ctrl-C ends a command. */
export function interruption(): DonchError {
  return new DonchError('interrupted', 'interrupted', {
    remedy: 'nothing is half-written; start the command again to go on',
  });
}

/** Lets the event loop turn, which a loop of synchronous reads never does, and throws after Ctrl-C: a safe point inside a long loop. */
export async function listenForInterrupt(signal: AbortSignal): Promise<void> {
  await nextTurn();
  throwIfInterrupted(signal);
}

/** Throws at a safe point after Ctrl-C. */
export function throwIfInterrupted(signal: AbortSignal): void {
  if (signal.aborted) throw interruption();
}
