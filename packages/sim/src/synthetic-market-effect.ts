/**
 * The planted effect: a raised drift after a confirmed breakout. A state machine that sees only closed bars; what it says at
 * the close of a bar acts on the next ones.
 */
import { clamp, DAY_MS, dayIndex, HOUR_MS, lowerBound, WEEK_MS, bucketStartMs, type Candles } from '@donch/core';

/** The parts of the effect that are not its size. Times in ms. */
export const EFFECT = {
  channelDays: 20,
  volumeMultiple: 2,
  volumeDays: 30,
  volumeDaysMin: 7.5,
  retestEpsFrac: 0.001,
  retestMs: 24 * HOUR_MS,
  confirmMs: 72 * HOUR_MS,
  boostMs: 48 * HOUR_MS,
  volatilityMs: 3 * DAY_MS,
  /** Realised volatility per day at and below which the effect has its full size; between the two it falls linearly. */
  calmDaySd: 0.04,
  wildDaySd: 0.075,
  /** What is left of the effect at and above `wildDaySd`: breakouts of wild symbols fail more often than by chance. */
  wildShare: -0.75,
  /** Weekly strength at and below which only `weakShare` of the effect is left, and at and above which it has its full size. */
  weakShare: 0.5,
  weakScore: 0,
  strongScore: 4,
} as const;

/** Bins of the volume histogram per unit of the natural logarithm: the median is known to 1 %. */
const BINS_PER_LOG = 64;
/** Range of the histogram around the symbol's normal volume, in units of the natural logarithm. */
const BINS_REACH = 10;

type Stage = 'armed' | 'broken' | 'touched' | 'disarmed';

/** Watches one symbol. `step` once per closed bar, in order. */
export class BreakoutWatch {
  /** Factor on the effect in the next bar, `EFFECT.wildShare` to 1; 0 = no effect. */
  strength = 0;
  private stage: Stage = 'armed';
  private level = Number.NaN;
  private frozenLevel = Number.NaN;
  private deadlineMs = 0;
  private boostEndMs = Number.NEGATIVE_INFINITY;
  private day = Number.NaN;
  private dayHigh = Number.NEGATIVE_INFINITY;
  private readonly dayHighs: number[] = [];
  private readonly volumes: VolumeMedian;

  constructor(intervalMs: number, normalVolume: number) {
    this.volumes = new VolumeMedian(intervalMs, normalVolume);
  }

  /** Takes row i; `marketUp` = the market regime as known at its close. */
  step(candles: Candles, i: number, marketUp: boolean): void {
    const high = candles.high[i];
    const close = candles.close[i];
    const closeTimeMs = candles.openTimeMs[i] + candles.intervalMs;
    this.rollDay(candles.openTimeMs[i]);
    this.volumes.add(candles.volume[i]);
    if (high > this.dayHigh) this.dayHigh = high;
    if (closeTimeMs >= this.boostEndMs) this.strength = 0;
    if ((this.stage === 'broken' || this.stage === 'touched') && closeTimeMs > this.deadlineMs) this.stage = 'disarmed';
    if (this.stage === 'disarmed' && (close <= this.frozenLevel || this.level > this.frozenLevel)) this.stage = 'armed';
    if (this.stage === 'broken' && candles.low[i] <= this.frozenLevel * (1 + EFFECT.retestEpsFrac)) {
      this.stage = 'touched';
      this.deadlineMs = closeTimeMs + EFFECT.confirmMs;
    }
    if (this.stage === 'touched' && close > this.frozenLevel) {
      this.stage = 'disarmed';
      if (marketUp) this.begin(candles, i, closeTimeMs);
      return;
    }
    const open = this.stage === 'armed' || (this.stage === 'broken' && this.level > this.frozenLevel);
    if (open && high > this.level && close >= this.level && this.volumes.isSpike(candles.volume[i])) {
      this.stage = 'broken';
      this.frozenLevel = this.level;
      this.deadlineMs = closeTimeMs + EFFECT.retestMs;
    }
  }

  private rollDay(openTimeMs: number): void {
    const day = dayIndex(openTimeMs);
    if (day === this.day) return;
    if (this.day >= 0) this.dayHighs.push(this.dayHigh);
    if (this.dayHighs.length > EFFECT.channelDays) this.dayHighs.shift();
    this.level = this.dayHighs.length === EFFECT.channelDays ? Math.max(...this.dayHighs) : Number.NaN;
    this.day = day;
    this.dayHigh = Number.NEGATIVE_INFINITY;
  }

