import { DAY_MS, HOUR_MS, MINUTE_MS, resample, weekIndex, type Candles } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { EFFECT, effectStrength, realisedDaySd, weeklyScore } from './synthetic-market-effect.ts';
import { regimeUpByBar } from './synthetic-market-regime.ts';
import { syntheticMarket, type SyntheticMarket } from './synthetic-market.ts';

const OPTIONS = {
  seed: 4,
  symbols: 16,
  startMs: Date.UTC(2024, 0, 1),
  days: 150,
  intervalMs: 5 * MINUTE_MS,
  mode: 'realistic',
  regimeDriftPerDay: 0,
} as const;
const BOOST_BARS = EFFECT.boostMs / OPTIONS.intervalMs;

interface Pattern {
  readonly k: number;
  /** Row at whose close the pattern was complete. */
  readonly row: number;
  readonly closeTimeMs: number;
}

/** The pattern as its description reads, by a second, slow implementation. */
function findPatterns(candles: Candles, k: number, marketUp: (closeTimeMs: number) => boolean): Pattern[] {
  const found: Pattern[] = [];
  const { open, high, low, close, volume, openTimeMs, intervalMs } = candles;
  expect(open.length).toBe(candles.length);
  const dayOf = (i: number): number => Math.floor(openTimeMs[i] / DAY_MS);
  const dayHighs = new Map<number, number>();
  for (let i = 0; i < candles.length; i += 1) dayHighs.set(dayOf(i), Math.max(dayHighs.get(dayOf(i)) ?? 0, high[i]));
  const levels = new Map<number, number>();
  for (const day of dayHighs.keys()) {
    const before = Array.from({ length: 20 }, (_, n) => dayHighs.get(day - 1 - n) ?? Number.NaN);
    levels.set(day, Math.max(...before));
  }
  const isSpike = (i: number): boolean => {
    const from = Math.max(0, i - 30 * 288 + 1);
    let below = 0;
    for (let j = from; j <= i; j += 1) if (volume[j] <= volume[i] / 2) below += 1;
    return i - from + 1 >= 7.5 * 288 && below >= (i - from + 1) / 2;
  };
  let stage: 'armed' | 'broken' | 'touched' | 'off' = 'armed';
  let [frozen, deadline] = [0, 0];
  for (let i = 0; i < candles.length; i += 1) {
    const level = levels.get(dayOf(i)) ?? Number.NaN;
    const closeTimeMs = openTimeMs[i] + intervalMs;
    if (stage !== 'armed' && stage !== 'off' && closeTimeMs > deadline) stage = 'off';
    if (stage === 'off' && (close[i] <= frozen || level > frozen)) stage = 'armed';
    if (stage === 'broken' && low[i] <= frozen * 1.001) [stage, deadline] = ['touched', closeTimeMs + 72 * HOUR_MS];
    if (stage === 'touched' && close[i] > frozen) {
      stage = 'off';
      if (marketUp(closeTimeMs)) found.push({ k, row: i, closeTimeMs });
      continue;
    }
    const open_ = stage === 'armed' || (stage === 'broken' && level > frozen);
    if (open_ && high[i] > level && close[i] >= level && isSpike(i)) {
      [stage, frozen, deadline] = ['broken', level, closeTimeMs + 24 * HOUR_MS];
    }
  }
  return found;
}

/** MACD(12, 26, 9) histogram of 4h closes above 0, by the closes of 4h bars. */
function slowRegime(benchmark: Candles): (closeTimeMs: number) => boolean {
  const { bars } = resample(benchmark, 4 * HOUR_MS);
  const ema = (values: readonly number[], n: number): number[] => {
    const out: number[] = [];
    for (const value of values) {
      const last = out.at(-1);
      out.push(last === undefined ? value : last + (2 / (n + 1)) * (value - last));
    }
    return out;
  };
  const closes = [...bars.close.subarray(0, bars.length)];
  const [fast, slow] = [ema(closes, 12), ema(closes, 26)];
  const line = fast.map((value, i) => value - slow[i]);
  const signal = ema(line, 9);
  return (closeTimeMs) => {
    let row = bars.length - 1;
    while (row >= 0 && bars.openTimeMs[row] + bars.intervalMs > closeTimeMs) row -= 1;
    return row >= 33 && line[row] > signal[row];
  };
}

