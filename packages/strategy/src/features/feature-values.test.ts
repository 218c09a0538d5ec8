/**
 * Every feature a second time, by plain loops over plain rows written from its definition: no kernel, no resampler, no window is
 * shared. Random markets with gaps, three base intervals; a value where the other has none is a difference.
 */
import { createPrng, DAY_MS, HOUR_MS, intervalMs, WEEK_MS, type Candles, type Interval } from '@donch/core';
import { randomCandles } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { compileStrategy, type CompiledStrategy } from '../compile-strategy.ts';
import { knownEvents, scanAtOnce, type World } from '../scan-world.ts';
import type { SymbolEvents } from './feature.ts';

interface Row {
  readonly openTimeMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly turnover: number;
}

interface Bucket {
  readonly startMs: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly turnover: number;
  readonly lastCloseMs: number;
  readonly isUsable: boolean;
}

/** One probe: what is known at a decision. */
interface Moment {
  readonly timeMs: number;
  readonly baseMs: number;
  /** Rows that have closed, the decision bar last. */
  readonly rows: readonly Row[];
  /** Rows of the other symbols that have closed. */
  readonly others: ReadonlyMap<string, readonly Row[]>;
  readonly breakTimeMs: number;
  readonly events: SymbolEvents;
  readonly listedMs: number;
  readonly levelDays: number;
  readonly volumeDays: number;
}

const LISTED_MS = Date.UTC(2023, 10, 5, 12);
const LEVEL_DAYS = 2;
const VOLUME_DAYS = 9;
const PULLBACK_HOURS = 12;
const ENTRY_HOURS = 24;

function strategyOf(base: Interval): CompiledStrategy {
  const file = {
    strategy: { name: 'Values', side: 'long' },
    entry: {
      donchian: { length_days: LEVEL_DAYS },
      pullback: { window_hours: PULLBACK_HOURS, entry_window_hours: ENTRY_HOURS },
      volume: { multiple: 0.5, lookback_days: VOLUME_DAYS },
      regime_gate: { symbol: 'BTCUSDT', timeframe: '1h', macd: [3, 6, 2] },
    },
  };
  const layers = [
    {
      layer: 'config',
      source: 'test',
      values: { TIMEFRAME: base, REGIME_MA_PERIOD: 5, REGIME_ATR_PERIOD: 3, REGIME_ATR_MULT: 1 },
    },
  ] as const;
  return compileStrategy({ text: JSON.stringify(file), file: 'x.yaml', layers, universeHash: 'u' });
}

// ---- plain definitions ------------------------------------------------------------------------------------------------------

const usd = ({ turnover, volume, open, high, low, close }: Row): number =>
  Number.isNaN(turnover) ? (volume * (open + high + low + close)) / 4 : turnover;

function bucketsOf(rows: readonly Row[], sizeMs: number, baseMs: number, timeMs: number): Bucket[] {
  const groups = new Map<number, Row[]>();
  for (const row of rows) {
    const startMs = Math.floor(row.openTimeMs / sizeMs) * sizeMs;
    const group = groups.get(startMs);
    if (group === undefined) groups.set(startMs, [row]);
    else group.push(row);
  }
  return [...groups]
    .filter(([startMs]) => startMs + sizeMs <= timeMs)
    .map(([startMs, group]) => ({
      startMs,
      high: Math.max(...group.map(({ high }) => high)),
      low: Math.min(...group.map(({ low }) => low)),
      close: group[group.length - 1].close,
      turnover: group.reduce((sum, row) => sum + usd(row), 0),
      lastCloseMs: group[group.length - 1].openTimeMs + baseMs,
      isUsable: startMs >= rows[0].openTimeMs && group.length >= 0.9 * (sizeMs / baseMs),
    }));
}

/** True when the very bucket that ended last is there and usable. */
function isCurrent(buckets: readonly Bucket[], sizeMs: number, timeMs: number): boolean {
  const endMs = Math.floor(timeMs / sizeMs) * sizeMs;
  return buckets.some(({ startMs, isUsable }) => isUsable && startMs + sizeMs === endMs);
}

const settle = (alpha: number): number => Math.ceil(Math.log(1e-3) / Math.log(1 - alpha));
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const N = 14;

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const k = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[k] : (sorted[k - 1] + sorted[k]) / 2;
}

function wilder(values: readonly number[], n = N): number {
  let average = mean(values.slice(0, n));
  for (const value of values.slice(n)) average = (average * (n - 1) + value) / n;
  return average;
}

