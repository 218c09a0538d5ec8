/** A market whose every trade, settlement and listing is made by a test. */
import type { LoopbackInstrument, LoopbackMarket, Tick } from '../loopback/wire.ts';

interface Settlement {
  readonly timeMs: number;
  readonly rate: number;
}

export class ManualMarket implements LoopbackMarket {
  readonly #instruments = new Map<string, LoopbackInstrument>();
  readonly #ticks = new Map<string, Tick[]>();
  readonly #settlements = new Map<string, Settlement[]>();

  /** Contracts of tick 0.01 and step 0.001 that trade at 100. */
  constructor(symbols: readonly string[]) {
    for (const symbol of symbols) {
      this.#instruments.set(symbol, instrumentOf(symbol));
      this.#ticks.set(symbol, [{ timeMs: 0, symbol, price: 100 }]);
      this.#settlements.set(symbol, []);
    }
  }

  /** A trade at an instant not before the last one. */
  trade(symbol: string, timeMs: number, price: number): void {
    this.#ticks.get(symbol)?.push({ timeMs, symbol, price });
  }

  /** A rate > 0 is paid by longs. */
  settle(symbol: string, timeMs: number, rate: number): void {
    this.#settlements.get(symbol)?.push({ timeMs, rate });
  }

  instruments(): readonly LoopbackInstrument[] {
    return [...this.#instruments.values()];
  }

  instrument(symbol: string): LoopbackInstrument | undefined {
    return this.#instruments.get(symbol);
  }

  lastPrice(symbol: string, atMs: number): number {
    return this.#ticks.get(symbol)?.findLast(({ timeMs }) => timeMs <= atMs)?.price ?? Number.NaN;
  }

  markPrice(symbol: string, atMs: number): number {
    return this.lastPrice(symbol, atMs);
  }

  ticks(symbol: string, fromMs: number, toMs: number): readonly Tick[] {
    return within(this.#ticks.get(symbol) ?? [], fromMs, toMs);
  }

  funding(symbol: string, fromMs: number, toMs: number): readonly Settlement[] {
    return within(this.#settlements.get(symbol) ?? [], fromMs, toMs);
  }
}

function within<T extends { readonly timeMs: number }>(all: readonly T[], fromMs: number, toMs: number): T[] {
  return all.filter(({ timeMs }) => timeMs > fromMs && timeMs <= toMs);
}

function instrumentOf(symbol: string): LoopbackInstrument {
  return {
    symbol,
    baseCoin: symbol.replace(/USDT$/, ''),
    status: 'Trading',
    tickSize: '0.01',
    qtyStep: '0.001',
    minOrderQty: '0.001',
    maxOrderQty: '1000000',
    maxMktOrderQty: '100000',
    minNotionalValue: '0',
    maxLeverage: '50',
    launchMs: 0,
    deliveryMs: 0,
    fundingIntervalMin: 480,
  };
}
