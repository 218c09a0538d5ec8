/** Whether what a strategy asks for fits together: intervals, switches, features. */
import {
  DAY_MS,
  DonchError,
  HOUR_MS,
  intervalMs,
  type ConfigKey,
  type ConfigValues,
  type ResolvedConfig,
} from '@donch/core';
import type { FeatureDef } from '../features/feature.ts';
import type { RegimeDirection } from '../rules/filters.ts';
import type { FilterGate } from '../rules/gate.ts';
import type { StrategyFile } from './schema.ts';

/** Problems of the effective settings that no single key shows. */
export function usageProblems(spec: StrategyFile, config: ResolvedConfig, file: string): DonchError[] {
  return [
    ...baseIntervalProblems(spec, config.values, file),
    ...emptySwitch(config, 'FINAL_TP_ENABLED', 'FINAL_TP_ATR_MULT'),
    ...emptySwitch(config, 'TIME_EXIT_ENABLED', 'TIME_EXIT_HOURS'),
  ];
}

function baseIntervalProblems(spec: StrategyFile, settings: ConfigValues, file: string): DonchError[] {
  const problems: DonchError[] = [];
  const { required_timeframes: required } = spec.strategy;
  if (required !== undefined && !required.includes(settings.TIMEFRAME)) {
    problems.push(
      new DonchError('bad_strategy', `base interval is ${settings.TIMEFRAME}`, {
        file,
        path: 'strategy.required_timeframes',
        expected: `a list that holds it; it is ${required.join(', ')}`,
        remedy: 'change TIMEFRAME or the list',
      }),
    );
  }
  const baseMs = intervalMs(settings.TIMEFRAME);
  if (DAY_MS % baseMs !== 0 || baseMs > HOUR_MS) {
    problems.push(
      new DonchError('bad_config', `TIMEFRAME is ${settings.TIMEFRAME}`, { expected: 'a base interval of at most 1h' }),
    );
  }
  for (const key of ['ATR_TIMEFRAME', 'REGIME_TIMEFRAME', 'MARKOV_TIMEFRAME'] as const) {
    if (intervalMs(settings[key]) % baseMs === 0) continue;
    problems.push(
      new DonchError('bad_config', `${key} is ${settings[key]}`, {
        expected: `a multiple of the base interval ${settings.TIMEFRAME}`,
      }),
    );
  }
  return problems;
}

/** Somebody switched an exit on whose distance or age is null: it would never happen, without a word. */
function emptySwitch({ values, origins }: ResolvedConfig, on: ConfigKey, value: ConfigKey): DonchError[] {
  if (origins[on].layer === 'default' || values[on] !== true || values[value] !== null) return [];
  return [
    new DonchError('bad_config', `${on} is true (${origins[on].source}) and ${value} is null`, {
      expected: `a number for ${value}, or ${on} false`,
    }),
  ];
}

/** Features that a gate reads and base bars of this length cannot carry. */
export function missingFeatures(gate: FilterGate, features: readonly FeatureDef[], file: string): DonchError[] {
  const missing = gate.features.filter((name) => !features.some((def) => def.name === name));
  return missing.map(
    (name) =>
      new DonchError('bad_strategy', `${gate.name} reads ${name}, which base bars of this length cannot carry`, {
        file,
      }),
  );
}

/** Bars of the regime that the gate reads. */
function regimeInterval({ REGIME_KIND: kind, REGIME_TIMEFRAME: macd, MARKOV_TIMEFRAME: markov }: ConfigValues): string {
  return kind === 'macd' ? macd : kind === 'markov' ? markov : '1d';
}

export interface UsedParts {
  readonly spec: StrategyFile;
  readonly settings: ConfigValues;
  readonly filters: readonly FilterGate[];
  readonly features: readonly FeatureDef[];
  readonly regime: RegimeDirection;
}

/** What is no problem and should be known: intervals listed and not used or used and not listed, a gate that asks for nothing. */
export function usageNotes({ spec, settings, filters, features, regime }: UsedParts): string[] {
  const used = new Set<string>([settings.TIMEFRAME, settings.ATR_TIMEFRAME, '1d']);
  if (regime !== 'any') used.add(regimeInterval(settings));
  for (const name of filters.flatMap((gate) => gate.features)) {
    const interval = features.find((def) => def.name === name)?.interval;
    if (interval !== undefined && interval !== 'base') used.add(interval);
  }
  const required: readonly string[] = spec.strategy.required_timeframes ?? [];
  const unused = required.filter((interval) => !used.has(interval));
  const undeclared = [...used].filter((interval) => required.length > 0 && !required.includes(interval));
  const isEmptyGate = (spec.entry?.regime_gate ?? null) !== null && settings.REGIME_FILTER_ENABLED && regime === 'any';
  return [
    ...unused.map((interval) => `required_timeframes lists ${interval}, which no rule uses`),
    ...undeclared.map((interval) => `${interval} bars are used although required_timeframes does not list them`),
    ...(isEmptyGate ? ['entry.regime_gate asks for nothing: entries are taken in any regime'] : []),
  ];
}
