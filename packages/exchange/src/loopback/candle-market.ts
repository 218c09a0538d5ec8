/** The market of the loopback exchange: candles walked as trades. It is the ground truth of everything that is downloaded. */
import {
  createPrng,
  decimalsOf,
  HOUR_MS,
  lowerBound,
  lowerBoundOf,
  type Candles,
  type FundingEvents,
  type InstrumentRules,
} from '@donch/core';
import type { LoopbackInstrument, LoopbackMarket, Tick } from './wire.ts';

export interface ListedSymbol {
  readonly symbol: string;
  /** Base bars, ascending; prices on the tick grid. */
  readonly candles: Candles;
  /** Null = synthetic settlements on the venue's grid. */
  readonly funding: FundingEvents | null;
  readonly rules: InstrumentRules;
  readonly launchMs?: number;
  readonly deliveryMs?: number;
}

/** Moments of a bar's four prices, as fractions of its length: open, first extreme, second extreme, close. */
const WALK = [0.0001, 0.3, 0.6, 0.9995];
const FUNDING_MIN = 480;
const LEVERAGE_MAX = 50;
const FUNDING_FRAC = 0.0001;

export class CandleMarket implements LoopbackMarket {
  readonly intervalMs: number;
  /** From here on nothing trades and nothing falls due: so that a run can end. */
  frozenAtMs = Infinity;
  readonly #listed = new Map<string, ListedSymbol>();
  readonly #instruments = new Map<string, LoopbackInstrument>();

  constructor(symbols: readonly ListedSymbol[]) {
    this.intervalMs = symbols[0].candles.intervalMs;
    for (const listed of symbols) {
      this.#listed.set(listed.symbol, listed);
      this.#instruments.set(listed.symbol, instrumentOf(listed));
    }
  }

  instruments(): readonly LoopbackInstrument[] {
    return [...this.#instruments.values()];
  }

  instrument(symbol: string): LoopbackInstrument | undefined {
    return this.#instruments.get(symbol);
  }

  /** The bars of a symbol: what a download must come to. */
  candlesOf(symbol: string): Candles {
    return this.#find(symbol).candles;
  }

  /** The symbol as it was listed. */
  listed(symbol: string): ListedSymbol {
    return this.#find(symbol);
  }

  #find(symbol: string): ListedSymbol {
    const listed = this.#listed.get(symbol);
    if (listed === undefined) throw new Error(`the loopback market lists no ${symbol}`);
    return listed;
  }

  lastPrice(symbol: string, atMs: number): number {
    const { candles } = this.#find(symbol);
    const timeMs = Math.min(atMs, this.frozenAtMs);
    const row = Math.min(candles.length - 1, lowerBound(candles, timeMs + 1) - 1);
    if (row < 0) return Number.NaN;
    const frac = (timeMs - candles.openTimeMs[row]) / this.intervalMs;
    const step = WALK.findLastIndex((at) => frac >= at);
    if (step < 0) return row === 0 ? candles.open[0] : candles.close[row - 1];
    return walked(candles, row)[step];
  }

  markPrice(symbol: string, atMs: number): number {
    return this.lastPrice(symbol, atMs);
  }

  ticks(symbol: string, fromMs: number, untilMs: number): readonly Tick[] {
    const { candles } = this.#find(symbol);
    const toMs = Math.min(untilMs, this.frozenAtMs);
    const ticks: Tick[] = [];
    for (let row = Math.max(0, lowerBound(candles, fromMs + 1) - 1); row < candles.length; row += 1) {
      const openMs = candles.openTimeMs[row];
      if (openMs > toMs) break;
      const prices = walked(candles, row);
      WALK.forEach((frac, at) => {
        const timeMs = openMs + Math.round(frac * this.intervalMs);
        if (timeMs > fromMs && timeMs <= toMs) ticks.push({ timeMs, symbol, price: prices[at] });
      });
    }
    return ticks;
  }

  funding(symbol: string, fromMs: number, untilMs: number): { readonly timeMs: number; readonly rate: number }[] {
    const { funding } = this.#find(symbol);
    const toMs = Math.min(untilMs, this.frozenAtMs);
    const found: { timeMs: number; rate: number }[] = [];
    if (funding !== null) {
      for (
        let at = lowerBoundOf(funding.timeMs, fromMs + 1);
        at < funding.timeMs.length && funding.timeMs[at] <= toMs;
        at += 1
      )
        found.push({ timeMs: funding.timeMs[at], rate: funding.rate[at] });
      return found;
    }
    const periodMs = (this.#instruments.get(symbol)?.fundingIntervalMin ?? FUNDING_MIN) * 60_000;
    for (let timeMs = (Math.floor(fromMs / periodMs) + 1) * periodMs; timeMs <= toMs; timeMs += periodMs)
      found.push({ timeMs, rate: syntheticRate(symbol, timeMs) });
    return found;
  }

  /** Open interest at full hours in [fromMs, toMs], oldest first. */
  openInterest(symbol: string, fromMs: number, toMs: number): { readonly timeMs: number; readonly value: number }[] {
    const { candles } = this.#find(symbol);
    const found: { timeMs: number; value: number }[] = [];
    const firstMs = Math.max(fromMs, candles.openTimeMs[0]);
    for (let timeMs = Math.ceil(firstMs / HOUR_MS) * HOUR_MS; timeMs <= toMs; timeMs += HOUR_MS)
      found.push({ timeMs, value: Math.round(1e6 * (1 + 0.2 * Math.sin(timeMs / 7e6 + symbol.length))) });
    return found;
  }
}

/** A rate of six decimals, mostly paid by longs. */
function syntheticRate(symbol: string, timeMs: number): number {
  const draw = createPrng(1, `funding ${symbol} ${timeMs}`).next();
  return Number((FUNDING_FRAC * (2 * draw - 0.7)).toFixed(6));
}

/** The nearer extreme first, as the bar simulator would have it. */
function walked({ open, high, low, close }: Candles, row: number): readonly [number, number, number, number] {
  const isHighFirst = high[row] - open[row] <= open[row] - low[row];
  return [open[row], isHighFirst ? high[row] : low[row], isHighFirst ? low[row] : high[row], close[row]];
}

function instrumentOf({ symbol, candles, rules, launchMs, deliveryMs = 0 }: ListedSymbol): LoopbackInstrument {
  const text = (value: number): string => value.toFixed(decimalsOf(value));
  const maxQty = rules.marketQtyMax ?? rules.qtyStep * 1e9;
  return {
    symbol,
    baseCoin: symbol.replace(/USDT$/, ''),
    status: 'Trading',
    tickSize: text(rules.tickSize),
    qtyStep: text(rules.qtyStep),
    minOrderQty: text(Math.max(rules.qtyMin, rules.qtyStep)),
    maxOrderQty: String(maxQty * 10),
    maxMktOrderQty: String(maxQty),
    minNotionalValue: String(rules.notionalMinUsd),
    maxLeverage: String(rules.leverageMax ?? LEVERAGE_MAX),
    launchMs: launchMs ?? candles.openTimeMs[0],
    deliveryMs,
    fundingIntervalMin: FUNDING_MIN,
  };
}
