/** Features of the instrument's completed UTC days, of the universe, and of its listing. */
import { DAY_MS, medianOf } from '@donch/core';
import type { FeatureContext, FeatureDef } from './feature.ts';
import { lazyFeature } from './lazy-feature.ts';

const LIQUIDITY_DAYS = 30;
const LIQUIDITY_DAYS_MIN = 10;
/** Days in the level of `prior_breakout_*`. */
const LEVEL_DAYS = 20;
const PRIOR_DAYS = 60;
/** A breakout has failed when a close within this many days falls below its level. */
const FAIL_DAYS = 3;

/** Median turnover of the last 30 completed days, USD, from at least 10 usable ones; NaN when yesterday is missing. */
function turnoverMedianUsd(context: FeatureContext): number {
  const daily = context.series('1d');
  const last = daily.rowAsOf(context.decisionTimeMs);
  if (last < 0) return Number.NaN;
  const { bars, usable } = daily.resampled;
  const fromMs = bars.openTimeMs[last] - (LIQUIDITY_DAYS - 1) * DAY_MS;
  const turnovers: number[] = [];
  for (let row = last; row >= 0 && bars.openTimeMs[row] >= fromMs; row -= 1) {
    if (usable[row] === 1) turnovers.push(bars.turnover[row]);
  }
  return turnovers.length >= LIQUIDITY_DAYS_MIN ? medianOf(Float64Array.from(turnovers)) : Number.NaN;
}

/** Counts completed days of the last 60 that closed above the level of the 20 days before, and how many of them failed. */
function priorBreakouts(
  context: FeatureContext,
): { readonly count: number; readonly judged: number; readonly failed: number } | null {
  const daily = context.series('1d');
  const last = daily.rowAsOf(context.decisionTimeMs);
  if (last < 0 || !daily.allUsable(last, PRIOR_DAYS + LEVEL_DAYS)) return null;
  const { high, close } = daily.bars;
  let count = 0;
  let judged = 0;
  let failed = 0;
  for (let row = last - PRIOR_DAYS + 1; row <= last; row += 1) {
    let level = -Infinity;
    for (let k = row - LEVEL_DAYS; k < row; k += 1) if (high[k] > level) level = high[k];
    if (!(close[row] > level)) continue;
    count += 1;
    if (row + FAIL_DAYS > last) continue;
    judged += 1;
    let below = false;
    for (let k = row + 1; k <= row + FAIL_DAYS; k += 1) below ||= close[k] < level;
    failed += Number(below);
  }
  return { count, judged, failed };
}

const daily = { dtype: 'float', interval: '1d' } as const;
/** History that holds so many completed days whatever the hour at which it begins and ends. */
const days = (count: number) => (): number => (count + 1) * DAY_MS;
const PRIOR_INPUTS = ['own completed days, 80 of them'];

export const DAILY_FEATURES: readonly FeatureDef[] = [
  lazyFeature(
    {
      ...daily,
      name: 'turnover_median_24h_usd',
      unit: 'USD',
      inputs: ['own completed days, 30 of them'],
      meaning: 'median daily turnover',
      scale: 1e7,
    },
    turnoverMedianUsd,
    days(LIQUIDITY_DAYS),
  ),
  lazyFeature(
    {
      ...daily,
      dtype: 'int',
      name: 'prior_breakout_count',
      unit: 'days',
      inputs: PRIOR_INPUTS,
      meaning: 'completed days of the last 60 that closed above the high of the 20 days before',
      scale: 10,
    },
    (context) => priorBreakouts(context)?.count ?? Number.NaN,
    days(PRIOR_DAYS + LEVEL_DAYS),
  ),
  lazyFeature(
    {
      ...daily,
      name: 'prior_breakout_fail_rate',
      unit: 'fraction',
      inputs: PRIOR_INPUTS,
      meaning: 'share of those, at least 3 days old, with a close below the level within 3 days',
      noneMeans: 'no such breakout in 60 days, or less than 80 days of history',
      scale: 1,
    },
    (context) => {
      const prior = priorBreakouts(context);
      return prior === null || prior.judged === 0 ? Number.NaN : prior.failed / prior.judged;
    },
    days(PRIOR_DAYS + LEVEL_DAYS),
  ),
  lazyFeature(
    {
      ...daily,
      name: 'rs_percentile',
      unit: '0..100',
      inputs: ['completed days of all symbols'],
      meaning: 'cross-sectional rank of last week, 100 = strongest',
      noneMeans: 'not ranked: a day missing, no movement, or not in the universe then',
      scale: 100,
      settings: ['RS_MODE', 'RS_SCORE'],
    },
    (context) => context.rsPercentile,
    // eight closes, and the rank may be a week old
    days(8 + 7),
  ),
  lazyFeature(
    {
      ...daily,
      interval: 'base',
      name: 'listing_age_days',
      unit: 'days',
      inputs: ['listing date'],
      meaning: 'time since listing',
      noneMeans: 'listing date not known',
      scale: 1_000,
    },
    ({ decisionTimeMs, listedMs }) => (decisionTimeMs - listedMs) / DAY_MS,
  ),
];
