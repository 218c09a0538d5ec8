import { readFileSync } from 'node:fs';
/**
 * The kernels against numbers that other projects publish: read in place (third-party data does not ship with the repository),
 * compared to the last printed digit, only where the published variant is ours.
 */
import { CandleBuffer, type Candles, medianOf } from '@donch/core';
import { candlesOfCloses, columnDifference, describeWithShared, sharedDir } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { Adx } from './adx.ts';
import { AnchoredVwap } from './anchored-vwap.ts';
import { Atr } from './atr.ts';
import { Bollinger } from './bollinger.ts';
import { DonchianBars } from './donchian-bars.ts';
import { Ema, EmaSeries } from './ema.ts';
import { type Kernel, stepAll } from './kernel.ts';
import { Macd } from './macd.ts';
import { RollingSd } from './rolling-sd.ts';
import { Rsi } from './rsi.ts';
import { TrueRange } from './true-range.ts';
import { WilderSeries } from './wilder.ts';

type Numbers = readonly (number | null)[];

interface Prices {
  readonly high: readonly number[];
  readonly low: readonly number[];
  readonly close?: readonly number[];
  readonly volume?: readonly number[];
}

function readVector(name: string): unknown {
  return JSON.parse(readFileSync(sharedDir('vectors/indicators', name), 'utf8'));
}

function candlesOf({ high, low, close = low, volume = [] }: Prices): Candles {
  const buffer = new CandleBuffer(60_000, high.length);
  for (let i = 0; i < high.length; i += 1) {
    buffer.append({
      openTimeMs: i * 60_000,
      open: close[i],
      high: high[i],
      low: low[i],
      close: close[i],
      volume: volume[i] ?? 1,
      turnover: Number.NaN,
    });
  }
  return buffer;
}

/** One field of a kernel after each bar. */
function outputOf<K extends Kernel>(kernel: K, candles: Candles, read: (kernel: K) => number): number[] {
  return Array.from({ length: candles.length }, (_, i) => {
    kernel.step(candles, i);
    return read(kernel);
  });
}

interface TulipCase {
  readonly indicator: string;
  readonly options: { readonly period: number; readonly stddev?: number };
  readonly inputs: Prices & { readonly real: readonly number[] };
  readonly outputs: Readonly<Record<string, Numbers>>;
  readonly first_index: number;
}

describeWithShared('the values in Achelis, "Technical Analysis from A to Z" (test data of Tulip Indicators)', () => {
  const { cases } = readVector('tulip_atoz.json') as { cases: readonly TulipCase[] };
  const caseOf = (indicator: string) => cases.find((item) => item.indicator === indicator) ?? cases[0];
  const difference = (found: ArrayLike<number>, { first_index: first }: TulipCase, expected: Numbers) =>
    columnDifference(Array.from(found).slice(first), expected, { abs: 1e-3 });

  it('EMA', () => {
    const reference = caseOf('ema');
    const found = stepAll(new Ema(reference.options.period), candlesOfCloses(reference.inputs.real));
    expect(difference(found, reference, reference.outputs['ema'])).toBe('');
  });

  it('Wilder average', () => {
    const reference = caseOf('wilders');
    const series = new WilderSeries(reference.options.period);
    const found = reference.inputs.real.map((value) => series.step(value));
    expect(difference(found, reference, reference.outputs['wilders'])).toBe('');
  });

  it('RSI', () => {
    const reference = caseOf('rsi');
    const found = stepAll(new Rsi(reference.options.period), candlesOfCloses(reference.inputs.real));
    expect(difference(found, reference, reference.outputs['rsi'])).toBe('');
  });

  it('true range, from the second bar on', () => {
    const reference = caseOf('tr');
    const found = stepAll(new TrueRange(), candlesOf(reference.inputs));
    expect(columnDifference(found.subarray(1), reference.outputs['tr'].slice(1), { abs: 1e-3 })).toBe('');
  });

  it('Bollinger bands and population standard deviation', () => {
    const bands = caseOf('bbands');
    const candles = candlesOfCloses(bands.inputs.real);
    const create = () => new Bollinger({ length: bands.options.period, width: bands.options.stddev ?? 2 });
    expect(
      difference(
        outputOf(create(), candles, ({ upper }) => upper),
        bands,
        bands.outputs['bbands_upper'],
      ),
    ).toBe('');
    expect(
      difference(
        outputOf(create(), candles, ({ lower }) => lower),
        bands,
        bands.outputs['bbands_lower'],
      ),
    ).toBe('');
    const sd = caseOf('stddev');
    const found = stepAll(new RollingSd(sd.options.period, 0), candlesOfCloses(sd.inputs.real));
    expect(difference(found, sd, sd.outputs['stddev'])).toBe('');
  });
});

