/** Features of the instrument's funding settlements, each readable AVAILABILITY_LAG_SEC after it happened. */
import { DAY_MS, lastEventAt, type EventSeries } from '@donch/core';
import type { FeatureContext, FeatureDef } from './feature.ts';
import { lazyFeature } from './lazy-feature.ts';

/** Without a settlement for longer than this the rate is not known (venues settle every 1 to 8 hours). */
const AGE_MAX_MS = DAY_MS;
const Z_DAYS = 7;
const Z_EVENTS_MIN = 6;
const SUM_DAYS = 3;

/** Row of the settlement in force; -1 when there is none or it is too old. */
function latestRow({ events: { funding }, decisionTimeMs }: FeatureContext): number {
  const last = lastEventAt(funding, decisionTimeMs);
  return last >= 0 && decisionTimeMs - funding.timeMs[last] <= AGE_MAX_MS ? last : -1;
}

/** Row of the first settlement later than an instant, searched backward from a row. */
function firstRowAfter({ timeMs }: EventSeries, last: number, fromMs: number): number {
  let row = last;
  while (row >= 0 && timeMs[row] > fromMs) row -= 1;
  return row + 1;
}

function latestRate(context: FeatureContext): number {
  const last = latestRow(context);
  return last < 0 ? Number.NaN : context.events.funding.value[last];
}

/** Deviation of the latest rate from the mean of the 7 days, in standard deviations (ddof 1). */
export function fundingZ(context: FeatureContext): number {
  const { funding } = context.events;
  const last = latestRow(context);
  if (last < 0) return Number.NaN;
  const first = firstRowAfter(funding, last, context.decisionTimeMs - Z_DAYS * DAY_MS);
  return last - first + 1 >= Z_EVENTS_MIN ? zScore(funding.value, first, last) : Number.NaN;
}

/** z of the last of the values among all of them (ddof 1); NaN without spread. */
export function zScore(values: Float64Array, first: number, last: number): number {
  const count = last - first + 1;
  let sum = 0;
  for (let k = first; k <= last; k += 1) sum += values[k];
  const mean = sum / count;
  let squares = 0;
  for (let k = first; k <= last; k += 1) squares += (values[k] - mean) ** 2;
  const deviation = Math.sqrt(squares / (count - 1));
  return deviation > 0 ? (values[last] - mean) / deviation : Number.NaN;
}

/** Sum of the rates of 3 days; NaN when settlements are missing: none before the window, or more than a day without one. */
function fundingSum(context: FeatureContext): number {
  const { funding } = context.events;
  const last = latestRow(context);
  if (last < 0) return Number.NaN;
  const first = firstRowAfter(funding, last, context.decisionTimeMs - SUM_DAYS * DAY_MS);
  if (first === 0) return Number.NaN;
  let sum = 0;
  for (let k = first; k <= last; k += 1) {
    if (!(funding.timeMs[k] - funding.timeMs[k - 1] <= AGE_MAX_MS)) return Number.NaN;
    sum += funding.value[k];
  }
  return sum;
}

const common = {
  interval: 'base',
  dtype: 'float',
  inputs: ['funding settlements of the instrument'],
  settings: ['AVAILABILITY_LAG_SEC'],
} as const;
const NO_RATE = 'no funding stored, or no settlement for a day';

/** History in days, and one more for what lies just before it. */
const days = (count: number) => (): number => (count + 1) * DAY_MS;

export const FUNDING_FEATURES: readonly FeatureDef[] = [
  lazyFeature(
    {
      ...common,
      name: 'funding_rate',
      unit: 'fraction per settlement',
      meaning: 'rate of the latest settlement, positive: longs pay shorts',
      noneMeans: NO_RATE,
      scale: 1e-4,
    },
    latestRate,
    days(0),
  ),
  lazyFeature(
    {
      ...common,
      name: 'funding_abs',
      unit: 'fraction per settlement',
      meaning: 'size of the rate of the latest settlement',
      noneMeans: NO_RATE,
      scale: 1e-4,
    },
    (context) => Math.abs(latestRate(context)),
    days(0),
  ),
  lazyFeature(
    {
      ...common,
      name: 'funding_z_7d',
      unit: 'standard deviations',
      meaning: 'latest rate against the settlements of 7 days (ddof 1), itself included',
      noneMeans: `${NO_RATE}; fewer than 6 settlements in 7 days, or all alike`,
      scale: 1,
    },
    fundingZ,
    days(Z_DAYS),
  ),
  lazyFeature(
    {
      ...common,
      name: 'funding_sum_3d',
      unit: 'fraction',
      meaning: 'sum of the rates of the settlements of 3 days',
      noneMeans: `${NO_RATE}; settlements missing in the 3 days`,
      scale: 1e-3,
    },
    fundingSum,
    days(SUM_DAYS),
  ),
];
