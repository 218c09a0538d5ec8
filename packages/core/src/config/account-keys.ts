/** Keys of the account: sizing, caps, guards, model gate, live; and of a run: paths, window, workers. */
import {
  booleanKey,
  listKey,
  namesKey,
  numberKey,
  optionalNumberKey,
  optionalWordKey,
  textKey,
  wordKey,
} from './key-spec.ts';

export const SIZING_KEYS = {
  INITIAL_CAPITAL: numberKey(1_000, {
    unit: 'USD',
    min: 0,
    exclusive: 'min',
    actsIn: 'research',
    meaning: 'start of the equity curve',
  }),
  RISK_MODE: wordKey(['fixed', 'percent'], 'fixed', {
    unit: 'word',
    meaning: 'risk per trade in USD or as a share of equity',
    wordAliases: { cash: 'fixed' },
  }),
  RISK_USD: numberKey(10, {
    unit: 'USD',
    min: 0,
    exclusive: 'min',
    meaning: 'risk per trade before multipliers, mode fixed',
    aliases: ['FIXED_RISK_CASH', 'FIXED_RISK_USDT', 'RISK_USDT'],
  }),
  RISK_EQUITY_PCT: numberKey(0.01, {
    unit: 'fraction',
    min: 0,
    max: 0.1,
    exclusive: 'min',
    scale: 'fraction',
    meaning: 'risk per trade as a share of equity, mode percent',
    aliases: ['RISK_PCT'],
  }),
  RISK_USD_MIN: optionalNumberKey(null, { unit: 'USD', min: 0, meaning: 'clamp after all multipliers' }),
  RISK_USD_MAX: optionalNumberKey(null, { unit: 'USD', min: 0, meaning: 'clamp after all multipliers' }),
  ETH_BAROMETER_ENABLED: booleanKey(false, { unit: 'switch', meaning: 'size by the ETH 4h MACD histogram' }),
  ETH_MACD_HIST_CUTOFF_NEG: numberKey(0, { unit: 'quote', meaning: 'a long is unfavourable below it' }),
  ETH_MACD_HIST_CUTOFF_POS: numberKey(0, { unit: 'quote', meaning: 'a short is unfavourable above it' }),
  UNFAVORABLE_RISK_RESIZE_FACTOR: numberKey(0.2, {
    unit: 'fraction',
    min: 0,
    max: 1,
    scale: 'fraction',
    meaning: 'multiplier when unfavourable, else 1',
  }),
  WINPROB_SIZING_ENABLED: booleanKey(false, {
    unit: 'switch',
    meaning: 'size by the win probability',
    aliases: ['META_SIZING_ENABLED'],
  }),
  WINPROB_PROB_FLOOR: numberKey(0.55, {
    unit: 'probability',
    min: 0,
    max: 1,
    meaning: 'probability is clipped to floor .. cap',
    aliases: ['WINPROB_SIZE_FLOOR', 'META_SIZING_P0'],
  }),
  WINPROB_PROB_CAP: numberKey(0.9, {
    unit: 'probability',
    min: 0,
    max: 1,
    meaning: 'probability is clipped to floor .. cap',
    aliases: ['WINPROB_SIZE_CAP', 'META_SIZING_P1'],
  }),
  WINPROB_MIN_MULTIPLIER: numberKey(0.7, {
    unit: 'factor',
    min: 0,
    max: 10,
    meaning: 'multiplier at the floor',
    aliases: ['META_SIZING_MIN'],
  }),
  WINPROB_MAX_MULTIPLIER: numberKey(1.3, {
    unit: 'factor',
    min: 0,
    max: 10,
    meaning: 'multiplier at the cap',
    aliases: ['META_SIZING_MAX'],
  }),
  VWAP_STACK_SIZING_ENABLED: booleanKey(false, { unit: 'switch', meaning: 'size by the VWAP stack' }),
  VWAP_STACK_MIN_MULTIPLIER: numberKey(1, { unit: 'factor', min: 0, max: 10, meaning: 'multiplier at score 0' }),
  VWAP_STACK_MAX_MULTIPLIER: numberKey(1.4, { unit: 'factor', min: 0, max: 10, meaning: 'multiplier at score 1' }),
  VWAP_STACK_LOOKBACK_BARS: numberKey(12, {
    unit: 'bars',
    min: 2,
    max: 10_000,
    integer: true,
    meaning: 'window of the feature',
  }),
  VWAP_STACK_BAND_PCT: numberKey(0.004, {
    unit: 'fraction',
    min: 0,
    max: 0.1,
    scale: 'fraction',
    meaning: 'band of the feature',
  }),
  VWAP_STACK_FRAC_MIN: numberKey(0.5, { unit: 'fraction', min: 0, max: 1, meaning: 'share in band that scores 0' }),
  VWAP_STACK_FRAC_GOOD: numberKey(0.7, { unit: 'fraction', min: 0, max: 1, meaning: 'share in band that scores 1' }),
  VWAP_STACK_EXPANSION_ABS_MIN: numberKey(0.006, {
    unit: 'fraction',
    min: 0,
    max: 0.2,
    scale: 'fraction',
    meaning: 'distance from VWAP that scores 0',
  }),
  VWAP_STACK_EXPANSION_GOOD: numberKey(0.015, {
    unit: 'fraction',
    min: 0,
    max: 0.2,
    scale: 'fraction',
    meaning: 'distance from VWAP that scores 1',
  }),
  VWAP_STACK_FRAC_WEIGHT: numberKey(0.6, { unit: 'weight', min: 0, max: 100, meaning: 'weight of the share in band' }),
  VWAP_STACK_EXP_WEIGHT: numberKey(0.4, {
    unit: 'weight',
    min: 0,
    max: 100,
    meaning: 'weight of the distance from VWAP',
  }),
  SIZING_SCALERS: listKey([], {
    unit: 'list',
    meaning:
      'feature to multiplier: {feature, default, in_min, in_max, mult_min, mult_max, cap_min, cap_max}; product of all',
  }),
  SIZING_MULT_MIN: numberKey(0, { unit: 'factor', min: 0, max: 100, meaning: 'clamp of the product of all scalers' }),
  SIZING_MULT_MAX: optionalNumberKey(null, {
    unit: 'factor',
    min: 0,
    max: 100,
    meaning: 'clamp of the product of all scalers',
  }),
};

