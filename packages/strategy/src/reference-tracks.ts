/** What a strategy's features and its regime gate read of other symbols: MACDs, switching models, the daily trend. */
import { DAY_MS, intervalMs, NO_REGIMES, type Candles, type ConfigValues, type RegimeParameters } from '@donch/core';
import { MACD_LENGTHS } from '@donch/indicators';
import { BENCHMARK_INTERVAL_MS, gateLengths } from './features/benchmark.ts';
import type { ReferenceTracks } from './features/feature.ts';
import { switchingIntervalMs } from './regime/fit-regimes.ts';
import { MacdTrack } from './regime/macd-track.ts';
import { nameStates } from './regime/name-states.ts';
import { SwitchingTrack } from './regime/switching-track.ts';
import { TrendTrack, trendRule } from './regime/trend-track.ts';

/** Symbol of the ETH barometer: a feature's name says it, so it is no setting. */
const ETH_SYMBOL = 'ETHUSDT';

/** Classes of the tracks; others than the real ones only to plant a leak. */
export interface TrackClasses {
  readonly Macd: typeof MacdTrack;
  readonly Switching: typeof SwitchingTrack;
}

export interface TrackOptions {
  /** Fitted parameters of the benchmark's switching models; without them their regimes are unknown. */
  readonly regimes?: RegimeParameters;
  readonly classes?: TrackClasses;
}

/** Empty tracks of a strategy, to be stepped with the candles of their symbols. */
export function createTracks(
  settings: ConfigValues,
  { regimes = NO_REGIMES, classes = { Macd: MacdTrack, Switching: SwitchingTrack } }: TrackOptions = {},
): ReferenceTracks {
  const { Macd, Switching } = classes;
  const base = { baseIntervalMs: intervalMs(settings.TIMEFRAME) };
  const macd = { ...base, intervalMs: BENCHMARK_INTERVAL_MS, lengths: MACD_LENGTHS };
  const benchmark = { ...base, symbol: settings.REGIME_BENCHMARK_SYMBOL };
  return {
    eth: new Macd({ ...macd, symbol: ETH_SYMBOL }),
    btc: new Macd({ ...macd, ...benchmark }),
    gate: new Macd({
      ...base,
      symbol: settings.REGIME_ASSET,
      intervalMs: intervalMs(settings.REGIME_TIMEFRAME),
      lengths: gateLengths(settings),
    }),
    markov: new Switching({
      ...benchmark,
      intervalMs: switchingIntervalMs('markov', settings),
      fits: nameStates(regimes.markov, 'markov'),
    }),
    trend: new TrendTrack({ ...benchmark, intervalMs: DAY_MS, rule: trendRule(settings) }),
    volatility: new Switching({
      ...benchmark,
      intervalMs: switchingIntervalMs('volatility', settings),
      fits: nameStates(regimes.volatility, 'volatility'),
    }),
  };
}

/** Steps every track whose symbol this is through a whole history, each bar available at its own close. */
export function feedTracks(tracks: ReferenceTracks, symbol: string, candles: Candles): void {
  for (const track of Object.values(tracks)) {
    if (track.symbol !== symbol) continue;
    for (let i = 0; i < candles.length; i += 1) track.step(candles, i, candles.openTimeMs[i] + candles.intervalMs);
  }
}
