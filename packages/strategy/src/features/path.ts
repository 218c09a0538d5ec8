/** Features of the last base bars: returns, realised volatility, VWAP stack. Finite windows, computed where they are asked for. */
import { DAY_MS, intervalMs, MIN_COVERAGE_FRAC, rowAt, type ConfigValues } from '@donch/core';
import { RealisedVolatility, VwapStack } from '@donch/indicators';
import type { FeatureContext, FeatureDef } from './feature.ts';
import { lazyFeature } from './lazy-feature.ts';

const RV_DAYS = 3;

const base = {
  dtype: 'float',
  interval: 'base',
  instant: 'close',
  role: 'feature',
  noneMeans: '',
  version: 1,
  settings: [],
} as const;

/** One day and the bar before it. */
const dayAndOneBar = (settings: ConfigValues): number => DAY_MS + intervalMs(settings.TIMEFRAME);

/** Close against the close one day earlier; NaN when that very bar is missing. */
function priorDayReturn({ base: candles, row }: FeatureContext): number {
  const before = rowAt(candles, candles.openTimeMs[row] - DAY_MS, row + 1);
  return before < 0 ? Number.NaN : candles.close[row] / candles.close[before] - 1;
}

const RETURN_FEATURES: readonly FeatureDef[] = [
  lazyFeature(
    {
      ...base,
      name: 'prior_1d_ret',
      unit: 'fraction',
      inputs: ['base bars of one day'],
      meaning: 'close against the close one day earlier',
      scale: 0.1,
    },
    priorDayReturn,
    dayAndOneBar,
    dayAndOneBar,
  ),
  {
    ...base,
    name: 'rv_3d',
    unit: 'fraction per bar',
    inputs: ['base bars of 3 days'],
    meaning: 'standard deviation of the log returns of base bars',
    scale: 0.001,
    create(settings) {
      const kernel = new RealisedVolatility({ windowMs: RV_DAYS * DAY_MS, intervalMs: intervalMs(settings.TIMEFRAME) });
      return {
        // the first return of the window starts at the close before it, which a gap may move back
        settleMs: (RV_DAYS + 1) * DAY_MS,
        readsBackMs: (RV_DAYS + 1) * DAY_MS,
        rebase: () => kernel.rebase(),
        value: ({ base: candles, row }) => kernel.step(candles, row),
      };
    },
  },
];

/** One of the stack's three numbers; not ready while bars are missing in more than a tenth of its window. */
function stackFeature(
  def: Pick<FeatureDef, 'name' | 'unit' | 'meaning' | 'scale'>,
  read: (stack: VwapStack) => number,
): FeatureDef {
  return {
    ...base,
    ...def,
    inputs: ['VWAP_STACK_LOOKBACK_BARS base bars, twice'],
    settings: ['VWAP_STACK_LOOKBACK_BARS', 'VWAP_STACK_BAND_PCT'],
    create(settings) {
      const stack = new VwapStack({
        lengthBars: settings.VWAP_STACK_LOOKBACK_BARS,
        bandFrac: settings.VWAP_STACK_BAND_PCT,
      });
      const rows = stack.settleBars;
      const windowMaxMs = (rows * intervalMs(settings.TIMEFRAME)) / MIN_COVERAGE_FRAC;
      return {
        settleMs: windowMaxMs,
        readsBackMs: windowMaxMs,
        rebase: () => stack.rebase(),
        value({ base: candles, row, decisionTimeMs }) {
          stack.step(candles, row);
          const isCovered = row + 1 >= rows && decisionTimeMs - candles.openTimeMs[row + 1 - rows] <= windowMaxMs;
          return isCovered ? read(stack) : Number.NaN;
        },
      };
    },
  };
}

export const PATH_FEATURES: readonly FeatureDef[] = [
  ...RETURN_FEATURES,
  stackFeature(
    {
      name: 'vwap_frac_in_band',
      unit: 'fraction',
      meaning: 'share of the previous closes within the band of the VWAP of their own bar',
      scale: 1,
    },
    (stack) => stack.frac,
  ),
  stackFeature(
    { name: 'vwap_expansion_frac', unit: 'fraction', meaning: 'abs(close / VWAP - 1)', scale: 0.01 },
    (stack) => stack.expansion,
  ),
  stackFeature(
    { name: 'vwap_slope_per_hour', unit: 'fraction per hour', meaning: 'relative change of the VWAP', scale: 0.01 },
    (stack) => stack.slopePerHour,
  ),
];