export const CAP_KEYS = {
  NOTIONAL_CAP_PCT_OF_EQUITY: numberKey(1, {
    unit: 'fraction',
    min: 0,
    max: 10,
    scale: 'fraction',
    exclusive: 'min',
    meaning: "one position's notional against equity",
  }),
  MAX_LEVERAGE: numberKey(10, {
    unit: 'times',
    min: 0,
    max: 125,
    exclusive: 'min',
    meaning: 'margin leverage, also set on the venue',
  }),
  PORTFOLIO_RISK_CAP_PCT: numberKey(0.1, {
    unit: 'fraction',
    min: 0,
    max: 1,
    exclusive: 'both',
    scale: 'fraction',
    meaning: 'sum of open risk against equity',
  }),
  GROSS_EXPOSURE_CAP_MULT: numberKey(3, {
    unit: 'times',
    min: 0,
    max: 125,
    exclusive: 'min',
    meaning: 'sum of notionals against equity',
  }),
  ON_CAP_BREACH: wordKey(['scale', 'skip'], 'scale', {
    unit: 'word',
    meaning: 'what a cap does with a trade that is too large',
  }),
};

export const GUARD_KEYS = {
  MAX_OPEN: optionalNumberKey(10, {
    unit: 'positions',
    min: 1,
    max: 10_000,
    integer: true,
    meaning: 'positions at the same time',
  }),
  MAX_TRADES_PER_DAY: optionalNumberKey(100, {
    unit: 'entries',
    min: 1,
    integer: true,
    meaning: 'entries per UTC day',
  }),
  SYMBOL_COOLDOWN_HOURS: numberKey(2, {
    unit: 'hours',
    min: 0,
    max: 2_400,
    meaning: 'pause of a symbol after an exit',
    scaledAliases: { SYMBOL_COOLDOWN_MINUTES: 1 / 60 },
  }),
  DEDUP_BUSY_WINDOW_MIN: numberKey(480, {
    unit: 'minutes',
    min: 0,
    max: 144_000,
    meaning: 'one accepted entry per symbol within this time',
    scaledAliases: { DEDUP_WINDOW_HOURS: 60 },
  }),
  MAX_LOSS_STREAK: optionalNumberKey(3, {
    unit: 'trades',
    min: 1,
    max: 1_000,
    integer: true,
    meaning: 'kill switch after that many losing trades in a row (backtests: see GUARDS_IN_BACKTEST)',
  }),
  DD_PAUSE_ENABLED: booleanKey(true, {
    unit: 'switch',
    meaning: 'no entries once equity is DD_MAX_PCT below its peak',
  }),
  DD_MAX_PCT: numberKey(10, {
    unit: 'percent',
    min: 0,
    max: 100,
    exclusive: 'both',
    scale: 'percent',
    meaning: 'drawdown pause (backtests: see GUARDS_IN_BACKTEST)',
  }),
  GUARDS_IN_BACKTEST: booleanKey(false, {
    unit: 'switch',
    actsIn: 'research',
    meaning: 'kill switch and drawdown pause also stop a backtest (nobody is there to re-arm)',
  }),
  MIN_EQUITY_USDT: numberKey(50, {
    unit: 'USD',
    min: 0,
    actsIn: 'live',
    meaning: 'no entries below',
    aliases: ['KILL_EQUITY_LEVEL'],
  }),
  MIN_EQUITY_FRACTION_BEFORE_ABORT: numberKey(0.05, {
    unit: 'fraction',
    min: 0,
    max: 1,
    scale: 'fraction',
    actsIn: 'research',
    meaning: 'a run stops when equity falls below this share of the start',
  }),
  MAX_TRADES_PER_VARIANT: optionalNumberKey(10_000, {
    unit: 'trades',
    min: 1,
    integer: true,
    actsIn: 'research',
    meaning: 'a run stops after that many trades',
  }),
};

