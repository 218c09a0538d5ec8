/** A chaos run as it is in life: the trader a process that is killed with SIGKILL, the venue on a socket, ccxt in between. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createPrng, MINUTE_MS, type Prng } from '@donch/core';
import { readJournal } from '@donch/data';
import {
  FaultPlan,
  LoopbackExchange,
  PASSING_FAULTS,
  publicEndpoints,
  scaledClock,
  startLoopbackServer,
  type Clock,
  type FenceSettings,
} from '@donch/exchange';
import type { ChaosProcessTask } from '../workers/chaos-process.ts';
import type { ChaosRun, ChaosRunOptions } from './chaos-run.ts';
import { CHAOS_INTERVAL_MS, CHAOS_KEYS, CHAOS_START_USD, chaosWorld } from './chaos-world.ts';
import { judge, UNPROTECTED_MAX_SEC } from './oracle.ts';
import { actByChance } from './venue-acts.ts';

export type ChaosProcessOptions = Pick<ChaosRunOptions, 'seed' | 'settings' | 'terms'> &
  Partial<Pick<ChaosRunOptions, 'minutes' | 'symbols' | 'faultFrac' | 'kills' | 'acts' | 'faultIds'>>;

/** Times as fast as life. */
const SPEED = 25;
/** Numbers of the profile: a request takes SPEED times as long as in life, so everything that waits for it does too. */
const FENCE: FenceSettings = { recvWindowMs: 60_000, visibilityMs: 15_000, cleanMissesMin: 3, overlapMs: 300_000 };
const DEADLINE_WALL_MS = 400;
const QUIET_MS = 5 * MINUTE_MS;
/** At the very end nothing happens any more: what a process does not hear before it ends, it cannot know. */
const STILL_MS = 2 * MINUTE_MS;
const DOWN_MAX_MS = 15_000;
/** A process that starts again takes seconds, on a busy machine more. */
const RESTART_MAX_SEC = 15 * SPEED;

