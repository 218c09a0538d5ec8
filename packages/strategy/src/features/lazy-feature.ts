import type { FeatureContext, FeatureDef } from './feature.ts';

/** Declares a feature that is a plain function of what may be read at the decision; without state it needs no stepping. */
export function lazyFeature(
  def: Omit<FeatureDef, 'create' | 'instant' | 'version' | 'noneMeans' | 'role'> &
    Partial<Pick<FeatureDef, 'instant' | 'version' | 'noneMeans' | 'role'>>,
  value: (context: FeatureContext) => number,
  settleBars = 1,
): FeatureDef {
  return {
    instant: 'close',
    version: 1,
    noneMeans: '',
    role: 'feature',
    ...def,
    create: () => ({ settleBars, value }),
  };
}
