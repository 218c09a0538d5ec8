/** From a strategy file and the other configuration layers to the frozen strategy that scanner and engine run. */
import {
  DonchError,
  DonchErrors,
  HOUR_MS,
  DAY_MS,
  hashJson,
  intervalMs,
  resolveConfig,
  strategyId,
  type ConfigLayer,
  type ConfigValues,
  type ExitRules,
  type ResolvedConfig,
  type Side,
  type StrategyId,
} from '@donch/core';
import type { SetupRules, VolumeCondition } from './entry/setup-rules.ts';
import type { FeatureDef } from './features/feature.ts';
import { featuresFor } from './features/registry.ts';
import { compileRules } from './rules/compile-rules.ts';
import { compileFilters, type RegimeDirection } from './rules/filters.ts';
import type { FilterGate } from './rules/gate.ts';
import { parseStrategyFile } from './spec/parse.ts';
import type { StrategyFile } from './spec/schema.ts';
import { strategyLayer } from './spec/to-layer.ts';

export interface CompiledStrategy {
  readonly strategyId: StrategyId;
  readonly name: string;
  readonly side: Side;
  readonly file: string;
  readonly settings: ConfigValues;
  readonly config: ResolvedConfig;
  readonly setup: SetupRules;
  /** In the order of decision records. */
  readonly filters: readonly FilterGate[];
  readonly features: readonly FeatureDef[];
  readonly exits: ExitRules;
  readonly regime: RegimeDirection;
  /** Factor on risk while the regime is not as wanted; null = such entries are blocked. */
  readonly regimeDownFactor: number | null;
  /** Side, base interval, entry set-up: what signal ids depend on. */
  readonly setupHash: string;
  readonly filterHash: string;
  readonly exitHash: string;
  /** Everything, the universe included. */
  readonly specHash: string;
  /** What the user should know, e.g. a required timeframe that nothing uses. */
  readonly notes: readonly string[];
}

export interface CompileInput {
  readonly text: string;
  readonly file: string;
  /** config.yaml, environment, flags, operator: everything but the strategy file. */
  readonly layers: readonly ConfigLayer[];
  readonly universeHash: string;
}

/** Compiles a strategy; throws `DonchErrors` with every problem of the file and of the settings. */
export function compileStrategy({ text, file, layers, universeHash }: CompileInput): CompiledStrategy {
  const spec = parseStrategyFile(text, file);
  const config = resolveConfig([...layers, strategyLayer(spec, file)]);
  const settings = config.values;
  const features = featuresFor(settings);
  const rules = compileRules(spec.rules, file);
  const problems = [...rules.problems, ...usageProblems(spec, settings, file)];
  const regime = regimeDirection(spec, settings, file, problems);
  const filters = [...compileFilters(settings, regime), ...rules.gates];
  for (const gate of filters) problems.push(...missingFeatures(gate, features, file));
  if (problems.length > 0) throw new DonchErrors('bad_strategy', file, problems);
  const setup = setupRules(spec.strategy.side, settings);
  const exits = exitRules(settings);
  const hashes = {
    setupHash: hashJson(hashedSetup(setup)),
    filterHash: hashJson(filters.map(({ name, description }) => ({ name, ...description }))),
    exitHash: hashJson(exits),
  };
  return Object.freeze({
    strategyId: strategyId(spec.strategy.name),
    name: spec.strategy.name,
    side: spec.strategy.side,
    file,
    settings,
    config,
    setup,
    filters,
    features,
    exits,
    regime,
    regimeDownFactor: settings.REGIME_BLOCK_WHEN_DOWN ? null : settings.REGIME_SIZE_WHEN_DOWN,
    ...hashes,
    specHash: hashJson({ ...hashes, universeHash, name: spec.strategy.name, regimeSymbol: settings.REGIME_ASSET }),
    notes: timeframeNotes(spec, settings, filters, features),
  });
}

/** THE ATR belongs to the set-up only where the set-up measures with it. */
function hashedSetup(setup: SetupRules): unknown {
  const { atr, ...rest } = setup;
  return setup.pullback.type === 'mean' || setup.invalidateAtr !== null ? setup : rest;
}

function setupRules(side: Side, settings: ConfigValues): SetupRules {
  return {
    side,
    intervalMs: intervalMs(settings.TIMEFRAME),
    level: {
      basis: settings.DONCH_BASIS,
      length: settings.DONCH_BASIS === 'days' ? settings.DON_N_DAYS : settings.DON_N_BARS,
    },
    confirmClose: settings.DON_CONFIRM_CLOSE_ABOVE,
    trigger: settings.ENTRY_RULE,
    volume: volumeCondition(settings),
    volumeLookbackMs: settings.VOL_LOOKBACK_DAYS * DAY_MS,
    pullback:
      settings.PULLBACK_MODEL === 'retest'
        ? { type: 'retest', epsFrac: settings.RETEST_EPS_PCT }
        : { type: 'mean', emaBars: settings.MEAN_MA_LEN, bandAtr: settings.MEAN_BAND_ATR_MULT },
    touchWindowMs: settings.PULLBACK_WINDOW_HOURS * HOUR_MS,
    entryWindowMs: settings.ENTRY_WINDOW_HOURS * HOUR_MS,
    invalidateAtr: settings.INVALIDATE_BELOW_ATR,
    atr: { intervalMs: intervalMs(settings.ATR_TIMEFRAME), length: settings.ATR_LEN },
  };
}

