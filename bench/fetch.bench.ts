/**
 * Downloading candles: CPU time of the client per page of 1,000 rows, against reading and parsing the same answers alone; and a
 * nightly fetch of 553 symbols at 80 requests a second.
 */
import { fork, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BybitHistory, createBybitApi, systemClock } from '@donch/exchange';
import { median, type BenchReport } from './harness.ts';

const DAYS = 30;
const STEP_MS = 300_000;
const ROUNDS = 7;
const SYMBOLS_PER_ROUND = 6;
/** CPU of one page, client and transport; what the issue of the downloader asks for. */
const CPU_MS_MAX = 4;
const NIGHTLY_SEC_MAX = 180;

interface Started {
  readonly url: string;
  readonly startMs: number;
  readonly endMs: number;
}

export async function run(): Promise<BenchReport> {
  const server = fork(join(import.meta.dirname, 'fetch-server.ts'), [String(DAYS)]);
  const folder = mkdtempSync(join(tmpdir(), 'donch-bench-'));
  try {
    const { url, startMs, endMs } = await message<Started>(server);
    const api = await createBybitApi({
      site: { baseUrl: url },
      keys: null,
      clock: systemClock,
      requestsPerSecond: 5_000,
      recvWindowMs: 5_000,
      deadlineMs: 20_000,
    });
    const history = new BybitHistory({ api, clock: systemClock, signal: new AbortController().signal });
    const [candidate, reference]: [number[], number[]] = [[], []];
    let pages = 0;
    for (let round = -2; round < ROUNDS; round += 1) {
      const symbols = Array.from(
        { length: SYMBOLS_PER_ROUND },
        (_, k) => `S${String((round + 2) * SYMBOLS_PER_ROUND + k).padStart(3, '0')}USDT`,
      );
      const asked = history.requests;
      const ours = await cpuMs(async () => {
        for (const symbol of symbols)
          for await (const page of history.candles(symbol, STEP_MS, { fromMs: startMs, toMs: endMs }))
            pages += page.length > 0 ? 1 : 0;
      });
      const questions = history.requests - asked;
      const plain = await cpuMs(() => readPlain(url, symbols, { startMs, endMs }));
      if (round < 0) continue;
      candidate.push(ours / questions);
      reference.push(plain / questions);
    }
    await api.close();
    const nightly = await nightlySec(server, url, folder);
    const [cpu, referenceCpu] = [median(candidate), median(reference)];
    return {
      name: 'fetch',
      medianMs: cpu,
      referenceMedianMs: referenceCpu,
      ratio: cpu / referenceCpu,
      rounds: ROUNDS,
      figures: {
        pages,
        cpuMsPerPage: cpu,
        cpuMsLimit: CPU_MS_MAX,
        ...nightly,
        nightlySecLimit: NIGHTLY_SEC_MAX,
        keepsLimits: cpu <= CPU_MS_MAX && nightly.nightlySec <= NIGHTLY_SEC_MAX ? 1 : 0,
      },
    };
  } finally {
    server.kill();
    rmSync(folder, { recursive: true });
  }
}

/** The same answers, fetched and parsed and nothing else. */
async function readPlain(
  url: string,
  symbols: readonly string[],
  { startMs, endMs }: Omit<Started, 'url'>,
): Promise<void> {
  const pageMs = 1_000 * STEP_MS;
  for (const symbol of symbols) {
    for (let at = startMs; at < endMs; at += pageMs) {
      const last = Math.min(at + pageMs, endMs) - 1;
      const answer = await fetch(
        `${url}/v5/market/kline?category=linear&symbol=${symbol}&interval=5&start=${at}&end=${last}&limit=1000`,
      );
      JSON.parse(await answer.text());
    }
  }
}

async function cpuMs(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

function message<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve) => {
    child.once('message', (value) => {
      resolve(value as T);
    });
  });
}

/** A first download as fast as it goes, then a day later at the usual rate. */
async function nightlySec(
  server: ChildProcess,
  url: string,
  folder: string,
): Promise<{ readonly nightlySec: number; readonly nightlyRequests: number; readonly nightlyBars: number }> {
  donch(['init', '.'], folder);
  donch(['fetch', '--base-url', url, '--rate', '5000', '--start', '2025-01-25'], folder);
  const later = message(server);
  server.send('a day later');
  await later;
  const { seconds, requests, bars } = donch(['fetch', '--base-url', url, '--json'], folder);
  return { nightlySec: Number(seconds), nightlyRequests: Number(requests), nightlyBars: Number(bars) };
}

function donch(args: readonly string[], cwd: string): Readonly<Record<string, unknown>> {
  const { status, stdout, stderr } = spawnSync(join(import.meta.dirname, '..', 'donch'), args, {
    cwd,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`donch ${args.join(' ')} ended with ${status}: ${stderr}`);
  return args.includes('--json') ? (JSON.parse(stdout) as Readonly<Record<string, unknown>>) : {};
}
