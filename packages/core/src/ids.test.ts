import { describe, expect, it } from 'vitest';
import { clientOrderId, instrumentId, isSymbol, isVenue, signalId, strategyId, symbolOf, venueOf } from './ids.ts';

describe('instrumentId', () => {
  it('joins venue and symbol and gives both back', () => {
    for (const symbol of ['BTCUSDT', '1000PEPEUSDT', 'BTC-PERP', 'BTCUSDT-27DEC24', '币安人生USDT']) {
      const id = instrumentId('binance', symbol);
      expect(id).toBe(`binance:${symbol}`);
      expect([venueOf(id), symbolOf(id)]).toEqual(['binance', symbol]);
    }
  });

  it('refuses what could leave its folder or break the id', () => {
    for (const symbol of [
      '',
      '../x',
      'a/b',
      'a\\b',
      'a:b',
      'a b',
      '.hidden',
      'a..b',
      'a.',
      '-x',
      'x'.repeat(41),
      'a\n',
    ]) {
      expect(isSymbol(symbol), symbol).toBe(false);
      expect(() => instrumentId('bybit', symbol)).toThrow('symbol is');
    }
    for (const venue of ['', 'Binance', '1x', 'a:b', 'a/b', 'a'.repeat(33), 'a\n']) {
      expect(isVenue(venue), venue).toBe(false);
      expect(() => instrumentId(venue, 'BTCUSDT')).toThrow('venue is');
    }
  });
});

describe('strategyId', () => {
  it('is a slug', () => {
    expect(strategyId('Donchian Pullback')).toBe('donchian_pullback');
    expect(strategyId('  A--b  (v2)! ')).toBe('a_b_v2');
    expect(strategyId('x'.repeat(80))).toHaveLength(64);
    expect(() => strategyId('??')).toThrow('strategy name is "??"');
  });
});

describe('signalId', () => {
  const key = { setupHash: 'ab', instrumentId: instrumentId('bybit', 'BTCUSDT'), decisionTimeMs: 1_700_000_000_000 };

  it('is 24 hex digits that change with every part', () => {
    const others = [
      { ...key, setupHash: 'ac' },
      { ...key, instrumentId: instrumentId('bybit', 'ETHUSDT') },
      { ...key, decisionTimeMs: key.decisionTimeMs + 1 },
    ];
    const ids = [key, ...others].map(signalId);
    expect(new Set(ids).size).toBe(4);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{24}$/);
    expect(signalId({ ...key })).toBe(signalId(key));
  });

  it('makes order ids that a venue accepts and that tell legs and attempts apart', () => {
    const id = signalId(key);
    const orders = (['entry', 'exit', 'tp1'] as const).flatMap((leg) =>
      [1, 2, 99].map((n) => clientOrderId(id, leg, n)),
    );
    expect(new Set(orders).size).toBe(9);
    for (const order of orders) expect(order).toMatch(/^[A-Za-z0-9_-]{1,36}$/);
  });
});
