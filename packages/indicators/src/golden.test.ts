/** Every indicator against the golden set, in its one variant; a value before the stated start is a failure too. */
import { DAY_MS, HOUR_MS, resample, type Candles } from '@donch/core';
import {
  candlesFromColumns,
  columnDifference,
  describeWithShared,
  goldenCandles,
  goldenTable,
  type NumberColumns,
  readNumberCsv,
  sharedDir,
} from '@donch/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { Adx } from './adx.ts';
import { Atr } from './atr.ts';
import { Bollinger } from './bollinger.ts';
import { DonchianBars } from './donchian-bars.ts';
import { DonchianDays } from './donchian-days.ts';
import { Ema } from './ema.ts';
import { type Kernel, stepAll } from './kernel.ts';
import { Macd } from './macd.ts';
import { OrderWindow } from './order-window.ts';
import { PercentRank } from './percent-rank.ts';
import { RollingSd } from './rolling-sd.ts';
import { RollingVwap } from './rolling-vwap.ts';
import { Rsi } from './rsi.ts';
import { SessionVwap } from './session-vwap.ts';
import { TrueRange } from './true-range.ts';
import { VolumeMedian } from './volume-median.ts';
import { VolumeWindow } from './volume-window.ts';

const base = goldenCandles();

/** A kernel stepped over the golden bars of an interval, and what its outputs are called in the reference table. */
interface GoldenCase {
  readonly kernel: string;
  /** Fresh kernel; returns its outputs after the step of row i, in the order of `columns`. */
  readonly create: () => (candles: Candles, i: number) => readonly number[];
  readonly columns: readonly string[];
  /** 0 for order statistics: the same numbers. */
  readonly abs?: number;
}

/** A kernel of which only the returned value is compared. */
function single(kernel: string, column: string, create: () => Kernel): GoldenCase {
  return { kernel, columns: [column], create: () => multi(create(), (_, value) => [value]) };
}

function multi<K extends Kernel>(kernel: K, read: (kernel: K, value: number) => readonly number[]) {
  return (candles: Candles, i: number) => read(kernel, kernel.step(candles, i));
}

const CASES: readonly GoldenCase[] = [
  ...[9, 21, 50, 200].map((n) => single(`EMA(${n})`, `ema${n}_first`, () => new Ema(n))),
  single('ATR(14)', 'atr14_wilder', () => new Atr(14)),
  single('RSI(14)', 'rsi14_wilder', () => new Rsi(14)),
  {
    kernel: 'ADX(14)',
    columns: ['adx_talib', 'plus_di_talib', 'minus_di_talib', 'dx_talib'],
    create: () => multi(new Adx(14), ({ adx, plusDi, minusDi, dx }) => [adx, plusDi, minusDi, dx]),
  },
  {
    kernel: 'MACD(12, 26, 9)',
    columns: ['macd_first', 'macds_first', 'macdh_first'],
    create: () => multi(new Macd(), ({ line, signal, hist }) => [line, signal, hist]),
  },
  {
    kernel: 'Donchian(20 bars before)',
    columns: ['don20_hi_prev', 'don20_lo_prev'],
    create: () => multi(new DonchianBars(20), ({ upper, lower }) => [upper, lower]),
    abs: 0,
  },
  {
    kernel: 'Bollinger(20, 2)',
    columns: ['bb_mid', 'bb_up_ddof0', 'bb_lo_ddof0'],
    create: () => multi(new Bollinger({ length: 20, width: 2 }), ({ mid, upper, lower }) => [mid, upper, lower]),
  },
  single('PercentRank(100)', 'prank100_strict', () => new PercentRank(100)),
];

/** '' or the first difference of each column. */
function differences({ create, columns, abs = 1e-9 }: GoldenCase, candles: Candles, table: NumberColumns): string {
  const step = create();
  const found = columns.map(() => new Float64Array(candles.length));
  for (let i = 0; i < candles.length; i += 1) {
    for (const [k, value] of step(candles, i).entries()) found[k][i] = value;
  }
  const messages = columns.map((column, k) => [column, columnDifference(found[k], table[column], { abs })]);
  return messages.flatMap(([column, message]) => (message === '' ? [] : [`${column}: ${message}`])).join('; ');
}

