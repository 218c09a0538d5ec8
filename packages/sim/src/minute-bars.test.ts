import { CandleBuffer, MINUTE_MS, type Candles, type Side } from '@donch/core';
import { describe, expect, it } from 'vitest';
import type { BarView } from './bar-lookup.ts';
import { triggersOf, type RestingPrices } from './intrabar.ts';
import { isInDoubt, triggersByMinute } from './minute-bars.ts';

type Ohlc = readonly [open: number, high: number, low: number, close: number];
const OPEN_MS = Date.UTC(2024, 0, 1);
const SIDES = ['long', 'short'] as const;
const INTERVAL_MS = 5 * MINUTE_MS;

const LONG: RestingPrices = {
  side: 'long',
  protection: { stopPrice: 90, targetPrice: 110 },
  limitPrice: 105,
  tickSize: 0.1,
  liquidation: null,
};

const flip = (price: number): number => 200 - price;

function restingOf(side: Side, changes: Partial<RestingPrices>): RestingPrices {
  const resting = { ...LONG, ...changes };
  if (side === 'long') return resting;
  const { protection, limitPrice, liquidation } = resting;
  return {
    ...resting,
    side,
    limitPrice: limitPrice === null ? null : flip(limitPrice),
    protection:
      protection === null
        ? null
        : {
            stopPrice: flip(protection.stopPrice),
            targetPrice: protection.targetPrice === null ? null : flip(protection.targetPrice),
          },
    liquidation:
      liquidation === null
        ? null
        : { price: flip(liquidation.price), bankruptcyPrice: flip(liquidation.bankruptcyPrice) },
  };
}

function minutesOf(side: Side, bars: readonly Ohlc[], firstMs = OPEN_MS): Candles {
  const buffer = new CandleBuffer(MINUTE_MS, bars.length);
  bars.forEach(([open, high, low, close], k) => {
    const prices =
      side === 'long'
        ? { open, high, low, close }
        : { open: flip(open), high: flip(low), low: flip(high), close: flip(close) };
    buffer.append({ openTimeMs: firstMs + k * MINUTE_MS, ...prices, volume: 1.1, turnover: Number.NaN });
  });
  return buffer;
}

function baseOf({ open, high, low, close, length }: Candles): BarView {
  return {
    index: 0,
    openTimeMs: OPEN_MS,
    open: open[0],
    high: Math.max(...high.subarray(0, length)),
    low: Math.min(...low.subarray(0, length)),
    close: close[length - 1],
    volume: 5.5,
  };
}

const CALM: Ohlc = [100, 100, 100, 100];
const UP: Ohlc = [100, 111, 100, 100];
const DOWN: Ohlc = [100, 100, 89, 100];
const FIRST: Ohlc = [100, 106, 100, 100];

describe.each(SIDES)('a bar of a %s that reaches stop and target', (side) => {
  it.each([
    ['the target first', [CALM, UP, DOWN, CALM, CALM], {}, 'tp1 105, tp 110'],
    ['the stop first', [CALM, DOWN, UP, CALM, CALM], {}, 'sl 90'],
    ['both in one minute: the tie-breaker', [CALM, [100, 111, 89, 100], CALM, CALM, CALM], {}, 'sl 90'],
    ['the first target, then the stop', [FIRST, CALM, DOWN, CALM, CALM], {}, 'tp1 105, sl 90'],
    ['the stop, then the first target', [DOWN, CALM, FIRST, CALM, CALM], {}, 'sl 90'],
    ['a first target is taken once', [FIRST, FIRST, UP, CALM, DOWN], {}, 'tp1 105, tp 110'],
    ['minutes that open beyond trade at the levels', [CALM, [85, 89, 85, 89], UP, CALM, CALM], {}, 'sl 90'],
    [
      'liquidation after the target',
      [CALM, UP, DOWN, CALM, CALM],
      { protection: { stopPrice: 80, targetPrice: 110 }, liquidation: { price: 90, bankruptcyPrice: 88 } },
      'tp1 105, tp 110',
    ],
    [
      'liquidation before the target',
      [DOWN, UP, CALM, CALM, CALM],
      { protection: { stopPrice: 80, targetPrice: 110 }, liquidation: { price: 90, bankruptcyPrice: 88 } },
      'liquidation 88',
    ],
  ] as const)('%s', (_name, bars, changes, expected) => {
    const minutes = minutesOf(side, bars);
    const bar = baseOf(minutes);
    const resting = restingOf(side, changes);
    expect(isInDoubt(bar, resting)).toBe(true);
    const found = triggersByMinute(bar, INTERVAL_MS, resting, minutes) ?? [];
    const price = (value: number): number => (side === 'long' ? value : flip(value));
    expect(found.map((trigger) => `${trigger.cause} ${price(trigger.price)}`).join(', ')).toBe(expected);
  });

  it.each([
    ['the stop alone', [CALM, DOWN, CALM, CALM, CALM], {}],
    ['the target alone', [CALM, UP, CALM, CALM, CALM], {}],
    ['an open beyond the stop', [[85, 111, 85, 100], CALM, CALM, CALM, CALM], {}],
    ['an open beyond the target', [[112, 112, 89, 100], CALM, CALM, CALM, CALM], {}],
    ['an open beyond the first target, then the stop', [[106, 107, 89, 100], CALM, CALM, CALM, CALM], {}],
    ['no stop', [CALM, UP, DOWN, CALM, CALM], { protection: null }],
    ['no target', [UP, DOWN, CALM, CALM, CALM], { protection: { stopPrice: 90, targetPrice: null }, limitPrice: null }],
  ] as const)('there is no doubt about %s', (_name, bars, changes) => {
    const bar = baseOf(minutesOf(side, bars));
    expect(isInDoubt(bar, restingOf(side, changes))).toBe(false);
  });

  it('is left to the tie-breaker while minutes are missing or do not add up', () => {
    const bars = [CALM, UP, DOWN, CALM, CALM];
    const minutes = minutesOf(side, bars);
    const bar = baseOf(minutes);
    const resting = restingOf(side, {});
    const told = (candles: Candles, changed: Partial<BarView> = {}) =>
      triggersByMinute({ ...bar, ...changed }, INTERVAL_MS, resting, candles);
    expect(told(minutes)).not.toBe(null);
    expect(told(minutesOf(side, bars.slice(0, 4)))).toBe(null);
    expect(told(minutesOf(side, bars, OPEN_MS + MINUTE_MS))).toBe(null);
    expect(told(minutes, { high: bar.high + 1 })).toBe(null);
    expect(told(minutes, { low: bar.low - 1 })).toBe(null);
    expect(told(minutes, { close: bar.close + 1 })).toBe(null);
    expect(told(minutes, { open: bar.open + 1 })).toBe(null);
    expect(told(minutes, { volume: 5.6 })).toBe(null);
    expect(triggersByMinute(bar, MINUTE_MS, resting, minutes)).toBe(null);
    expect(triggersOf(bar, resting)).toMatchObject([{ cause: 'sl' }]);
  });
});