const trueRanges = (bars: readonly Bucket[]): number[] =>
  bars
    .slice(1)
    .map(({ high, low }, k) => Math.max(high - low, Math.abs(high - bars[k].close), Math.abs(low - bars[k].close)));

function rsi(bars: readonly Bucket[]): number {
  const moves = bars.slice(1).map(({ close }, k) => close - bars[k].close);
  const gain = wilder(moves.map((move) => Math.max(move, 0)));
  const loss = wilder(moves.map((move) => Math.max(-move, 0)));
  return (100 * gain) / (gain + loss);
}

function adx(bars: readonly Bucket[]): number {
  const moves = bars.slice(1).map(({ high, low }, k) => {
    const up = high - bars[k].high;
    const down = bars[k].low - low;
    return { plus: up > down && up > 0 ? up : 0, minus: down > up && down > 0 ? down : 0 };
  });
  // TA-Lib: the first sums hold n - 1 moves and decay from the n-th on
  let plus = moves.slice(0, N - 1).reduce((sum, move) => sum + move.plus, 0);
  let minus = moves.slice(0, N - 1).reduce((sum, move) => sum + move.minus, 0);
  const index = moves.slice(N - 1).map((move) => {
    plus = plus - plus / N + move.plus;
    minus = minus - minus / N + move.minus;
    return (100 * Math.abs(plus - minus)) / (plus + minus);
  });
  return wilder(index);
}

function ema(values: readonly number[], length: number): number[] {
  const averages = [values[0]];
  for (const value of values.slice(1)) {
    const alpha = 2 / (length + 1);
    averages.push(alpha * value + (1 - alpha) * averages[averages.length - 1]);
  }
  return averages;
}

const TREND_BARS: Readonly<Record<string, number>> = {
  atr: 1 + N + settle(1 / N),
  rsi: 1 + N + settle(1 / N),
  adx: 1 + N + settle(1 / N) + N + settle(1 / N),
};

function trend(kind: 'atr' | 'rsi' | 'adx', sizeMs: number, { rows, baseMs, timeMs }: Moment): number {
  const buckets = bucketsOf(rows, sizeMs, baseMs, timeMs);
  const bars = buckets.filter(({ isUsable }) => isUsable);
  if (bars.length < TREND_BARS[kind] || !isCurrent(buckets, sizeMs, timeMs)) return Number.NaN;
  return kind === 'atr' ? wilder(trueRanges(bars)) : kind === 'rsi' ? rsi(bars) : adx(bars);
}

function macd(symbol: string, sizeMs: number, lengths: readonly [number, number, number], moment: Moment): number[] {
  const { baseMs, timeMs, others } = moment;
  const rows = others.get(symbol) ?? [];
  // a benchmark that is absent from the bar set in which its bar ends is not ready
  const hasArrived = rows.some(({ openTimeMs }) => openTimeMs + baseMs >= Math.floor(timeMs / sizeMs) * sizeMs);
  const buckets = bucketsOf(rows, sizeMs, baseMs, timeMs);
  const closes = buckets.filter(({ isUsable }) => isUsable).map(({ close }) => close);
  const [fast, slow, signal] = lengths;
  const bars = settle(2 / (slow + 1)) + settle(2 / (signal + 1));
  if (closes.length < bars || !hasArrived || !isCurrent(buckets, sizeMs, timeMs)) return [Number.NaN, Number.NaN];
  const slowAverage = ema(closes, slow);
  const line = ema(closes, fast).map((value, k) => value - slowAverage[k]);
  const histogram = line[line.length - 1] - ema(line, signal)[line.length - 1];
  return [histogram, closes[closes.length - 1]];
}

/** Closed buckets of a symbol, or none when it is absent from the bar set in which its last bucket ends. */
function currentBuckets(symbol: string, sizeMs: number, { baseMs, timeMs, others }: Moment): Bucket[] {
  const rows = others.get(symbol) ?? [];
  const hasArrived = rows.some(({ openTimeMs }) => openTimeMs + baseMs >= Math.floor(timeMs / sizeMs) * sizeMs);
  const buckets = bucketsOf(rows, sizeMs, baseMs, timeMs);
  return hasArrived && isCurrent(buckets, sizeMs, timeMs) ? buckets : [];
}

interface Chain {
  readonly fromMs: number;
  readonly stay0: number;
  readonly back0: number;
  readonly means: readonly number[];
  readonly variances: readonly number[];
}

