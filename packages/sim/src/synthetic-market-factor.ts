/** What all symbols of a realistic market share: the market factor, its volatility, its regimes, activity and trading halts. */
import { createPrng, DAY_MS, HOUR_MS, invariant, type Prng } from '@donch/core';
import { barOfWeek, MeanReverting, type Season } from './synthetic-market-processes.ts';
import { NormalRows, NormalStream } from './synthetic-market-random.ts';

/** Sd of the factor's daily log return in the calm state and with all states at their mean. */
const DAY_SD = 0.016;
/** Mean durations of the slow states. */
const UP_DAYS = 14;
const DOWN_DAYS = 12;
const CALM_DAYS = 20;
const NERVOUS_DAYS = 8;
/** Log volatility of the nervous state against the calm one. */
const NERVOUS_LOG_SD = 0.55;
const SLOW_VOLATILITY = { sd: 0.2, memoryMs: 6 * DAY_MS };
const FAST_VOLATILITY = { sd: 0.35, memoryMs: 2 * HOUR_MS };
const SLOW_ACTIVITY = { sd: 0.25, memoryMs: 3 * DAY_MS };
const FAST_ACTIVITY = { sd: 0.25, memoryMs: HOUR_MS };
/** Market-wide jumps: mean time between them, sd of the factor's log return, and the volatility that they leave behind. */
const JUMP_DAYS = 18;
const JUMP_SD = 0.018;
export const JUMP_LOG_SD = 0.9;
export const JUMP_MEMORY_MS = 8 * HOUR_MS;
/** Trading stands still on the whole venue for HALT_MS, on average once in HALT_DAYS. */
const HALT_DAYS = 60;
const HALT_MS = 15 * 60_000;

/** Normals per bar: return, two of volatility, two of activity. */
const NORMALS = 5;

/** Columns by bar of the window. */
export interface MarketFactor {
  /** Log return of the factor over the bar; its mean is that of the drift regime alone. */
  readonly logReturn: Float64Array;
  /** Sd of that return, fixed before the bar. A jump is a bar with a far larger one. */
  readonly sd: Float64Array;
  /** The shared part of log volatility (no season): what symbols' own volatility partly follows. */
  readonly logVolatility: Float64Array;
  readonly logActivity: Float64Array;
  /** 1 = no symbol trades in this bar. */
  readonly halted: Uint8Array;
}

export interface FactorShape {
  readonly seed: number;
  readonly startMs: number;
  readonly bars: number;
  readonly intervalMs: number;
  /** Mean log return per day in the up state, minus it in the down state. */
  readonly driftPerDay: number;
}

/** The factor over the whole window, simulated forward. */
export function marketFactor(shape: FactorShape, season: Season): MarketFactor {
  const { seed, bars, intervalMs } = shape;
  invariant(bars > 0, 'the window has bars');
  const normals = new NormalRows(new NormalStream(seed, 'factor'), NORMALS);
  const states = new FactorStates(createPrng(seed, 'factor states'), shape);
  const factor: MarketFactor = {
    logReturn: new Float64Array(bars),
    sd: new Float64Array(bars),
    logVolatility: new Float64Array(bars),
    logActivity: new Float64Array(bars),
    halted: new Uint8Array(bars),
  };
  const barSd = DAY_SD * Math.sqrt(intervalMs / DAY_MS);
  const barDrift = shape.driftPerDay * (intervalMs / DAY_MS);
  let weekBar = barOfWeek(shape.startMs, intervalMs);
  for (let i = 0; i < bars; i += 1) {
    const z = normals.advance();
    const { values } = normals;
    states.roll();
    const calmSd = barSd * season.volatility[weekBar] * Math.exp(states.logVolatility);
    const sd = states.jumps ? Math.hypot(calmSd, JUMP_SD) : calmSd;
    const halted = states.haltedBars > 0;
    factor.sd[i] = sd;
    factor.logVolatility[i] = states.logVolatility;
    factor.logActivity[i] = states.logActivity;
    factor.halted[i] = halted ? 1 : 0;
    factor.logReturn[i] = halted ? 0 : sd * values[z] + (states.up ? barDrift : -barDrift);
    states.step(values, z + 1);
    weekBar = weekBar + 1 === season.volatility.length ? 0 : weekBar + 1;
  }
  return factor;
}

/** The states of the factor between two bars. */
class FactorStates {
  up: boolean;
  nervous: boolean;
  /** A jump falls into this bar. */
  jumps = false;
  haltedBars = 0;
  logVolatility = 0;
  logActivity = 0;
  private readonly prng: Prng;
  private readonly intervalMs: number;
  private readonly slow: MeanReverting;
  private readonly fast: MeanReverting;
  private readonly slowActivity: MeanReverting;
  private readonly fastActivity: MeanReverting;
  /** Log volatility left by jumps. */
  private aftershock = 0;

  constructor(prng: Prng, { intervalMs }: FactorShape) {
    this.prng = prng;
    this.intervalMs = intervalMs;
    this.up = prng.next() < UP_DAYS / (UP_DAYS + DOWN_DAYS);
    this.nervous = prng.next() < NERVOUS_DAYS / (CALM_DAYS + NERVOUS_DAYS);
    this.slow = new MeanReverting({ ...SLOW_VOLATILITY, stepMs: intervalMs, first: prng.normal() });
    this.fast = new MeanReverting({ ...FAST_VOLATILITY, stepMs: intervalMs, first: prng.normal() });
    this.slowActivity = new MeanReverting({ ...SLOW_ACTIVITY, stepMs: intervalMs, first: prng.normal() });
    this.fastActivity = new MeanReverting({ ...FAST_ACTIVITY, stepMs: intervalMs, first: prng.normal() });
    this.combine();
  }

  /** Draws what happens in the next bar. */
  roll(): void {
    const days = this.intervalMs / DAY_MS;
    const { prng } = this;
    if (prng.next() < days / (this.up ? UP_DAYS : DOWN_DAYS)) this.up = !this.up;
    if (prng.next() < days / (this.nervous ? NERVOUS_DAYS : CALM_DAYS)) this.nervous = !this.nervous;
    const halts = prng.next() < days / HALT_DAYS;
    if (this.haltedBars > 0) this.haltedBars -= 1;
    else if (halts) this.haltedBars = Math.max(1, Math.round(HALT_MS / this.intervalMs));
    this.jumps = prng.next() < days / JUMP_DAYS;
  }

  /** Moves the states past the bar. */
  step(normals: Float64Array, offset: number): void {
    this.slow.step(normals[offset]);
    this.fast.step(normals[offset + 1]);
    this.slowActivity.step(normals[offset + 2]);
    this.fastActivity.step(normals[offset + 3]);
    this.aftershock *= Math.exp(-this.intervalMs / JUMP_MEMORY_MS);
    if (this.jumps) this.aftershock = JUMP_LOG_SD;
    this.combine();
  }

  private combine(): void {
    this.logVolatility = (this.nervous ? NERVOUS_LOG_SD : 0) + this.slow.value + this.fast.value + this.aftershock;
    this.logActivity = this.slowActivity.value + this.fastActivity.value;
  }
}
