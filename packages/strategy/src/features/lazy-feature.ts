import { intervalMs, type ConfigValues } from '@donch/core';
import type { FeatureContext, FeatureDef } from './feature.ts';

type Defaulted = 'instant' | 'version' | 'noneMeans' | 'role' | 'settings';

/**
 * Declares a feature that is a plain function of what may be read at the decision; without state it needs no stepping.
 * `settleMs` and `readsBackMs` as in `FeatureKernel`; default: the decision bar alone.
 */
export function lazyFeature(
  def: Omit<FeatureDef, 'create' | Defaulted> & Partial<Pick<FeatureDef, Defaulted>>,
  value: (context: FeatureContext) => number,
  settleMs: (settings: ConfigValues) => number = (settings) => intervalMs(settings.TIMEFRAME),
  readsBackMs: (settings: ConfigValues) => number = () => 0,
): FeatureDef {
  return {
    instant: 'close',
    version: 1,
    noneMeans: '',
    role: 'feature',
    settings: [],
    ...def,
    create: (settings) => ({ settleMs: settleMs(settings), readsBackMs: readsBackMs(settings), value }),
  };
}