describe('indicators on the golden 4h bars', () => {
  const candles = candlesFromColumns(goldenTable('AAA_resample_4h.csv'), 4 * HOUR_MS);
  const table = goldenTable('AAA_ind_4h.csv');
  it.each(CASES)('$kernel', (golden) => {
    expect(differences(golden, candles, table)).toBe('');
  });

  it('medians and quantiles of rows', () => {
    const volumes = new OrderWindow(48);
    const closes = new OrderWindow(100);
    const found = { median: new Float64Array(361), q10: new Float64Array(361), q90: new Float64Array(361) };
    for (let i = 0; i < candles.length; i += 1) {
      if (i >= 48) volumes.dropOldest();
      if (i >= 100) closes.dropOldest();
      volumes.push(candles.volume[i]);
      closes.push(candles.close[i]);
      found.median[i] = i < 47 ? Number.NaN : volumes.median();
      found.q10[i] = i < 99 ? Number.NaN : closes.quantile(0.1);
      found.q90[i] = i < 99 ? Number.NaN : closes.quantile(0.9);
    }
    expect(columnDifference(found.median, table['vol_median_48'], { abs: 0 })).toBe('');
    expect(columnDifference(found.q10, table['close_q10_100'])).toBe('');
    expect(columnDifference(found.q90, table['close_q90_100'])).toBe('');
  });

  it('true range, whose first bar has no previous close here and high - low there', () => {
    const found = stepAll(new TrueRange(), candles);
    expect(found[0]).toBeNaN();
    expect(columnDifference(found.subarray(1), table['tr'].subarray(1))).toBe('');
  });
});

describeWithShared('indicators on the golden 1h bars', () => {
  let table: NumberColumns;
  beforeAll(() => {
    table = readNumberCsv(sharedDir('vectors/golden_5m/AAA_ind_1h.csv'));
  });
  const candles = candlesFromColumns(goldenTable('AAA_resample_1h.csv'), HOUR_MS);
  it.each(CASES)('$kernel', (golden) => {
    expect(differences(golden, candles, table)).toBe('');
  });
});

describe('indicators on the golden 5m bars', () => {
  const table = goldenTable('AAA_feat_5m_sampled.csv');
  const rowOf = new Map(Array.from(base.openTimeMs, (openTimeMs, row) => [openTimeMs, row]));
  const sampled = Array.from(table['time'], (openTimeMs) => rowOf.get(openTimeMs) ?? -1);
  const at = (values: Float64Array) => sampled.map((row) => values[row]);

  it('Donchian of 20 completed days', () => {
    const kernel = new DonchianDays({ days: 20, intervalMs: base.intervalMs });
    const [upper, lower] = [new Float64Array(base.length), new Float64Array(base.length)];
    for (let i = 0; i < base.length; i += 1) {
      upper[i] = kernel.step(base, i);
      lower[i] = kernel.lower;
    }
    expect(columnDifference(at(upper), table['don20d_hi_prevday'], { abs: 0 })).toBe('');
    expect(columnDifference(at(lower), table['don20d_lo_prevday'], { abs: 0 })).toBe('');
  });

  it('median volume of 30 days of time', () => {
    const windowMs = 30 * DAY_MS;
    const window = new VolumeWindow({ windowMs, intervalMs: base.intervalMs, coverageMinFrac: 1e-9 });
    const found = stepAll(new VolumeMedian(window), base);
    // The reference begins when the data reach back a whole window; how much is enough is the caller's choice here.
    const reaches = (row: number) => base.openTimeMs[row] + base.intervalMs - base.openTimeMs[0] >= windowMs;
    const fromFullWindow = sampled.map((row) => (reaches(row) ? found[row] : Number.NaN));
    expect(columnDifference(fromFullWindow, table['vol_median_30d_time'], { abs: 0 })).toBe('');
  });

  it('rolling VWAP of 288 bars', () => {
    expect(columnDifference(at(stepAll(new RollingVwap(288), base)), table['vwap_roll288'])).toBe('');
  });

  it('VWAP and its sd since 00:00 UTC', () => {
    const kernel = new SessionVwap();
    const [vwap, sd] = [new Float64Array(base.length), new Float64Array(base.length)];
    for (let i = 0; i < base.length; i += 1) {
      vwap[i] = kernel.step(base, i);
      sd[i] = kernel.sd;
    }
    expect(columnDifference(at(vwap), table['vwap_utcday'])).toBe('');
    expect(columnDifference(at(sd), table['vwap_utcday_sd'])).toBe('');
  });

  it.each([0, 1] as const)('standard deviation of 288 closes, ddof %i', (ddof) => {
    const found = at(stepAll(new RollingSd(288, ddof), base));
    expect(columnDifference(found, table[`close_sd288_ddof${ddof}`])).toBe('');
  });

  it('higher-interval values as of the close of the 5m bar', () => {
    const hourly = resample(base, HOUR_MS);
    const values = stepAll(new Atr(14), hourly.bars);
    const closesMs = hourly.bars.openTimeMs.subarray(0, hourly.bars.length).map((openTimeMs) => openTimeMs + HOUR_MS);
    const found = sampled.map((row) => {
      const last = closesMs.findLastIndex((closeMs) => closeMs <= base.openTimeMs[row] + base.intervalMs);
      return last < 0 ? Number.NaN : values[last];
    });
    expect(columnDifference(found, table['atr14_wilder_1h_asof'])).toBe('');
  });
});
