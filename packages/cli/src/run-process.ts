/** The edge of a process; everything behind it is a function of values. */
import { EXIT } from './exit-status.ts';
import type { Definition } from './program.ts';
import { runProgram } from './run-cli.ts';

/** Runs an app's command line as this process: its arguments, streams, signals and exit code. */
export async function runProcess(definitions: readonly Definition[]): Promise<void> {
  const controller = new AbortController();
  // the first Ctrl-C asks to stop at a safe point, the second ends the process
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
  // a reader that has seen enough (`donch list | head`) is no error; output that cannot be written is one
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', ({ code }: NodeJS.ErrnoException) => process.exit(code === 'EPIPE' ? EXIT.ok : EXIT.resource));
  }
  process.exitCode = await runProgram(definitions, process.argv.slice(2), {
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    drawsProgress: process.stderr.isTTY,
    cwd: process.cwd(),
    env: process.env,
    signal: controller.signal,
  });
}
