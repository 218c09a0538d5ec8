/** Features of other symbols: the MACD of ETH, of BTC, of the regime gate's symbol. */
import type { FeatureDef, TrackKey } from './feature.ts';
import { lazyFeature } from './lazy-feature.ts';

function benchmarkFeatures(key: Exclude<TrackKey, 'gate'>, symbol: string): FeatureDef[] {
  const inputs = [`closed 4h bars of ${symbol}`];
  return [
    lazyFeature(
      {
        name: `${key}_macd_hist_4h_frac`,
        dtype: 'float',
        unit: 'fraction',
        interval: 'base',
        inputs,
        meaning: 'MACD(12,26,9) histogram / close',
        scale: 0.01,
      },
      (context) => context.track(key).histogramFracAt(context.decisionTimeMs),
    ),
    lazyFeature(
      {
        name: `${key}_macd_above_signal_4h`,
        dtype: 'bool',
        unit: '',
        interval: 'base',
        inputs,
        meaning: 'MACD line above its signal',
        scale: 1,
      },
      (context) => context.track(key).aboveSignalAt(context.decisionTimeMs),
    ),
  ];
}

export const BENCHMARK_FEATURES: readonly FeatureDef[] = [
  ...benchmarkFeatures('eth', 'ETHUSDT'),
  ...benchmarkFeatures('btc', 'the benchmark symbol'),
  lazyFeature(
    {
      name: 'regime_up',
      dtype: 'bool',
      unit: '',
      interval: 'base',
      inputs: ["closed bars of the regime gate's symbol"],
      meaning: 'MACD histogram of the regime gate above 0',
      noneMeans: 'regime unknown, never "up"',
      scale: 1,
    },
    (context) => context.track('gate').aboveSignalAt(context.decisionTimeMs),
  ),
  lazyFeature(
    {
      name: 'eth_macd_hist_4h',
      dtype: 'float',
      unit: 'quote',
      interval: 'base',
      inputs: ['closed 4h bars of ETHUSDT'],
      meaning: 'MACD(12,26,9) histogram in price units (barometer; not a training feature)',
      role: 'context',
      scale: 10,
    },
    (context) => context.track('eth').histogramAt(context.decisionTimeMs),
  ),
];
