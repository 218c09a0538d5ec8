/** Features of the instrument's own closed higher-interval bars by a recursive kernel: ATR, RSI, ADX. */
import { intervalMs, type Candles, type Interval } from '@donch/core';
import { Adx, Atr, Rsi, type Kernel } from '@donch/indicators';
import type { FeatureDef, FeatureKernel } from './feature.ts';

/** Length of the registered RSI and ADX; another length would be another feature with another name. */
const LENGTH_BARS = 14;

/**
 * Shows the kernel every usable bar; the value counts once the start of the history weighs less than 1e-3. One bar more than the
 * kernel needs: the first one is cut by the start of the history.
 */
export function ownKernel(kernel: Kernel, interval: Interval): FeatureKernel {
  let current = Number.NaN;
  let bars = 0;
  return {
    settleMs: (kernel.settleBars + 1) * intervalMs(interval),
    onBar(candles: Candles, row: number): void {
      current = kernel.step(candles, row);
      bars += 1;
    },
    value: (context) =>
      bars >= kernel.settleBars && context.series(interval).rowAsOf(context.decisionTimeMs) >= 0 ? current : Number.NaN,
  };
}

interface TrendFeature {
  readonly name: string;
  readonly unit: string;
  readonly scale: number;
  readonly meaning: string;
  readonly kernel: () => Kernel;
}

const TREND_FEATURES: readonly TrendFeature[] = [
  { name: 'atr', unit: 'quote', scale: 1, meaning: 'Wilder ATR(14)', kernel: () => new Atr(LENGTH_BARS) },
  { name: 'rsi', unit: '0..100', scale: 100, meaning: 'Wilder RSI(14)', kernel: () => new Rsi(LENGTH_BARS) },
  { name: 'adx', unit: '0..100', scale: 100, meaning: 'Wilder ADX(14)', kernel: () => new Adx(LENGTH_BARS) },
];

/** `atr_1h`, `rsi_1h`, `adx_1h` and their counterparts on another interval. */
export function ownTrendFeatures(interval: Interval): FeatureDef[] {
  return TREND_FEATURES.map(({ name, unit, scale, meaning, kernel }) => ({
    name: `${name}_${interval}`,
    unit,
    dtype: 'float',
    interval,
    instant: 'close',
    inputs: [`own ${interval} bars`],
    role: 'feature',
    meaning: `${meaning} of the last closed ${interval} bar`,
    noneMeans: '',
    scale,
    version: 1,
    settings: [],
    create: () => ownKernel(kernel(), interval),
  }));
}

/** True when base bars of this length can make bars of the interval. */
export function canResample(baseIntervalMs: number, interval: Interval): boolean {
  return intervalMs(interval) >= baseIntervalMs && intervalMs(interval) % baseIntervalMs === 0;
}