/** The parameters of scan-world.ts by hand: state 1 is up (high), and nothing holds where states cannot be told apart. */
const MARKOV: readonly Chain[] = [
  { fromMs: Date.UTC(2024, 0, 1), stay0: 0.93, back0: 0.09, means: [-0.004, 0.006], variances: [6e-4, 3e-4] },
  { fromMs: Date.UTC(2024, 1, 1), stay0: 0.9, back0: 0.11, means: [-0.003, 0.005], variances: [5e-4, 2e-4] },
  { fromMs: Date.UTC(2024, 2, 1), stay0: Number.NaN, back0: 0.1, means: [0, 0], variances: [1, 1] },
  { fromMs: Date.UTC(2024, 3, 1), stay0: 0.94, back0: 0.08, means: [-0.004, 0.004], variances: [7e-4, 2e-4] },
];
const VOLATILITY: readonly Chain[] = [
  { fromMs: Date.UTC(2024, 0, 1), stay0: 0.93, back0: 0.1, means: [0, 0], variances: [0.0012, 0.004] },
  { fromMs: Date.UTC(2024, 2, 1), stay0: 0.94, back0: 0.1, means: [0.001, 0.001], variances: [0.001, 0.005] },
];

/** Probability of state 1: Bayes at every step of the grid that has a return, the chain alone at the others. */
function probability1(chains: readonly Chain[], sizeMs: number, moment: Moment): number {
  const buckets = currentBuckets('BTCUSDT', sizeMs, moment);
  if (buckets.length === 0) return Number.NaN;
  const lastMs = buckets[buckets.length - 1].startMs;
  const { stay0, back0, means, variances } = chains.findLast(({ fromMs }) => fromMs <= lastMs + sizeMs) ?? chains[0];
  const closeAt = new Map(buckets.filter(({ isUsable }) => isUsable).map(({ startMs, close }) => [startMs, close]));
  let p = (1 - stay0) / (1 - stay0 + back0);
  for (let startMs = buckets[0].startMs; startMs <= lastMs; startMs += sizeMs) {
    if (startMs > buckets[0].startMs) p = p * (1 - back0) + (1 - p) * (1 - stay0);
    const [before, close] = [closeAt.get(startMs - sizeMs), closeAt.get(startMs)];
    if (before === undefined || close === undefined) continue;
    const density = [0, 1].map(
      (k) => Math.exp(-((Math.log(close / before) - means[k]) ** 2) / (2 * variances[k])) / Math.sqrt(variances[k]),
    );
    p = (p * density[1]) / (p * density[1] + (1 - p) * density[0]);
  }
  return p;
}

/** 1 = BULL, 0 = BEAR: the side on which a close last left the band around the average of averages. */
function dailyTrend(moment: Moment): number {
  const days = currentBuckets('BTCUSDT', DAY_MS, moment).filter(({ isUsable }) => isUsable);
  const average = (k: number): number => mean(days.slice(k - 4, k + 1).map(({ close }) => close));
  for (let k = days.length - 1; k >= 0; k -= 1) {
    const isCovered = k >= 8 && days[k].startMs - days[k - 8].startMs <= (8 * DAY_MS) / 0.9;
    if (!isCovered || k + 1 < 1 + 3 + settle(1 / 3)) return Number.NaN;
    const center = mean([k - 4, k - 3, k - 2, k - 1, k].map(average));
    const band = wilder(trueRanges(days.slice(0, k + 1)), 3);
    if (Math.abs(days[k].close - center) > band) return days[k].close > center ? 1 : 0;
  }
  return Number.NaN;
}

const probabilityLow = (moment: Moment): number => 1 - probability1(VOLATILITY, DAY_MS, moment);
const isHigh = (moment: Moment): number => sign(0.5 - probabilityLow(moment));

/** Settlements that had happened a minute ago, the first one later than some days back. */
function settlements({ timeMs, events: { funding } }: Moment, days = Infinity): { ms: number; rate: number }[] {
  return Array.from(funding.timeMs, (ms, k) => ({ ms, rate: funding.value[k] })).filter(
    ({ ms }) => ms + 60_000 <= timeMs && ms > timeMs - days * DAY_MS,
  );
}

