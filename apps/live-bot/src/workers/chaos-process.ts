/** The process of a chaos run: what is killed. Argument: a file with its task. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { InstrumentRules } from '@donch/core';
import { createBybitApi, scaledClock, type FenceSettings } from '@donch/exchange';
import { ChaosTrader, type ChaosTraderOptions } from '../chaos/chaos-trader.ts';
import { CHAOS_INTERVAL_MS, CHAOS_KEYS, rulesIn } from '../chaos/chaos-world.ts';
import { SessionJournal } from '../session/session-journal.ts';

export interface ChaosProcessTask extends Pick<
  ChaosTraderOptions,
  'seed' | 'entryFrac' | 'symbols' | 'settings' | 'terms' | 'startMs' | 'entriesUntilMs' | 'barsUntilMs'
> {
  readonly baseUrl: string;
  readonly journalPath: string;
  /** Written at the end: what the trader's account came to. */
  readonly resultPath: string;
  readonly rules: readonly InstrumentRules[];
  readonly fence: FenceSettings;
  readonly clock: { readonly startMs: number; readonly wallStartMs: number; readonly speed: number };
  /** Wall-clock time. */
  readonly deadlineMs: number;
  readonly requestsPerSecond: number;
  readonly endMs: number;
}

/** Numbers that JSON has no word for. */
function revived(_key: string, value: unknown): unknown {
  return value === 'Infinity' ? Infinity : value === 'NaN' ? Number.NaN : value;
}

const task = JSON.parse(readFileSync(process.argv[2], 'utf8'), revived) as ChaosProcessTask;
const clock = scaledClock(task.clock);
const journal = new SessionJournal(task.journalPath);
const api = await createBybitApi({
  site: { baseUrl: task.baseUrl },
  keys: CHAOS_KEYS,
  clock,
  recvWindowMs: task.fence.recvWindowMs,
  deadlineMs: task.deadlineMs,
  requestsPerSecond: task.requestsPerSecond,
});
const trader = new ChaosTrader({
  ...task,
  api,
  clock,
  journal,
  rulesOf: rulesIn(task.rules),
  intervalMs: CHAOS_INTERVAL_MS,
  stopTrigger: 'LastPrice',
});
await trader.run(task.endMs);
trader.close();
journal.close();
writeFileSync(task.resultPath, JSON.stringify({ cashUsd: trader.runner.session.state.cashUsd }));
await api.close();
process.exit(0);
