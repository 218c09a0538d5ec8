import { CandleBuffer, DAY_MS, HOUR_MS, MINUTE_MS, resolveConfig, type Candles } from '@donch/core';
import { MACD_LENGTHS } from '@donch/indicators';
import { describe, expect, it } from 'vitest';
import { feedTracks, createTracks } from '../reference-tracks.ts';
import { MacdTrack } from '../regime/macd-track.ts';
import { OwnSeries } from './own-series.ts';

const BASE_MS = 5 * MINUTE_MS;
const FOUR_HOURS_MS = 4 * HOUR_MS;
const START_MS = Date.UTC(2024, 0, 1);

/** 5m bars that open at START + minutes; the close is the minute of the bar's close. */
function candlesAt(minutes: readonly number[]): CandleBuffer {
  const buffer = new CandleBuffer(BASE_MS);
  for (const minute of minutes) {
    const close = minute + 5;
    buffer.append({
      openTimeMs: START_MS + minute * MINUTE_MS,
      open: close,
      high: close,
      low: close,
      close,
      volume: 1,
      turnover: Number.NaN,
    });
  }
  return buffer;
}

const minutesUntil = (end: number, without: (minute: number) => boolean = () => false): number[] =>
  Array.from({ length: end / 5 }, (_, k) => 5 * k).filter((minute) => !without(minute));

/** Close of the 4h bar read at the close of every base bar, by minute; null = not ready. */
function readings(minutes: readonly number[]): Map<number, number | null> {
  const candles = candlesAt(minutes);
  const series = new OwnSeries(BASE_MS, FOUR_HOURS_MS);
  const found = new Map<number, number | null>();
  for (let i = 0; i < candles.length; i += 1) {
    series.step(candles, i);
    const timeMs = candles.openTimeMs[i] + BASE_MS;
    const row = series.rowAsOf(timeMs);
    found.set((timeMs - START_MS) / MINUTE_MS, row < 0 ? null : series.bars.close[row]);
  }
  return found;
}

describe('a higher-interval bar of the instrument itself', () => {
  it('is read from its close on, not a bar earlier, until the next one closes', () => {
    const at = readings(minutesUntil(780));
    expect([235, 240, 245, 475].map((minute) => at.get(minute))).toEqual([null, 240, 240, 240]);
    expect([480, 715, 720].map((minute) => at.get(minute))).toEqual([480, 480, 720]);
  });

  it('is usable with nine tenths of its base bars, and then closes with the first bar after it', () => {
    // 44 of 48 bars, the last four are missing
    const at = readings(minutesUntil(780, (minute) => minute >= 460 && minute < 480));
    expect(at.has(480)).toBe(false);
    expect([460, 485, 715].map((minute) => at.get(minute))).toEqual([240, 460, 460]);
  });

  it('is not ready with fewer, and nothing falls back to the bar before', () => {
    // 43 of 48 bars
    const at = readings(minutesUntil(780, (minute) => minute >= 300 && minute < 325));
    expect([475, 480, 600, 715].map((minute) => at.get(minute))).toEqual([240, null, null, null]);
    expect(at.get(720)).toBe(720);
  });

  it('is not ready when all of its bars are missing', () => {
    const at = readings(minutesUntil(780, (minute) => minute >= 240 && minute < 480));
    expect([240, 485, 600, 715, 720].map((minute) => at.get(minute))).toEqual([240, null, null, null, 720]);
  });

  it('is not ready when the start of the data cuts it', () => {
    const at = readings(minutesUntil(780, (minute) => minute < 5));
    expect([240, 475, 480].map((minute) => at.get(minute))).toEqual([null, null, 480]);
  });

  it('counts as one of several usable ones only when they follow each other', () => {
    const usable = (minutes: readonly number[], count: number): boolean => {
      const candles = candlesAt(minutes);
      const series = new OwnSeries(BASE_MS, FOUR_HOURS_MS);
      for (let i = 0; i < candles.length; i += 1) series.step(candles, i);
      return series.allUsable(series.bars.length - 1, count);
    };
    expect(usable(minutesUntil(960), 4)).toBe(true);
    expect(usable(minutesUntil(960), 5)).toBe(false);
    expect(
      usable(
        minutesUntil(960, (minute) => minute >= 240 && minute < 480),
        3,
      ),
    ).toBe(false);
    expect(
      usable(
        minutesUntil(960, (minute) => minute >= 240 && minute < 480),
        2,
      ),
    ).toBe(true);
    expect(
      usable(
        minutesUntil(960, (minute) => minute >= 240 && minute < 300),
        3,
      ),
    ).toBe(false);
  });

  it('shows recursive filters the usable bars only, in order', () => {
    const candles = candlesAt(minutesUntil(960, (minute) => minute >= 240 && minute < 300));
    const series = new OwnSeries(BASE_MS, FOUR_HOURS_MS);
    const shown: number[] = [];
    series.onUsableBar((bars, row) => shown.push((bars.openTimeMs[row] - START_MS) / MINUTE_MS));
    for (let i = 0; i < candles.length; i += 1) series.step(candles, i);
    expect(shown).toEqual([0, 480, 720]);
  });
});

