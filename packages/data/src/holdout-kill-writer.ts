/** A process for holdout-log.test.ts: records looks until it is killed. Prints the number of every one that is on the disk. */
import { writeSync } from 'node:fs';
import { DAY_MS } from '@donch/core';
import { recordHoldoutLook, type HoldoutLook } from './holdout-log.ts';

/** Look number k, the same in every process. */
export function numberedLook(k: number, configuration = k): HoldoutLook {
  return {
    time: 1_700_000_000_000 + k,
    start_time: 20_000 * DAY_MS,
    end_time: 20_100 * DAY_MS,
    configuration_id: configuration.toString(16).padStart(24, '0'),
    trial_id: k.toString(16).padStart(24, 'f'),
    run_id: 'backtest-0123456789abcdef',
    data_hash: 'data',
    reason: `look ${k}`,
  };
}

const LOOKS_MAX = 10_000;

function recordUntilKilled(resultsFolder: string, from: number): void {
  for (let k = from; k < from + LOOKS_MAX; k += 1) {
    recordHoldoutLook(resultsFolder, numberedLook(k));
    writeSync(1, `${k}\n`);
  }
}

if (import.meta.main) recordUntilKilled(process.argv[2], Number(process.argv[3]));