interface Point {
  readonly output: string;
  readonly period: number;
  readonly bar: number;
  readonly value: number;
}

describeWithShared('the regression test of TA-Lib', () => {
  const candles = candlesOf(readVector('talib_sref_252_series.json') as Required<Prices>);
  const { points } = readVector('talib_regtest_adx_family.json') as { points: readonly Point[] };
  const outputs: Readonly<Record<string, (kernel: Adx) => number>> = {
    adx: ({ adx }) => adx,
    dx: ({ dx }) => dx,
    plus_di: ({ plusDi }) => plusDi,
    minus_di: ({ minusDi }) => minusDi,
  };
  const family = points.filter(({ output }) => output in outputs);

  it('has points of the ADX family', () => {
    expect(family.length).toBe(16);
  });

  it.each(family)('$output($period) at bar $bar is $value', ({ output, period, bar, value }) => {
    const found = outputOf(new Adx(period), candles, outputs[output]);
    expect(Math.abs(found[bar] - value)).toBeLessThanOrEqual(1e-3);
  });

  it('has no ADX before bar 27 and no DI before bar 14', () => {
    const kernel = new Adx(14);
    expect(outputOf(kernel, candles, ({ adx }) => adx).findIndex((value) => value >= 0)).toBe(27);
    expect(outputOf(new Adx(14), candles, ({ plusDi }) => plusDi).findIndex((value) => value >= 0)).toBe(14);
  });

  it('normalised ATR', () => {
    const atr = stepAll(new Atr(14), candles);
    const normalised = points.filter(({ output }) => output === 'natr');
    expect(normalised.length).toBe(3);
    for (const { bar, value } of normalised) {
      expect(Math.abs((100 * atr[bar]) / candles.close[bar] - value)).toBeLessThanOrEqual(1e-3);
    }
  });

  it('Donchian channel: its window ends with the bar, ours before it', () => {
    const { donchian } = readVector('talib2026_donchian_percentile_median.json') as {
      donchian: readonly { period: number; bar: number; upper: number; lower: number }[];
    };
    for (const { period, bar, upper, lower } of donchian) {
      const kernel = new DonchianBars(period);
      const longer = candlesOf({
        high: [...candles.high.subarray(0, bar + 1), 0],
        low: [...candles.low.subarray(0, bar + 1), 1e9],
      });
      kernel.step(longer, bar + 1);
      expect([kernel.upper, kernel.lower]).toEqual([upper, lower]);
    }
  });

  it('median', () => {
    const { median } = readVector('talib2026_donchian_percentile_median.json') as { median: MedianReference };
    for (const [length, expected] of Object.entries(median.value)) {
      const n = Number(length);
      const found = expected.map((_, k) => medianOf(median.input.slice(k, k + n)));
      expect(columnDifference(found, expected, { abs: 0 })).toBe('');
    }
  });
});

interface MedianReference {
  readonly input: readonly number[];
  readonly value: Readonly<Record<string, readonly number[]>>;
}

