/** What the market made in the days of a run without anybody trading it. */
import type { Candles, InstrumentId } from '@donch/core';
import type { CostSettings } from '@donch/sim';
import { annualSharpeRatio, deepestDrawdown, mean } from '@donch/stats';
import { totalReturnOf } from './random-entries.ts';
import type { BuyAndHold, HoldingSeries } from './stress-report.ts';
import { closesAt, type DayMarks } from './visited-instruments.ts';

/** What the market as a whole is measured by. */
export interface ReferenceMarket {
  readonly instrumentId: InstrumentId;
  readonly candles: Candles;
}

/** Closes of an instrument at the day marks; NaN before its first bar. */
export interface DailyCloses {
  readonly instrumentId: InstrumentId;
  readonly closes: Float64Array;
  /** Close of its last bar. */
  readonly lastMs: number;
}

export interface HoldingOptions {
  readonly marksMs: DayMarks;
  readonly costs: CostSettings;
  readonly runReturns: Float64Array;
  readonly reference: ReferenceMarket | null;
}

/** Equal parts of the instruments, the reference, and how the run moves with the reference. */
export function buyAndHold(instruments: readonly DailyCloses[], options: HoldingOptions): BuyAndHold {
  const { marksMs, costs, runReturns, reference } = options;
  const costFrac = costs.feeFrac + costs.slippageFrac;
  const market = reference === null ? null : referenceCloses(reference, marksMs);
  return {
    equalWeight: holdingSeries(instruments, marksMs, costFrac),
    reference: market === null ? null : holdingSeries([market], marksMs, costFrac),
    costFrac,
    ...comovement(runReturns, market === null ? new Float64Array(0) : changesOf(market.closes)),
  };
}

function referenceCloses({ instrumentId, candles }: ReferenceMarket, marksMs: DayMarks): DailyCloses {
  return { instrumentId, closes: closesAt(candles, marksMs), lastMs: endOfBars(candles) };
}

/** Close of the last bar; -Infinity without bars. */
export function endOfBars({ length, openTimeMs, intervalMs }: Candles): number {
  return length === 0 ? -Infinity : openTimeMs[length - 1] + intervalMs;
}

/** Change of every day; NaN where there was no price. */
function changesOf(closes: Float64Array): Float64Array {
  return closes.subarray(1).map((close, day) => close / closes[day] - 1);
}

/**
 * Equal parts at the begin of every day of what has a price then and bars after it; costs on what is bought and sold for it. Nothing
 * is sold at the end.
 */
export function holdingSeries(instruments: readonly DailyCloses[], marksMs: DayMarks, costFrac: number): HoldingSeries {
  const days = marksMs.length - 1;
  const returns = new Float64Array(days);
  const equity = new Float64Array(days + 1).fill(1);
  /** Parts of the equity as they stand at the begin of the day. */
  const parts = new Float64Array(instruments.length);
  let costsFrac = 0;
  for (let day = 0; day < days; day += 1) {
    const isHeld = instruments.map(({ closes, lastMs }) => closes[day] > 0 && lastMs > marksMs[day]);
    const target = 1 / isHeld.filter(Boolean).length;
    const traded = parts.reduce((sum, part, k) => sum + Math.abs((isHeld[k] ? target : 0) - part), 0);
    let grown = isHeld.includes(true) ? 0 : 1;
    instruments.forEach(({ closes }, k) => {
      parts[k] = isHeld[k] ? (target * closes[day + 1]) / closes[day] : 0;
      grown += parts[k];
    });
    for (let k = 0; k < parts.length; k += 1) parts[k] /= grown;
    costsFrac += traded * costFrac;
    returns[day] = (1 - traded * costFrac) * grown - 1;
    equity[day + 1] = equity[day] * (1 + returns[day]);
  }
  return {
    instruments: instruments.map(({ instrumentId }) => instrumentId),
    returns,
    totalReturnFrac: totalReturnOf(returns),
    dailySharpe: annualSharpeRatio(returns),
    drawdownFrac: deepestDrawdown(equity).depth,
    costsFrac,
  };
}

/** Correlation with the market and slope on it, over the days on which it has a price. */
function comovement(run: Float64Array, market: Float64Array): Pick<BuyAndHold, 'correlation' | 'beta'> {
  const days = Array.from(market.keys()).filter((day) => !Number.isNaN(market[day]));
  const runMean = mean(days.map((day) => run[day]));
  const marketMean = mean(days.map((day) => market[day]));
  let [product, runSquares, marketSquares] = [0, 0, 0];
  for (const day of days) {
    product += (run[day] - runMean) * (market[day] - marketMean);
    runSquares += (run[day] - runMean) ** 2;
    marketSquares += (market[day] - marketMean) ** 2;
  }
  return { correlation: product / Math.sqrt(runSquares * marketSquares), beta: product / marketSquares };
}
