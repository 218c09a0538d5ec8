import { resolveConfig, type InstrumentId } from '@donch/core';
import { testInstrument, testRules } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { costSettings, marketFillPrice } from './costs.ts';
import { ruleBook } from './instrument-rules.ts';

describe('costs', () => {
  it('by default: 5.5 bps fee, 3 and 5 bps slippage, no impact, 1 bp of assumed funding per 8 hours', () => {
    expect(costSettings(resolveConfig([]).values)).toEqual({
      feeFrac: 0.00055,
      slippageFrac: 3 * 1e-4,
      stopSlippageFrac: 5 * 1e-4,
      impactFrac: 0,
      assumedFundingFrac: 1e-4,
    });
  });

  it.each([
    { side: 'buy', impact: 0, volume: 1_000, price: 100.03 },
    { side: 'sell', impact: 0, volume: 1_000, price: 99.97 },
    // 10 bps x sqrt(10 / 1000)
    { side: 'buy', impact: 0.001, volume: 1_000, price: 100.04 },
    { side: 'sell', impact: 0.001, volume: 1_000, price: 99.96 },
    { side: 'buy', impact: 0.001, volume: 10, price: 100.13 },
    { side: 'buy', impact: 0.001, volume: 1, price: 100.13 },
    { side: 'sell', impact: 0.001, volume: 0, price: 99.87 },
    { side: 'buy', impact: 0.001, volume: Number.NaN, price: 100.03 },
  ] as const)(
    'a $side of 10 at 100 in a volume of $volume, impact $impact: $price',
    ({ side, impact, volume, price }) => {
      const fill = { side, price: 100, qty: 10, barVolume: volume, slippageFrac: 0.0003 };
      expect(marketFillPrice(fill, impact)).toBeCloseTo(price, 12);
    },
  );
});

describe('rule book', () => {
  const AAA = testInstrument('AAA');
  const rows = [
    testRules({ validFromMs: 2_000, tickSize: 0.2 }),
    testRules({ validFromMs: null, tickSize: 0.1 }),
    testRules({ validFromMs: 3_000, tickSize: 0.3 }),
    testRules({ instrumentId: testInstrument('BBB'), validFromMs: 5_000, tickSize: 0.5 }),
  ];

  it.each<{ id: InstrumentId; timeMs: number; tick: number }>([
    { id: AAA, timeMs: 0, tick: 0.1 },
    { id: AAA, timeMs: 1_999, tick: 0.1 },
    { id: AAA, timeMs: 2_000, tick: 0.2 },
    { id: AAA, timeMs: 9_999, tick: 0.3 },
    { id: testInstrument('BBB'), timeMs: 0, tick: 0.5 },
    { id: testInstrument('CCC'), timeMs: 0, tick: 1e-10 },
  ])('$id at $timeMs: $tick', ({ id, timeMs, tick }) => {
    const rules = ruleBook(rows)(id, timeMs);
    expect(rules).toMatchObject({ instrumentId: id, tickSize: tick });
  });

  it('gives the same object for what is not known, and says that it is not', () => {
    const book = ruleBook([]);
    expect(book(AAA, 1)).toBe(book(AAA, 2));
    expect(book(AAA, 1)).toEqual({
      instrumentId: AAA,
      validFromMs: null,
      tickSize: 1e-10,
      qtyStep: 1e-9,
      qtyMin: 0,
      notionalMinUsd: 5,
      marketQtyMax: null,
      leverageMax: null,
      source: 'default',
    });
  });
});