describeWithShared('Skender.Stock.Indicators on 502 daily bars', () => {
  const candles = candlesOf(readVector('skender_502_quotes.json') as Required<Prices>);
  const { values } = readVector('skender_502_results.json') as { values: Readonly<Record<string, Numbers>> };

  it.each([
    { name: 'ATR(14)', found: stepAll(new Atr(14), candles), expected: values['atr14'] },
    { name: 'RSI(14)', found: stepAll(new Rsi(14), candles), expected: values['rsi14'] },
    { name: 'true range', found: stepAll(new TrueRange(), candles), expected: values['tr'] },
    {
      name: 'upper Bollinger band',
      found: outputOf(new Bollinger({ length: 20, width: 2 }), candles, ({ upper }) => upper),
      expected: values['bb_upper'],
    },
    {
      name: 'lower Bollinger band',
      found: outputOf(new Bollinger({ length: 20, width: 2 }), candles, ({ lower }) => lower),
      expected: values['bb_lower'],
    },
  ])('$name', ({ found, expected }) => {
    expect(columnDifference(found, expected)).toBe('');
  });

  it('Donchian channel of the 20 bars before', () => {
    const upper = outputOf(new DonchianBars(20), candles, (kernel) => kernel.upper);
    const lower = outputOf(new DonchianBars(20), candles, (kernel) => kernel.lower);
    expect(columnDifference(upper, values['donchian20_upper_prev'], { abs: 0 })).toBe('');
    expect(columnDifference(lower, values['donchian20_lower_prev'], { abs: 0 })).toBe('');
  });

  it('EMA(20), once the other seed (a mean of 20) is forgotten', () => {
    const from = 3 * new EmaSeries(20).settleSteps;
    const found = stepAll(new Ema(20), candles).subarray(from);
    expect(columnDifference(found, values['ema20'].slice(from), { abs: 1e-7 })).toBe('');
  });
});

describeWithShared('QuantConnect Lean', () => {
  type LeanVector = {
    readonly inputs: Required<Prices>;
    readonly expected: Numbers;
    readonly tolerance: { abs: number };
  };

  it('RSI(14)', () => {
    const { inputs, expected, tolerance } = readVector('lean_rsi14_wilder.json') as LeanVector;
    expect(columnDifference(stepAll(new Rsi(14), candlesOfCloses(inputs.close)), expected, tolerance)).toBe('');
  });

  it('upper Bollinger band of 20', () => {
    const { inputs, expected, tolerance } = readVector('lean_bb20_upper.json') as LeanVector;
    const kernel = new Bollinger({ length: 20, width: 2 });
    const found = outputOf(kernel, candlesOfCloses(inputs.close), ({ upper }) => upper);
    expect(columnDifference(found, expected, tolerance)).toBe('');
  });

  it('MACD line, once the other seeds are forgotten', () => {
    const { inputs, expected, tolerance } = readVector('lean_macd_line.json') as LeanVector;
    const kernel = new Macd();
    const found = outputOf(kernel, candlesOfCloses(inputs.close), ({ line }) => line);
    // Of the first difference between the slow averages, (25/27)^250 = 4e-9 is left.
    const from = 250;
    expect(columnDifference(found.slice(from), expected.slice(from), tolerance)).toBe('');
  });
});

describeWithShared('trading-signals', () => {
  type SmallVector = {
    readonly vwap: Required<Prices> & { readonly expected: Numbers };
    readonly wsma5: { readonly input: readonly number[]; readonly first_index: number; readonly expected: Numbers };
  };
  const { vwap, wsma5 } = readVector('trading_signals_small.json') as SmallVector;

  it('VWAP since the first bar', () => {
    expect(columnDifference(stepAll(new AnchoredVwap(0), candlesOf(vwap)), vwap.expected, { abs: 0.005 })).toBe('');
  });

  it('Wilder average of 5', () => {
    const series = new WilderSeries(5);
    const found = wsma5.input.map((value) => series.step(value)).slice(wsma5.first_index);
    expect(columnDifference(found, wsma5.expected, { abs: 0.005 })).toBe('');
  });
});

// Values that these libraries give: TA-Lib (talib-web 0.1.3), trading-signals 8.3.0, technicalindicators 3.1.0, TTR 0.24.3.
describe('edge cases on which the libraries agree', () => {
  const line = (first: number, step: number) => {
    const close = Array.from({ length: 40 }, (_, k) => first + k * step);
    return candlesOf({ high: close.map((x) => x + 0.5), low: close.map((x) => x - 0.5), close });
  };
  it.each([
    { name: 'rising by 1', candles: line(10, 1), rsi: 100, atr: 1.5 },
    { name: 'falling by 1', candles: line(90, -1), rsi: 0, atr: 1.5 },
  ])('$name', ({ candles, rsi, atr }) => {
    expect(stepAll(new Rsi(14), candles).at(-1)).toBe(rsi);
    expect(stepAll(new Atr(14), candles).at(-1)).toBe(atr);
  });
});
