import { runProgram, type CliIo } from '@donch/cli';
import { DEFINITIONS } from './program.ts';

/** Parses and runs `donch <args>`; returns the exit code. Never throws for anything that stands in `args` or in files. */
export function runCli(args: readonly string[], io: CliIo): Promise<number> {
  return runProgram(DEFINITIONS, args, io);
}