function volumeCondition(settings: ConfigValues): VolumeCondition {
  if (!settings.VOL_SPIKE_ENABLED) return { kind: 'none' };
  return settings.VOL_SPIKE_MODE === 'multiple'
    ? { kind: 'multiple', multiple: settings.VOL_MULTIPLE }
    : { kind: 'quantile', q: settings.VOL_QUANTILE_Q };
}

function exitRules(settings: ConfigValues): ExitRules {
  return {
    basis: settings.EXIT_BASIS,
    slAtrMult: settings.SL_ATR_MULT,
    tpAtrMult: settings.FINAL_TP_ENABLED ? settings.FINAL_TP_ATR_MULT : null,
    timeExitHours: settings.TIME_EXIT_ENABLED ? settings.TIME_EXIT_HOURS : null,
    partial: settings.PARTIAL_TP_ENABLED
      ? {
          ratioFrac: settings.PARTIAL_TP_RATIO,
          atrMult: settings.PARTIAL_TP1_ATR_MULT,
          breakEvenAfter: settings.MOVE_SL_TO_BE_ON_TP1,
        }
      : null,
    trailing: settings.TRAIL_AFTER_TP1
      ? {
          atrMult: settings.TRAIL_ATR_MULT,
          start: settings.TRAIL_START,
          reference: settings.TRAIL_USE_HIGH_WATERMARK ? 'extreme' : 'close',
          moveMinFrac: settings.TRAIL_MIN_MOVE_PCT,
        }
      : null,
  };
}

/** Which MACD the gate wants to see. A short strategy has to say it: nothing is mirrored. */
function regimeDirection(
  spec: StrategyFile,
  settings: ConfigValues,
  file: string,
  problems: DonchError[],
): RegimeDirection {
  if (!settings.REGIME_FILTER_ENABLED) return 'any';
  const gate = spec.entry?.regime_gate;
  if (gate?.require_hist_negative === true || gate?.require_macd_below_signal === true) return 'down';
  const wantsUp =
    gate?.require_hist_positive ?? (spec.strategy.side === 'long' ? settings.REGIME_REQUIRE_BOTH_POSITIVE : undefined);
  if (wantsUp === true || (gate?.require_macd_above_signal === true && spec.strategy.side === 'long')) return 'up';
  if (wantsUp === undefined) {
    problems.push(
      new DonchError('bad_strategy', 'regime gate of a short strategy asks for nothing', {
        file,
        path: 'entry.regime_gate',
        expected: 'require_hist_negative or require_macd_below_signal (or require_hist_positive), or regime_gate: null',
      }),
    );
  }
  return 'any';
}

function usageProblems(spec: StrategyFile, settings: ConfigValues, file: string): DonchError[] {
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
  const atrMs = intervalMs(settings.ATR_TIMEFRAME);
  const baseMs = intervalMs(settings.TIMEFRAME);
  for (const [key, lengthMs] of [
    ['ATR_TIMEFRAME', atrMs],
    ['REGIME_TIMEFRAME', intervalMs(settings.REGIME_TIMEFRAME)],
  ] as const) {
    if (lengthMs < baseMs || lengthMs % baseMs !== 0) {
      problems.push(
        new DonchError('bad_config', `${key} is ${settings[key]}`, {
          expected: `a multiple of the base interval ${settings.TIMEFRAME}`,
        }),
      );
    }
  }
  if (DAY_MS % baseMs !== 0 || baseMs > HOUR_MS) {
    problems.push(
      new DonchError('bad_config', `TIMEFRAME is ${settings.TIMEFRAME}`, { expected: 'a base interval of at most 1h' }),
    );
  }
  return problems;
}

function missingFeatures(gate: FilterGate, features: readonly FeatureDef[], file: string): DonchError[] {
  return gate.features
    .filter((name) => !features.some((def) => def.name === name))
    .map(
      (name) =>
        new DonchError('bad_strategy', `${gate.name} reads ${name}, which base bars of this length cannot carry`, {
          file,
        }),
    );
}

function timeframeNotes(
  spec: StrategyFile,
  settings: ConfigValues,
  filters: readonly FilterGate[],
  features: readonly FeatureDef[],
): string[] {
  const used = new Set<string>([settings.TIMEFRAME, settings.ATR_TIMEFRAME, '1d']);
  if (settings.REGIME_FILTER_ENABLED) used.add(settings.REGIME_TIMEFRAME);
  for (const name of filters.flatMap((gate) => gate.features)) {
    const interval = features.find((def) => def.name === name)?.interval;
    if (interval !== undefined && interval !== 'base') used.add(interval);
  }
  const required: readonly string[] = spec.strategy.required_timeframes ?? [];
  const unused = required.filter((interval) => !used.has(interval));
  const undeclared = [...used].filter((interval) => required.length > 0 && !required.includes(interval));
  return [
    ...unused.map((interval) => `required_timeframes lists ${interval}, which no rule uses`),
    ...undeclared.map((interval) => `${interval} bars are used although required_timeframes does not list them`),
  ];
}
