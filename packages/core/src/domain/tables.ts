/**
 * Every table the product reads or writes: columns with type, unit and meaning of null, key, order, version.
 * docs/TABLES.md is generated from here; `packages/data` refuses to write a table that does not match.
 */
import { column, nullable, type ColumnSpec, type TableSpec } from './table-spec.ts';
import { LEADERBOARD, LEDGER } from './trial-tables.ts';

const IDS: readonly ColumnSpec[] = [
  column('signal_id', 'text', 'id', 'hash(setupHash, instrument, decision time): the join key of all tables'),
  column('strategy_id', 'text', 'id', "slug of the strategy's name"),
  column('instrument_id', 'text', 'id', 'venue:symbol'),
];

const SIGNALS: TableSpec = {
  name: 'signals',
  schemaVersion: 1,
  meaning: "Entries that passed the strategy's set-up and filters, before any account is known.",
  columns: [
    ...IDS,
    column('side', 'text', 'long | short', 'direction of the trade'),
    column('decision_time', 'time', 'UTC', 'close of the trigger bar = open of the bar in which a market order fills'),
    column('reference_price', 'float', 'quote', 'close of the trigger bar'),
    column('atr', 'float', 'quote', 'ATR_LEN on ATR_TIMEFRAME, last closed bar'),
    column('don_break_level', 'float', 'quote', 'the frozen breakout level'),
    nullable(column('risk_scale', 'float', 'factor', 'user-supplied factor on risk'), 'none given (1)'),
    nullable(column('p', 'float', 'probability', 'calibrated probability of the label'), 'not scored'),
  ],
  followedBy: 'features',
  key: ['signal_id', 'strategy_id'],
  order: ['decision_time', 'instrument_id', 'strategy_id'],
};

const LABELS: TableSpec = {
  name: 'labels',
  schemaVersion: 1,
  meaning:
    'Outcome of every signal simulated alone (same exits and costs; no portfolio). No row when the data end before horizon or exit, or nobody could have entered.',
  columns: [
    ...IDS,
    column('decision_time', 'time', 'UTC', 'as in signals'),
    column('label_end_time', 'time', 'UTC', 'end of the horizon, or of the trade where that is later (purging)'),
    column('pnl_r', 'float', 'R', 'net result against the planned risk'),
    column('exit_time', 'time', 'UTC', 'exit fill'),
    column('exit_reason', 'text', 'word', 'as in trades'),
    column(
      'mfe_k',
      'bool',
      '',
      '+k ATR from the reference price touched before the initial stop and within the horizon; both in one bar = false',
    ),
    column('mfe_k_full', 'bool', '', '+k ATR touched within the horizon, stop ignored (follows volatility)'),
    column('pnl_pos', 'bool', '', 'pnl_r >= threshold'),
    column('hit_tp', 'bool', '', 'final target reached'),
    column(
      'triple_barrier',
      'int',
      '-1, 0, 1',
      'initial stop, end of the horizon, final target first; the stop wins in one bar',
    ),
    nullable(
      column('touch_time', 'time', 'UTC', 'close of the bar of the first touch of +k ATR, stop ignored'),
      'not touched',
    ),
    column('mfe_exit_atr', 'float', 'ATR', 'best excursion from the entry fill until the exit fill, >= 0'),
    column('mae_exit_atr', 'float', 'ATR', 'worst excursion from the entry fill until the exit fill, >= 0'),
    column('mfe_horizon_atr', 'float', 'ATR', 'best excursion from the entry fill over the horizon, >= 0'),
    column('mae_horizon_atr', 'float', 'ATR', 'worst excursion from the entry fill over the horizon, >= 0'),
  ],
  followedBy: 'nothing',
  key: ['signal_id', 'strategy_id'],
  order: ['decision_time', 'instrument_id', 'strategy_id'],
};

const REGIME_LABELS: readonly ColumnSpec[] = [
  nullable(column('regime_up', 'bool', '', 'MACD regime of the gate symbol at the decision'), 'unknown'),
  nullable(column('markov_prob_up_4h', 'float', 'probability', 'filtered probability of the up state'), 'unknown'),
  nullable(column('trend_regime_1d', 'text', 'BULL | BEAR', 'daily trend of the benchmark'), 'unknown'),
  nullable(column('vol_regime_1d', 'text', 'LOW_VOL | HIGH_VOL', 'daily volatility state of the benchmark'), 'unknown'),
  nullable(
    column('vol_prob_low_1d', 'float', 'probability', 'filtered probability of the state with low volatility'),
    'unknown',
  ),
  nullable(column('regime_1d', 'text', 'word', 'trend and volatility joined'), 'unknown'),
];

