/** A process for trial-ledger.test.ts: records trials until it is killed or has recorded enough. Prints the number of every finished one. */
import { writeSync } from 'node:fs';
import { DAY_MS } from '@donch/core';
import type { Trial } from './ledger-record.ts';
import { TrialLedger } from './trial-ledger.ts';

/** Trial number k of a series, the same in every process. */
export function numberedTrial(series: string, k: number, days = 30): Trial {
  const values = Float64Array.from({ length: days }, (_, day) => Math.sin(k * 1_000 + day) / 100);
  return {
    kind: 'sweep',
    runId: `sweep-${series}`,
    evaluatedMs: 1_700_000_000_000 + k,
    specHash: 'spec',
    configHash: `config of ${series}`,
    universeHash: null,
    dataHash: 'data',
    startMs: 20_000 * DAY_MS,
    endMs: (20_000 + days) * DAY_MS,
    parameters: { k },
    configurations: 1,
    trades: k,
    moments: { days, mean: Math.sin(k), sd: 1 + (k % 7), skew: Math.cos(k), kurtosis: 3 + k },
    returns: { firstDayMs: 20_000 * DAY_MS, values },
  };
}

function recordUntilKilled([results, series, from, to, batch]: readonly string[]): void {
  const ledger = new TrialLedger(results);
  const size = Number(batch);
  for (let k = Number(from); k < Number(to); k += size) {
    ledger.recordMany(Array.from({ length: size }, (_, at) => numberedTrial(series, k + at)));
    writeSync(1, `${k + size - 1}\n`);
  }
}

if (import.meta.main) recordUntilKilled(process.argv.slice(2));
