/**
 * A seeded synthetic market. Every price, volume and rate of it is invented; it exists to show and to test the research
 * chain where the truth is known. `Math.log` and `Math.exp` may differ in the last digit between JavaScript engines: the same
 * options give the same bits on one Node version, which the manifest of a run records.
 */
import { DAY_MS, DonchError, HOUR_MS, invariant, type Candles, type FundingEvents } from '@donch/core';
import { EFFECT } from './synthetic-market-effect.ts';
import { marketFactor, type MarketFactor } from './synthetic-market-factor.ts';
import { syntheticFunding } from './synthetic-market-funding.ts';
import { martingaleCandles } from './synthetic-market-martingale.ts';
import { SUB_STEPS_MAX, SUB_STEPS_MIN } from './synthetic-market-path.ts';
import { seasonOf, type Season } from './synthetic-market-processes.ts';
import { regimeUpByBar } from './synthetic-market-regime.ts';
import { realisticCandles } from './synthetic-market-series.ts';
import {
  ETH,
  FIRST_ALT,
  syntheticSymbol,
  type SymbolWindow,
  type SyntheticSymbol,
} from './synthetic-market-symbols.ts';

export interface SyntheticMarketOptions {
  readonly seed: number;
  /** Number of symbols; the first two are BTCUSDT and ETHUSDT. */
  readonly symbols: number;
  /** Window [startMs, startMs + days), from a UTC midnight. */
  readonly startMs: number;
  readonly days: number;
  /** Base bar; 1m to 1h, a divisor of the hour. */
  readonly intervalMs: number;
  /**
   * `realistic`: see `syntheticMarket`. `martingale`: independent symbols whose price is an exact martingale, volume
   * independent of later returns, no funding, every symbol trading through the whole window.
   */
  readonly mode: 'realistic' | 'martingale';
  /** Size of the planted effect (`effectText`): extra drift in hourly standard deviations per hour. 0 = none, the default. */
  readonly effect?: number;
  /** Drift of the market factor per day in its up state, minus that in its down state (log return). Default 0.002. */
  readonly regimeDriftPerDay?: number;
  /** Steps of the path inside a bar, 10 (default) to 63. */
  readonly subSteps?: number;
  /** Venue part of the instrument ids. Default `synthetic`. */
  readonly venue?: string;
}

export interface SyntheticMarket {
  readonly options: Required<SyntheticMarketOptions>;
  readonly symbols: readonly SyntheticSymbol[];
  /** What these data are, and which effect is planted in them, for reports. */
  readonly text: string;
  /**
   * Bars of symbol k within its life, made anew at every call: nothing is kept but the shared factor and the regime.
   * Independent of which other symbols were made before, and of how many there are.
   */
  candles(k: number): Candles;
  /** Funding settlements of symbol k; `candles` are its bars when they are at hand. Empty in martingale mode. */
  funding(k: number, candles?: Candles): FundingEvents;
}

const DEFAULTS = { effect: 0, regimeDriftPerDay: 0.002, subSteps: SUB_STEPS_MIN, venue: 'synthetic' } as const;

/** Decimal places of the tick below the price's first digit; finer in a martingale, where rounding must not matter. */
const TICK_DIGITS = { realistic: 4, martingale: 6 } as const;

/** Sd of the factor's daily return over all its states: what a martingale symbol has in place of the factor. */
const FACTOR_DAY_SD = 0.021;

/**
 * Makes a market. Realistic mode: a market factor with slow drift and volatility regimes, clustering volatility, jumps and
 * venue-wide halts; each symbol adds its own part, an own volatility, jumps, volume with daily and weekly season that follows
 * volatility and range, funding, price and lot grid; some symbols list or leave inside the window. The price inside a bar is a
 * Brownian bridge over `subSteps` steps with exact extremes between them (`BarPath`). Apart from the drift regimes and
 * the planted effect, prices are martingales. Throws `bad_synthetic_market` for options out of range.
 */
export function syntheticMarket(options: SyntheticMarketOptions): SyntheticMarket {
  const full = { ...DEFAULTS, ...options };
  check(full);
  return new Market(full);
}

class Market implements SyntheticMarket {
  readonly options: Required<SyntheticMarketOptions>;
  readonly symbols: readonly SyntheticSymbol[];
  readonly text: string;
  private readonly bars: number;
  private readonly window: SymbolWindow;
  private readonly season: Season;
  private cachedFactor: MarketFactor | null = null;
  private cachedMarketUp: Uint8Array | null = null;

  constructor(options: Required<SyntheticMarketOptions>) {
    const { seed, venue, startMs, days, mode } = options;
    const window = { seed, venue, startMs, days, listings: mode === 'realistic', tickDigits: TICK_DIGITS[mode] };
    this.options = options;
    this.window = window;
    this.symbols = Array.from({ length: options.symbols }, (_, k) => syntheticSymbol(k, window));
    this.text = marketText(options);
    this.bars = (days * DAY_MS) / options.intervalMs;
    this.season = seasonOf(options.intervalMs);
  }

  candles(k: number): Candles {
    invariant(k >= 0 && k < this.symbols.length, 'the symbol belongs to the market');
    if (this.options.mode === 'martingale') return this.martingale(k);
    return this.realistic(k, k < FIRST_ALT ? null : this.marketUp());
  }

  funding(k: number, candles: Candles = this.candles(k)): FundingEvents {
    if (this.options.mode === 'martingale') return { timeMs: new Float64Array(0), rate: new Float64Array(0) };
    return syntheticFunding(this.symbols[k], candles, { seed: this.options.seed, stream: streamOf(k) });
  }

