/** Features of other symbols: the MACD of ETH, of BTC, of the regime gate's symbol. */
import { HOUR_MS, intervalMs, type ConfigValues } from '@donch/core';
import { Macd, MACD_LENGTHS, type MacdLengths } from '@donch/indicators';
import type { FeatureDef } from './feature.ts';
import { lazyFeature } from './lazy-feature.ts';

/** Bars of the `_4h` features; the gate's symbol has its own (REGIME_TIMEFRAME). */
export const BENCHMARK_INTERVAL_MS = 4 * HOUR_MS;

const macdSettleMs = (lengths: MacdLengths, barMs: number): number => (new Macd(lengths).settleBars + 1) * barMs;
const benchmarkSettleMs = (): number => macdSettleMs(MACD_LENGTHS, BENCHMARK_INTERVAL_MS);
/** History behind the MACD of the regime gate. */
export const gateSettleMs = (settings: ConfigValues): number =>
  macdSettleMs(gateLengths(settings), intervalMs(settings.REGIME_TIMEFRAME));

/** MACD lengths of the regime gate. */
export function gateLengths(settings: ConfigValues): MacdLengths {
  return {
    fast: settings.REGIME_MACD_FAST,
    slow: settings.REGIME_MACD_SLOW,
    signal: settings.REGIME_MACD_SIGNAL,
  };
}

function benchmarkFeatures(key: 'eth' | 'btc', symbol: string): FeatureDef[] {
  const common = {
    interval: 'base',
    inputs: [`closed 4h bars of ${symbol}`],
    settings: key === 'btc' ? (['REGIME_BENCHMARK_SYMBOL'] as const) : [],
  } as const;
  return [
    lazyFeature(
      {
        ...common,
        name: `${key}_macd_hist_4h_frac`,
        dtype: 'float',
        unit: 'fraction',
        meaning: 'MACD(12,26,9) histogram / close',
        scale: 0.01,
      },
      (context) => context.tracks[key].histogramFracAt(context.decisionTimeMs),
      benchmarkSettleMs,
    ),
    lazyFeature(
      {
        ...common,
        name: `${key}_macd_above_signal_4h`,
        dtype: 'bool',
        unit: 'yes or no',
        meaning: 'MACD line above its signal',
        scale: 1,
      },
      (context) => context.tracks[key].aboveSignalAt(context.decisionTimeMs),
      benchmarkSettleMs,
    ),
  ];
}

/** Settings of the regime gate's MACD. */
export const GATE_KEYS = [
  'REGIME_ASSET',
  'REGIME_TIMEFRAME',
  'REGIME_MACD_FAST',
  'REGIME_MACD_SLOW',
  'REGIME_MACD_SIGNAL',
] as const;

const GATE = {
  interval: 'base',
  inputs: ["closed bars of the regime gate's symbol"],
  settings: GATE_KEYS,
} as const;

export const BENCHMARK_FEATURES: readonly FeatureDef[] = [
  ...benchmarkFeatures('eth', 'ETHUSDT'),
  ...benchmarkFeatures('btc', 'the benchmark symbol'),
  lazyFeature(
    {
      ...GATE,
      name: 'regime_up',
      dtype: 'bool',
      unit: 'yes or no',
      meaning: 'MACD histogram of the regime gate above 0',
      noneMeans: 'regime unknown, never "up"',
      scale: 1,
    },
    (context) => context.tracks.gate.aboveSignalAt(context.decisionTimeMs),
    gateSettleMs,
  ),
  lazyFeature(
    {
      ...GATE,
      name: 'regime_macd_hist_frac',
      dtype: 'float',
      unit: 'fraction',
      meaning:
        'MACD histogram of the regime gate / close: what the gate of kind macd looks at (not a training feature)',
      noneMeans: 'regime unknown, never "up"',
      role: 'context',
      scale: 0.01,
    },
    (context) => context.tracks.gate.histogramFracAt(context.decisionTimeMs),
    gateSettleMs,
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
    (context) => context.tracks.eth.histogramAt(context.decisionTimeMs),
    benchmarkSettleMs,
  ),
];
