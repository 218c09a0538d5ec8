/** Building blocks of volatility and volume: mean-reverting states and the shape of the day. */
import { bucketStartMs, DAY_MS, HOUR_MS, WEEK_MS } from '@donch/core';

/**
 * Stationary Gaussian state with mean 0, standard deviation `sd` and correlation exp(-t / memoryMs) over a time t
 * (Ornstein-Uhlenbeck, exact at the bars).
 */
export class MeanReverting {
  value: number;
  private readonly keep: number;
  private readonly shock: number;

  /** `first` is a standard normal: the state starts in its stationary law. */
  constructor(shape: {
    readonly sd: number;
    readonly memoryMs: number;
    readonly stepMs: number;
    readonly first: number;
  }) {
    this.keep = Math.exp(-shape.stepMs / shape.memoryMs);
    this.shock = shape.sd * Math.sqrt(1 - this.keep * this.keep);
    this.value = shape.sd * shape.first;
  }

  /** Takes one standard normal and returns the state after it. */
  step(normal: number): number {
    this.value = this.keep * this.value + this.shock * normal;
    return this.value;
  }
}

/**
 * Volume by UTC hour, mean about 1: quiet between the Asian and the European day, highest at the start of the US day.
 * Shape of the large perpetuals; volatility follows its square root.
 */
const VOLUME_BY_HOUR = [
  0.9, 0.85, 0.85, 0.8, 0.8, 0.75, 0.8, 0.9, 0.85, 0.85, 0.75, 0.75, 1.1, 1.4, 1.9, 1.7, 1.5, 1.2, 1.05, 1.05, 0.95,
  0.85, 0.8, 0.7,
];
/** Saturday and Sunday against a weekday. */
const WEEKEND_VOLUME = 0.6;
const WEEKEND_VOLATILITY = 0.8;

export interface Season {
  /** Natural logarithm of the factor on volume, by bar of the week (0 = Monday 00:00 UTC). */
  readonly logVolume: Float64Array;
  /** Factor on volatility, root mean square over the week 1. */
  readonly volatility: Float64Array;
}

/** The week as bars of this length see it. */
export function seasonOf(intervalMs: number): Season {
  const bars = WEEK_MS / intervalMs;
  const logVolume = new Float64Array(bars);
  const volatility = new Float64Array(bars);
  let sumSquares = 0;
  for (let i = 0; i < bars; i += 1) {
    const weekend = i * intervalMs >= 5 * DAY_MS;
    const hourVolume = VOLUME_BY_HOUR[Math.floor((i * intervalMs) / HOUR_MS) % 24];
    logVolume[i] = Math.log(hourVolume * (weekend ? WEEKEND_VOLUME : 1));
    volatility[i] = Math.sqrt(hourVolume) * (weekend ? WEEKEND_VOLATILITY : 1);
    sumSquares += volatility[i] * volatility[i];
  }
  const rms = Math.sqrt(sumSquares / bars);
  for (let i = 0; i < bars; i += 1) volatility[i] /= rms;
  return { logVolume, volatility };
}

/** Bar of the week that opens at this instant. */
export function barOfWeek(openTimeMs: number, intervalMs: number): number {
  return Math.floor((openTimeMs - bucketStartMs(openTimeMs, WEEK_MS)) / intervalMs);
}
