/** Features of the instrument's open interest, each value readable AVAILABILITY_LAG_SEC after its time. */
import { DAY_MS, HOUR_MS, intervalMs, lastEventAt, MIN_COVERAGE_FRAC, type ConfigValues } from '@donch/core';
import type { FeatureContext, FeatureDef } from './feature.ts';
import { fundingZ, zScore } from './funding.ts';
import { lazyFeature } from './lazy-feature.ts';

/** Older values are stale: open interest is stored every hour. */
const AGE_MAX_MS = 2 * HOUR_MS;
/** The value of an instant is the last one before it, at most this old. */
const STEP_MS = HOUR_MS;
const Z_DAYS = 7;
const Z_SPAN_MIN_MS = DAY_MS;

/** Row of the latest value; -1 when there is none or it is stale. */
function latestRow({ events: { openInterest }, decisionTimeMs }: FeatureContext): number {
  const last = lastEventAt(openInterest, decisionTimeMs);
  return last >= 0 && decisionTimeMs - openInterest.timeMs[last] <= AGE_MAX_MS ? last : -1;
}

/** Latest value and the one of some time before it; null when one of them is missing. */
function latestAndBefore(
  context: FeatureContext,
  backMs: number,
): { readonly atMs: number; readonly latest: number; readonly before: number } | null {
  const { timeMs, value } = context.events.openInterest;
  const last = latestRow(context);
  if (last < 0) return null;
  const wantedMs = timeMs[last] - backMs;
  let row = last;
  while (row >= 0 && timeMs[row] > wantedMs) row -= 1;
  if (row < 0 || wantedMs - timeMs[row] >= STEP_MS) return null;
  return { atMs: timeMs[last], latest: value[last], before: value[row] };
}

function relativeChange(context: FeatureContext, backMs: number): number {
  const pair = latestAndBefore(context, backMs);
  return pair === null || !(pair.before > 0) ? Number.NaN : pair.latest / pair.before - 1;
}

/** z (ddof 1) of the logarithm of the latest value among those of 7 days. */
function openInterestZ(context: FeatureContext): number {
  const { timeMs, value } = context.events.openInterest;
  const last = latestRow(context);
  if (last < 0) return Number.NaN;
  let first = last;
  while (first > 0 && timeMs[first - 1] > context.decisionTimeMs - Z_DAYS * DAY_MS) first -= 1;
  if (!(timeMs[last] - timeMs[first] >= Z_SPAN_MIN_MS)) return Number.NaN;
  return zScore(value.slice(first, last + 1).map(Math.log), 0, last - first);
}

/** Last row whose bar had closed by an instant. */
function rowClosedBy({ base, row }: FeatureContext, timeMs: number): number {
  let found = row;
  while (found >= 0 && base.openTimeMs[found] + base.intervalMs > timeMs) found -= 1;
  return found;
}

/** Volume of the base bars of the hour that ends at an instant; NaN when more than a tenth of them is missing. */
function hourVolume(context: FeatureContext, endMs: number): number {
  const { openTimeMs, volume, intervalMs: barMs } = context.base;
  let sum = 0;
  let count = 0;
  for (let row = rowClosedBy(context, endMs); row >= 0 && openTimeMs[row] >= endMs - HOUR_MS; row -= 1) {
    sum += volume[row];
    count += 1;
  }
  return count * barMs >= MIN_COVERAGE_FRAC * HOUR_MS ? sum : Number.NaN;
}

/** Close of the bar that ended last at or before an instant; NaN when that very bar is missing. */
function closeAt(context: FeatureContext, timeMs: number): number {
  const { openTimeMs, close, intervalMs: barMs } = context.base;
  const row = rowClosedBy(context, timeMs);
  return row >= 0 && timeMs - (openTimeMs[row] + barMs) < barMs ? close[row] : Number.NaN;
}

function changePerVolume(context: FeatureContext): number {
  const pair = latestAndBefore(context, HOUR_MS);
  if (pair === null) return Number.NaN;
  const volume = hourVolume(context, pair.atMs);
  return volume > 0 ? (pair.latest - pair.before) / volume : Number.NaN;
}

function priceDivergence(context: FeatureContext): number {
  const pair = latestAndBefore(context, HOUR_MS);
  if (pair === null) return Number.NaN;
  const move = closeAt(context, pair.atMs) - closeAt(context, pair.atMs - HOUR_MS);
  return Math.sign(move) * relativeChange(context, HOUR_MS);
}

const common = {
  interval: 'base',
  dtype: 'float',
  inputs: ['open interest of the instrument'],
  settings: ['AVAILABILITY_LAG_SEC'],
} as const;
const NONE = 'no open interest stored, or none for 2 hours';

/** History of values: the window, its first value, and the age of the latest. */
const back = (windowMs: number) => (): number => windowMs + STEP_MS + AGE_MAX_MS;
/** Base bars that are read: the hour before the latest value. */
const barsBack = (settings: ConfigValues): number => 2 * HOUR_MS + AGE_MAX_MS + intervalMs(settings.TIMEFRAME);

function changeFeature(name: string, words: string, backMs: number): FeatureDef {
  return lazyFeature(
    {
      ...common,
      name,
      unit: 'fraction',
      meaning: `open interest against that of ${words} before`,
      noneMeans: `${NONE}; none ${words} before`,
      scale: 0.01,
    },
    (context) => relativeChange(context, backMs),
    back(backMs),
  );
}

export const OPEN_INTEREST_FEATURES: readonly FeatureDef[] = [
  changeFeature('oi_pct_1h', '1 hour', HOUR_MS),
  changeFeature('oi_pct_4h', '4 hours', 4 * HOUR_MS),
  changeFeature('oi_pct_1d', '1 day', DAY_MS),
  lazyFeature(
    {
      ...common,
      name: 'oi_z_7d',
      unit: 'standard deviations',
      meaning: 'log open interest against the values of 7 days (ddof 1), itself included',
      noneMeans: `${NONE}; less than a day of values, or all alike`,
      scale: 1,
    },
    openInterestZ,
    back(Z_DAYS * DAY_MS),
  ),
  lazyFeature(
    {
      ...common,
      name: 'oi_chg_norm_vol_1h',
      unit: 'fraction',
      inputs: ['open interest of the instrument', 'base bars of the hour before the latest value'],
      meaning: 'change of open interest over 1 hour / volume of that hour, both in base units',
      noneMeans: `${NONE}; bars of the hour missing, or no volume`,
      scale: 0.1,
    },
    changePerVolume,
    (settings) => back(HOUR_MS)() + barsBack(settings),
    barsBack,
  ),
  lazyFeature(
    {
      ...common,
      name: 'oi_price_div_1h',
      unit: 'fraction',
      inputs: ['open interest of the instrument', 'closes at the latest value and 1 hour before'],
      meaning: 'sign of the price move over the hour of oi_pct_1h x oi_pct_1h: below 0 = they part',
      noneMeans: `${NONE}; a close missing`,
      scale: 0.01,
    },
    priceDivergence,
    (settings) => back(HOUR_MS)() + barsBack(settings),
    barsBack,
  ),
  lazyFeature(
    {
      ...common,
      name: 'funding_oi_div',
      unit: 'standard deviations squared',
      inputs: ['funding settlements of the instrument', 'open interest of the instrument'],
      meaning: 'funding_z_7d x oi_z_7d',
      noneMeans: 'one of the two is missing',
      scale: 1,
    },
    (context) => fundingZ(context) * openInterestZ(context),
    back(Z_DAYS * DAY_MS + DAY_MS),
  ),
];
