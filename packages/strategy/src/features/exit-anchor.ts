/** Where exits of `EXIT_BASIS: avwap_atr` are anchored. */
import { HOUR_MS, intervalMs, rowAt, type ConfigValues } from '@donch/core';
import { vwapOfRows } from '@donch/indicators';
import type { FeatureContext, FeatureDef } from './feature.ts';
import { levelSettleMs } from './settle.ts';

/** An entry comes at most this long after the breakout bar has opened. */
const anchorAgeMaxMs = (settings: ConfigValues): number =>
  (settings.PULLBACK_WINDOW_HOURS + settings.ENTRY_WINDOW_HOURS) * HOUR_MS + intervalMs(settings.TIMEFRAME);

/** From the breakout bar to the decision bar, both included: what is known at the open of the bar that the exits apply to first. */
function anchoredVwap({ base: candles, row, setup }: FeatureContext): number {
  const anchor = rowAt(candles, setup.breakTimeMs - candles.intervalMs, row + 1);
  return anchor < 0 ? Number.NaN : vwapOfRows(candles, anchor, row + 1);
}

export const EXIT_ANCHOR_FEATURES: readonly FeatureDef[] = [
  {
    name: 'avwap_break',
    dtype: 'float',
    unit: 'quote',
    interval: 'base',
    instant: 'close',
    inputs: ['base bars since the breakout bar'],
    role: 'context',
    meaning: 'VWAP of (h + l + c) / 3 from the breakout bar on: anchor of avwap_atr exits (not a training feature)',
    noneMeans: 'also long after a set-up has ended, and while nothing was traded since the breakout',
    scale: 100,
    version: 1,
    settings: [],
    create(settings) {
      const ageMaxMs = anchorAgeMaxMs(settings);
      const readsBackMs = ageMaxMs + intervalMs(settings.TIMEFRAME);
      return {
        settleMs: readsBackMs + levelSettleMs(settings),
        readsBackMs,
        value: (context) =>
          context.decisionTimeMs - context.setup.breakTimeMs <= ageMaxMs ? anchoredVwap(context) : Number.NaN,
      };
    },
  },
];
