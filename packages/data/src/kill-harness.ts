/** Kills writers at random moments while reading what they write. For kill.test.ts and kill.long.ts. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPrng, DonchError, type Candles } from '@donch/core';
import { KILL_INSTRUMENTS, KILL_START_MS, killBar, killRunText } from './kill-writer.ts';
import { RunStore } from './run-folder.ts';
import { openStore } from './store.ts';

export interface KillReport {
  readonly kills: number;
  /** Steps that the writers finished. */
  readonly steps: number;
  /** Reads that were made while a writer was at work. */
  readonly reads: number;
  /** What was seen that may never be seen. */
  readonly violations: readonly string[];
}

export interface KillOptions {
  readonly folder: string;
  readonly kills: number;
  readonly seed: number;
}

/** Longest time between the first finished step and the kill. */
const LIFE_MS_MAX = 400;

/** Starts a writer, reads beside it, kills it, checks what it left, and again. */
export async function killWriters({ folder, kills, seed }: KillOptions): Promise<KillReport> {
  const prng = createPrng(seed, 'kill');
  const violations: string[] = [];
  let [last, reads] = [-1, 0];
  for (let kill = 0; kill < kills; kill += 1) {
    const writer = startWriter(folder, last + 1);
    // Some die while they start, with the lock and the log being opened.
    if (prng.next() < 0.8) await writer.firstStep;
    else await sleep(prng.below(600));
    const endMs = Date.now() + prng.next() * LIFE_MS_MAX;
    while (Date.now() < endMs) {
      const before = Math.max(last, writer.lastStep());
      violations.push(...(await candleProblems(folder, { from: before, to: Infinity, useCache: prng.next() < 0.5 })));
      violations.push(...runProblems(folder));
      reads += 1;
      await sleep(prng.below(5));
    }
    await writer.kill();
    const finished = Math.max(last, writer.lastStep());
    violations.push(...(await candleProblems(folder, { from: finished, to: finished + 1, useCache: kill % 2 === 0 })));
    violations.push(...runProblems(folder));
    last = await lastBar(folder);
  }
  return { kills, steps: last + 1, reads, violations };
}

interface Writer {
  readonly firstStep: Promise<unknown>;
  lastStep(): number;
  kill(): Promise<void>;
}

function startWriter(folder: string, from: number): Writer {
  const script = join(import.meta.dirname, 'kill-writer.ts');
  const child: ChildProcess = spawn(process.execPath, [script, folder, String(from)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const firstStep = new Promise<void>((resolve) => {
    child.stdout?.on('data', (data: Buffer) => {
      output += data.toString();
      resolve();
    });
    child.once('close', () => resolve());
  });
  return {
    firstStep,
    lastStep: () => Number(output.slice(0, output.lastIndexOf('\n')).split('\n').at(-1) || -1),
    kill: async () => {
      child.kill('SIGKILL');
      await closed;
    },
  };
}

interface Expected {
  /** Last bar that must be there. */
  readonly from: number;
  /** Last bar that may be there. */
  readonly to: number;
  readonly useCache: boolean;
}

async function candleProblems(folder: string, { from, to, useCache }: Expected): Promise<string[]> {
  const problems: string[] = [];
  const { candles } = openStore(folder, { useCache });
  for (const id of KILL_INSTRUMENTS) {
    try {
      const read = await candles.read(id, '1d');
      const problem = problemOf(read);
      if (problem !== null) problems.push(`${id}: ${problem}`);
      const last = read.length - 1;
      if (!(last >= from && last <= to)) problems.push(`${id}: ${last} is the last bar, expected ${from} to ${to}`);
    } catch (error) {
      const isEmpty = error instanceof DonchError && error.code === 'no_candles' && from < 0;
      if (!isEmpty) problems.push(`${id}: ${String(error)}`);
    }
  }
  return problems;
}

/** Bars 0, 1, 2, ... without a hole, each with its values. */
function problemOf(read: Candles): string | null {
  for (let k = 0; k < read.length; k += 1) {
    const bar = killBar(k);
    const isRight =
      read.openTimeMs[k] === bar.openTimeMs &&
      read.close[k] === bar.close &&
      read.volume[k] === bar.volume &&
      read.turnover[k] === bar.turnover;
    if (!isRight) return `row ${k} is ${(read.openTimeMs[k] - KILL_START_MS) / 86_400_000}:${read.close[k]}`;
  }
  return null;
}

async function lastBar(folder: string): Promise<number> {
  const { candles } = openStore(folder, { useCache: false });
  const lengths = [];
  for (const id of KILL_INSTRUMENTS) lengths.push((await candles.read(id, '1d')).length);
  return Math.min(...lengths) - 1;
}

function runProblems(folder: string): string[] {
  const results = join(folder, 'results');
  const store = new RunStore(results);
  const problems: string[] = [];
  const latest = store.latest();
  const found = latest === null ? null : store.find(latest, { verify: true });
  if (found !== null && found.kind !== 'found') problems.push(`the latest run ${latest} is ${found.kind}`);
  const path = join(results, 'trades.csv');
  if (existsSync(path)) {
    const text = readFileSync(path, 'utf8');
    const k = Number(/^run (\d+)/.exec(text)?.[1]);
    if (text !== killRunText(k)) problems.push('the published file is not one of the runs');
  }
  return problems;
}