export const MODEL_KEYS = {
  META: optionalWordKey(['off', 'required'], {
    unit: 'word',
    meaning: 'win-probability gate; live mode has no default',
    aliases: ['META_REQUIRED'],
    wordAliases: { on: 'required', true: 'required', yes: 'required', false: 'off', no: 'off' },
  }),
  META_PROB_THRESHOLD: optionalNumberKey(null, {
    unit: 'probability',
    min: 0,
    max: 1,
    meaning: "p*; unset = the bundle's",
    nullNote: 'the p* of the bundle holds; earlier files switched the gate off that way: here only META: off does',
    aliases: ['META_PSTAR', 'MIN_WINPROB_TO_TRADE'],
  }),
  WINPROB_ARTIFACT_DIR: textKey(null, {
    unit: 'path',
    meaning: 'model bundle; unset = the deployed one',
    aliases: ['META_EXPORT_DIR', 'WINPROB_MODEL_DIR', 'WINPROB_DIR'],
  }),
  UNIVERSE_MISMATCH: wordKey(['refuse', 'warn'], 'refuse', {
    unit: 'word',
    meaning: 'what a model that was trained on another universe means',
  }),
  META_PRED_PATH: textKey(null, { unit: 'path', actsIn: 'research', meaning: 'predictions for a gated backtest' }),
  META_MERGE_ROUND: textKey('5min', {
    unit: 'duration',
    actsIn: 'research',
    meaning: 'rounding of foreign prediction times',
  }),
  META_MERGE_TOL: textKey('10min', {
    unit: 'duration',
    actsIn: 'research',
    meaning: 'tolerance of foreign prediction times',
  }),
  FORCE_BYPASS_META: booleanKey(false, {
    unit: 'switch',
    actsIn: 'live',
    meaning: 'lets /open pass the model gate, and only that gate',
  }),
};

export const LIVE_KEYS = {
  SCAN_INTERVAL_SEC: numberKey(60, {
    unit: 'seconds',
    min: 1,
    max: 3_600,
    actsIn: 'live',
    meaning: 'how long a missed wake-up may go unnoticed',
  }),
  DEBUG_SIGNAL_DIAG: booleanKey(true, {
    unit: 'switch',
    actsIn: 'live',
    meaning: 'multi-line block for symbols that pass the entry rules',
  }),
  BYBIT_ACCOUNT_TYPE: optionalWordKey(['UNIFIED', 'STANDARD'], {
    unit: 'word',
    actsIn: 'live',
    meaning: 'unified accounts are the supported kind',
  }),
};

export const RUN_KEYS = {
  VENUE: textKey(null, { unit: 'venue', meaning: 'venue of the candles; donch import writes it' }),
  STRATEGY_SPEC_PATH: {
    kind: 'text' as const,
    fallback: 'strategies/donch_pullback_long.yaml',
    nullable: false,
    unit: 'path',
    meaning: 'active strategy file',
  },
  START_DATE: textKey(null, { unit: 'date', actsIn: 'research', meaning: 'first decision, 00:00 UTC, inclusive' }),
  END_DATE: textKey(null, { unit: 'date', actsIn: 'research', meaning: 'end of decisions, exclusive' }),
  HOLDOUT_START: textKey(null, {
    unit: 'date',
    actsIn: 'research',
    meaning: 'no research command looks at data from here on; only donch holdout does, and counts it',
    // it only ends the window, and results are named by their windows
    isResultNeutral: true,
  }),
  N_WORKERS: optionalNumberKey(null, {
    unit: 'threads',
    min: 1,
    max: 256,
    integer: true,
    actsIn: 'research',
    meaning: 'parallelism, unset = all cores; never changes a result',
    isResultNeutral: true,
  }),
  AGGREGATE_BY: namesKey(['symbol', 'pullback_type', 'entry_rule', 'don_break_len', 'regime_up'], {
    unit: 'columns',
    actsIn: 'research',
    meaning: 'groups of trades_aggregated.csv',
  }),
};