interface Studied {
  readonly market: SyntheticMarket;
  readonly all: readonly Candles[];
  readonly patterns: readonly Pattern[];
}

function study(effect: number): Studied {
  const market = syntheticMarket({ ...OPTIONS, effect });
  const all = market.symbols.map((_, k) => market.candles(k));
  const regime = slowRegime(all[1]);
  const patterns = all.flatMap((candles, k) => (k < 2 ? [] : findPatterns(candles, k, regime)));
  return { market, all, patterns };
}

/** Log return over the time of the effect in units of its standard deviation, the market's part (BTCUSDT) taken out. */
function forwardReturn({ market, all }: Studied, { k, row, closeTimeMs }: Pattern): number {
  const later = row + BOOST_BARS;
  if (later >= all[k].length) return Number.NaN;
  const btcRow = (closeTimeMs - OPTIONS.startMs) / OPTIONS.intervalMs - 1;
  const own = Math.log(all[k].close[later] / all[k].close[row]);
  const btc = Math.log(all[0].close[btcRow + BOOST_BARS] / all[0].close[btcRow]);
  const beta = market.symbols[k].beta / market.symbols[0].beta;
  return (own - beta * btc) / (realisedDaySd(all[k], row) * Math.sqrt(EFFECT.boostMs / DAY_MS));
}

/** Mean and its standard error, whole weeks as the independent units. */
function byWeek(
  studied: Studied,
  accept: (pattern: Pattern) => boolean,
): { mean: number; error: number; count: number } {
  const sums = new Map<number, { sum: number; count: number }>();
  for (const pattern of studied.patterns.filter(accept)) {
    const value = forwardReturn(studied, pattern);
    if (Number.isNaN(value)) continue;
    const week = sums.get(weekIndex(pattern.closeTimeMs)) ?? { sum: 0, count: 0 };
    sums.set(weekIndex(pattern.closeTimeMs), { sum: week.sum + value, count: week.count + 1 });
  }
  const weeks = [...sums.values()];
  const count = weeks.reduce((total, week) => total + week.count, 0);
  const mean = weeks.reduce((total, week) => total + week.sum, 0) / count;
  const variance = weeks.reduce((total, week) => total + (week.sum - week.count * mean) ** 2, 0);
  return { mean, error: Math.sqrt(variance) / count, count };
}

const none = study(0);
const strong = study(0.3);

