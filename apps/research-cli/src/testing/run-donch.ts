/** `donch` in this process and as its own process, with everything that a test wants to see of it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { PRODUCT_FOLDER } from '@donch/cli';
import { runCli } from '../cli/run-cli.ts';

// as the launcher does: threads load the program in a third of the time
const COMPILE_CACHE = join(PRODUCT_FOLDER, 'node_modules', '.cache', 'donch-compile');
enableCompileCache(COMPILE_CACHE);
process.env['NODE_COMPILE_CACHE'] ??= COMPILE_CACHE;

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<NodeJS.Dict<string>>;
  readonly signal?: AbortSignal;
}

/** Runs a command line in this process. A thrown error (a bug) fails the test. */
export async function donch(args: readonly string[], { cwd, env = {}, signal }: RunOptions): Promise<Ended> {
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
    env,
    signal: signal ?? new AbortController().signal,
  });
  return { code, stdout, stderr };
}

/** The only document on stdout. */
export function documentIn({ stdout }: Ended): Record<string, unknown> {
  const lines = stdout.split('\n').filter((line) => line !== '');
  if (lines.length !== 1) throw new Error(`stdout holds ${lines.length} lines instead of one document:\n${stdout}`);
  return JSON.parse(lines[0]) as Record<string, unknown>;
}

/** What users start. */
const LAUNCHER = join(PRODUCT_FOLDER, process.platform === 'win32' ? 'donch.cmd' : 'donch');

/** Starts a command line as users do; for killing it while it runs. */
export function startDonch(args: readonly string[], { cwd, env = {} }: RunOptions): ChildProcess {
  const isWindows = process.platform === 'win32';
  return spawn(isWindows ? `"${LAUNCHER}"` : LAUNCHER, args, {
    cwd,
    env: { ...process.env, ...env },
    shell: isWindows,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Starts a command line without the launcher in between: what is killed is the program. */
export function startProgram(args: readonly string[], { cwd, env = {} }: RunOptions): ChildProcess {
  const main = join(PRODUCT_FOLDER, 'apps', 'research-cli', 'src', 'main.ts');
  return spawn(process.execPath, [main, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs a command line as users do. */
export function launchDonch(args: readonly string[], options: RunOptions): Promise<Ended> {
  return endOf(startDonch(args, options));
}

/** The end of a started process; killed ones have code -1. */
export function endOf(child: ChildProcess): Promise<Ended> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
  });
}
