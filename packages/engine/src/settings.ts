/** The account's part of the configuration, parsed once into names with units. Only this file knows the users' keys. */
import { DonchError, DonchErrors, HOUR_MS, MINUTE_MS, SECOND_MS, type ConfigValues } from '@donch/core';
import { parseScalers, type Scaler } from './sizing/scalers.ts';

export interface LinearMap {
  readonly inMin: number;
  readonly inMax: number;
  readonly outMin: number;
  readonly outMax: number;
}

export interface VwapStackSizing {
  readonly fracMap: LinearMap;
  readonly expansionMap: LinearMap;
  readonly fracWeight: number;
  readonly expansionWeight: number;
  readonly multMin: number;
  readonly multMax: number;
}

export interface SizingSettings {
  readonly risk:
    | { readonly mode: 'fixed'; readonly riskUsd: number }
    | { readonly mode: 'percent'; readonly equityFrac: number };
  readonly riskUsdMin: number | null;
  readonly riskUsdMax: number | null;
  readonly barometer: { readonly longBelow: number; readonly shortAbove: number; readonly factor: number } | null;
  readonly probability: LinearMap | null;
  readonly vwapStack: VwapStackSizing | null;
  readonly scalers: readonly Scaler[];
  readonly scalersMin: number;
  readonly scalersMax: number;
  readonly notionalCapFrac: number;
  readonly leverageMax: number;
  readonly openRiskCapFrac: number;
  readonly grossExposureCapMult: number;
  readonly onCapBreach: 'scale' | 'skip';
}

export interface GuardSettings {
  readonly openMax: number;
  readonly entriesPerDayMax: number;
  readonly cooldownMs: number;
  readonly dedupMs: number;
  /** Null = off. */
  readonly lossStreakMax: number | null;
  /** Null = off. */
  readonly drawdownMaxFrac: number | null;
  readonly equityMinUsd: number;
  /** A run ends when equity falls below this share of the start. */
  readonly abortEquityFrac: number;
  readonly abortTradesMax: number;
}

export interface EngineSettings {
  readonly initialCapitalUsd: number;
  readonly sizing: SizingSettings;
  readonly guards: GuardSettings;
  readonly meta: { readonly required: boolean; readonly pStar: number };
  readonly priority: 'p' | 'rs' | 'hash';
  readonly protectionAnchor: 'reference' | 'fill';
  readonly stopAtrMin: number;
  /** A position whose stop is missing for longer is closed at market. */
  readonly protectionDeadlineMs: number;
}

/** How long a position may be without a stop before it is closed. */
const PROTECTION_DEADLINE_SEC = 15;

/**
 * Engine settings from effective configuration values. `mode: backtest` leaves out the guards that need a person to re-arm them
 * unless GUARDS_IN_BACKTEST is set. Throws `DonchErrors` for a META gate that could never pass, for a live mode that does not say
 * what META is, and for malformed scalers.
 */
export function engineSettings(config: ConfigValues, mode: 'backtest' | 'live'): EngineSettings {
  const problems: DonchError[] = [];
  const scalers = parseScalers(config.SIZING_SCALERS, problems);
  const required = config.META === 'required';
  if (mode === 'live' && config.META === null) {
    problems.push(
      new DonchError('no_meta', 'META is not set', {
        expected: 'off or required: whether a model decides about live entries has no default',
      }),
    );
  }
  if (required && config.META_PROB_THRESHOLD === null) {
    problems.push(
      new DonchError('no_threshold', 'META is required and no p* is known', {
        expected: 'META_PROB_THRESHOLD, or a bundle that brings one',
        remedy: 'set META: off to trade without the win-probability gate',
      }),
    );
  }
  if (problems.length > 0) throw new DonchErrors('bad_config', 'account settings', problems);
  return {
    initialCapitalUsd: config.INITIAL_CAPITAL,
    sizing: sizingSettings(config, scalers),
    guards: guardSettings(config, mode),
    meta: { required, pStar: config.META_PROB_THRESHOLD ?? Number.NaN },
    priority: config.ENTRY_PRIORITY ?? (required ? 'p' : 'rs'),
    protectionAnchor: config.PROTECTION_ANCHOR,
    stopAtrMin: config.MIN_STOP_ATR,
    protectionDeadlineMs: PROTECTION_DEADLINE_SEC * SECOND_MS,
  };
}

