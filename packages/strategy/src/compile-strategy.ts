/** From a strategy file and the other configuration layers to the frozen strategy that scanner and engine run. */
import {
  DonchErrors,
  HOUR_MS,
  DAY_MS,
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
import { regimeDirection, silentGate } from './spec/regime-direction.ts';
import { strategyHashes } from './spec/strategy-hashes.ts';
import { strategyLayer } from './spec/to-layer.ts';
import { missingFeatures, usageNotes, usageProblems } from './spec/usage.ts';

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
  /** Filters and rules, with the settings that their features are computed with. */
  readonly filterHash: string;
  /** Exits, and the ATR they are counted in. */
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

/** Compiles a strategy; throws `DonchError` or `DonchErrors` with every problem of the file and of the settings. */
export function compileStrategy({ text, file, layers, universeHash }: CompileInput): CompiledStrategy {
  const spec = parseStrategyFile(text, file);
  const config = resolveConfig([...layers, strategyLayer(spec, file)]);
  const settings = config.values;
  const { side, name } = spec.strategy;
  const features = featuresFor(settings);
  const rules = compileRules(spec.rules, file, settings);
  const regime = regimeDirection(spec, settings);
  const filters = [...compileFilters(settings, regime ?? 'any'), ...rules.gates];
  const problems = [
    ...rules.problems,
    ...(regime === null ? [silentGate(file)] : []),
    ...usageProblems(spec, config, file),
    ...filters.flatMap((gate) => missingFeatures(gate, features, file)),
  ];
  if (problems.length > 0) throw new DonchErrors('bad_strategy', file, problems);
  const setup = setupRules(side, settings);
  const exits = exitRules(settings);
  return Object.freeze({
    strategyId: strategyId(name),
    name,
    side,
    file,
    settings,
    config,
    setup,
    filters,
    features,
    exits,
    regime: regime ?? 'any',
    regimeDownFactor: settings.REGIME_BLOCK_WHEN_DOWN ? null : settings.REGIME_SIZE_WHEN_DOWN,
    ...strategyHashes({ name, universeHash, setup, filters, exits, features, settings }),
    notes: usageNotes({ spec, settings, filters, features, regime: regime ?? 'any' }),
  });
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
    touchWindowMs: Math.round(settings.PULLBACK_WINDOW_HOURS * HOUR_MS),
    entryWindowMs: Math.round(settings.ENTRY_WINDOW_HOURS * HOUR_MS),
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

/** A strategy that says it has no target has none, whatever targets are counted from. */
function targetAtrMult({
  EXIT_BASIS,
  FINAL_TP_ENABLED,
  FINAL_TP_ATR_MULT,
  AVWAP_TP_MULT,
}: ConfigValues): number | null {
  if (!FINAL_TP_ENABLED || FINAL_TP_ATR_MULT === null) return null;
  return EXIT_BASIS === 'avwap_atr' ? AVWAP_TP_MULT : FINAL_TP_ATR_MULT;
}

function exitRules(settings: ConfigValues): ExitRules {
  const isAnchored = settings.EXIT_BASIS === 'avwap_atr';
  return {
    basis: settings.EXIT_BASIS,
    slAtrMult: isAnchored ? settings.AVWAP_SL_MULT : settings.SL_ATR_MULT,
    tpAtrMult: targetAtrMult(settings),
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