export async function runChaosProcesses(options: ChaosProcessOptions): Promise<ChaosRun> {
  const folder = mkdtempSync(join(tmpdir(), 'donch-chaos-'));
  try {
    return await new ProcessRun(options, folder).play();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

class ProcessRun {
  readonly #options: Required<ChaosProcessOptions>;
  readonly #folder: string;
  readonly #prng: Prng;
  readonly #clock: Clock;
  readonly #time: { readonly startMs: number; readonly wallStartMs: number; readonly speed: number };
  readonly #endMs: number;
  readonly #faults = new FaultPlan();
  readonly #world: ReturnType<typeof chaosWorld>;
  readonly #exchange: LoopbackExchange;
  readonly #problems: string[] = [];
  #kills = 0;

  constructor(options: ChaosProcessOptions, folder: string) {
    this.#options = {
      minutes: 10,
      symbols: 4,
      faultFrac: 0.08,
      kills: 2,
      acts: 8,
      faultIds: PASSING_FAULTS,
      ...options,
    };
    this.#folder = folder;
    const { seed, symbols, minutes } = this.#options;
    this.#prng = createPrng(seed, 'chaos processes');
    this.#world = chaosWorld(seed, symbols);
    const { market, startMs } = this.#world;
    this.#time = { startMs, wallStartMs: Date.now(), speed: SPEED };
    this.#clock = scaledClock(this.#time);
    this.#endMs = startMs + minutes * MINUTE_MS;
    market.frozenAtMs = this.#endMs + QUIET_MS - STILL_MS;
    this.#exchange = new LoopbackExchange({
      market,
      nowMs: () => this.#clock.nowMs(),
      keys: CHAOS_KEYS,
      options: { walletUsd: CHAOS_START_USD, visibilityLagMs: 2_000 },
      publicEndpoints: publicEndpoints(market),
    });
  }

  async play(): Promise<ChaosRun> {
    const { seed, faultFrac, faultIds } = this.#options;
    const server = await startLoopbackServer({ exchange: this.#exchange, faults: this.#faults, clock: this.#clock });
    this.#faults.randomly(seed, faultFrac, { ids: faultIds });
    const taskPath = this.#writeTask(server.url);
    try {
      await Promise.all([this.#processes(taskPath), this.#acts(), this.#calmDown()]);
    } finally {
      await server.close();
    }
    const { cashUsd } = JSON.parse(readFileSync(this.#resultPath, 'utf8')) as { readonly cashUsd: number };
    const verdict = judge({
      truth: this.#exchange.truth(),
      records: readJournal(this.#journalPath).records,
      intervalMs: CHAOS_INTERVAL_MS,
      cashChangeUsd: cashUsd - CHAOS_START_USD,
      unprotectedMaxSec: UNPROTECTED_MAX_SEC + RESTART_MAX_SEC,
    });
    return { ...verdict, seed, faults: this.#faults.happened, kills: this.#kills, told: this.#problems };
  }

  get #journalPath(): string {
    return join(this.#folder, 'journal.log');
  }

  get #resultPath(): string {
    return join(this.#folder, 'result.json');
  }

  #writeTask(baseUrl: string): string {
    const { seed, settings, terms } = this.#options;
    const task: ChaosProcessTask = {
      baseUrl,
      journalPath: this.#journalPath,
      resultPath: this.#resultPath,
      seed,
      entryFrac: 0.3,
      symbols: this.#world.symbols,
      settings,
      terms,
      rules: this.#world.rules,
      fence: FENCE,
      clock: this.#time,
      deadlineMs: DEADLINE_WALL_MS,
      requestsPerSecond: 50 * SPEED,
      startMs: this.#world.startMs,
      entriesUntilMs: this.#endMs - 2 * MINUTE_MS,
      barsUntilMs: this.#endMs + QUIET_MS - STILL_MS,
      endMs: this.#endMs + QUIET_MS,
    };
    const path = join(this.#folder, 'task.json');
    writeFileSync(
      path,
      JSON.stringify(task, (_, value: unknown) =>
        typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
      ),
    );
    return path;
  }

  /** One process after the other, each killed at some moment; the last one lives to the end. */
  async #processes(taskPath: string): Promise<void> {
    const { kills } = this.#options;
    for (let life = 0; life < kills; life += 1) {
      const child = start(taskPath);
      const lifeMs = (0.4 + 1.2 * this.#prng.next()) * ((this.#endMs - this.#world.startMs) / (kills + 1));
      await Promise.race([ended(child), this.#clock.sleep(lifeMs)]);
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        this.#kills += 1;
      } else this.#problems.push(`a trader ended by itself: ${child.exitCode}`);
      await ended(child);
      await this.#clock.sleep(this.#prng.next() * DOWN_MAX_MS);
    }
    const last = start(taskPath);
    const code = await ended(last);
    if (code !== 0) throw new Error(`the last trader ended with exit code ${code}`);
  }

  async #calmDown(): Promise<void> {
    await this.#clock.sleep(this.#endMs - this.#clock.nowMs());
    this.#faults.stop();
    this.#exchange.levers.setVisibilityLag(0);
  }

  async #acts(): Promise<void> {
    const { acts, minutes } = this.#options;
    for (let k = 0; k < acts; k += 1) {
      await this.#clock.sleep((2 * this.#prng.next() * minutes * MINUTE_MS) / (acts + 1));
      if (this.#clock.nowMs() >= this.#endMs) return;
      this.#exchange.advance(this.#clock.nowMs());
      const id = actByChance(this.#exchange, this.#prng);
      this.#faults.happened.set(id, (this.#faults.happened.get(id) ?? 0) + 1);
    }
  }
}

const PROCESS = fileURLToPath(new URL('../workers/chaos-process.ts', import.meta.url));

function start(taskPath: string): ChildProcess {
  return spawn(process.execPath, [PROCESS, taskPath], { stdio: ['ignore', 'inherit', 'inherit'] });
}

function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => {
    child.once('exit', resolve);
  });
}
