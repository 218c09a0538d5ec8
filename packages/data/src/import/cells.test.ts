/** Numbers, times and names: the smallest pieces that the importer reads. */

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitCells } from './csv-text.ts';
import { readFileName, readSymbol } from './file-name.ts';
import { inferRules } from './infer-steps.ts';
import { numberProblem, readNumber } from './number-cell.ts';
import { sampleCandles } from './sample-files.ts';
import { epochForm, textTimeStyle, TIME_FORMS, TimeReader } from './time-cell.ts';

describe('readNumber', () => {
  it.each([
    ['123.45', 123.45],
    ['+1', 1],
    ['-1.5', -1.5],
    ['.5', 0.5],
    ['5.', 5],
    ['6.1344e+4', 61_344],
    ['1E-7', 1e-7],
    ['0.30000000000000004', 0.30000000000000004],
    ['00012', 12],
  ])('reads %s', (text, value) => {
    expect(readNumber(text)).toBe(value);
  });

  it('gives 0 for -0, so that equal numbers are equal bits', () => {
    expect(Object.is(readNumber('-0'), 0)).toBe(true);
  });

  it.each([
    ['', 'empty_value'],
    ['1e999', 'not_finite'],
    ['inf', 'not_finite'],
    ['NaN', 'not_a_number'],
    ['12,5', 'not_a_number'],
    ['1_000', 'not_a_number'],
    ['0x1F', 'not_a_number'],
    ['1 2', 'not_a_number'],
    ['١٢', 'not_a_number'],
    ['1e5.5', 'not_a_number'],
  ])('refuses "%s" as %s', (text, rule) => {
    expect(readNumber(text)).toBeNaN();
    expect(numberProblem(text).rule).toBe(rule);
  });

  it('reads back whatever JavaScript writes', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(readNumber(String(value)) === value).toBe(true);
      }),
    );
  });
});

function readTime(text: string, options: Partial<ConstructorParameters<typeof TimeReader>[0]> = {}): string {
  const reader = new TimeReader({ zoneOffsetMs: 0, dayMonthOrder: null, ...options });
  const rule = reader.read(text);
  if (rule !== null) return rule;
  return `${new Date(reader.timeMs).toISOString()} ${TIME_FORMS[reader.form]}${reader.zoneGiven ? '' : ' no zone'}`;
}

