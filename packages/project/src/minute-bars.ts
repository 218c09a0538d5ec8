/** 1m bars of the store, which tell what came first inside a base bar (`USE_INTRABAR_1M`). */
import { DonchError, venueOf, type Candles, type ConfigValues, type InstrumentId } from '@donch/core';
import type { ReadRange, SeriesKey, Store } from '@donch/data';
import type { MinuteBarsOf } from '@donch/sim';

/**
 * Series of 1m bars that a simulation of these instruments can look at; empty when the key is off. Instruments without them are left
 * out: their bars in doubt go to `TIE_BREAKER`. Throws `bad_config` when the base bars are minutes themselves.
 */
export function minuteSeries(
  store: Store,
  { USE_INTRABAR_1M, TIMEFRAME }: Pick<ConfigValues, 'USE_INTRABAR_1M' | 'TIMEFRAME'>,
  instruments: readonly InstrumentId[],
): SeriesKey[] {
  if (!USE_INTRABAR_1M) return [];
  if (TIMEFRAME === '1m') {
    throw new DonchError('bad_config', 'USE_INTRABAR_1M with TIMEFRAME 1m', {
      expected: 'base bars longer than a minute',
      remedy: 'Nothing is finer than the bars themselves: switch USE_INTRABAR_1M off.',
    });
  }
  const venues = new Set(instruments.map(venueOf));
  const there = new Set([...venues].flatMap((venue) => store.candles.instruments(venue, '1m')));
  return instruments.filter((id) => there.has(id)).map((instrumentId) => ({ instrumentId, interval: '1m' as const }));
}

/** These series as the venue asks for them: at once. They are read again whenever a bar is in doubt, so memory does not grow. */
export async function minuteBarsOf(
  candles: Store['candles'],
  series: readonly SeriesKey[],
  range: ReadRange,
): Promise<MinuteBarsOf> {
  const known = new Set<InstrumentId>();
  /** What no cache can hold (a read-only folder, a full disk). */
  const kept = new Map<InstrumentId, Candles>();
  for (const { instrumentId } of series) {
    known.add(instrumentId);
    if (candles.readNow(instrumentId, '1m', range) !== null) continue;
    const decoded = await candles.read(instrumentId, '1m', range);
    if (candles.readNow(instrumentId, '1m', range) === null) kept.set(instrumentId, decoded);
  }
  return (id) => (known.has(id) ? (kept.get(id) ?? candles.readNow(id, '1m', range)) : null);
}
