import { createPrng, HOUR_MS, instrumentId, type Candles, type InstrumentId } from '@donch/core';
import { compileStrategy } from '@donch/strategy';
import { randomCandles } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import type { LeakName } from './leaks.ts';
import { withCandles, type MarketData } from './market-data.ts';
import { poisonAfter } from './poison.ts';
import { scanMarket } from './scan-market.ts';

const START_MS = Date.UTC(2024, 0, 1);
const WINDOW = { startMs: START_MS, endMs: START_MS + 130 * 24 * HOUR_MS };
const CUT_MS = START_MS + 110 * 24 * HOUR_MS;
const STRATEGY = compileStrategy({
  text: 'strategy: {name: Leaks, side: long}',
  file: 'x.yaml',
  layers: [{ layer: 'config', source: 'test', values: { TIMEFRAME: '1h' } }],
  universeHash: 'u',
});
const candles = new Map<InstrumentId, Candles>(
  ['AUSDT', 'BTCUSDT'].map((symbol, seed) => [
    instrumentId('test', symbol),
    randomCandles({ seed, length: 130 * 24, intervalMs: HOUR_MS, startMs: START_MS }),
  ]),
);
const MARKET: MarketData = {
  instruments: [...candles.keys()],
  candlesOf: (id) => candles.get(id) ?? randomCandles({ seed: 0, length: 0 }),
  fundingOf: () => null,
  listedMsOf: () => START_MS,
};

/** Features that differ before the cut once everything after it has been changed. */
function leaking(leak: LeakName | null): string[] {
  const valuesOf = (market: MarketData): Map<string, Float64Array> => {
    const values = new Map<string, Float64Array>();
    scanMarket({
      strategy: STRATEGY,
      market,
      window: WINDOW,
      leak,
      onBar: (id, scanner) => {
        const { decisionTimeMs } = scanner.state;
        if (decisionTimeMs <= CUT_MS && decisionTimeMs % (7 * HOUR_MS) === 0)
          values.set(`${id} ${decisionTimeMs}`, scanner.featuresNow());
      },
    });
    return values;
  };
  const honest = valuesOf(MARKET);
  const poisoned = valuesOf(withCandles(MARKET, (id, all) => poisonAfter(all, CUT_MS, createPrng(1, id))));
  const names = STRATEGY.features.map(({ name }) => name);
  const found = new Set<string>();
  for (const [key, values] of honest)
    values.forEach((value, k) => !Object.is(value, poisoned.get(key)?.[k]) && found.add(names[k]));
  return [...found].sort();
}

describe('a regime that is smoothed', () => {
  it('is seen in the features of the switching models; the honest ones do not change', () => {
    expect(leaking(null)).toEqual([]);
    expect(leaking('smoothed_regime')).toEqual(expect.arrayContaining(['markov_prob_up_4h', 'vol_prob_low_1d']));
  });
});