describe('TimeReader', () => {
  it.each([
    ['1740787200', '2025-03-01T00:00:00.000Z s'],
    ['1740787200.0', '2025-03-01T00:00:00.000Z s'],
    ['1.7407872e9', '2025-03-01T00:00:00.000Z s'],
    ['1740787200000', '2025-03-01T00:00:00.000Z ms'],
    ['1740787200000000', '2025-03-01T00:00:00.000Z us'],
    ['1740787200000000000', '2025-03-01T00:00:00.000Z ns'],
    ['2025-03-01', '2025-03-01T00:00:00.000Z text no zone'],
    ['2025-03-01 00:05', '2025-03-01T00:05:00.000Z text no zone'],
    ['2025-03-01 00:05:00', '2025-03-01T00:05:00.000Z text no zone'],
    ['2025-03-01T00:05:00Z', '2025-03-01T00:05:00.000Z text'],
    ['2025-03-01t00:05:00z', '2025-03-01T00:05:00.000Z text'],
    ['2025-03-01 00:05:00+00:00', '2025-03-01T00:05:00.000Z text'],
    ['2025-03-01 00:05:00+00', '2025-03-01T00:05:00.000Z text'],
    ['2025-03-01 00:05:00 UTC', '2025-03-01T00:05:00.000Z text'],
    ['2025-03-01T02:05:00.000+02:00', '2025-03-01T00:05:00.000Z text'],
    ['2025-02-28T19:05:00-0500', '2025-03-01T00:05:00.000Z text'],
    ['2025/3/1 00:05', '2025-03-01T00:05:00.000Z text no zone'],
    ['2024-02-29T00:00Z', '2024-02-29T00:00:00.000Z text'],
  ])('reads %s', (text, expected) => {
    expect(readTime(text)).toBe(expected);
  });

  it.each([
    '2025-02-29T00:00:00Z',
    '2025-02-30 00:00:00',
    '2025-03-01T24:00:00Z',
    '2025-03-01T00:60:00Z',
    '2025-03-01T00:00:60Z',
    '2025-13-01',
    '03/01/2025',
    '1/2/25',
    'yesterday',
    '2025-03-01T00:00:00+25:00',
  ])('refuses %s: nothing rolls over', (text) => {
    expect(readTime(text)).toBe('invalid_time');
  });

  it('remembers a date only for texts of the same date', () => {
    const reader = new TimeReader({ zoneOffsetMs: 0, dayMonthOrder: null });
    const read = (text: string): number => (reader.read(text) === null ? reader.timeMs : Number.NaN);
    expect(read('2025-03-01 00:05:00')).toBe(Date.UTC(2025, 2, 1, 0, 5));
    expect(read('2025-03-01 23:55:00')).toBe(Date.UTC(2025, 2, 1, 23, 55));
    expect(read('2025-02-30 23:55:00')).toBeNaN();
    expect(read('2025-03-02 00:00:00')).toBe(Date.UTC(2025, 2, 2));
    expect(read('2025-03-02 25:00:00')).toBeNaN();
  });

  it.each([
    ['day-first', '11/09/2025 12:05', '2025-09-11T12:05:00.000Z text no zone'],
    ['month-first', '11/09/2025 12:05', '2025-11-09T12:05:00.000Z text no zone'],
    ['day-first', '1.9.2025', '2025-09-01T00:00:00.000Z text no zone'],
    ['month-first', '9/1/2025 1:05:30 PM', '2025-09-01T13:05:30.000Z text no zone'],
    ['month-first', '9/1/2025 12:00 AM', '2025-09-01T00:00:00.000Z text no zone'],
    ['day-first', '13/09/2025 00:00:00+02:00', '2025-09-12T22:00:00.000Z text'],
    ['month-first', '13/09/2025', 'invalid_time'],
    ['day-first', '31/04/2025', 'invalid_time'],
    ['day-first', '01/09/2025 13:00 PM', 'invalid_time'],
    ['day-first', '01/09.2025', 'invalid_time'],
  ] as const)('reads %s: %s', (dayMonthOrder, text, expected) => {
    expect(readTime(text, { dayMonthOrder })).toBe(expected);
  });

  it('counts texts without a zone from the stated one, and no others', () => {
    const zoneOffsetMs = 2 * 3_600_000;
    expect(readTime('2025-03-01 02:00:00', { zoneOffsetMs })).toBe('2025-03-01T00:00:00.000Z text no zone');
    expect(readTime('2025-03-01 02:00:00Z', { zoneOffsetMs })).toBe('2025-03-01T02:00:00.000Z text');
    expect(readTime('1740787200', { zoneOffsetMs })).toBe('2025-03-01T00:00:00.000Z s');
  });

  it('has one unit for every instant of 2009 to 2099', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_230_940_800, max: 4_102_444_799 }),
        fc.integer({ min: 1, max: 4 }),
        (seconds, form) => {
          expect(epochForm(seconds * 1_000 ** (form - 1))).toBe(form);
        },
      ),
    );
  });

  it('knows the styles of text', () => {
    expect(['2025.03.01 00:05', '01.03.2025', '1/3/2025', '2025-03-01', 'x', ''].map(textTimeStyle)).toEqual([
      'dotted',
      'day-month',
      'day-month',
      'iso',
      null,
      null,
    ]);
  });
});

describe('splitCells', () => {
  it.each([
    ['1,2,3', ['1', '2', '3']],
    [' 1 , "2" ,3', ['1', '2', '3']],
    ['"a,b","c ""d"""', ['a,b', 'c "d"']],
    ['1,,', ['1', '', '']],
    ['"",1', ['', '1']],
    ['', ['']],
  ])('splits %s', (line, cells) => {
    expect(splitCells(line, ',')).toEqual(cells);
  });

  it.each(['"1,2', '1,"2', '"1"2,3', '1"2,3'])('refuses %s', (line) => {
    expect(splitCells(line, ',')).toBeNull();
  });

  it('gives back quoted cells whatever they hold', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 6 }), (cells) => {
        const line = cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',');
        expect(splitCells(line, ',')).toEqual(cells.map((cell) => cell.trim()));
      }),
    );
  });
});

