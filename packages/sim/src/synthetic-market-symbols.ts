/** The instruments of a synthetic market: names, price levels, steps, size, and when they trade. */
import { createPrng, DAY_MS, floorToStep, instrumentId, type InstrumentRules, type Prng } from '@donch/core';

/** One instrument and the constants of its path. All of it is a function of seed, venue, window and the symbol's number. */
export interface SyntheticSymbol {
  readonly symbol: string;
  readonly rules: InstrumentRules;
  /** First trading instant; before the window for most. */
  readonly listedMs: number;
  /** End of trading, or null. */
  readonly delistedMs: number | null;
  /** Price at the first bar inside the window. */
  readonly startPrice: number;
  /** Mean turnover per day. */
  readonly turnoverPerDayUsd: number;
  /** Sd of the daily log return that is the symbol's own, in a normal state. */
  readonly ownDaySd: number;
  /** Loading on the market factor. */
  readonly beta: number;
  /** Time between funding settlements. */
  readonly fundingMs: number;
}

export interface SymbolWindow {
  readonly seed: number;
  readonly venue: string;
  readonly startMs: number;
  readonly days: number;
  /** False: every symbol trades through the whole window. */
  readonly listings: boolean;
  /** Decimal places of the tick below the first digit of the price; venues have 4 or 5. */
  readonly tickDigits: number;
}

/** The benchmarks that strategies read; always the first two. Their prices are synthetic like all others. */
const BENCHMARKS = [
  { symbol: 'BTCUSDT', startPrice: 64_000, turnoverPerDayUsd: 12e9, ownDaySd: 0.008, beta: 0.95 },
  { symbol: 'ETHUSDT', startPrice: 3_200, turnoverPerDayUsd: 8e9, ownDaySd: 0.015, beta: 1.3 },
] as const;

/** Index of ETHUSDT among the symbols; BTCUSDT is the first. */
export const ETH = 1;

/** Symbols from here on are not benchmarks: listings, delistings and the planted effect concern them alone. */
export const FIRST_ALT = BENCHMARKS.length;

/** Every LISTED_EVERY-th symbol lists inside the window, every DELISTED_EVERY-th leaves inside it (never the same one). */
const LISTED_EVERY = 6;
const LISTED_AT = 4;
const DELISTED_EVERY = 10;
const DELISTED_AT = 7;

/** Prices of the other symbols lie between these, uniformly in the logarithm. */
const PRICE_MIN = 1e-5;
const PRICE_MAX = 1e4;

/** Number k of the market, k = 0, 1, ... */
export function syntheticSymbol(k: number, window: SymbolWindow): SyntheticSymbol {
  const prng = createPrng(window.seed, `symbol ${k}`);
  const life = lifeOf(k, window, prng);
  if (k < FIRST_ALT) {
    const benchmark = BENCHMARKS[k];
    return { ...benchmark, ...life, rules: rulesOf(benchmark, window, prng), fundingMs: DAY_MS / 3 };
  }
  const constants = {
    symbol: `SYN${String(k - FIRST_ALT + 1).padStart(2, '0')}USDT`,
    startPrice: PRICE_MIN * Math.pow(PRICE_MAX / PRICE_MIN, stratified(k, prng)),
    turnoverPerDayUsd: 12e6 * Math.exp(1.6 * prng.normal()),
    ownDaySd: 0.028 * Math.exp(0.3 * prng.normal()),
    beta: 1.45 * Math.exp(0.15 * prng.normal()),
    fundingMs: prng.next() < 0.25 ? DAY_MS / 6 : DAY_MS / 3,
  };
  return { ...constants, ...life, rules: rulesOf(constants, window, prng) };
}

/** Uniform in (0, 1) over the seeds, and spread evenly over neighbouring k (golden-ratio sequence, shifted per market). */
function stratified(k: number, prng: Prng): number {
  return (k * 0.618_033_988_749_894_9 + prng.next() * 0.05) % 1;
}

function lifeOf(
  k: number,
  { startMs, days, listings }: SymbolWindow,
  prng: Prng,
): Pick<SyntheticSymbol, 'listedMs' | 'delistedMs'> {
  const ageDays = 60 + Math.floor(1_200 * prng.next());
  const listDay = Math.floor(days * (0.08 + 0.5 * prng.next()));
  const leaveDay = Math.floor(days * (0.5 + 0.45 * prng.next()));
  // Venues list and delist in the European day, not at midnight.
  const inDayMs = (8 + prng.below(6)) * (DAY_MS / 24);
  const alt = listings && k >= FIRST_ALT;
  const listed = alt && k % LISTED_EVERY === LISTED_AT;
  const delisted = alt && !listed && k % DELISTED_EVERY === DELISTED_AT;
  return {
    listedMs: listed ? startMs + listDay * DAY_MS + inDayMs : startMs - ageDays * DAY_MS,
    delistedMs: delisted ? startMs + leaveDay * DAY_MS + inDayMs : null,
  };
}

interface SizeOfSymbol {
  readonly symbol: string;
  readonly startPrice: number;
  readonly turnoverPerDayUsd: number;
}

/** Steps as venues choose them: the tick 1 or 5 times a power of ten, a lot worth 1 to 10 USD. */
function rulesOf(
  { symbol, startPrice, turnoverPerDayUsd }: SizeOfSymbol,
  window: SymbolWindow,
  prng: Prng,
): InstrumentRules {
  const benchmark = turnoverPerDayUsd > 5e9;
  const digits = window.tickDigits + (benchmark ? 1 : 0);
  const tickDigit = prng.next() < 0.3 ? 5 : 1;
  const qtyStep = Number(`1e${Math.floor(Math.log10(10 / startPrice))}`);
  const marketQtyMax = floorToStep((0.01 * turnoverPerDayUsd) / startPrice, qtyStep);
  return {
    instrumentId: instrumentId(window.venue, symbol),
    validFromMs: null,
    tickSize: Number(`${benchmark ? 1 : tickDigit}e${Math.floor(Math.log10(startPrice)) - digits}`),
    qtyStep,
    qtyMin: qtyStep,
    notionalMinUsd: 5,
    marketQtyMax: Math.max(qtyStep, marketQtyMax),
    leverageMax: turnoverPerDayUsd > 1e9 ? 100 : turnoverPerDayUsd > 2e7 ? 50 : 25,
    source: 'venue',
  };
}
