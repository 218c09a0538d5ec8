/**
 * SIGKILL at random moments of a session, then the same command again: what the journal holds at the end must be, byte by byte, what a
 * session holds that was never killed - the same decisions, orders, positions and equity at every instant.
 */
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createPrng, type Prng } from '@donch/core';
import { startLiveBot } from './run-live-bot.ts';
import { makeSessionProject, SESSION_WINDOW } from './session-project.ts';

const ARGS = ['live', '--offline', ...SESSION_WINDOW, '--late-frac', '0.01', '--absent-frac', '0.002'];
/** Kills of one session before it may end. */
const KILLS_PER_SESSION = 5;

export interface KillReport {
  readonly kills: number;
  readonly sessions: number;
  /** Kills that left a journal that had begun and was not whole. */
  readonly killsInsideJournal: number;
  /** What went wrong; empty = nothing. */
  readonly problems: readonly string[];
}

/** Kills sessions until there were `kills` kills. */
export async function killSessions(kills: number, seed: number): Promise<KillReport> {
  const prng = createPrng(seed, 'kills');
  const project = await makeSessionProject();
  const problems: string[] = [];
  let [done, sessions, killsInsideJournal] = [0, 0, 0];
  try {
    await toTheEnd(project.folder);
    const whole = journalOf(project.folder);
    const durationMs = await durationOf(project.folder);
    while (done < kills) {
      const folder = copyWithoutSessions(project.folder);
      sessions += 1;
      try {
        for (let k = 0; k < KILLS_PER_SESSION && done < kills; k += 1) {
          if (!(await killAfter(folder, killDelayMs(prng, durationMs)))) break;
          done += 1;
          const size = sizeOf(folder);
          if (size > 0 && size < whole.length) killsInsideJournal += 1;
        }
        await toTheEnd(folder);
        const journal = journalOf(folder);
        if (!journal.equals(whole)) problems.push(`session ${sessions}: ${firstDifference(journal, whole)}`);
      } finally {
        rmSync(folder, { recursive: true });
      }
    }
  } finally {
    project.remove();
  }
  return { kills: done, sessions, killsInsideJournal, problems };
}

/** Four of five kills fall into the second half, when the journal is written; the others anywhere. */
function killDelayMs(prng: Prng, durationMs: number): number {
  return durationMs * (prng.next() < 0.2 ? prng.next() : 0.5 + 0.5 * prng.next());
}

/** Time of a session, caches being there. */
async function durationOf(project: string): Promise<number> {
  const folder = copyWithoutSessions(project);
  try {
    const startMs = performance.now();
    await toTheEnd(folder);
    return performance.now() - startMs;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function copyWithoutSessions(folder: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'donch-kill-'));
  cpSync(folder, copy, { recursive: true });
  rmSync(join(copy, 'live'), { recursive: true, force: true });
  return copy;
}

async function toTheEnd(folder: string): Promise<void> {
  const child = startLiveBot(ARGS, folder);
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`a session ended with exit code ${code}: ${stderr}`);
}

/** False when the session was over before. */
async function killAfter(folder: string, delayMs: number): Promise<boolean> {
  const child = startLiveBot(ARGS, folder);
  child.stderr?.resume();
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  await Promise.race([wait(delayMs), ended]);
  child.kill('SIGKILL');
  return (await ended) === null;
}

/** Path of the only journal; undefined before there is one. */
function journalPath(folder: string): string | undefined {
  const [path] = globSync('live/*/journal.log', { cwd: folder });
  return path === undefined ? undefined : join(folder, path);
}

function journalOf(folder: string): Buffer {
  const path = journalPath(folder);
  return path === undefined ? Buffer.alloc(0) : readFileSync(path);
}

function sizeOf(folder: string): number {
  const path = journalPath(folder);
  return path === undefined ? 0 : statSync(path).size;
}

function firstDifference(found: Buffer, expected: Buffer): string {
  const [left, right] = [found, expected].map((bytes) => bytes.toString('utf8').split('\n'));
  const line = right.findIndex((text, k) => text !== left[k]);
  return `line ${line + 1} of the journal is "${left[line]?.slice(0, 200)}", expected "${right[line]?.slice(0, 200)}"`;
}