/** Open interest known a minute ago, newest first. */
function openInterest({ timeMs, events: { openInterest: values } }: Moment): { ms: number; oi: number }[] {
  return Array.from(values.timeMs, (ms, k) => ({ ms, oi: values.value[k] }))
    .filter(({ ms }) => ms + 60_000 <= timeMs)
    .reverse();
}

/** Latest open interest, that of some hours before it, and when; nothing when it is older than two hours. */
function openInterestPair(moment: Moment, hours: number): readonly [latest: number, before: number, ms: number] {
  const all = openInterest(moment);
  if (all.length === 0 || moment.timeMs - all[0].ms > 2 * HOUR_MS) return [Number.NaN, Number.NaN, Number.NaN];
  const before = all.find(({ ms }) => ms === all[0].ms - hours * HOUR_MS)?.oi ?? Number.NaN;
  return [all[0].oi, before, all[0].ms];
}

function openInterestChange(moment: Moment, hours: number): number {
  const [latest, before] = openInterestPair(moment, hours);
  return latest / before - 1;
}

function openInterestZ(moment: Moment): number {
  const week = openInterest(moment).filter(({ ms }) => ms > moment.timeMs - 7 * DAY_MS);
  const isKnown = week.length > 0 && moment.timeMs - week[0].ms <= 2 * HOUR_MS;
  if (!isKnown || week[0].ms - week[week.length - 1].ms < DAY_MS) return Number.NaN;
  return deviation(week.map(({ oi }) => Math.log(oi)).reverse());
}

function openInterestPerVolume(moment: Moment): number {
  const [latest, before, ms] = openInterestPair(moment, 1);
  const hour = moment.rows.filter(({ openTimeMs }) => openTimeMs >= ms - HOUR_MS && openTimeMs + moment.baseMs <= ms);
  if (hour.length * moment.baseMs < 0.9 * HOUR_MS) return Number.NaN;
  return (latest - before) / hour.reduce((sum, { volume }) => sum + volume, 0);
}

function openInterestDivergence(moment: Moment): number {
  const [, , ms] = openInterestPair(moment, 1);
  const closeAt = (endMs: number): number =>
    moment.rows.find(({ openTimeMs }) => openTimeMs + moment.baseMs === endMs)?.close ?? Number.NaN;
  return Math.sign(closeAt(ms) - closeAt(ms - HOUR_MS)) * openInterestChange(moment, 1);
}

function fundingRate(moment: Moment): number {
  return settlements(moment, 1.000_000_1).at(-1)?.rate ?? Number.NaN;
}

function deviation(values: readonly number[]): number {
  const squares = values.map((value) => (value - mean(values)) ** 2).reduce((sum, square) => sum + square, 0);
  return (values[values.length - 1] - mean(values)) / Math.sqrt(squares / (values.length - 1));
}

function fundingZ(moment: Moment): number {
  const week = settlements(moment, 7).map(({ rate }) => rate);
  return Number.isNaN(fundingRate(moment)) || week.length < 6 ? Number.NaN : deviation(week);
}

function fundingSum(moment: Moment): number {
  const all = settlements(moment);
  const inside = settlements(moment, 3);
  const times = all.slice(-inside.length - 1).map(({ ms }) => ms);
  const isWhole =
    all.length > inside.length &&
    times.slice(1).every((ms, k) => ms - times[k] <= DAY_MS) &&
    fundingRate(moment) < Infinity;
  return isWhole ? inside.reduce((sum, { rate }) => sum + rate, 0) : Number.NaN;
}

const macd4h = (symbol: string, moment: Moment): number[] => macd(symbol, 4 * HOUR_MS, [12, 26, 9], moment);
const sign = (histogram: number): number => (Number.isNaN(histogram) ? Number.NaN : histogram > 0 ? 1 : 0);

const atr = (moment: Moment): number => trend('atr', HOUR_MS, moment);
const last = ({ rows }: Moment): Row => rows[rows.length - 1];

function priorDayReturn(moment: Moment): number {
  const before = moment.rows.find(({ openTimeMs }) => openTimeMs === last(moment).openTimeMs - DAY_MS);
  return before === undefined ? Number.NaN : last(moment).close / before.close - 1;
}

function realisedVolatility(moment: Moment): number {
  const { rows, baseMs } = moment;
  const fromMs = last(moment).openTimeMs - 3 * DAY_MS;
  const returns = rows.flatMap(({ openTimeMs, close }, k) =>
    k > 0 && openTimeMs > fromMs ? [Math.log(close / rows[k - 1].close)] : [],
  );
  if (returns.length < 0.9 * ((3 * DAY_MS) / baseMs)) return Number.NaN;
  const centre = mean(returns);
  return Math.sqrt(returns.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (returns.length - 1));
}

