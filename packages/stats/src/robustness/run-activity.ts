/** How much a run was in the market. */
import { DAY_MS, medianOf } from '@donch/core';
import type { Refusal } from '../bootstrap/interval.ts';
import { exposureOf } from '../metrics/exposure.ts';
import { YEAR_DAYS } from '../metrics/growth.ts';
import { mean } from '../moments.ts';
import type { RobustnessInput, RobustnessTrades } from './robustness-input.ts';
import type { RunActivity } from './run-robustness.ts';

/** Days from entry to exit of each trade. */
export function holdingDays({ entryTimeMs, exitTimeMs }: RobustnessTrades): Float64Array {
  return entryTimeMs.map((entryMs, k) => (exitTimeMs[k] - entryMs) / DAY_MS);
}

/** Exposure, holding time, trades and turnover per year of 365 days. Refused without trades. */
export function runActivity(input: RobustnessInput): RunActivity | Refusal<'no_trades'> {
  const { trades, startMs, endMs, dailyReturns, startCapitalUsd } = input;
  const count = trades.pnlR.length;
  if (count === 0) return { kind: 'refused', reason: 'no_trades', found: 0, needed: 1 };
  const years = (endMs - startMs) / DAY_MS / YEAR_DAYS;
  const held = holdingDays(trades);
  const tradedUsd = trades.tradedUsd.reduce((sum, value) => sum + value, 0);
  return {
    kind: 'activity',
    exposure: exposureOf({ fromMs: trades.entryTimeMs, toMs: trades.exitTimeMs }, startMs, endMs),
    holdingDaysMean: mean(held),
    holdingDaysMedian: medianOf(held),
    tradesPerYear: count / years,
    turnoverPerYear: tradedUsd / meanEquity(dailyReturns, startCapitalUsd) / years,
  };
}

/** Mean of the equity at the ends of the days; NaN without days. */
function meanEquity(dailyReturns: Float64Array, startCapitalUsd: number): number {
  let equity = startCapitalUsd;
  return mean(dailyReturns.map((value) => (equity *= 1 + value)));
}
