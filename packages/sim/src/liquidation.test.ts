import { testRules } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { liquidationOf } from './liquidation.ts';

describe('liquidation of an isolated position', () => {
  it.each([
    // 10x: margin 10 %, maintenance 0.5 / 50 = 1 %
    { side: 'long', leverage: 10, leverageMax: 50, price: 91, bankruptcyPrice: 90 },
    { side: 'short', leverage: 10, leverageMax: 50, price: 109, bankruptcyPrice: 110 },
    // maintenance 2 % where nothing is known
    { side: 'long', leverage: 10, leverageMax: null, price: 92, bankruptcyPrice: 90 },
    { side: 'short', leverage: 1, leverageMax: null, price: 198, bankruptcyPrice: 200 },
    { side: 'long', leverage: 1, leverageMax: null, price: 2, bankruptcyPrice: 0 },
    // more leverage than maintenance leaves room for
    { side: 'long', leverage: 100, leverageMax: null, price: 100, bankruptcyPrice: 99 },
  ] as const)('$side at $leverage x, venue maximum $leverageMax', ({ side, leverage, leverageMax, ...expected }) => {
    const found = liquidationOf({ side, entryPrice: 100, leverage }, testRules({ leverageMax }));
    expect(found.price).toBeCloseTo(expected.price, 9);
    expect(found.bankruptcyPrice).toBeCloseTo(expected.bankruptcyPrice, 9);
  });
});
