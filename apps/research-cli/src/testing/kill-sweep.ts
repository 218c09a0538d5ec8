/**
 * SIGKILL at random moments of `donch sweep`, several in a row of the same project, then the sweep runs to its end: every file of the
 * results and every trial must be those of a sweep that was never killed, and nothing may be left over. What can be seen in between
 * must be whole, and a chunk that was finished is not computed again.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createPrng, type Prng } from '@donch/core';
import { donch, endOf, startProgram, type Ended } from './run-donch.ts';
import { leftOvers, PHASES, resultFiles, sweepState, trialsIn, type Phase, type SweepState } from './sweep-state.ts';
import { makeTinyProject } from './tiny-project.ts';

/** Where a project is killed, one after the other. */
const SEQUENCE: readonly Phase[] = ['scanning', 'evaluating', 'evaluating', 'recording', 'keeping', 'publishing'];

export interface KillSweepOptions {
  readonly kills: number;
  readonly seed: number;
  /** Makes the project, without results. */
  readonly make: (folder: string) => Promise<void>;
  /** Of `donch`. */
  readonly args: readonly string[];
  /** Of the sweep. */
  readonly chunks: number;
  /** True: the scans are there before anything is killed. */
  readonly isScanned: boolean;
}

export interface KillSweepReport {
  readonly kills: number;
  readonly killsByPhase: Readonly<Record<Phase, number>>;
  /** Kills while finished chunks waited for the rest of their sweep. */
  readonly killsWithChunks: number;
  /** Projects in which they happened. */
  readonly projects: number;
  readonly trials: number;
  readonly durationMs: Readonly<Record<Phase, number>>;
  /** What went wrong; empty = nothing. */
  readonly problems: readonly string[];
}

/** Two sets of signals, 128 variants each; half of them go through the engine. */
const TINY_GRID = `VOL_MULTIPLE: [1.2, 1.5]
SL_ATR_MULT: [1, 1.5, 2, 2.5]
FINAL_TP_ATR_MULT: [3, 4, 6, null]
TIME_EXIT_HOURS: [12, 24, 48, null]
TRAIL_AFTER_TP1: [true, false]
`;

/** A sweep of the tiny project with enough chunks to be interrupted between them. */
export const TINY_SWEEP: Pick<KillSweepOptions, 'make' | 'args' | 'chunks' | 'isScanned'> = {
  make: async (folder) => {
    await makeTinyProject(folder);
    writeFileSync(join(folder, 'grid.yaml'), TINY_GRID);
  },
  args: 'sweep --grid grid.yaml --set TRAIL_START=entry --min-trades 5 --robust-topk 1'.split(' '),
  chunks: 4,
  isScanned: false,
};

/** Kills sweeps until there were `kills` kills. */
export async function killSweep(options: KillSweepOptions): Promise<KillSweepReport> {
  const prng = createPrng(options.seed, 'kills of sweeps');
  const root = mkdtempSync(join(tmpdir(), 'donch-kill-sweep-'));
  const kills: SweepState[] = [];
  const problems: string[] = [];
  let projects = 0;
  try {
    const whole = await wholeSweep(root, options);
    while (kills.length < options.kills && problems.length === 0) {
      const folder = join(root, `project-${projects}`);
      cpSync(whole.start, folder, { recursive: true });
      for (const phase of SEQUENCE.slice(0, options.kills - kills.length)) {
        const { killed, problem } = await killOnce(folder, phase, { ...options, whole, prng });
        if (problem !== '') problems.push(`project ${projects}, ${phase}: ${problem}`);
        if (killed !== null) kills.push(killed);
      }
      problems.push(...(await atTheEnd(folder, options, whole)).map((problem) => `project ${projects}: ${problem}`));
      rmSync(folder, { recursive: true });
      projects += 1;
    }
    const count = (wanted: Phase): number => kills.filter(({ phase }) => phase === wanted).length;
    return {
      kills: kills.length,
      killsByPhase: byPhase(count),
      killsWithChunks: kills.filter(({ chunks }) => chunks.size > 0).length,
      projects,
      trials: whole.trials.length,
      durationMs: whole.durationMs,
      problems,
    };
  } finally {
    rmSync(root, { recursive: true });
  }
}

const byPhase = (value: (phase: Phase) => number): Record<Phase, number> =>
  Object.fromEntries(PHASES.map((phase) => [phase, value(phase)])) as Record<Phase, number>;

interface Whole {
  /** The project as it is before a sweep that is going to be killed. */
  readonly start: string;
  readonly files: ReadonlyMap<string, Buffer>;
  readonly trials: readonly string[];
  readonly durationMs: Readonly<Record<Phase, number>>;
}

/** The project in which nothing is killed. */
async function wholeSweep(root: string, { make, args, chunks, isScanned }: KillSweepOptions): Promise<Whole> {
  const [start, folder] = [join(root, 'start'), join(root, 'whole')];
  mkdirSync(start);
  await make(start);
  if (isScanned) {
    await toTheEnd(args, start);
    keepScans(join(start, 'results'));
  }
  cpSync(start, folder, { recursive: true });
  const durationMs = byPhase(() => 0);
  let seenMs = performance.now();
  const ended = toTheEnd(args, folder).then(() => 'ended');
  for (let state: unknown = ''; state !== 'ended';) {
    state = await Promise.race([wait(1), ended]);
    const nowMs = performance.now();
    durationMs[sweepState(folder, chunks).phase] += nowMs - seenMs;
    seenMs = nowMs;
  }
  return { start, files: resultFiles(folder), trials: trialsIn(folder), durationMs };
}

