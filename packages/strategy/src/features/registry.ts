/** THE registry: every feature that training, scouting and the live bot can read, in column order. */
import { hashJson, intervalMs, invariant, nearestWord, type ConfigValues } from '@donch/core';
import { BENCHMARK_FEATURES } from './benchmark.ts';
import { BREAKOUT_FEATURES } from './breakout.ts';
import { CLOCK_FEATURES } from './clock.ts';
import { DAILY_FEATURES } from './daily.ts';
import { EXIT_ANCHOR_FEATURES } from './exit-anchor.ts';
import type { FeatureDef } from './feature.ts';
import { FUNDING_FEATURES } from './funding.ts';
import { OPEN_INTEREST_FEATURES } from './open-interest.ts';
import { canResample, ownTrendFeatures } from './own-trend.ts';
import { PATH_FEATURES } from './path.ts';
import { REGIME_FEATURES } from './regime.ts';

/** All features. Add one here and in one file; the parity, look-ahead and warm-up tests pick it up. */
export const FEATURES: readonly FeatureDef[] = [
  ...ownTrendFeatures('1h'),
  ...ownTrendFeatures('4h'),
  ...BREAKOUT_FEATURES,
  ...PATH_FEATURES,
  ...DAILY_FEATURES,
  ...CLOCK_FEATURES,
  ...BENCHMARK_FEATURES,
  ...REGIME_FEATURES,
  ...FUNDING_FEATURES,
  ...OPEN_INTEREST_FEATURES,
  ...EXIT_ANCHOR_FEATURES,
];

const BY_NAME: ReadonlyMap<string, FeatureDef> = new Map(FEATURES.map((def) => [def.name, def]));
invariant(BY_NAME.size === FEATURES.length, 'feature names are unique');
for (const name of BY_NAME.keys())
  invariant(!/^(label|y_|pnl|mfe|mae|hit_|exit_)/.test(name), `${name} is not the name of an outcome`);

/** Features that base bars of the run can carry (hourly base bars make no other `1h` than themselves, which is fine). */
export function featuresFor(settings: ConfigValues): FeatureDef[] {
  const baseMs = intervalMs(settings.TIMEFRAME);
  return FEATURES.filter((def) => def.interval === 'base' || canResample(baseMs, def.interval));
}

/** A feature by name, or undefined. */
export function findFeature(name: string): FeatureDef | undefined {
  return BY_NAME.get(name);
}

/** The registered name nearest to a mistyped one. */
export function nearestFeature(name: string): string | null {
  return nearestWord(name, [...BY_NAME.keys()]);
}

/** Identity of a feature as a model bundle records it: its definition and the settings that it was computed with. */
export function featureHash(def: FeatureDef, settings: ConfigValues): string {
  const { name, unit, dtype, categories = [], interval, version } = def;
  return hashJson({ name, unit, dtype, categories, interval, version, settings: featureSettings(def, settings) });
}

/** The values of the configuration keys that change a feature. */
export function featureSettings(
  { settings: keys }: FeatureDef,
  settings: ConfigValues,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(keys.map((key) => [key, settings[key]]));
}