describe('the MACD of another symbol', () => {
  const days = 30;
  /** Rising, so that the histogram is above 0. */
  const rising = (without: (minute: number) => boolean = () => false): Candles =>
    candlesAt(minutesUntil(days * 1_440, without));
  const create = (): MacdTrack =>
    new MacdTrack({ symbol: 'ETHUSDT', baseIntervalMs: BASE_MS, intervalMs: FOUR_HOURS_MS, lengths: MACD_LENGTHS });
  const fed = (candles: Candles): MacdTrack => {
    const track = create();
    for (let i = 0; i < candles.length; i += 1) track.step(candles, i, candles.openTimeMs[i] + BASE_MS);
    return track;
  };
  const END_MS = START_MS + days * DAY_MS;

  it('has a value from the usable bar on at which its start is forgotten', () => {
    const track = fed(rising());
    const firstMs = START_MS + track.settleBars * FOUR_HOURS_MS;
    expect(track.histogramAt(firstMs - 1)).toBeNaN();
    expect(track.histogramAt(firstMs)).toBeGreaterThan(0);
    expect(track.aboveSignalAt(firstMs)).toBe(1);
    expect(track.aboveSignalAt(firstMs - 1)).toBeNaN();
  });

  it('is that of the last closed bar, not a base bar earlier', () => {
    const track = fed(rising());
    const inside = track.histogramAt(END_MS - 1);
    expect(inside).toBe(track.histogramAt(END_MS - FOUR_HOURS_MS));
    expect(track.histogramAt(END_MS)).not.toBe(inside);
    expect(track.histogramFracAt(END_MS)).toBe(track.histogramAt(END_MS) / (days * 1_440));
  });

  it('is not ready at the close of a bar whose last base bar is absent, and is from the next bar set on', () => {
    const lastMinute = days * 1_440 - 245;
    const track = fed(rising((minute) => minute === lastMinute));
    const closeMs = END_MS - FOUR_HOURS_MS;
    expect(track.histogramAt(closeMs - 1)).not.toBeNaN();
    expect(track.histogramAt(closeMs)).toBeNaN();
    expect(track.histogramAt(closeMs + BASE_MS)).not.toBeNaN();
  });

  it('of a late bar is read from the bar set in which it arrived', () => {
    const candles = rising();
    const track = create();
    const lateMs = 2 * MINUTE_MS;
    for (let i = 0; i < candles.length; i += 1) track.step(candles, i, candles.openTimeMs[i] + BASE_MS + lateMs);
    expect(track.histogramAt(END_MS - FOUR_HOURS_MS)).toBeNaN();
    expect(track.histogramAt(END_MS - FOUR_HOURS_MS + lateMs)).not.toBeNaN();
  });

  it('is not ready after a bar that is missing or thin; filters step over it', () => {
    const from = days * 1_440 - 480;
    const thin = fed(rising((minute) => minute >= from && minute < from + 60));
    const whole = fed(rising());
    expect(thin.histogramAt(END_MS - FOUR_HOURS_MS)).toBeNaN();
    expect(thin.aboveSignalAt(END_MS - FOUR_HOURS_MS + HOUR_MS)).toBeNaN();
    expect(thin.histogramAt(END_MS)).not.toBeNaN();
    expect(thin.histogramAt(END_MS)).not.toBe(whole.histogramAt(END_MS));
    const missing = fed(rising((minute) => minute >= from && minute < from + 240));
    expect(missing.histogramAt(END_MS - HOUR_MS)).toBeNaN();
    expect(missing.histogramAt(END_MS)).toBe(thin.histogramAt(END_MS));
  });

  it('is never that of a symbol without data', () => {
    const settings = resolveConfig([]).values;
    const tracks = createTracks(settings);
    feedTracks(tracks, 'XRPUSDT', rising());
    expect([tracks.eth, tracks.btc, tracks.gate].map((track) => track.aboveSignalAt(END_MS))).toEqual([
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ]);
    feedTracks(tracks, 'ETHUSDT', rising());
    expect([tracks.eth, tracks.btc, tracks.gate].map((track) => track.aboveSignalAt(END_MS))).toEqual([
      1,
      Number.NaN,
      1,
    ]);
  });
});
