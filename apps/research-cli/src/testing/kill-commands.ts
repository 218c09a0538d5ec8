import { spawn, type ChildProcess } from 'node:child_process';
/**
 * SIGKILL at random moments of import, scout, backtest and run; then everything once more: the store and the results must be those of a
 * project in which nothing was ever killed. What a command left half-done may be missing, never read as if it were whole.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { PRODUCT_FOLDER } from '@donch/cli';
import { createPrng } from '@donch/core';
import { documentIn, donch } from './run-donch.ts';
import { writeTinyFiles, writeTinyProject } from './tiny-project.ts';

const KILLED = ['import', 'scout', 'backtest', 'run'] as const;
type Killed = (typeof KILLED)[number];

export interface KillReport {
  readonly kills: number;
  readonly killsByCommand: Readonly<Record<Killed, number>>;
  /** What went wrong; empty = nothing. */
  readonly problems: readonly string[];
}

/** Kills commands until there were `kills` kills, each in a project of its own. */
export async function killCommands(kills: number, seed: number): Promise<KillReport> {
  const prng = createPrng(seed, 'kills');
  const root = mkdtempSync(join(tmpdir(), 'donch-kill-'));
  const killsByCommand = { import: 0, scout: 0, backtest: 0, run: 0 };
  const problems: string[] = [];
  let done = 0;
  try {
    const files = join(root, 'files');
    writeTinyFiles(files);
    const expected = await wholeProject(join(root, 'whole'), files);
    for (let attempt = 0; done < kills; attempt += 1) {
      const command = KILLED[attempt % KILLED.length];
      const folder = join(root, `attempt-${attempt}`);
      await before(command, folder, { files, whole: join(root, 'whole') });
      const wasKilled = await killAfter(argsOf(command, files), folder, prng.next() * expected.durationMs[command]);
      if (wasKilled) {
        done += 1;
        killsByCommand[command] += 1;
        const problem = await problemOf(folder, files, expected);
        if (problem !== '') problems.push(`${command}, attempt ${attempt}: ${problem}`);
      }
      rmSync(folder, { recursive: true });
    }
  } finally {
    rmSync(root, { recursive: true });
  }
  return { kills: done, killsByCommand, problems };
}

interface Whole {
  readonly storeHash: unknown;
  readonly runId: string;
  readonly files: readonly Buffer[];
  readonly durationMs: Readonly<Record<Killed, number>>;
}

function argsOf(command: Killed, files: string): string[] {
  return command === 'import' ? ['import', join(files, 'candles'), '--interval', '15m'] : [command];
}

/** The project in which nothing is killed. */
async function wholeProject(folder: string, files: string): Promise<Whole> {
  mkdirSync(folder);
  writeTinyProject(folder);
  const durationMs = { import: 0, scout: 0, backtest: 0, run: 0 };
  for (const command of ['import', 'scout', 'backtest'] as const) {
    const startMs = performance.now();
    await toTheEnd(argsOf(command, files), folder);
    durationMs[command] = performance.now() - startMs;
  }
  durationMs.run = durationMs.scout + durationMs.backtest;
  const result = await resultOf(folder);
  return { ...result, durationMs };
}

interface Places {
  readonly files: string;
  readonly whole: string;
}

/** A project as far as the command needs it. */
async function before(command: Killed, folder: string, { files, whole }: Places): Promise<void> {
  mkdirSync(folder);
  if (command === 'import') {
    writeTinyProject(folder);
    return;
  }
  cpSync(whole, folder, { recursive: true });
  rmSync(join(folder, 'results'), { recursive: true, force: true });
  if (command !== 'backtest') rmSync(join(folder, 'signals'), { recursive: true, force: true });
  else await toTheEnd(argsOf('scout', files), folder);
}

/** What a user does afterwards: reads what is there, then runs everything again. '' = as if nothing had happened. */
async function problemOf(folder: string, files: string, expected: Whole): Promise<string> {
  for (const args of [['data', 'status'], ['list']]) {
    const read = await donch([...args, '--json'], { cwd: folder });
    if (read.code !== 0 && !/no_candles|no_venue/.test(read.stdout))
      return `${args.join(' ')} ended with ${read.code}: ${read.stderr}`;
  }
  for (const command of ['import', 'run'] as const) {
    const again = await donch(argsOf(command, files), { cwd: folder });
    if (again.code !== 0) return `${command} afterwards ended with ${again.code}: ${again.stderr}`;
  }
  const found = await resultOf(folder);
  if (found.storeHash !== expected.storeHash) return 'the store holds something else';
  if (found.runId !== expected.runId) return `run ${found.runId}, expected ${expected.runId}`;
  const differing = found.files.findIndex((bytes, k) => !bytes.equals(expected.files[k]));
  return differing < 0 ? '' : `${RESULT_FILES[differing]} has other bytes`;
}

const RESULT_FILES = ['trades.parquet', 'equity.parquet', 'decisions.parquet', 'summary.json'];

async function resultOf(folder: string): Promise<Omit<Whole, 'durationMs'>> {
  const { storeHash } = documentIn(await donch(['data', 'certificate', '--verify', '--json'], { cwd: folder }));
  const { latest } = documentIn(await donch(['list', '--json'], { cwd: folder }));
  const run = join(folder, 'results', 'runs', String(latest));
  return { storeHash, runId: String(latest), files: RESULT_FILES.map((name) => readFileSync(join(run, name))) };
}

/** Starts a command without the launcher in between: what is killed is the program. */
function start(args: readonly string[], cwd: string): ChildProcess {
  const main = join(PRODUCT_FOLDER, 'apps', 'research-cli', 'src', 'main.ts');
  return spawn(process.execPath, [main, ...args], { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
}

async function toTheEnd(args: readonly string[], cwd: string): Promise<void> {
  const child = start(args, cwd);
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`${args.join(' ')} ended with exit code ${code}: ${stderr}`);
}

/** False when the command was over before. */
async function killAfter(args: readonly string[], cwd: string, delayMs: number): Promise<boolean> {
  const child = start(args, cwd);
  child.stderr?.resume();
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  await Promise.race([wait(delayMs), ended]);
  child.kill('SIGKILL');
  return (await ended) === null;
}
