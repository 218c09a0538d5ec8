/** The MACD tracks of other symbols that a strategy's features and regime gate read. */
import { intervalMs, type Candles, type ConfigValues } from '@donch/core';
import { MACD_LENGTHS } from '@donch/indicators';
import { BENCHMARK_INTERVAL_MS, gateLengths } from './features/benchmark.ts';
import type { TrackKey } from './features/feature.ts';
import { MacdTrack } from './regime/macd-track.ts';

/** Symbol of the ETH barometer: a feature's name says it, so it is no setting. */
const ETH_SYMBOL = 'ETHUSDT';

/** Empty tracks of a strategy, to be stepped with the candles of their symbols. (`Track` is another class only to plant a leak.) */
export function createTracks(settings: ConfigValues, Track: typeof MacdTrack = MacdTrack): Record<TrackKey, MacdTrack> {
  const baseIntervalMs = intervalMs(settings.TIMEFRAME);
  const feature = { baseIntervalMs, intervalMs: BENCHMARK_INTERVAL_MS, lengths: MACD_LENGTHS };
  return {
    eth: new Track({ ...feature, symbol: ETH_SYMBOL }),
    btc: new Track({ ...feature, symbol: settings.REGIME_BENCHMARK_SYMBOL }),
    gate: new Track({
      symbol: settings.REGIME_ASSET,
      baseIntervalMs,
      intervalMs: intervalMs(settings.REGIME_TIMEFRAME),
      lengths: gateLengths(settings),
    }),
  };
}

/** Steps every track whose symbol this is through a whole history, each bar available at its own close. */
export function feedTracks(tracks: Readonly<Record<TrackKey, MacdTrack>>, symbol: string, candles: Candles): void {
  for (const track of Object.values(tracks)) {
    if (track.symbol !== symbol) continue;
    for (let i = 0; i < candles.length; i += 1) track.step(candles, i, candles.openTimeMs[i] + candles.intervalMs);
  }
}
