import { EXIT } from '@donch/cli';
import { runCli } from './cli/run-cli.ts';
/** The live bot: `donch live`, `donch replay`. The edge of the process; everything else is a function of values. */

const controller = new AbortController();

/** The first Ctrl-C asks to stop at a safe point, the second ends the process. */
function interrupt(): void {
  if (controller.signal.aborted) process.exit(EXIT.interrupted);
  controller.abort();
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);

/** A reader that has seen enough (`donch list | head`) is no error; output that cannot be written is one. */
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', ({ code }: NodeJS.ErrnoException) => process.exit(code === 'EPIPE' ? EXIT.ok : EXIT.resource));
}

process.exitCode = await runCli(process.argv.slice(2), {
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
  drawsProgress: process.stderr.isTTY,
  cwd: process.cwd(),
  env: process.env,
  signal: controller.signal,
});
