import { DAY_MS, HOUR_MS, MINUTE_MS, rowAt, roundToStep, symbolOf, turnoverUsd, type Candles } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { effectText, syntheticMarket, type SyntheticMarketOptions } from './synthetic-market.ts';

const START_MS = Date.UTC(2024, 0, 1);

const REALISTIC: SyntheticMarketOptions = {
  seed: 5,
  symbols: 12,
  startMs: START_MS,
  days: 60,
  intervalMs: 5 * MINUTE_MS,
  mode: 'realistic',
};
const MARTINGALE: SyntheticMarketOptions = { ...REALISTIC, mode: 'martingale' };

/** True when the value is the double closest to the decimal text of a whole number of steps. */
function onGrid(value: number, step: number): boolean {
  return value === roundToStep(value, step);
}

/** Rows below `length` of which it holds. */
function rowsWhere(length: number, holds: (i: number) => boolean): number[] {
  return Array.from({ length }, (_, i) => i).filter(holds);
}

function column(values: Float64Array): number[] {
  return [...values];
}

describe.each([REALISTIC, MARTINGALE])('a $mode market', (options) => {
  it('is the same for the same options', () => {
    expect(syntheticMarket(options).candles(4)).toEqual(syntheticMarket(options).candles(4));
  });

  it('differs with the seed', () => {
    const other = syntheticMarket({ ...options, seed: options.seed + 1 });
    expect(other.candles(4).close[100]).not.toBe(syntheticMarket(options).candles(4).close[100]);
  });

  it('makes a symbol independently of the others, of their order and of their number', () => {
    const market = syntheticMarket(options);
    const forward = [2, 5, 9].map((k) => column(market.candles(k).close));
    const backward = [9, 5, 2].map((k) => column(market.candles(k).close)).reverse();
    const larger = syntheticMarket({ ...options, symbols: 40 });
    expect(backward).toEqual(forward);
    expect([2, 5, 9].map((k) => column(larger.candles(k).close))).toEqual(forward);
    expect(larger.symbols.slice(0, options.symbols)).toEqual(market.symbols);
  });

  it('keeps highs and lows around open and close', () => {
    const market = syntheticMarket({ ...options, days: 10 });
    for (let k = 0; k < market.symbols.length; k += 1) {
      const { open, high, low, close, volume, length } = market.candles(k);
      const fits = (i: number): boolean =>
        low[i] > 0 && low[i] <= Math.min(open[i], close[i]) && high[i] >= Math.max(open[i], close[i]) && volume[i] >= 0;
      expect(rowsWhere(length, (i) => !fits(i))).toEqual([]);
    }
  });

  it('keeps prices on the tick and volumes on the lot', () => {
    const market = syntheticMarket({ ...options, days: 10 });
    for (let k = 0; k < market.symbols.length; k += 1) {
      const { tickSize, qtyStep } = market.symbols[k].rules;
      const { open, high, low, close, volume } = market.candles(k);
      for (const prices of [open, high, low, close]) {
        expect(column(prices).filter((price, i) => i % 97 === 0 && !onGrid(price, tickSize))).toEqual([]);
      }
      expect(column(volume).filter((v, i) => i % 97 === 0 && !onGrid(v, qtyStep))).toEqual([]);
    }
  });

  it('has bars one interval apart', () => {
    const { openTimeMs, length } = syntheticMarket(options).candles(3);
    expect(rowsWhere(length - 1, (i) => openTimeMs[i + 1] - openTimeMs[i] !== options.intervalMs)).toEqual([]);
  });

  it.each([1, 15, 60])('works with bars of %d minutes', (minutes) => {
    const candles = syntheticMarket({ ...options, days: 5, intervalMs: minutes * MINUTE_MS }).candles(3);
    expect(candles.length).toBe((5 * 1_440) / minutes);
    expect(candles.close.every((price) => price > 0)).toBe(true);
  });
});