const TRADES: TableSpec = {
  name: 'trades',
  schemaVersion: 1,
  meaning:
    'Finished trades of one portfolio run. Positions still open at the end of the data are marked and listed with exit_reason end_of_data.',
  columns: [
    column('trade_id', 'text', 'id', 'equals signal_id: one signal makes at most one trade'),
    ...IDS,
    column('side', 'text', 'long | short', 'direction'),
    column('decision_time', 'time', 'UTC', 'when it was decided'),
    column('entry_time', 'time', 'UTC', 'first entry fill'),
    column('exit_time', 'time', 'UTC', 'last exit fill'),
    column('reference_price', 'float', 'quote', 'close at the decision'),
    column('entry_price', 'float', 'quote', 'average entry fill'),
    column('exit_price', 'float', 'quote', 'average exit fill'),
    column('qty', 'float', 'base', 'filled quantity'),
    column('atr', 'float', 'quote', 'ATR at the decision'),
    column('don_break_level', 'float', 'quote', 'the frozen breakout level'),
    column('initial_stop_price', 'float', 'quote', 'stop at the decision'),
    column('final_stop_price', 'float', 'quote', 'stop at the exit'),
    nullable(column('target_price', 'float', 'quote', 'final target'), 'no target'),
    column(
      'exit_reason',
      'text',
      'word',
      'sl, tp, trail, break_even, time, liquidation, delisted, end_of_data, manual, emergency; tp1+ in front',
    ),
    column('fees_usd', 'float', 'USD', 'fees paid, >= 0'),
    column('funding_usd', 'float', 'USD', 'funding, > 0 received'),
    column('funding_assumed', 'bool', '', 'ASSUMED_FUNDING_BPS_8H stood in for missing rates'),
    column('slippage_usd', 'float', 'USD', 'cost against prices without slippage (already inside the fill prices)'),
    column('pnl_usd', 'float', 'USD', 'net of all costs'),
    column('risk_usd', 'float', 'USD', 'qty x abs(reference - initial stop): one R'),
    column('pnl_r', 'float', 'R', 'pnl_usd / risk_usd'),
    column('mae_atr', 'float', 'ATR', 'worst excursion until the exit fill, >= 0'),
    column('mfe_atr', 'float', 'ATR', 'best excursion until the exit fill, >= 0'),
    column('equity_at_decision_usd', 'float', 'USD', 'equity that sizing saw'),
    column('base_risk_usd', 'float', 'USD', 'risk before factors'),
    column('mult_barometer', 'float', 'factor', 'ETH MACD barometer'),
    column('mult_vwap_stack', 'float', 'factor', 'VWAP stack'),
    column('mult_probability', 'float', 'factor', 'win probability'),
    column('mult_scalers', 'float', 'factor', 'product of SIZING_SCALERS'),
    column('mult_regime_down', 'float', 'factor', 'size-down while the regime is down'),
    column('mult_risk_scale', 'float', 'factor', "the signal's own factor"),
    column('mult_capped', 'float', 'factor', 'risk clamp, caps and lot rounding: base risk x all factors = risk_usd'),
    nullable(column('p', 'float', 'probability', 'probability at the decision'), 'not scored'),
    ...REGIME_LABELS,
    nullable(column('rs_percentile', 'float', 'percentile', 'relative strength at the decision'), 'not ranked'),
    column('don_break_len', 'float', 'days or bars', 'length of the breakout channel'),
    column('pullback_type', 'text', 'word', 'retest | mean'),
    column('entry_rule', 'text', 'word', 'close_above_break | rebreak_high'),
  ],
  followedBy: 'nothing',
  key: ['trade_id', 'strategy_id'],
  order: ['entry_time', 'instrument_id', 'strategy_id'],
};

