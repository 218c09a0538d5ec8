/** How much history the level and THE ATR need; shared by the features that are made of them. */
import { DAY_MS, intervalMs, MIN_COVERAGE_FRAC, type ConfigValues } from '@donch/core';
import { Atr } from '@donch/indicators';

/** History behind a breakout level as read at a bar's open. */
export function levelSettleMs(settings: ConfigValues): number {
  const baseMs = intervalMs(settings.TIMEFRAME);
  return settings.DONCH_BASIS === 'days'
    ? (settings.DON_N_DAYS + 2) * DAY_MS
    : (settings.DON_N_BARS * baseMs) / MIN_COVERAGE_FRAC + baseMs;
}

/** History behind THE ATR; one bar more than its kernel needs, since the first one is cut by the start of the history. */
export function atrSettleMs(settings: ConfigValues): number {
  return (new Atr(settings.ATR_LEN).settleBars + 1) * intervalMs(settings.ATR_TIMEFRAME);
}
