/** SIGKILL at random moments of `donch fetch`, then the same command again: the store must be, byte by byte, that of one download. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { PRODUCT_FOLDER } from '@donch/cli';
import { createPrng, DAY_MS } from '@donch/core';
import {
  CandleMarket,
  FaultPlan,
  LoopbackExchange,
  publicEndpoints,
  startLoopbackServer,
  systemClock,
} from '@donch/exchange';
import { syntheticMarket } from '@donch/sim';
import { donch } from './run-donch.ts';

const START_MS = Date.UTC(2025, 0, 6);
const DAYS = 90;
/** So slow that a download takes seconds. */
const RATE = '150';

export interface KillFetchReport {
  readonly kills: number;
  /** Kills after which the store held a part. */
  readonly killsInside: number;
  readonly problems: readonly string[];
}

/** Downloads that are killed again and again until there were `kills` kills. */
export async function killFetch(kills: number, seed: number): Promise<KillFetchReport> {
  const prng = createPrng(seed, 'kill fetch');
  const root = mkdtempSync(join(tmpdir(), 'donch-kill-fetch-'));
  const server = await loopback();
  const problems: string[] = [];
  let [done, killsInside] = [0, 0];
  try {
    const startedMs = performance.now();
    const whole = await wholeStore(join(root, 'whole'), server.url);
    const durationMs = performance.now() - startedMs;
    for (let attempt = 0; done < kills; attempt += 1) {
      const folder = join(root, `attempt-${attempt}`);
      await init(folder);
      for (let k = 0; k < 4 && done < kills; k += 1) {
        if (!(await killAfter(folder, server.url, (0.1 + 0.5 * prng.next()) * durationMs))) break;
        done += 1;
        const held = hashes(folder).size;
        if (held > 0 && held < whole.size) killsInside += 1;
      }
      await fetchWhole(folder, server.url);
      problems.push(...differences(hashes(folder), whole).map((text) => `attempt ${attempt}: ${text}`));
      rmSync(folder, { recursive: true });
    }
  } finally {
    await server.close();
    rmSync(root, { recursive: true });
  }
  return { kills: done, killsInside, problems };
}

async function loopback() {
  const source = syntheticMarket({
    seed: 5,
    symbols: 12,
    startMs: START_MS,
    days: DAYS,
    intervalMs: 300_000,
    mode: 'realistic',
  });
  const market = new CandleMarket(
    source.symbols.map(({ symbol, rules }, k) => ({ symbol, rules, candles: source.candles(k), funding: null })),
  );
  const exchange = new LoopbackExchange({
    market,
    nowMs: () => START_MS + DAYS * DAY_MS,
    keys: { apiKey: 'key', apiSecret: 'secret' },
    publicEndpoints: publicEndpoints(market),
    options: { rateLimits: false },
  });
  return startLoopbackServer({ exchange, faults: new FaultPlan(), clock: systemClock });
}

async function init(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const { code, stderr } = await donch(['init', '.'], { cwd: folder });
  if (code !== 0) throw new Error(stderr);
}

const argsOf = (url: string): string[] => [
  'fetch',
  '--base-url',
  url,
  '--rate',
  RATE,
  '--jobs',
  '3',
  '--open-interest',
];

async function fetchWhole(folder: string, url: string): Promise<void> {
  const { code, stderr } = await donch(argsOf(url), { cwd: folder });
  if (code !== 0) throw new Error(stderr);
}

async function wholeStore(folder: string, url: string): Promise<ReadonlyMap<string, string>> {
  await init(folder);
  await fetchWhole(folder, url);
  return hashes(folder);
}

/** Hash of every file that holds data; caches and locks are nobody's. */
function hashes(folder: string): Map<string, string> {
  const data = join(folder, 'data');
  if (!existsSync(data)) return new Map();
  const files = globSync('{candles,funding,open_interest,instruments,revisions}/**/*.{parquet,csv}', { cwd: data });
  return new Map(
    files.map((file) => [
      file,
      createHash('sha256')
        .update(readFileSync(join(data, file)))
        .digest('hex'),
    ]),
  );
}

function differences(found: ReadonlyMap<string, string>, expected: ReadonlyMap<string, string>): string[] {
  const names = new Set([...found.keys(), ...expected.keys()]);
  return [...names].filter((name) => found.get(name) !== expected.get(name)).map((name) => `${name} differs`);
}

/** Starts the command without the launcher, so that it is what is killed; false when it ended before. */
async function killAfter(folder: string, url: string, delayMs: number): Promise<boolean> {
  const main = join(PRODUCT_FOLDER, 'apps', 'research-cli', 'src', 'main.ts');
  const child = spawn(process.execPath, [main, ...argsOf(url)], { cwd: folder, stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  await Promise.race([ended, wait(delayMs)]);
  const isRunning = child.exitCode === null;
  child.kill('SIGKILL');
  await ended;
  return isRunning;
}