const EQUITY: TableSpec = {
  name: 'equity',
  schemaVersion: 1,
  meaning:
    'Marked-to-market account, one row per bar close; the first row is the initial capital before the first bar.',
  columns: [
    column('time', 'time', 'UTC', 'bar close'),
    column('equity_usd', 'float', 'USD', 'cash + unrealised'),
    column('cash_usd', 'float', 'USD', 'initial capital + booked results, fees and funding'),
    column('unrealised_usd', 'float', 'USD', 'open positions at the last close'),
    column('open_positions', 'int', 'count', 'positions held'),
    column('gross_notional_usd', 'float', 'USD', 'sum of abs(qty x close)'),
    column('open_risk_usd', 'float', 'USD', 'sum of qty x distance to the stop, stops in profit count 0'),
  ],
  followedBy: 'nothing',
  key: ['time'],
  order: ['time'],
};

const DECISIONS: TableSpec = {
  name: 'decisions',
  schemaVersion: 1,
  meaning: 'One row per gate of every decision record: each state change of an entry machine, each judged entry.',
  columns: [
    column('decision_time', 'time', 'UTC', 'close of the bar'),
    column('strategy_id', 'text', 'id', "slug of the strategy's name"),
    column('instrument_id', 'text', 'id', 'venue:symbol'),
    column('stage', 'text', 'setup | engine', "the strategy's part or the account's"),
    column('event', 'text', 'word', 'broken, replaced, touched, entry, expired, invalidated, rearmed, judged'),
    nullable(column('signal_id', 'text', 'id', 'the signal that was judged'), 'no entry at this bar'),
    column('verdict', 'text', 'word', 'state, blocked, signal, accepted, skipped'),
    nullable(column('reason', 'text', 'gate', 'first gate that did not pass'), 'none'),
    column('gate_index', 'int', 'count', 'position of the gate in its decision, from 0'),
    nullable(column('gate', 'text', 'gate', 'what was checked'), 'a state change without a condition'),
    nullable(column('value', 'float', 'as the gate', 'measured value'), 'not ready or not a number'),
    nullable(column('comparison', 'text', 'sign', 'how value is compared, as what is accepted'), 'no comparison'),
    nullable(column('threshold', 'float', 'as the gate', 'bound'), 'no bound'),
    nullable(column('threshold_high', 'float', 'as the gate', 'upper bound of between'), 'no upper bound'),
    nullable(column('result', 'text', 'pass | fail | not_ready', 'outcome of the gate'), 'no gate'),
    nullable(column('detail', 'text', 'words', 'what numbers do not say'), 'nothing to add'),
  ],
  followedBy: 'nothing',
  key: ['decision_time', 'instrument_id', 'strategy_id', 'stage', 'event', 'gate_index'],
  order: ['decision_time', 'instrument_id', 'strategy_id'],
};

const FUNNEL: TableSpec = {
  name: 'funnel',
  schemaVersion: 1,
  meaning: 'How many instruments stood where at each decision time, and which gate stopped those that had come far.',
  columns: [
    column('decision_time', 'time', 'UTC', 'close of the bar set'),
    column('strategy_id', 'text', 'id', "slug of the strategy's name"),
    column('symbols', 'int', 'count', 'members of the universe'),
    column('present', 'int', 'count', 'with a bar in this bar set'),
    column('late', 'int', 'count', 'bar arrived after the deadline'),
    column('not_ready', 'int', 'count', 'present, without enough history for a level'),
    column('idle', 'int', 'count', 'no set-up'),
    column('broken', 'int', 'count', 'broken out, waiting for the pullback'),
    column('touched', 'int', 'count', 'pulled back, waiting for the trigger'),
    column('entries', 'int', 'count', 'entry condition held'),
    column('signals', 'int', 'count', 'entries that passed all filters'),
    nullable(
      column('failed_by_gate', 'text', 'JSON', 'count of stopped breakouts and entries by first failing gate'),
      'none stopped',
    ),
  ],
  followedBy: 'nothing',
  key: ['decision_time', 'strategy_id'],
  order: ['decision_time', 'strategy_id'],
};