function volumeMultiple(moment: Moment): number {
  const { rows, baseMs, volumeDays } = moment;
  const fromMs = last(moment).openTimeMs - volumeDays * DAY_MS;
  const volumes = rows.filter(({ openTimeMs }) => openTimeMs > fromMs).map(({ volume }) => volume);
  if (volumes.length < Math.min(7.5, 0.9 * volumeDays) * (DAY_MS / baseMs)) return Number.NaN;
  return last(moment).volume / median(volumes);
}

/** VWAP stack of 12 bars, band 0.4 %: [frac, expansion, slope]. */
function stack({ rows, baseMs, timeMs }: Moment): readonly number[] {
  const length = 12;
  const window = rows.slice(-2 * length);
  if (window.length < 2 * length || (2 * length) / ((timeMs - window[0].openTimeMs) / baseMs) < 0.9)
    return [Number.NaN, Number.NaN, Number.NaN];
  const vwap = (end: number): number => {
    const part = window.slice(end - length + 1, end + 1);
    const traded = part.reduce((sum, { volume }) => sum + volume, 0);
    return part.reduce((sum, { high, low, close, volume }) => sum + ((high + low + close) / 3) * volume, 0) / traded;
  };
  const now = 2 * length - 1;
  const inside = window.filter(
    ({ close }, k) => k >= now - length && k < now && Math.abs(close / vwap(k) - 1) <= 0.004,
  ).length;
  const hours = (window[now].openTimeMs - window[now - length].openTimeMs) / HOUR_MS;
  return [inside / length, Math.abs(window[now].close / vwap(now) - 1), (vwap(now) / vwap(now - length) - 1) / hours];
}

const daysOf = ({ rows, baseMs, timeMs }: Moment): Bucket[] => bucketsOf(rows, DAY_MS, baseMs, timeMs);

function turnoverMedian(moment: Moment): number {
  const days = daysOf(moment);
  if (!isCurrent(days, DAY_MS, moment.timeMs)) return Number.NaN;
  const today = Math.floor(moment.timeMs / DAY_MS) * DAY_MS;
  const values = days
    .filter(({ startMs, isUsable }) => isUsable && startMs >= today - 30 * DAY_MS)
    .map(({ turnover }) => turnover);
  return values.length < 10 ? Number.NaN : median(values);
}

/** [count, fail rate] of the breakouts of the last 60 completed days. */
function priorBreakouts(moment: Moment): readonly number[] {
  const today = Math.floor(moment.timeMs / DAY_MS) * DAY_MS;
  const byDay = new Map(daysOf(moment).map((day) => [day.startMs, day]));
  const days = Array.from({ length: 80 }, (_, k) => byDay.get(today - (80 - k) * DAY_MS));
  if (days.some((day) => day?.isUsable !== true)) return [Number.NaN, Number.NaN];
  const known = days as Bucket[];
  const breaks = known.flatMap((day, k) => {
    if (k < 20) return [];
    const level = Math.max(...known.slice(k - 20, k).map(({ high }) => high));
    return day.close > level ? [{ k, level }] : [];
  });
  const judged = breaks.filter(({ k }) => k + 3 < 80);
  const failed = judged.filter(({ k, level }) => known.slice(k + 1, k + 4).some(({ close }) => close < level));
  return [breaks.length, judged.length === 0 ? Number.NaN : failed.length / judged.length];
}

/** Highest high of the completed days before the day of a bar; NaN unless all of them are usable. */
function levelAt(days: ReadonlyMap<number, Bucket>, openTimeMs: number, length: number): number {
  const today = Math.floor(openTimeMs / DAY_MS) * DAY_MS;
  const window = Array.from({ length }, (_, k) => days.get(today - (k + 1) * DAY_MS));
  if (window.some((day) => day?.isUsable !== true)) return Number.NaN;
  return Math.max(...window.map((day) => day?.high ?? Number.NaN));
}

