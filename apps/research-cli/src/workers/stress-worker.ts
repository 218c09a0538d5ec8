/** What the stressing thread does: a stored run simulated again, and then under worse conditions. */
import { runBacktest, stressRun, type StressReport } from '@donch/backtester';
import { DonchError, numbersOf, type InstrumentId, type Table } from '@donch/core';
import { openStore } from '@donch/data';
import { answer, type Answer } from './sent-error.ts';
import type { SharedProgress } from './shared-progress.ts';
import { candleRange, marketOf, withCandles, type MarketTask } from './simulated-market.ts';

export interface StressTask {
  readonly market: MarketTask;
  /** Equity of the stored run at every bar. */
  readonly equityUsd: Float64Array;
  /** Null = none is stored. */
  readonly reference: InstrumentId | null;
  readonly seed: number;
  readonly progress: SharedProgress;
}

/** Throws `run_outdated` when the run does not come out as it is stored. */
export function stress(task: StressTask): Promise<Answer<StressReport>> {
  const { market, reference, seed, progress } = task;
  return answer(async () => {
    const store = openStore(market.dataFolder, { useCache: market.useCache }).candles;
    const range = candleRange(market);
    const candles = reference === null ? null : await store.read(reference, market.interval, range);
    return withCandles(market, (known) => {
      const run = marketOf(market, known);
      // all of them will be looked at: one whose candles are not ready is better missed now than after half of the work
      for (const { instrumentId } of run.signals) run.candlesOf(instrumentId);
      const result = runBacktest(run);
      checkSame(task.equityUsd, result.equity);
      return stressRun({
        run,
        result,
        seed,
        reference: reference === null || candles === null ? null : { instrumentId: reference, candles },
        onProgress: (doneFrac) => {
          progress[0] = doneFrac;
        },
      });
    });
  });
}

/** Equity holds every fill, fee and mark: where no bar of it differs, the run is the one that was stored. */
function checkSame(stored: Float64Array, equity: Table): void {
  const again = numbersOf(equity, 'equity_usd');
  if (again.length === stored.length && again.every((usd, row) => usd === stored[row])) return;
  throw new DonchError('run_outdated', `simulated again it ends with ${again[again.length - 1]} USD`, {
    expected: `${stored[stored.length - 1]} USD and the same equity at every bar, as it is stored`,
    remedy: 'Candles, funding, instrument rules or the program have changed since: make the run again.',
  });
}
