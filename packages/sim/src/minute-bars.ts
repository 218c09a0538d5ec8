/** Bars of one minute inside a base bar: they tell what came first where the base bar alone cannot. */
import { lowerBound, MINUTE_MS, type Candles, type InstrumentId } from '@donch/core';
import type { BarView } from './bar-lookup.ts';
import { triggersOf, type BarTrigger, type RestingPrices } from './intrabar.ts';

/** The whole 1m history of an instrument; null = there is none. Called once per bar in doubt: keep what is read. */
export type MinuteBarsOf = (instrumentId: InstrumentId) => Candles | null;

/** Share by which summed volumes may differ: sums of decimals in floats. */
const VOLUME_NOISE_FRAC = 1e-6;

/**
 * True when a base bar alone cannot say what came first: it comes as far as the stop (or liquidation) and as far as a target, and
 * its open decides nothing. What `triggersOf` says of such a bar is the tie-breaker, against us.
 */
export function isInDoubt(bar: BarView, resting: RestingPrices): boolean {
  const loss = triggersOf(bar, resting).at(-1);
  if (loss === undefined || (loss.cause !== 'sl' && loss.cause !== 'liquidation')) return false;
  const atOpen = triggersOf({ open: bar.open, high: bar.open, low: bar.open }, resting).at(-1);
  if (atOpen?.cause === 'sl' || atOpen?.cause === 'liquidation') return false;
  // with nothing to lose, what would have traded?
  const gains = triggersOf(bar, { ...resting, protection: withoutStop(resting), liquidation: null });
  return gains.length > (atOpen === undefined ? 0 : 1);
}

/** The target alone: its stop lies where no price goes. */
function withoutStop({ side, protection }: RestingPrices): RestingPrices['protection'] {
  return protection === null ? null : { ...protection, stopPrice: side === 'long' ? -Infinity : Infinity };
}

/**
 * Triggers of a base bar in the order that its minutes show; null when the minutes are not all there or do not add up to the bar.
 * Only the order comes from the minutes: stops and targets trade at their prices, as in every other bar. What lies inside one minute
 * is left to the tie-breaker.
 */
export function triggersByMinute(
  bar: BarView,
  intervalMs: number,
  resting: RestingPrices,
  minutes: Candles,
): readonly BarTrigger[] | null {
  const first = lowerBound(minutes, bar.openTimeMs);
  const count = intervalMs / MINUTE_MS;
  if (!addsUp(bar, minutes, { first, count })) return null;
  const found: BarTrigger[] = [];
  let { limitPrice } = resting;
  for (let row = first; row < first + count; row += 1) {
    const minute = { open: minutes.open[row], high: minutes.high[row], low: minutes.low[row] };
    for (const trigger of triggersOf(minute, { ...resting, limitPrice })) {
      found.push({ cause: trigger.cause, price: priceOf(trigger, resting) });
      if (trigger.cause !== 'tp1') return found;
      limitPrice = null;
    }
  }
  return found;
}

/** The price at which a trigger trades in a bar whose open decided nothing. */
function priceOf({ cause, price }: BarTrigger, { protection }: RestingPrices): number {
  if (cause === 'sl') return protection?.stopPrice ?? price;
  if (cause === 'tp') return protection?.targetPrice ?? price;
  return price;
}

interface MinuteRows {
  readonly first: number;
  readonly count: number;
}

function addsUp(bar: BarView, minutes: Candles, { first, count }: MinuteRows): boolean {
  const last = first + count - 1;
  if (minutes.intervalMs !== MINUTE_MS || !(count > 1) || last >= minutes.length) return false;
  if (minutes.openTimeMs[first] !== bar.openTimeMs) return false;
  if (minutes.openTimeMs[last] !== bar.openTimeMs + (count - 1) * MINUTE_MS) return false;
  let high = -Infinity;
  let low = Infinity;
  let volume = 0;
  for (let row = first; row <= last; row += 1) {
    high = Math.max(high, minutes.high[row]);
    low = Math.min(low, minutes.low[row]);
    volume += minutes.volume[row];
  }
  return (
    minutes.open[first] === bar.open &&
    high === bar.high &&
    low === bar.low &&
    minutes.close[last] === bar.close &&
    Math.abs(volume - bar.volume) <= VOLUME_NOISE_FRAC * bar.volume
  );
}