  private martingale(k: number): Candles {
    const { seed, startMs, intervalMs, subSteps } = this.options;
    const symbol = this.symbols[k];
    const daySd = Math.hypot(symbol.ownDaySd, symbol.beta * FACTOR_DAY_SD);
    return martingaleCandles(symbol, {
      seed,
      stream: streamOf(k),
      startMs,
      bars: this.bars,
      intervalMs,
      subSteps,
      daySd,
    });
  }

  private realistic(k: number, marketUp: Uint8Array | null): Candles {
    const { seed, startMs, intervalMs, subSteps, effect } = this.options;
    const symbol = syntheticSymbol(k, this.window);
    return realisticCandles(symbol, {
      seed,
      stream: streamOf(k),
      startMs,
      intervalMs,
      subSteps,
      fromBar: this.barAt(symbol.listedMs),
      toBar: symbol.delistedMs === null ? this.bars : this.barAt(symbol.delistedMs),
      effect,
      factor: this.factor(),
      season: this.season,
      marketUp,
    });
  }

  /** Bar of the window that opens at or after this instant, within the window. */
  private barAt(timeMs: number): number {
    return Math.min(this.bars, Math.max(0, Math.ceil((timeMs - this.options.startMs) / this.options.intervalMs)));
  }

  private factor(): MarketFactor {
    const { seed, startMs, intervalMs, regimeDriftPerDay } = this.options;
    const shape = { seed, startMs, bars: this.bars, intervalMs, driftPerDay: regimeDriftPerDay };
    this.cachedFactor ??= marketFactor(shape, this.season);
    return this.cachedFactor;
  }

  /** The regime of ETHUSDT, which has no planted effect of its own and so can be made before the others. */
  private marketUp(): Uint8Array {
    this.cachedMarketUp ??= regimeUpByBar(this.realistic(ETH, null));
    return this.cachedMarketUp;
  }
}

/** Random streams of symbol k. */
const streamOf = (k: number): string => `bars ${k}`;

function check({
  seed,
  symbols,
  startMs,
  days,
  intervalMs,
  effect,
  regimeDriftPerDay,
  subSteps,
}: Required<SyntheticMarketOptions>): void {
  const rules: readonly (readonly [holds: boolean, found: string, expected: string])[] = [
    [Number.isInteger(seed), `seed is ${seed}`, 'a whole number'],
    [Number.isInteger(symbols) && symbols >= 1, `symbols is ${symbols}`, 'a whole number of at least 1'],
    [startMs % DAY_MS === 0, `startMs is ${startMs}`, 'a UTC midnight'],
    [Number.isInteger(days) && days >= 1, `days is ${days}`, 'a whole number of at least 1'],
    [intervalMs > 0 && HOUR_MS % intervalMs === 0, `intervalMs is ${intervalMs}`, 'a divisor of the hour'],
    [Number.isFinite(effect), `effect is ${effect}`, 'a finite number'],
    [Number.isFinite(regimeDriftPerDay), `regimeDriftPerDay is ${regimeDriftPerDay}`, 'a finite number'],
    [
      Number.isInteger(subSteps) && subSteps >= SUB_STEPS_MIN && subSteps <= SUB_STEPS_MAX,
      `subSteps is ${subSteps}`,
      `a whole number from ${SUB_STEPS_MIN} to ${SUB_STEPS_MAX}`,
    ],
  ];
  for (const [holds, found, expected] of rules) {
    if (!holds) throw new DonchError('bad_synthetic_market', found, { expected });
  }
}

function marketText({
  seed,
  symbols,
  days,
  mode,
  effect,
  regimeDriftPerDay,
}: Required<SyntheticMarketOptions>): string {
  const head = `Synthetic data: ${symbols} invented symbols, ${days} days, seed ${seed}. BTCUSDT and ETHUSDT are names only; nothing here was traded.`;
  if (mode === 'martingale') {
    return `${head} Prices are independent martingales: no rule has an edge before costs, and none after.`;
  }
  const drift = `The market factor drifts by ${regimeDriftPerDay} per day up or down in regimes of about two weeks.`;
  return `${head} ${drift} ${effectText(effect)}`;
}

/** The planted effect in words, for reports. */
export function effectText(effect: number): string {
  if (effect === 0) return 'No effect is planted: breakouts predict nothing beyond the drift of the regime.';
  const hours = (ms: number): number => ms / HOUR_MS;
  return [
    `Planted effect, size ${effect}: after a bar of any symbol but BTCUSDT and ETHUSDT that trades above the high of the last ${EFFECT.channelDays} completed UTC days,`,
    `closes at or above it and has at least ${EFFECT.volumeMultiple} times the median volume of ${EFFECT.volumeDays} days (at least ${EFFECT.volumeDaysMin}),`,
    `followed within ${hours(EFFECT.retestMs)} h by a low of at most ${1 + EFFECT.retestEpsFrac} times that level,`,
    `followed within ${hours(EFFECT.confirmMs)} h by a close above it while the 4h MACD(12, 26, 9) histogram of ETHUSDT is positive,`,
    `the log price drifts for ${hours(EFFECT.boostMs)} h by ${effect} x c x s hourly standard deviations per hour.`,
    `c falls from 1 to ${EFFECT.wildShare} as the realised volatility of the last three days (sd of log returns of base bars, scaled to a day) rises from ${EFFECT.calmDaySd} to ${EFFECT.wildDaySd};`,
    `s rises from ${EFFECT.weakShare} to 1 as the log return of the last completed week over the sd of its daily returns rises from ${EFFECT.weakScore} to ${EFFECT.strongScore}.`,
    `So breakouts of calm, strong symbols continue and those of wild ones fail.`,
  ].join(' ');
}
