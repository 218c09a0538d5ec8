/** Features of the decision time itself (UTC). */
import { DAY_MS, HOUR_MS, weekdayIndex } from '@donch/core';
import type { FeatureDef } from './feature.ts';
import { lazyFeature } from './lazy-feature.ts';

const hourAngle = (timeMs: number): number => (2 * Math.PI * Math.floor((timeMs % DAY_MS) / HOUR_MS)) / 24;

const common = { dtype: 'float', interval: 'base', inputs: ['decision time'], scale: 1 } as const;

export const CLOCK_FEATURES: readonly FeatureDef[] = [
  lazyFeature(
    { ...common, name: 'hour_sin', unit: '-1..1', meaning: 'sine of the UTC hour of the decision on a circle of 24' },
    (context) => Math.sin(hourAngle(context.decisionTimeMs)),
  ),
  lazyFeature(
    { ...common, name: 'hour_cos', unit: '-1..1', meaning: 'cosine of the UTC hour of the decision on a circle of 24' },
    (context) => Math.cos(hourAngle(context.decisionTimeMs)),
  ),
  lazyFeature(
    {
      ...common,
      dtype: 'int',
      name: 'dow',
      unit: 'weekday',
      meaning: 'weekday of the decision in UTC, Monday = 0',
      scale: 6,
    },
    (context) => weekdayIndex(context.decisionTimeMs),
  ),
];