  private begin(candles: Candles, i: number, closeTimeMs: number): void {
    this.strength = effectStrength(realisedDaySd(candles, i), weeklyScore(candles, i));
    this.boostEndMs = closeTimeMs + EFFECT.boostMs;
  }
}

/**
 * Factor on the effect: 1 for a calm symbol that was strong last week, below 0 for a wild one. Unknown inputs (NaN) count as
 * wild and weak.
 */
export function effectStrength(daySd: number, score: number): number {
  const wildness = daySd >= 0 ? clamp((daySd - EFFECT.calmDaySd) / (EFFECT.wildDaySd - EFFECT.calmDaySd), 0, 1) : 1;
  const calm = 1 + (EFFECT.wildShare - 1) * wildness;
  const known = Number.isNaN(score) ? EFFECT.weakScore : score;
  return (
    calm *
    (EFFECT.weakShare +
      (1 - EFFECT.weakShare) * clamp((known - EFFECT.weakScore) / (EFFECT.strongScore - EFFECT.weakScore), 0, 1))
  );
}

/** Sd of the base bars' log returns over the last three days, scaled to a day; NaN when the symbol is younger. */
export function realisedDaySd(candles: Candles, i: number): number {
  const bars = EFFECT.volatilityMs / candles.intervalMs;
  if (i < bars) return Number.NaN;
  let sum = 0;
  let sumSquares = 0;
  for (let j = i - bars + 1; j <= i; j += 1) {
    const logReturn = Math.log(candles.close[j] / candles.close[j - 1]);
    sum += logReturn;
    sumSquares += logReturn * logReturn;
  }
  const variance = (sumSquares - (sum * sum) / bars) / (bars - 1);
  return Math.sqrt(Math.max(0, variance) * (DAY_MS / candles.intervalMs));
}

/** Log return of the last completed week (Monday 00:00 UTC) over the sd of its seven daily log returns; NaN when unknown. */
export function weeklyScore(candles: Candles, i: number): number {
  const weekEndMs = bucketStartMs(candles.openTimeMs[i] + candles.intervalMs, WEEK_MS);
  const returns: number[] = [];
  let before = closeAt(candles, weekEndMs - WEEK_MS);
  for (let day = 6; day >= 0; day -= 1) {
    const close = closeAt(candles, weekEndMs - day * DAY_MS);
    returns.push(Math.log(close / before));
    before = close;
  }
  const total = returns.reduce((sum, r) => sum + r, 0);
  const sd = Math.sqrt(returns.reduce((sum, r) => sum + (r - total / 7) ** 2, 0) / 6);
  return sd > 0 ? total / sd : Number.NaN;
}

/** Close of the bar that closes at this instant. */
function closeAt(candles: Candles, timeMs: number): number {
  const row = lowerBound(candles, timeMs) - 1;
  return row >= 0 ? candles.close[row] : Number.NaN;
}

/** Median of the volumes of the last 30 days (current bar included), to within a bin of a logarithmic histogram. */
class VolumeMedian {
  private readonly bins = new Uint32Array(2 * BINS_REACH * BINS_PER_LOG + 1);
  private readonly ring: Uint16Array;
  private readonly countMin: number;
  private readonly logNormal: number;
  private count = 0;

  constructor(intervalMs: number, normalVolume: number) {
    this.ring = new Uint16Array(Math.round((EFFECT.volumeDays * DAY_MS) / intervalMs));
    this.countMin = (EFFECT.volumeDaysMin * DAY_MS) / intervalMs;
    this.logNormal = Math.log(normalVolume);
  }

  add(volume: number): void {
    const at = this.count % this.ring.length;
    if (this.count >= this.ring.length) this.bins[this.ring[at]] -= 1;
    const distance = volume > 0 ? Math.log(volume) - this.logNormal : -BINS_REACH;
    const bin = Math.floor((clamp(distance, -BINS_REACH, BINS_REACH) + BINS_REACH) * BINS_PER_LOG);
    this.bins[bin] += 1;
    this.ring[at] = bin;
    this.count += 1;
  }

  /** True when the volume is at least twice the median of a long enough history. */
  isSpike(volume: number): boolean {
    if (!(this.count >= this.countMin)) return false;
    const half = Math.min(this.count, this.ring.length) / 2;
    let bin = 0;
    for (let below = this.bins[0]; below < half; below += this.bins[bin]) bin += 1;
    const median = Math.exp((bin + 0.5) / BINS_PER_LOG - BINS_REACH + this.logNormal);
    return volume >= EFFECT.volumeMultiple * median;
  }
}