describe('the symbols', () => {
  const market = syntheticMarket({ ...REALISTIC, symbols: 60, days: 200 });

  it('start with the benchmarks and carry invented names after them', () => {
    const names = market.symbols.map(({ symbol }) => symbol);
    expect(names.slice(0, 4)).toEqual(['BTCUSDT', 'ETHUSDT', 'SYN01USDT', 'SYN02USDT']);
    expect(new Set(names).size).toBe(60);
    expect(market.symbols.map(({ rules }) => symbolOf(rules.instrumentId))).toEqual(names);
    expect(market.symbols[0].rules.instrumentId).toBe('synthetic:BTCUSDT');
    expect(market.text).toContain('Synthetic data');
  });

  it('cover prices from 1e-5 to 1e5 and turnovers on both sides of a liquidity filter', () => {
    const prices = market.symbols.map(({ startPrice }) => startPrice);
    expect(Math.min(...prices)).toBeLessThan(5e-5);
    expect(Math.max(...prices)).toBeGreaterThan(5e4);
    const turnovers = market.symbols.map(({ turnoverPerDayUsd }) => turnoverPerDayUsd);
    expect(turnovers.filter((usd) => usd < 500_000).length).toBeGreaterThan(0);
    expect(turnovers.filter((usd) => usd > 2_000_000).length).toBeGreaterThan(40);
  });

  it('have bars exactly while they are listed', () => {
    const startMs = REALISTIC.startMs;
    const endMs = startMs + 200 * DAY_MS;
    const listed = market.symbols.filter(({ listedMs }) => listedMs > startMs);
    const left = market.symbols.filter(({ delistedMs }) => delistedMs !== null);
    expect(listed.length).toBeGreaterThanOrEqual(9);
    expect(left.length).toBeGreaterThanOrEqual(4);
    for (const symbol of [...listed.slice(0, 2), ...left.slice(0, 2)]) {
      const candles = market.candles(market.symbols.indexOf(symbol));
      expect(candles.openTimeMs[0]).toBe(Math.max(symbol.listedMs, startMs));
      expect(candles.openTimeMs[candles.length - 1] + candles.intervalMs).toBe(symbol.delistedMs ?? endMs);
    }
  });

  it('trade through the whole window in a martingale market', () => {
    for (const { listedMs, delistedMs } of syntheticMarket({ ...MARTINGALE, symbols: 60 }).symbols) {
      expect(listedMs).toBeLessThan(START_MS);
      expect(delistedMs).toBeNull();
    }
  });
});

describe('a realistic market', () => {
  const market = syntheticMarket({ ...REALISTIC, seed: 1, days: 120 });
  const all = market.symbols.map((_, k) => market.candles(k));

  it('trades most in the hours around the US open', () => {
    const byHour = new Float64Array(24);
    for (const candles of all.slice(0, 4)) {
      const unit = mean(candles.volume);
      for (let i = 0; i < candles.length; i += 1)
        byHour[Math.floor(candles.openTimeMs[i] / HOUR_MS) % 24] += candles.volume[i] / unit;
    }
    expect(byHour.indexOf(Math.max(...byHour))).toBe(14);
    expect(byHour[14] / byHour[5]).toBeGreaterThan(2);
  });

  it('is quieter at weekends', () => {
    let [weekend, week] = [0, 0];
    const btc = all[0];
    for (let i = 0; i < btc.length; i += 1) {
      const weekday = Math.floor(btc.openTimeMs[i] / DAY_MS + 3) % 7;
      if (weekday >= 5) weekend += btc.volume[i] / 2;
      else week += btc.volume[i] / 5;
    }
    expect(weekend / week).toBeLessThan(0.8);
  });

  it('has volatility that clusters, fat tails, no autocorrelation of returns, and volume that follows volatility', () => {
    for (const candles of [all[0], all[2], all[6]]) {
      const returns = logReturns(candles);
      const sizes = returns.map(Math.abs);
      expect(correlation(sizes.slice(12), sizes.slice(0, -12))).toBeGreaterThan(0.1);
      expect(kurtosis(returns)).toBeGreaterThan(6);
      expect(Math.abs(correlation(returns.slice(1), returns.slice(0, -1)))).toBeLessThan(0.05);
      expect(correlation(sizes, logVolumes(candles).slice(1))).toBeGreaterThan(0.15);
    }
  });

  it('moves together', () => {
    const btc = logReturns(all[0]);
    for (const k of [1, 2, 3, 6]) expect(correlation(btc, logReturns(all[k]))).toBeGreaterThan(0.25);
    // What is left beyond the factor is the symbol's own: nobody follows anybody else.
    for (const k of [2, 3]) expect(correlation(btc.slice(0, -1), logReturns(all[k]).slice(1))).toBeLessThan(0.02);
  });

  it('stands still now and then: no volume, one price', () => {
    for (const candles of all) {
      const { open, high, low, close, volume, length } = candles;
      const still = rowsWhere(length, (i) => volume[i] === 0);
      expect(still.filter((i) => open[i] !== close[i] || high[i] !== close[i] || low[i] !== close[i])).toEqual([]);
      expect(still.filter((i) => turnoverUsd(candles, i) !== 0)).toEqual([]);
    }
    // A halt of the venue stops everybody; a thin symbol has still bars of its own.
    const halts = rowsWhere(all[0].length, (i) => all[0].volume[i] === 0).map((i) => all[0].openTimeMs[i]);
    expect(halts.length).toBeGreaterThan(0);
    expect(halts.length).toBeLessThan(40);
    for (const candles of all) {
      const rows = halts.map((timeMs) => rowAt(candles, timeMs)).filter((row) => row >= 0);
      expect(rows.filter((row) => candles.volume[row] !== 0)).toEqual([]);
    }
    const thin = market.symbols.findIndex(({ turnoverPerDayUsd }) => turnoverPerDayUsd < 2e6);
    expect(column(all[thin].volume).filter((v) => v === 0).length).toBeGreaterThan(halts.length);
  });

  it('fades out before a delisting', () => {
    const k = market.symbols.findIndex(({ delistedMs }) => delistedMs !== null);
    const { volume, length } = all[k];
    const before = mean(volume.subarray(length - 60 * 288, length - 40 * 288));
    expect(mean(volume.subarray(length - 5 * 288)) / before).toBeLessThan(0.5);
  });

  it('settles funding every four or eight hours of its life at plausible rates', () => {
    for (let k = 0; k < market.symbols.length; k += 1) {
      const { timeMs, rate } = market.funding(k, all[k]);
      const { fundingMs } = market.symbols[k];
      const firstMs = all[k].openTimeMs[0];
      expect(timeMs[0]).toBeGreaterThan(firstMs);
      expect(timeMs[0] - firstMs).toBeLessThanOrEqual(fundingMs);
      expect(timeMs.every((time, n) => time % fundingMs === 0 && (n === 0 || time - timeMs[n - 1] === fundingMs))).toBe(
        true,
      );
      expect(rate.every((r) => Math.abs(r) <= 0.0075)).toBe(true);
      expect(Math.abs(mean(rate) * ((8 * HOUR_MS) / fundingMs) - 0.0001)).toBeLessThan(0.0001);
    }
    expect(market.funding(2)).toEqual(market.funding(2, all[2]));
  });

  it('takes funding rates from closed bars alone', () => {
    const { timeMs, rate } = market.funding(2, all[2]);
    const changed: Candles = {
      ...all[2],
      close: all[2].close.map((c, i) => (all[2].openTimeMs[i] >= timeMs[100] ? c * 5 : c)),
    };
    const other = market.funding(2, changed);
    expect(column(other.rate).slice(0, 101)).toEqual(column(rate).slice(0, 101));
    expect(other.rate[101]).not.toBe(rate[101]);
  });
});