/** [days since the previous break, has one] before this set-up's breakout bar. */
function previousBreak(moment: Moment): readonly number[] {
  const { rows, baseMs, breakTimeMs, levelDays } = moment;
  const days = new Map(daysOf(moment).map((day) => [day.startMs, day]));
  const before = rows.filter(({ openTimeMs }) => {
    const closeMs = openTimeMs + baseMs;
    return closeMs < breakTimeMs && closeMs >= breakTimeMs - 90 * DAY_MS;
  });
  const reached = before.filter(({ high, openTimeMs }) => high >= levelAt(days, openTimeMs, levelDays));
  if (reached.length > 0) return [(breakTimeMs - (reached[reached.length - 1].openTimeMs + baseMs)) / DAY_MS, 1];
  const isBlind = before.some(({ openTimeMs }) => Number.isNaN(levelAt(days, openTimeMs, levelDays)));
  const isShort = rows[0].openTimeMs + baseMs > breakTimeMs - 90 * DAY_MS;
  return isBlind || isShort || breakTimeMs === 0 ? [Number.NaN, Number.NaN] : [90, 0];
}

function brokenLevel(moment: Moment): number {
  const { breakTimeMs, baseMs, levelDays } = moment;
  const days = new Map(daysOf(moment).map((day) => [day.startMs, day]));
  return breakTimeMs === 0 ? Number.NaN : levelAt(days, breakTimeMs - baseMs, levelDays);
}

function consolidation({ rows, baseMs, breakTimeMs, timeMs }: Moment): number {
  if (timeMs - breakTimeMs > (PULLBACK_HOURS + ENTRY_HOURS) * HOUR_MS) return Number.NaN;
  const window = Array.from({ length: 12 }, (_, k) =>
    rows.find(({ openTimeMs }) => openTimeMs === breakTimeMs - (k + 2) * baseMs),
  );
  if (window.some((row) => row === undefined)) return Number.NaN;
  const known = window as Row[];
  return Math.max(...known.map(({ high }) => high)) - Math.min(...known.map(({ low }) => low));
}

function anchoredVwap({ rows, baseMs, breakTimeMs, timeMs }: Moment): number {
  const since = rows.filter(({ openTimeMs }) => openTimeMs >= breakTimeMs - baseMs && openTimeMs < timeMs);
  if (timeMs - breakTimeMs > (PULLBACK_HOURS + ENTRY_HOURS) * HOUR_MS + baseMs) return Number.NaN;
  let value = 0;
  let traded = 0;
  for (const { high, low, close, volume } of since) {
    value += ((high + low + close) / 3) * volume;
    traded += volume;
  }
  return value / traded;
}

function rsPercentile({ others, baseMs, timeMs }: Moment): number {
  const monday = 4 * DAY_MS;
  const rankMs = Math.floor((timeMs - monday) / WEEK_MS) * WEEK_MS + monday;
  const scores = [...others].map(([symbol, rows]) => {
    const known = rows.filter(({ openTimeMs }) => openTimeMs + baseMs <= rankMs);
    if (known.length === 0) return { symbol, score: Number.NaN };
    const days = new Map(bucketsOf(known, DAY_MS, baseMs, rankMs).map((day) => [day.startMs, day]));
    const window = Array.from({ length: 8 }, (_, k) => days.get(rankMs - (8 - k) * DAY_MS));
    // present at the ranking instant: the last bar of the week had closed then
    if (window.some((day) => day?.isUsable !== true) || window[7]?.lastCloseMs !== rankMs)
      return { symbol, score: Number.NaN };
    const closes = window.map((day) => day?.close ?? Number.NaN);
    const returns = closes.slice(1).map((close, k) => close / closes[k] - 1);
    const centre = mean(returns);
    const sd = Math.sqrt(returns.reduce((sum, value) => sum + (value - centre) ** 2, 0) / 6);
    return { symbol, score: (closes[7] / closes[0] - 1) / sd };
  });
  const ranked = scores.filter(({ score }) => !Number.isNaN(score));
  const own = ranked.find(({ symbol }) => symbol === 'AUSDT');
  if (own === undefined) return Number.NaN;
  const better = ranked.filter(({ score }) => score > own.score).length;
  return 100 * (1 - better / ranked.length);
}

/** UTC clock of the platform: the product computes its own. */
const clock = ({ timeMs }: Moment): Date => new Date(timeMs);
const hourAngle = (moment: Moment): number => (clock(moment).getUTCHours() / 24) * 2 * Math.PI;

