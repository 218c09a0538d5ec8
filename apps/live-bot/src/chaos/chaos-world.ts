/** What a chaos run happens in: a synthetic market by seed, the rules of its instruments, and the hours of the run. */
import { instrumentId, MINUTE_MS, type InstrumentId, type InstrumentRules } from '@donch/core';
import { CandleMarket } from '@donch/exchange';
import { syntheticMarket } from '@donch/sim';

/** Name of the venue in instrument ids. */
export const CHAOS_VENUE = 'loopback';
export const CHAOS_INTERVAL_MS = MINUTE_MS;
export const CHAOS_KEYS = { apiKey: 'loopback-key', apiSecret: 'loopback-secret' };
export const CHAOS_START_USD = 10_000;

export interface ChaosWorld {
  readonly market: CandleMarket;
  readonly symbols: readonly string[];
  readonly rules: readonly InstrumentRules[];
  readonly startMs: number;
}

/** Funding falls due inside the run, at 08:00. */
const START_MS = Date.UTC(2024, 0, 1, 7, 52);
const MARKETS = 16;

export function chaosWorld(seed: number, symbols: number): ChaosWorld {
  const source = syntheticMarket({
    seed: 1 + (seed % MARKETS),
    symbols,
    startMs: Date.UTC(2024, 0, 1),
    days: 1,
    intervalMs: CHAOS_INTERVAL_MS,
    mode: 'realistic',
  });
  const listed = source.symbols.map(({ symbol, rules }, k) => ({
    symbol,
    rules,
    candles: source.candles(k),
    funding: null,
  }));
  return {
    market: new CandleMarket(listed),
    symbols: listed.map(({ symbol }) => symbol),
    rules: listed.map(({ symbol, rules }) => ({ ...rules, instrumentId: instrumentId(CHAOS_VENUE, symbol) })),
    startMs: START_MS + (seed % 7) * MINUTE_MS,
  };
}

/** Rules by instrument. */
export function rulesIn(rules: readonly InstrumentRules[]): (id: InstrumentId) => InstrumentRules {
  const byId = new Map(rules.map((one) => [one.instrumentId, one]));
  return (id) => {
    const found = byId.get(id);
    if (found === undefined) throw new Error(`the chaos run trades no ${id}`);
    return found;
  };
}
