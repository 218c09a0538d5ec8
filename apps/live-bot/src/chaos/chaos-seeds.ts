/** Many chaos runs: as processes with sockets and SIGKILL, or inside this process on a virtual clock; summed up. */
import { availableParallelism } from 'node:os';
import { Tinypool } from 'tinypool';
import { runChaosProcesses } from './chaos-processes.ts';
import type { ChaosRun, ChaosRunOptions } from './chaos-run.ts';
import type { ChaosVerdict } from './oracle.ts';

export interface ChaosSeeds extends Pick<ChaosRunOptions, 'settings' | 'terms' | 'minutes' | 'faultIds'> {
  readonly firstSeed: number;
  readonly seeds: number;
  /** Processes, sockets, ccxt and SIGKILL; else a virtual clock. */
  readonly processes: boolean;
  readonly signal: AbortSignal;
  readonly onRun: (run: ChaosRun) => void;
}

export interface ChaosSum extends Omit<ChaosVerdict, 'problems' | 'ledgerDifferenceUsd'> {
  readonly seeds: number;
  readonly faults: number;
  readonly kills: number;
  readonly ledgerDifferenceUsdMax: number;
  /** Seeds that found something, with what it was. */
  readonly bad: readonly { readonly seed: number; readonly problems: readonly string[] }[];
}

/** Process runs beside each other: they mostly wait. */
const PROCESS_RUNS = 8;

export async function runSeeds(options: ChaosSeeds): Promise<ChaosSum> {
  const { settings, terms, minutes, faultIds, firstSeed, seeds, processes, signal } = options;
  const runs: ChaosRun[] = [];
  const common = {
    settings,
    terms,
    ...(minutes === undefined ? {} : { minutes }),
    ...(faultIds === undefined ? {} : { faultIds }),
  };
  const pool = processes
    ? null
    : new Tinypool({
        filename: new URL('../workers/chaos-worker.ts', import.meta.url).href,
        maxThreads: availableParallelism(),
      });
  const one = (seed: number): Promise<ChaosRun> =>
    pool === null
      ? runChaosProcesses({ ...common, seed })
      : (pool.run({ ...common, seed }, { name: 'chaosSeed', signal }) as Promise<ChaosRun>);
  let next = firstSeed;
  const lane = async (): Promise<void> => {
    while (next < firstSeed + seeds && !signal.aborted) {
      const seed = next;
      next += 1;
      const run = await one(seed);
      runs.push(run);
      options.onRun(run);
    }
  };
  try {
    await Promise.all(Array.from({ length: processes ? PROCESS_RUNS : availableParallelism() }, lane));
  } finally {
    await pool?.destroy();
  }
  return summed(runs);
}

function summed(runs: readonly ChaosRun[]): ChaosSum {
  const sum = (value: (run: ChaosRun) => number): number => runs.reduce((total, run) => total + value(run), 0);
  const bad = runs.filter(({ ok }) => !ok).map(({ seed, problems }) => ({ seed, problems }));
  return {
    ok: bad.length === 0,
    seeds: runs.length,
    faults: sum(({ faults }) => [...faults.values()].reduce((a, b) => a + b, 0)),
    kills: sum(({ kills }) => kills),
    duplicateOrders: sum(({ duplicateOrders }) => duplicateOrders),
    lostFills: sum(({ lostFills }) => lostFills),
    doubledFills: sum(({ doubledFills }) => doubledFills),
    wrongVerdicts: sum(({ wrongVerdicts }) => wrongVerdicts),
    unprotectedSecondsMax: Math.max(0, ...runs.map(({ unprotectedSecondsMax }) => unprotectedSecondsMax)),
    rateLimitViolations: sum(({ rateLimitViolations }) => rateLimitViolations),
    ledgerDifferenceUsdMax: Math.max(0, ...runs.map(({ ledgerDifferenceUsd }) => Math.abs(ledgerDifferenceUsd))),
    orders: sum(({ orders }) => orders),
    fills: sum(({ fills }) => fills),
    trades: sum(({ trades }) => trades),
    bad,
  };
}