const NAIVE: Readonly<Record<string, (moment: Moment) => number>> = {
  atr_1h: atr,
  rsi_1h: (moment) => trend('rsi', HOUR_MS, moment),
  adx_1h: (moment) => trend('adx', HOUR_MS, moment),
  atr_4h: (moment) => trend('atr', 4 * HOUR_MS, moment),
  rsi_4h: (moment) => trend('rsi', 4 * HOUR_MS, moment),
  adx_4h: (moment) => trend('adx', 4 * HOUR_MS, moment),
  atr_frac: (moment) => atr(moment) / last(moment).close,
  don_dist_atr: (moment) => (last(moment).close - brokenLevel(moment)) / atr(moment),
  vol_mult: volumeMultiple,
  consolidation_range_atr: (moment) => consolidation(moment) / atr(moment),
  avwap_break: anchoredVwap,
  hours_since_break: ({ timeMs, breakTimeMs }) => (breakTimeMs === 0 ? Number.NaN : (timeMs - breakTimeMs) / HOUR_MS),
  days_since_prev_break: (moment) => previousBreak(moment)[0],
  has_prev_break: (moment) => previousBreak(moment)[1],
  don_break_len: () => LEVEL_DAYS,
  pullback_type: () => 0,
  entry_rule: () => 0,
  prior_1d_ret: priorDayReturn,
  rv_3d: realisedVolatility,
  vwap_frac_in_band: (moment) => stack(moment)[0],
  vwap_expansion_frac: (moment) => stack(moment)[1],
  vwap_slope_per_hour: (moment) => stack(moment)[2],
  turnover_median_24h_usd: turnoverMedian,
  prior_breakout_count: (moment) => priorBreakouts(moment)[0],
  prior_breakout_fail_rate: (moment) => priorBreakouts(moment)[1],
  rs_percentile: rsPercentile,
  listing_age_days: ({ timeMs, listedMs }) => (timeMs - listedMs) / DAY_MS,
  hour_sin: (moment) => Math.sin(hourAngle(moment)),
  hour_cos: (moment) => Math.cos(hourAngle(moment)),
  dow: (moment) => (clock(moment).getUTCDay() + 6) % 7,
  eth_macd_hist_4h_frac: (moment) => macd4h('ETHUSDT', moment)[0] / macd4h('ETHUSDT', moment)[1],
  eth_macd_above_signal_4h: (moment) => sign(macd4h('ETHUSDT', moment)[0]),
  eth_macd_hist_4h: (moment) => macd4h('ETHUSDT', moment)[0],
  btc_macd_hist_4h_frac: (moment) => macd4h('BTCUSDT', moment)[0] / macd4h('BTCUSDT', moment)[1],
  btc_macd_above_signal_4h: (moment) => sign(macd4h('BTCUSDT', moment)[0]),
  regime_up: (moment) => sign(macd('BTCUSDT', HOUR_MS, [3, 6, 2], moment)[0]),
  regime_gate_up: (moment) => sign(macd('BTCUSDT', HOUR_MS, [3, 6, 2], moment)[0]),
  markov_prob_up_4h: (moment) => probability1(MARKOV, 4 * HOUR_MS, moment),
  trend_regime_1d: dailyTrend,
  funding_rate: fundingRate,
  funding_abs: (moment) => Math.abs(fundingRate(moment)),
  funding_z_7d: fundingZ,
  funding_sum_3d: fundingSum,
  oi_pct_1h: (moment) => openInterestChange(moment, 1),
  oi_pct_4h: (moment) => openInterestChange(moment, 4),
  oi_pct_1d: (moment) => openInterestChange(moment, 24),
  oi_z_7d: openInterestZ,
  oi_chg_norm_vol_1h: openInterestPerVolume,
  oi_price_div_1h: openInterestDivergence,
  funding_oi_div: (moment) => fundingZ(moment) * openInterestZ(moment),
  vol_prob_low_1d: probabilityLow,
  vol_regime_1d: isHigh,
  regime_1d: (moment) => 2 * dailyTrend(moment) + 1 - isHigh(moment),
  regime_macd_hist_frac: (moment) => {
    const [histogram, close] = macd('BTCUSDT', HOUR_MS, [3, 6, 2], moment);
    return histogram / close;
  },
};

// ---- comparison -------------------------------------------------------------------------------------------------------------

function rowsOf(candles: Candles, timeMs: number): Row[] {
  return Array.from({ length: candles.length }, (_, i) => ({
    openTimeMs: candles.openTimeMs[i],
    open: candles.open[i],
    high: candles.high[i],
    low: candles.low[i],
    close: candles.close[i],
    volume: candles.volume[i],
    turnover: candles.turnover[i],
  })).filter(({ openTimeMs }) => openTimeMs + candles.intervalMs <= timeMs);
}

