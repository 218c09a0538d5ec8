import {
  candlesFromColumns,
  columnDifference,
  goldenCandles,
  goldenTable,
  randomCandles,
  readNumberCsv,
} from '@donch/testkit';
import { describeWithShared, sharedDir } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { barAt, CandleBuffer, type Candles, candlesFromBars, sliceCandles, turnoverUsd } from './columns.ts';
import { MIN_COVERAGE_FRAC, resample, Resampler } from './resample.ts';
import { bucketStartMs, DAY_MS, HOUR_MS, MINUTE_MS, WEEK_MS } from './time.ts';

const base = goldenCandles();
const COLUMNS = ['open', 'high', 'low', 'close', 'volume'] as const;

describe('resampling the golden 5m bars', () => {
  it.each([
    { file: 'AAA_resample_1h.csv', intervalMs: HOUR_MS },
    { file: 'AAA_resample_4h.csv', intervalMs: 4 * HOUR_MS },
    { file: 'AAA_resample_1d.csv', intervalMs: DAY_MS },
  ])('gives $file', ({ file, intervalMs }) => {
    const table = goldenTable(file);
    const { bars, baseCount } = resample(base, intervalMs);
    // The reference shows the bucket in progress at the end of the data; here it does not exist until it has closed.
    const lastEndMs = base.openTimeMs[base.length - 1] + base.intervalMs;
    const lastBucketMs = table['time'][table['time'].length - 1];
    const rows = table['time'].length - (lastBucketMs + intervalMs > lastEndMs ? 1 : 0);
    expect(bars.length).toBe(rows);
    const difference = (found: Float64Array, column: string) =>
      columnDifference(found.subarray(0, rows), table[column].subarray(0, rows), { abs: 0 });
    expect(difference(bars.openTimeMs, 'time')).toBe('');
    expect(difference(baseCount, 'count')).toBe('');
    for (const column of COLUMNS) expect(difference(bars[column], column), column).toBe('');
  });
});

describeWithShared('weekly closes of the golden symbols', () => {
  const table = readNumberCsv(sharedDir('vectors/golden_5m/weekly_rs.csv'));
  it.each(['AAA', 'BBB', 'CCC', 'DDD', 'EEE'])('of %s', (symbol) => {
    const columns = readNumberCsv(sharedDir(`vectors/golden_5m/ohlcv_5m_${symbol}.csv`));
    const { bars } = resample(candlesFromColumns(columns, 5 * MINUTE_MS), WEEK_MS);
    const closeOf = new Map(Array.from({ length: bars.length }, (_, i) => [bars.openTimeMs[i], bars.close[i]]));
    const found = Array.from(table['time'], (weekMs) => closeOf.get(weekMs) ?? Number.NaN);
    const lastIsOpen = table['time'].length - bars.length > 0 ? 1 : 0;
    const rows = table['time'].length - lastIsOpen;
    expect(columnDifference(found.slice(0, rows), table[`close_${symbol}`].subarray(0, rows), { abs: 0 })).toBe('');
  });
});

/** Buckets by definition, closed ones only. */
function bruteForce(candles: Candles, intervalMs: number) {
  const rows = Array.from({ length: candles.length }, (_, i) => i);
  const starts = [...new Set(rows.map((i) => bucketStartMs(candles.openTimeMs[i], intervalMs)))];
  return starts.flatMap((startMs) => {
    const own = rows.filter((i) => bucketStartMs(candles.openTimeMs[i], intervalMs) === startMs);
    const closing = rows.find((i) => i >= own[0] && candles.openTimeMs[i] + candles.intervalMs >= startMs + intervalMs);
    if (closing === undefined) return [];
    const [first, last] = [own[0], own[own.length - 1]];
    return {
      openTimeMs: startMs,
      open: candles.open[first],
      high: Math.max(...own.map((i) => candles.high[i])),
      low: Math.min(...own.map((i) => candles.low[i])),
      close: candles.close[last],
      volume: own.reduce((sum, i) => sum + candles.volume[i], 0),
      turnover: own.reduce((sum, i) => sum + turnoverUsd(candles, i), 0),
      count: own.length,
      availableMs: candles.openTimeMs[closing] + candles.intervalMs,
      usable:
        startMs >= candles.openTimeMs[0] && own.length >= MIN_COVERAGE_FRAC * (intervalMs / candles.intervalMs) ? 1 : 0,
    };
  });
}

