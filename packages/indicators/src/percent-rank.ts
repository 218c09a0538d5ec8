import { invariant, type Candles } from '@donch/core';
import type { Kernel } from './kernel.ts';

/**
 * Percent rank of the close, 0..100: share of the n PREVIOUS closes that lie strictly below the current one (TA-Lib, ta4j,
 * ConnorsRSI). TradingView counts equal ones too, pandas counts the current one in. NaN until n bars exist before. O(n).
 */
export class PercentRank implements Kernel {
  readonly kind = 'window';
  readonly warmupBars: number;
  readonly settleBars: number;

  constructor(length: number) {
    invariant(Number.isInteger(length) && length >= 1, 'percent rank length is a whole number from 1 on');
    this.warmupBars = length + 1;
    this.settleBars = this.warmupBars;
  }

  step(candles: Candles, i: number): number {
    const { close } = candles;
    const length = this.warmupBars - 1;
    if (i < length) return Number.NaN;
    let below = 0;
    for (let row = i - length; row < i; row += 1) if (close[row] < close[i]) below += 1;
    return (100 * below) / length;
  }
}