function keepScans(results: string): void {
  const runs = join(results, 'runs');
  for (const name of readdirSync(results)) if (name !== 'runs') rmSync(join(results, name), { recursive: true });
  for (const name of readdirSync(runs)) if (!name.startsWith('scout-')) rmSync(join(runs, name), { recursive: true });
}

interface Killing extends Pick<KillSweepOptions, 'args' | 'chunks'> {
  readonly whole: Whole;
  readonly prng: Prng;
}

/** One kill at a random moment of the phase, or after it where a sweep is faster; then a look at what others would see. */
async function killOnce(
  folder: string,
  phase: Phase,
  killing: Killing,
): Promise<{ readonly killed: SweepState | null; readonly problem: string }> {
  const { args, chunks, whole } = killing;
  const before = sweepState(folder, chunks);
  const child = startProgram(args, { cwd: folder });
  const ended = endOf(child);
  await untilMoment(folder, phase, { ...killing, before, ended });
  child.kill('SIGKILL');
  const { code, stderr } = await ended;
  if (code !== -1) return { killed: null, problem: code === 0 ? '' : `ended with ${code}: ${stderr}` };
  const killed = sweepState(folder, chunks);
  for (const [path, mtimeMs] of before.chunks)
    if (killed.chunks.has(path) && killed.chunks.get(path) !== mtimeMs)
      return { killed, problem: `${path} was computed again` };
  return { killed, problem: await visibleProblem(folder, whole) };
}

interface Moment extends Killing {
  readonly before: SweepState;
  readonly ended: Promise<Ended>;
}

/** Most of what is seen as the last phase is the process on its way out. */
const LAST_PART = 3;

/** Waits for the phase (in an evaluation for some more chunks) and then a random part of its time. */
async function untilMoment(
  folder: string,
  phase: Phase,
  { before, chunks, whole, prng, ended }: Moment,
): Promise<void> {
  const { durationMs } = whole;
  const done = before.chunks.size;
  const isEvaluating = phase === 'evaluating';
  const wanted = isEvaluating ? done + prng.below(Math.max(1, chunks - done)) : chunks;
  let isOver = false;
  const over = ended.finally(() => (isOver = true));
  const isThere = (): boolean => {
    const now = sweepState(folder, chunks);
    const isLater = PHASES.indexOf(now.phase) > PHASES.indexOf(phase);
    if (isOver || isLater || now.phase !== phase) return isOver || isLater;
    return !isEvaluating || (now.owner !== before.owner && now.chunks.size >= wanted);
  };
  const isThereAlready = isThere();
  while (!isThere()) await Promise.race([wait(1), over]);
  const isLast = phase === 'publishing';
  const partMs = isEvaluating ? durationMs.evaluating / chunks : durationMs[phase] / (isLast ? LAST_PART : 1);
  // where an earlier kill fell into this phase, its beginning cannot be seen
  const startMs = isThereAlready && phase !== 'scanning' ? durationMs.scanning : 0;
  await Promise.race([wait(prng.next() * (startMs + partMs)), over]);
}

/** What users see after a kill: commands that read, and files that are either there and whole or not there. */
async function visibleProblem(folder: string, { files }: Whole): Promise<string> {
  for (const args of [['list'], ['trials']]) {
    const read = await donch([...args, '--json'], { cwd: folder });
    if (read.code !== 0) return `${args.join(' ')} ended with ${read.code}: ${read.stderr}`;
  }
  for (const [name, bytes] of resultFiles(folder)) {
    const expected = files.get(name);
    if (expected === undefined) return `${name} was made`;
    if (!bytes.equals(expected)) return `${name} has other bytes`;
  }
  return '';
}

/** What differs when the sweep has run to its end. */
async function atTheEnd(folder: string, { args }: KillSweepOptions, { files, trials }: Whole): Promise<string[]> {
  await toTheEnd(args, folder);
  const found = resultFiles(folder);
  const names = [...new Set([...files.keys(), ...found.keys()])].sort();
  const differing = names.filter((name) => !(files.get(name)?.equals(found.get(name) ?? new Uint8Array()) ?? false));
  const known = new Set(trials);
  const foundTrials = trialsIn(folder);
  return [
    ...differing.map((name) => `${name} is not that of a sweep without kills`),
    ...(foundTrials.length === trials.length ? [] : [`${foundTrials.length} trials instead of ${trials.length}`]),
    ...foundTrials.filter((trial) => !known.has(trial)).map((trial) => `another trial: ${trial}`),
    ...leftOvers(folder).map((name) => `left over: ${name}`),
  ];
}

async function toTheEnd(args: readonly string[], cwd: string): Promise<void> {
  const { code, stderr } = await endOf(startProgram(args, { cwd }));
  if (code !== 0) throw new Error(`${args.join(' ')} ended with exit code ${code}: ${stderr}`);
}