describe('readFileName', () => {
  it.each([
    ['BTCUSDT.csv.gz', ['BTCUSDT'], []],
    ['1000SHIBUSDT.csv', ['1000SHIBUSDT'], []],
    ['BTC_USDT_USDT-5m-futures.parquet', ['BTCUSDT'], ['5m']],
    ['BTCUSDT-5m-2024-01.csv', ['BTCUSDT'], ['5m']],
    ['btcusdt_1h.csv', ['BTCUSDT'], ['1h']],
    ['BTC-USDT-SWAP_1H.csv', ['BTCUSDT'], ['1h']],
    ['BYBIT_BTCUSDT.P, 5.csv', ['BTCUSDT'], []],
    ['BTCUSDT_5_2024-01-01_2024-01-31.csv.gz', ['BTCUSDT'], []],
    ['BTCPERP-15m.json', ['BTCPERP'], ['15m']],
    ['ETH_USDC.csv', ['ETHUSDC'], []],
    ['BTCUSDT_240628-5m.csv', ['BTCUSDT', 'BTCUSDT_240628'], ['5m']],
    ['BTCUSDT_vs_ETHUSDT.csv', ['BTCUSDT', 'ETHUSDT'], []],
    ['USDT.csv', [], []],
    ['01_gap.csv', [], []],
    ['candles-5m.csv', [], ['5m']],
    ['币安人生USDT.csv', ['币安人生USDT'], []],
  ])('%s -> %j %j', (name, symbols, intervals) => {
    expect(readFileName(`/some/where/${name}`)).toMatchObject({ symbols, intervals });
  });

  it('looks for the venue in name and folders', () => {
    expect(readFileName('/x/BTCUSDT.csv', ['binance_perp_5m']).venues).toEqual(['binance']);
    expect(readFileName('/x/bybit-BTCUSDT.csv', ['binance']).venues).toEqual(['binance', 'bybit']);
    expect(readFileName('/bybit/BTCUSDT.csv', []).venues).toEqual([]);
  });

  it.each([
    ['BTCUSDT-fundingRate-2024-01.csv', true, null],
    ['BTC_USDT_USDT-8h-funding_rate.csv', true, null],
    ['BTC_USDT_USDT-1h-mark.csv', false, 'mark'],
    ['BTCUSDT-premiumIndexKlines.csv', false, 'premiumindexklines'],
    ['INDEXUSDT.csv', false, null],
  ])('%s: funding %s, foreign price %s', (name, isFunding, foreignPrice) => {
    expect(readFileName(name)).toMatchObject({ isFunding, foreignPrice });
  });

  it.each([
    ['BTC/USDT:USDT', 'BTCUSDT'],
    ['ETHUSDT', 'ETHUSDT'],
    ['btc-usdt-swap', 'BTCUSDT'],
    ['SPX', 'SPX'],
    ['a b', null],
  ])('readSymbol(%s) is %s', (text, symbol) => {
    expect(readSymbol(text)).toBe(symbol);
  });
});

describe('inferRules', () => {
  const id = 'bybit:BTCUSDT' as Parameters<typeof inferRules>[0];

  it('takes the finest price and volume of the whole file', () => {
    const candles = sampleCandles(500);
    expect(inferRules(id, candles)).toMatchObject({
      tickSize: 0.01,
      qtyStep: 0.001,
      qtyMin: 0.001,
      notionalMinUsd: 5,
      source: 'inferred',
    });
    candles.high.fill(101);
    candles.high[499] = 101.12345;
    expect(inferRules(id, candles)?.tickSize).toBe(0.00001);
  });

  it.each([
    [1e-7, 0.0000123, 1e-7],
    [1, 25_000, 5_000],
  ])('gives %d for such prices', (tickSize, ...prices) => {
    const candles = sampleCandles(prices.length);
    for (const column of ['open', 'high', 'low', 'close'] as const)
      prices.forEach((price, i) => (candles[column][i] = price));
    expect(inferRules(id, candles)?.tickSize).toBe(tickSize);
  });

  it('does not take the noise of arithmetic for a tick', () => {
    const candles = sampleCandles(2_000);
    candles.close.forEach((price, i) => (candles.close[i] = price + 0.1 + 0.2));
    candles.high[7] = 123.4567891234567;
    expect(inferRules(id, candles)?.tickSize).toBe(0.01);
  });

  it('has nothing to say about float32 prices', () => {
    const candles = sampleCandles(2_000);
    candles.close.forEach((price, i) => (candles.close[i] = Math.fround(price)));
    expect(inferRules(id, candles)).toBeNull();
  });

  it('has nothing to say without bars', () => {
    expect(inferRules(id, sampleCandles(0))).toBeNull();
  });
});