const GATE_PROFILE: TableSpec = {
  name: 'gate_profile',
  schemaVersion: 1,
  meaning:
    'How often each gate passed in a run: what live pass rates are compared with. A gate that was not ready did not pass.',
  columns: [
    column('strategy_id', 'text', 'id', "slug of the strategy's name"),
    column('stage', 'text', 'breakout | entry | engine', 'what asked: a bar beyond the level, an entry, the account'),
    column('gate', 'text', 'gate', 'what was checked'),
    column('gate_order', 'int', 'count', 'place in the order of judging, from 0'),
    column('asked', 'int', 'count', 'how often it was asked: passed + failed + not ready'),
    column('passed', 'int', 'count', 'passed'),
    column('failed', 'int', 'count', 'failed (of a breakout: or not ready)'),
    column('not_ready', 'int', 'count', 'a value or bound was missing'),
    column('pass_share', 'float', 'fraction', 'passed / asked'),
    column('weeks', 'int', 'count', 'ISO weeks in which it was asked'),
    column('week_share_mean', 'float', 'fraction', 'mean of the pass shares of those weeks'),
    nullable(column('week_share_sd', 'float', 'fraction', 'sd of them, ddof 1'), 'fewer than two weeks'),
  ],
  followedBy: 'nothing',
  key: ['strategy_id', 'stage', 'gate'],
  order: ['gate_order'],
};

const PREDICTIONS: TableSpec = {
  name: 'predictions',
  schemaVersion: 1,
  meaning: 'Probabilities of a model for signals it was not fitted on.',
  columns: [
    ...IDS,
    column('decision_time', 'time', 'UTC', 'as in signals'),
    nullable(column('split', 'int', 'count', 'validation split'), 'walk-forward'),
    nullable(column('path', 'int', 'count', 'CPCV path'), 'walk-forward'),
    nullable(column('y_true', 'bool', '', 'label'), 'not known'),
    column('p_raw', 'float', 'probability', 'before calibration'),
    column('p', 'float', 'probability', 'calibrated'),
    nullable(
      column('pstar', 'float', 'probability', 'threshold that was known at its time'),
      'none, or not walk-forward',
    ),
  ],
  followedBy: 'nothing',
  key: ['signal_id', 'split', 'path'],
  order: ['decision_time', 'instrument_id', 'split'],
};

const INSTRUMENTS: TableSpec = {
  name: 'instruments',
  schemaVersion: 1,
  meaning: 'Rules and life of instruments; one row per change of rules.',
  columns: [
    column('instrument_id', 'text', 'id', 'venue:symbol'),
    nullable(column('valid_from_time', 'time', 'UTC', 'rules hold from here'), 'since ever'),
    column('tick_size', 'float', 'quote', 'price step'),
    column('qty_step', 'float', 'base', 'quantity step'),
    column('qty_min', 'float', 'base', 'smallest order'),
    column('notional_min_usd', 'float', 'USD', 'smallest order value'),
    nullable(column('market_qty_max', 'float', 'base', 'largest market order'), 'no limit known'),
    nullable(column('leverage_max', 'float', 'times', 'highest leverage'), 'no limit known'),
    nullable(column('listed_time', 'time', 'UTC', 'first trading instant'), 'not known'),
    nullable(column('delisted_time', 'time', 'UTC', 'last trading instant'), 'still listed or not known'),
    column('source', 'text', 'word', 'venue, inferred or default'),
  ],
  followedBy: 'nothing',
  key: ['instrument_id', 'valid_from_time'],
  order: ['instrument_id', 'valid_from_time'],
};

/** Moments exist from two daily returns on, those of shape only where returns differ. */
const FUNDING: TableSpec = {
  name: 'funding',
  schemaVersion: 1,
  meaning: 'Funding settlements of one instrument.',
  columns: [
    column('time', 'time', 'UTC', 'settlement'),
    column('funding_rate', 'float', 'fraction per settlement', 'positive: longs pay shorts'),
  ],
  followedBy: 'nothing',
  key: ['time'],
  order: ['time'],
};

const OPEN_INTEREST: TableSpec = {
  name: 'open_interest',
  schemaVersion: 1,
  meaning: 'Open interest of one instrument.',
  columns: [
    column('time', 'time', 'UTC', 'instant of the value'),
    column('open_interest', 'float', 'base', 'open contracts, counted once'),
  ],
  followedBy: 'nothing',
  key: ['time'],
  order: ['time'],
};

/** All tables by name. */
export const TABLES = {
  signals: SIGNALS,
  labels: LABELS,
  trades: TRADES,
  equity: EQUITY,
  decisions: DECISIONS,
  funnel: FUNNEL,
  gate_profile: GATE_PROFILE,
  predictions: PREDICTIONS,
  instruments: INSTRUMENTS,
  ledger: LEDGER,
  leaderboard: LEADERBOARD,
  funding: FUNDING,
  open_interest: OPEN_INTEREST,
} as const satisfies Readonly<Record<string, TableSpec>>;

export type TableName = keyof typeof TABLES;
