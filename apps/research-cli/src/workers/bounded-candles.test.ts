import { candlesFromBars, DonchError, instrumentId, type Candles, type InstrumentId } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { BoundedCandles, CandlesNotReady } from './bounded-candles.ts';

const ROWS = 10;
const BYTES = ROWS * 7 * 8;

function candles(first: number): Candles {
  const bars = Array.from({ length: ROWS }, (_, k) => {
    const price = first + k;
    return { openTimeMs: k * 60_000, open: price, high: price, low: price, close: price, volume: 1, turnover: 1 };
  });
  return candlesFromBars(60_000, bars);
}

const IDS = Array.from({ length: 20 }, (_, k) => instrumentId('bybit', `S${k}USDT`));

/** A store that counts, whose cache holds what was read once unless it cannot be written. */
function countingStore({ cacheWorks = true, cached = IDS }: { cacheWorks?: boolean; cached?: InstrumentId[] } = {}) {
  const there = new Set(cached);
  const counts = { readNow: 0, read: 0 };
  const make = (id: InstrumentId): Candles => candles(IDS.indexOf(id) * 100);
  return {
    counts,
    store: {
      readNow: (id: InstrumentId) => {
        counts.readNow += 1;
        return there.has(id) ? make(id) : null;
      },
      read: (id: InstrumentId) => {
        counts.read += 1;
        if (!IDS.includes(id)) return Promise.reject(new DonchError('no_candles', 'none'));
        if (cacheWorks) there.add(id);
        return Promise.resolve(make(id));
      },
    },
  };
}

function bounded(store: ReturnType<typeof countingStore>['store'], instruments: number): BoundedCandles {
  return new BoundedCandles({ store, interval: '1m', range: {}, bytesMax: instruments * BYTES });
}

describe('BoundedCandles', () => {
  it('never keeps more than its bound, and gives the right bars whatever was dropped', () => {
    const { store } = countingStore();
    const kept = bounded(store, 3);
    for (let k = 0; k < 200; k += 1) {
      const id = IDS[(k * 7) % IDS.length];
      expect(kept.candlesOf(id).close[0]).toBe(IDS.indexOf(id) * 100);
      expect(kept.keptBytes).toBeLessThanOrEqual(3 * BYTES);
    }
  });

  it('reads an instrument once while it stays, and drops the one that was not used for longest', () => {
    const { store, counts } = countingStore();
    const kept = bounded(store, 2);
    for (const k of [0, 1, 0, 1, 0]) kept.candlesOf(IDS[k]);
    expect(counts.readNow).toBe(2);
    kept.candlesOf(IDS[2]);
    kept.candlesOf(IDS[0]);
    expect(counts.readNow).toBe(3);
    kept.candlesOf(IDS[1]);
    expect(counts.readNow).toBe(4);
  });

  it('keeps one instrument even when it alone is larger than the bound', () => {
    const { store, counts } = countingStore();
    const kept = bounded(store, 0);
    kept.candlesOf(IDS[0]);
    kept.candlesOf(IDS[0]);
    expect(counts.readNow).toBe(1);
  });

  it('asks to be prepared where no cache can answer, and has everything afterwards', async () => {
    const { store, counts } = countingStore({ cached: [IDS[0]] });
    const kept = bounded(store, 2);
    kept.candlesOf(IDS[0]);
    expect(() => kept.candlesOf(IDS[1])).toThrow(CandlesNotReady);
    await kept.prepare(IDS);
    expect(counts.read).toBe(IDS.length - 1);
    for (const id of IDS) expect(kept.candlesOf(id).close[0]).toBe(IDS.indexOf(id) * 100);
    expect(kept.keptBytes).toBeLessThanOrEqual(2 * BYTES);
  });

  it('holds in memory what no cache can take', async () => {
    const { store } = countingStore({ cacheWorks: false, cached: [] });
    const kept = bounded(store, 1);
    await kept.prepare(IDS);
    for (const id of IDS) expect(kept.candlesOf(id).close[0]).toBe(IDS.indexOf(id) * 100);
    expect(kept.keptBytes).toBe(0);
  });
});
