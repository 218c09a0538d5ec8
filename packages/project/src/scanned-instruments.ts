/** Which instruments a scan reads. */
import { DonchError, instrumentId, type InstrumentId, type Interval, type Universe } from '@donch/core';
import type { Store } from '@donch/data';
import { createTracks, type CompiledStrategy } from '@donch/strategy';

/** Members, and the reference symbols of the strategies. Throws `no_candles` for a regime symbol that the store lacks. */
export function scannedInstruments(
  universe: Universe,
  strategies: readonly CompiledStrategy[],
  store: Store,
  interval: Interval,
): InstrumentId[] {
  const there = new Set(store.candles.instruments(universe.venue, interval));
  const wanted = new Set(universe.members.map((member) => member.instrumentId));
  for (const { settings, regime, name } of strategies) {
    const isMacd = settings.REGIME_KIND === 'macd';
    const gate = instrumentId(universe.venue, isMacd ? settings.REGIME_ASSET : settings.REGIME_BENCHMARK_SYMBOL);
    if (regime !== 'any' && !there.has(gate)) {
      const found = `the regime gate of ${name} reads ${gate}, of which the store has no ${interval} candles`;
      throw new DonchError('no_candles', found, { remedy: 'import them, or run with --no-regime' });
    }
    for (const { symbol } of Object.values(createTracks(settings))) {
      const id = instrumentId(universe.venue, symbol);
      if (there.has(id)) wanted.add(id);
    }
  }
  return [...wanted].sort();
}