const DAYS_OF: Readonly<Partial<Record<Interval, number>>> = { '5m': 45, '15m': 60, '1h': 320 };
/** The more base bars in an hour, the more of them may be missing before an hour is lost. */
const GAPS: Readonly<Partial<Record<Interval, number>>> = { '5m': 0.02, '15m': 0.004, '1h': 0.001 };

function worldOf(base: Interval): World {
  const barMs = intervalMs(base);
  const length = ((DAYS_OF[base] ?? 30) * DAY_MS) / barMs;
  const startMs = Date.UTC(2024, 1, 27, 5) + 3 * barMs;
  const candles = new Map(
    ['ETHUSDT', 'BTCUSDT', 'AUSDT', 'BUSDT', 'CUSDT'].map((symbol, seed) => [
      symbol,
      randomCandles({ seed: seed + 50, length, intervalMs: barMs, startMs, gapFrac: GAPS[base] ?? 0 }),
    ]),
  );
  const columns = candles.get('AUSDT');
  if (columns === undefined) throw new Error('the market has no AUSDT');
  const prng = createPrng(3, `probes ${base}`);
  const times = Array.from({ length: 45 }, (_, k) => {
    // at the very beginning, then anywhere, or right where an hour, four hours or a day end
    const frac = k < 6 ? 0.002 * prng.next() : 0.15 + 0.85 * prng.next();
    const timeMs = columns.openTimeMs[Math.floor(columns.length * frac)] + barMs;
    const gridMs = [barMs, HOUR_MS, 4 * HOUR_MS, DAY_MS][k % 4];
    return Math.floor(timeMs / gridMs) * gridMs;
  });
  const probes = new Set(times);
  const isProbe: World['isProbe'] = (symbol, closeTimeMs) => symbol === 'AUSDT' && probes.has(closeTimeMs);
  return { strategy: strategyOf(base), candles, listedMs: LISTED_MS, isProbe };
}

interface Counts {
  values: number;
  missing: number;
}

function differences(base: Interval, counts: Map<string, Counts>): string[] {
  const world = worldOf(base);
  const { features, breaks } = scanAtOnce(world);
  const found: string[] = [];
  for (const [key, values] of features) {
    const timeMs = Number(key.split('|')[1]);
    const others = new Map([...world.candles].map(([symbol, candles]) => [symbol, rowsOf(candles, timeMs)]));
    const moment: Moment = {
      timeMs,
      baseMs: intervalMs(base),
      rows: others.get('AUSDT') ?? [],
      others,
      breakTimeMs: breaks.get(key) ?? 0,
      events: knownEvents(world.candles),
      listedMs: LISTED_MS,
      levelDays: LEVEL_DAYS,
      volumeDays: VOLUME_DAYS,
    };
    for (const [k, { name, scale }] of world.strategy.features.entries()) {
      const wanted = NAIVE[name](moment);
      const count = counts.get(name) ?? { values: 0, missing: 0 };
      counts.set(name, count);
      if (Number.isNaN(wanted)) count.missing += 1;
      else count.values += 1;
      const isSame =
        Object.is(values[k], wanted) || Math.abs(values[k] - wanted) <= 1e-9 * Math.max(scale, Math.abs(wanted));
      if (!isSame)
        found.push(`${base} ${name} at ${new Date(timeMs).toISOString()}: found ${values[k]}, expected ${wanted}`);
    }
  }
  return found;
}

describe('every feature against plain loops', () => {
  const counts = new Map<string, Counts>();

  it('has a plain definition', () => {
    expect(Object.keys(NAIVE).sort()).toEqual(
      strategyOf('5m')
        .features.map(({ name }) => name)
        .sort(),
    );
  });

  it.each(['5m', '15m', '1h'] as const)('on base bars of %s', (base) => {
    expect(differences(base, counts)).toEqual([]);
  });

  it('with values and with missing ones', () => {
    const few = [...counts].filter(([, { values }]) => values < 20).map(([name]) => name);
    expect(few).toEqual([]);
    const neverMissing = [...counts].filter(([, { missing }]) => missing === 0).map(([name]) => name);
    expect(neverMissing.sort()).toEqual([
      'don_break_len',
      'dow',
      'entry_rule',
      'hour_cos',
      'hour_sin',
      'listing_age_days',
      'pullback_type',
    ]);
  });
});