describe('resample', () => {
  it.each([MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS])(
    'agrees with its definition on bars of %i ms',
    (intervalMs) => {
      const candles = randomCandles({ seed: 3, length: 700, intervalMs, startMs: 9.4 * DAY_MS, gapFrac: 0.15 });
      let closed = 0;
      for (const target of [intervalMs, HOUR_MS, 4 * HOUR_MS, DAY_MS]) {
        const { bars, baseCount, availableMs, usable } = resample(candles, target);
        const found = Array.from({ length: bars.length }, (_, i) => ({
          ...barAt(bars, i),
          count: baseCount[i],
          availableMs: availableMs[i],
          usable: usable[i],
        }));
        expect(found).toEqual(bruteForce(candles, target));
        closed += found.length;
      }
      expect(closed).toBeGreaterThan(600);
    },
  );

  it('closes a bucket with its last bar, or with the first bar after it when that one is missing', () => {
    const bar = (hour: number) => ({
      openTimeMs: hour * HOUR_MS,
      open: 1,
      high: 1,
      low: 1,
      close: hour,
      volume: 1,
      turnover: 1,
    });
    const candles = candlesFromBars(HOUR_MS, [0, 1, 2, 3, 4, 5, 9, 11].map(bar));
    const resampler = new Resampler(HOUR_MS, 4 * HOUR_MS);
    const closed = Array.from({ length: candles.length }, (_, i) => resampler.step(candles, i));
    // Bar 3 ends its bucket; bar 9 shows that the bucket of 4 and 5 is over; bar 11 ends its own.
    expect(closed).toEqual([0, 0, 0, 1, 0, 0, 1, 1]);
    expect([...resampler.availableMs.subarray(0, 3)]).toEqual([4, 10, 12].map((hour) => hour * HOUR_MS));
    expect([...resampler.usable.subarray(0, 3)]).toEqual([1, 0, 0]);
  });

  it('closes two buckets with a bar that follows a gap and ends its own', () => {
    const bar = (hour: number) => ({
      openTimeMs: hour * HOUR_MS,
      open: 1,
      high: 1,
      low: 1,
      close: 1,
      volume: 1,
      turnover: 1,
    });
    const candles = candlesFromBars(HOUR_MS, [0, 7].map(bar));
    const resampler = new Resampler(HOUR_MS, 4 * HOUR_MS);
    expect([resampler.step(candles, 0), resampler.step(candles, 1)]).toEqual([0, 2]);
    expect([...resampler.bars.openTimeMs.subarray(0, 2)]).toEqual([0, 4 * HOUR_MS]);
    expect([...resampler.availableMs.subarray(0, 2)]).toEqual([8 * HOUR_MS, 8 * HOUR_MS]);
  });

  it('does not call the first bucket usable when the data begin inside it', () => {
    const candles = randomCandles({ seed: 4, length: 24, intervalMs: HOUR_MS, startMs: HOUR_MS });
    const { usable, baseCount } = resample(candles, 12 * HOUR_MS);
    expect([baseCount[0], usable[0]]).toEqual([11, 0]);
    expect([baseCount[1], usable[1]]).toEqual([12, 1]);
  });

  it('gives the same bits bar by bar on a growing buffer', () => {
    const candles = sliceCandles(base, 0, 4_000);
    const buffer = new CandleBuffer(candles.intervalMs, 1);
    const live = new Resampler(candles.intervalMs, HOUR_MS);
    for (let i = 0; i < candles.length; i += 1) {
      buffer.append(barAt(candles, i));
      live.step(buffer, i);
    }
    const whole = resample(candles, HOUR_MS);
    expect(live.bars.length).toBe(whole.bars.length);
    for (let i = 0; i < live.bars.length; i += 1) expect(barAt(live.bars, i)).toEqual(barAt(whole.bars, i));
    expect(live.usable.subarray(0, live.bars.length)).toEqual(whole.usable.subarray(0, live.bars.length));
  });

  it('refuses an interval that is no multiple of the base', () => {
    expect(() => new Resampler(5 * MINUTE_MS, 7 * MINUTE_MS)).toThrow('multiple');
    expect(() => new Resampler(HOUR_MS, 5 * MINUTE_MS)).toThrow('multiple');
  });
});