describe('the planted effect', () => {
  const strengthAt = ({ all }: Studied, { k, row }: Pattern): number =>
    effectStrength(realisedDaySd(all[k], row), weeklyScore(all[k], row));

  it('is absent at size 0: after the pattern nothing is expected', () => {
    const { mean, error, count } = byWeek(none, () => true);
    expect(count).toBeGreaterThan(100);
    expect(Math.abs(mean)).toBeLessThan(2.5 * error);
  });

  it('raises the drift after the pattern of calm, strong symbols', () => {
    const { mean, error, count } = byWeek(strong, (pattern) => strengthAt(strong, pattern) > 0.4);
    expect(count).toBeGreaterThan(40);
    expect(mean).toBeGreaterThan(4 * error);
    // 0.3 x at least 0.4 x 48 h / sqrt(48 h) hourly standard deviations, less what follows volatility down
    expect(mean).toBeGreaterThan(0.5);
  });

  it('lowers it after the pattern of wild symbols', () => {
    const { mean, error, count } = byWeek(strong, (pattern) => strengthAt(strong, pattern) < -0.2);
    expect(count).toBeGreaterThan(15);
    expect(mean).toBeLessThan(-2 * error);
  });

  it('begins at the bar after the pattern and not before: until then the market without effect is the same, bit for bit', () => {
    let symbolsWithEffect = 0;
    for (let k = 2; k < OPTIONS.symbols; k += 1) {
      const first = none.patterns.find((pattern) => pattern.k === k && strengthAt(none, pattern) !== 0);
      const until = first === undefined ? none.all[k].length : first.row + 1;
      for (const name of ['open', 'high', 'low', 'close', 'volume'] as const) {
        const difference = strong.all[k][name].findIndex((value, i) => !Object.is(value, none.all[k][name][i]));
        expect(difference === -1 || difference >= until).toBe(true);
      }
      // A small effect may hide in the tick.
      if (first === undefined || Math.abs(strengthAt(none, first)) < 0.05) continue;
      symbolsWithEffect += 1;
      const gain = Math.log(strong.all[k].close[until + 11] / none.all[k].close[until + 11]);
      expect(Math.sign(gain)).toBe(Math.sign(strengthAt(none, first)));
    }
    expect(symbolsWithEffect).toBeGreaterThan(10);
  });

  it('has the stated size: effect x strength hourly standard deviations per hour', () => {
    // Same random numbers: the ratio of the two markets is the added drift itself.
    const ratios: number[] = [];
    for (let k = 2; k < OPTIONS.symbols; k += 1) {
      const first = none.patterns.find((pattern) => pattern.k === k);
      if (first === undefined || first.row + BOOST_BARS >= none.all[k].length) continue;
      const strength = strengthAt(none, first);
      if (Math.abs(strength) < 0.1) continue;
      const end = first.row + 24 * 12;
      const gain = Math.log(strong.all[k].close[end] / none.all[k].close[end]);
      ratios.push(gain / (0.3 * strength * hourSdAfter(none.all[k], first.row, end) * 24));
    }
    expect(ratios.length).toBeGreaterThan(6);
    const mean = ratios.reduce((sum, r) => sum + r, 0) / ratios.length;
    expect(mean).toBeGreaterThan(0.8);
    expect(mean).toBeLessThan(1.25);
  });

  it('leaves the benchmarks and the random numbers of volume alone', () => {
    for (const k of [0, 1]) expect(strong.all[k]).toEqual(none.all[k]);
    // Volume changes by the range of the bar alone: the medians agree.
    expect(median(strong.all[5].volume) / median(none.all[5].volume)).toBeCloseTo(1, 1);
  });

  it('grows with calm and strength and turns for wild symbols', () => {
    expect(effectStrength(0.03, 5)).toBe(1);
    expect(effectStrength(0.03, -1)).toBe(0.5);
    expect(effectStrength(0.1, 5)).toBe(-0.75);
    expect(effectStrength(Number.NaN, 5)).toBe(-0.75);
    expect(effectStrength(0.03, Number.NaN)).toBe(0.5);
    expect(effectStrength(0.05, 2)).toBeGreaterThan(effectStrength(0.06, 2));
    expect(effectStrength(0.05, 3)).toBeGreaterThan(effectStrength(0.05, 2));
  });
});

describe('the regime of the effect', () => {
  it('is the MACD histogram of the last closed 4h bar', () => {
    const eth = none.all[1];
    const slow = slowRegime(eth);
    const fast = regimeUpByBar(eth);
    let ups = 0;
    for (let i = 0; i < eth.length; i += 7) {
      expect(fast[i] === 1).toBe(slow(eth.openTimeMs[i] + eth.intervalMs));
      ups += fast[i];
    }
    expect(ups / (eth.length / 7)).toBeGreaterThan(0.3);
    expect(ups / (eth.length / 7)).toBeLessThan(0.7);
  });
});

/** Sd of an hour's log return from the 5m bars in a range of rows. */
function hourSdAfter({ close }: Candles, from: number, to: number): number {
  let sum = 0;
  for (let i = from + 1; i <= to; i += 1) sum += Math.abs(Math.log(close[i] / close[i - 1]));
  // Mean absolute size to sd: pi / 2 for a normal, and the square root of 12 bars.
  return (sum / (to - from)) * Math.sqrt((Math.PI / 2) * 12);
}

function median(values: Float64Array): number {
  return values.toSorted()[values.length >> 1];
}