describe('the options', () => {
  it.each([
    [{ seed: 1.5 }, 'seed is 1.5'],
    [{ symbols: 0 }, 'symbols is 0'],
    [{ startMs: START_MS + HOUR_MS }, `startMs is ${START_MS + HOUR_MS}`],
    [{ days: 0 }, 'days is 0'],
    [{ intervalMs: 7 * MINUTE_MS }, 'intervalMs is 420000'],
    [{ effect: Number.NaN }, 'effect is NaN'],
    [{ regimeDriftPerDay: Number.NaN }, 'regimeDriftPerDay is NaN'],
    [{ subSteps: 9 }, 'subSteps is 9'],
    [{ subSteps: 64 }, 'subSteps is 64'],
  ])('%j are refused', (change, found) => {
    expect(() => syntheticMarket({ ...REALISTIC, ...change })).toThrow(found);
  });

  it('are described in words', () => {
    expect(effectText(0)).toContain('No effect is planted');
    expect(syntheticMarket({ ...REALISTIC, effect: 0.2 }).text).toContain('Planted effect, size 0.2');
    expect(syntheticMarket(MARTINGALE).text).toContain('martingales');
  });
});

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function logReturns({ close, length }: Candles): Float64Array {
  return Float64Array.from({ length: length - 1 }, (_, i) => Math.log(close[i + 1] / close[i]));
}

function logVolumes({ volume }: Candles): Float64Array {
  return volume.map((v) => Math.log(Math.max(v, 1e-12)));
}

function kurtosis(values: Float64Array): number {
  const m = mean(values);
  const variance = mean(values.map((v) => (v - m) ** 2));
  return mean(values.map((v) => (v - m) ** 4)) / variance ** 2;
}

function correlation(a: Float64Array, b: Float64Array): number {
  const length = Math.min(a.length, b.length);
  const [x, y] = [a.subarray(0, length), b.subarray(0, length)];
  const [mx, my] = [mean(x), mean(y)];
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < length; i += 1) {
    xy += (x[i] - mx) * (y[i] - my);
    xx += (x[i] - mx) ** 2;
    yy += (y[i] - my) ** 2;
  }
  return xy / Math.sqrt(xx * yy);
}
