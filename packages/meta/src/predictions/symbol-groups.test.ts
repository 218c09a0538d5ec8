import { describe, expect, it } from 'vitest';
import { symbolGroups } from './symbol-groups.ts';

describe('symbolGroups', () => {
  it.each([
    ['bybit:ETHUSDT', 'bybit:ETHUSDT', true],
    ['bybit:ETHUSDT', 'ETHUSDT', true],
    ['bybit:ETHUSDT', 'ethusdt', true],
    ['bybit:ETHUSDT', ' ETHUSDT ', true],
    ['bybit:ETHUSDT', 'ETH/USDT:USDT', true],
    ['bybit:1000BONKUSDT', '1000BONK/USDT:USDT', true],
    ['bybit:币安人生USDT', '币安人生USDT', true],
    ['ETHUSDT', 'ETHUSDT', true],
    ['bybit:ETHUSDT', 'binance:ETHUSDT', false],
    ['bybit:ETHUSDT', 'ETH/USDT', false],
    ['bybit:ETHUSDT', 'ETH-USDT', false],
    ['bybit:ETHUSD', 'ETH/USD:ETH', false],
    ['bybit:BTCUSDT', 'BTC/USDT:USDT-240628', false],
    ['bybit:ETHUSDT', 'ETH', false],
    ['bybit:BONKUSDT', '1000BONKUSDT', false],
  ])('%s and %s are the same: %s', (left, right, isSame) => {
    const groups = symbolGroups([left], [right]);
    expect(groups.left[0] === groups.right[0]).toBe(isSame);
    expect(groups.leftOnly).toEqual(isSame ? [] : [{ symbol: left, rows: 1 }]);
    expect(groups.rightOnly).toEqual(isSame ? [] : [{ symbol: right, rows: 1 }]);
  });

  it('compares venues where all symbols name one, and tells of two venues otherwise', () => {
    const both = symbolGroups(['bybit:ETHUSDT', 'binance:ETHUSDT'], ['binance:ETHUSDT']);
    expect([...both.left, ...both.right]).toEqual([0, 1, 1]);
    expect(both.twoVenues).toBeNull();
    expect(symbolGroups(['bybit:ETHUSDT', 'binance:ETHUSDT'], ['ETHUSDT']).twoVenues).toEqual([
      'bybit:ETHUSDT',
      'binance:ETHUSDT',
    ]);
    expect(symbolGroups(['bybit:ETHUSDT', 'binance:BTCUSDT'], ['ETHUSDT']).twoVenues).toBeNull();
  });

  it('lists the symbols of one side alone, most rows first', () => {
    const groups = symbolGroups(['A', 'B', 'C', 'C', 'd', 'D'], ['A', 'E']);
    expect(groups.leftOnly).toEqual([
      { symbol: 'C', rows: 2 },
      { symbol: 'D', rows: 2 },
      { symbol: 'B', rows: 1 },
    ]);
    expect(groups.rightOnly).toEqual([{ symbol: 'E', rows: 1 }]);
  });
});
