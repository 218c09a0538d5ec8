/** The live bot in this process and as its own process, with everything that a test wants to see of it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { PRODUCT_FOLDER } from '@donch/cli';
import { runCli } from '../cli/run-cli.ts';

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process. A thrown error (a bug) fails the test. */
export async function liveBot(args: readonly string[], cwd: string): Promise<Ended> {
  let [stdout, stderr] = ['', ''];
  const code = await runCli(args, {
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
    drawsProgress: false,
    cwd,
    env: {},
    signal: new AbortController().signal,
  });
  return { code, stdout, stderr };
}

/** Starts a command line as a process of its own, without the launcher in between: what is killed is the bot. */
export function startLiveBot(args: readonly string[], cwd: string): ChildProcess {
  const main = join(PRODUCT_FOLDER, 'apps', 'live-bot', 'src', 'main.ts');
  return spawn(process.execPath, [main, ...args], { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
}