function sizingSettings(config: ConfigValues, scalers: readonly Scaler[]): SizingSettings {
  return {
    risk:
      config.RISK_MODE === 'fixed'
        ? { mode: 'fixed', riskUsd: config.RISK_USD }
        : { mode: 'percent', equityFrac: config.RISK_EQUITY_PCT },
    riskUsdMin: config.RISK_USD_MIN,
    riskUsdMax: config.RISK_USD_MAX,
    barometer: config.ETH_BAROMETER_ENABLED
      ? {
          longBelow: config.ETH_MACD_HIST_CUTOFF_NEG,
          shortAbove: config.ETH_MACD_HIST_CUTOFF_POS,
          factor: config.UNFAVORABLE_RISK_RESIZE_FACTOR,
        }
      : null,
    probability: config.WINPROB_SIZING_ENABLED
      ? {
          inMin: config.WINPROB_PROB_FLOOR,
          inMax: config.WINPROB_PROB_CAP,
          outMin: config.WINPROB_MIN_MULTIPLIER,
          outMax: config.WINPROB_MAX_MULTIPLIER,
        }
      : null,
    vwapStack: config.VWAP_STACK_SIZING_ENABLED ? vwapStackSizing(config) : null,
    scalers,
    scalersMin: config.SIZING_MULT_MIN,
    scalersMax: config.SIZING_MULT_MAX ?? Infinity,
    notionalCapFrac: config.NOTIONAL_CAP_PCT_OF_EQUITY,
    leverageMax: config.MAX_LEVERAGE,
    openRiskCapFrac: config.PORTFOLIO_RISK_CAP_PCT,
    grossExposureCapMult: config.GROSS_EXPOSURE_CAP_MULT,
    onCapBreach: config.ON_CAP_BREACH,
  };
}

function vwapStackSizing(config: ConfigValues): VwapStackSizing {
  return {
    fracMap: { inMin: config.VWAP_STACK_FRAC_MIN, inMax: config.VWAP_STACK_FRAC_GOOD, outMin: 0, outMax: 1 },
    expansionMap: {
      inMin: config.VWAP_STACK_EXPANSION_ABS_MIN,
      inMax: config.VWAP_STACK_EXPANSION_GOOD,
      outMin: 0,
      outMax: 1,
    },
    fracWeight: config.VWAP_STACK_FRAC_WEIGHT,
    expansionWeight: config.VWAP_STACK_EXP_WEIGHT,
    multMin: config.VWAP_STACK_MIN_MULTIPLIER,
    multMax: config.VWAP_STACK_MAX_MULTIPLIER,
  };
}

function guardSettings(config: ConfigValues, mode: 'backtest' | 'live'): GuardSettings {
  const guarded = mode === 'live' || config.GUARDS_IN_BACKTEST;
  return {
    openMax: config.MAX_OPEN ?? Infinity,
    entriesPerDayMax: config.MAX_TRADES_PER_DAY ?? Infinity,
    // a cooldown written in minutes comes as a fraction of an hour
    cooldownMs: Math.round(config.SYMBOL_COOLDOWN_HOURS * HOUR_MS),
    dedupMs: Math.round(config.DEDUP_BUSY_WINDOW_MIN * MINUTE_MS),
    lossStreakMax: guarded ? config.MAX_LOSS_STREAK : null,
    drawdownMaxFrac: guarded && config.DD_PAUSE_ENABLED ? config.DD_MAX_PCT / 100 : null,
    equityMinUsd: guarded ? config.MIN_EQUITY_USDT : 0,
    abortEquityFrac: mode === 'backtest' ? config.MIN_EQUITY_FRACTION_BEFORE_ABORT : 0,
    abortTradesMax: mode === 'backtest' ? (config.MAX_TRADES_PER_VARIANT ?? Infinity) : Infinity,
  };
}
