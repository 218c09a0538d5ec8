/** Domain values as rows of their tables. One place, so that files of research and live have the same columns. */
import { DonchError } from '../errors.ts';
import { symbolOf } from '../ids.ts';
import { cellAt, columnOf, numbersOf, type Row, type Table } from '../table.ts';
import type { Trade } from './order.ts';
import type { FeatureValue, FunnelRow, Signal } from './signal.ts';
import { TABLES } from './tables.ts';

const finite = (value: number): number | null => (Number.isNaN(value) ? null : value);
const word = (value: string): string | null => (value === '' ? null : value);

/** One row of the signals table; feature columns carry the registry's names. */
export function signalRow(signal: Signal): Row {
  const features = Object.entries(signal.features).map(([name, value]) => [name, featureCell(value)] as const);
  return {
    signal_id: signal.signalId,
    strategy_id: signal.strategyId,
    instrument_id: signal.instrumentId,
    side: signal.side,
    decision_time: signal.decisionTimeMs,
    reference_price: signal.referencePrice,
    atr: signal.atr,
    don_break_level: signal.levelPrice,
    risk_scale: signal.riskScale === 1 ? null : signal.riskScale,
    p: finite(signal.p),
    ...Object.fromEntries(features),
  };
}

function featureCell(value: FeatureValue): number | string | null {
  return typeof value === 'string' ? word(value) : finite(value);
}

/** One row of the funnel table. */
export function funnelRow(row: FunnelRow): Row {
  const failed = Object.entries(row.failedByGate).filter(([, count]) => count > 0);
  failed.sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    decision_time: row.decisionTimeMs,
    strategy_id: row.strategyId,
    symbols: row.symbols,
    present: row.present,
    late: row.late,
    not_ready: row.notReady,
    idle: row.idle,
    broken: row.broken,
    touched: row.touched,
    entries: row.entries,
    signals: row.signals,
    failed_by_gate: failed.length === 0 ? null : JSON.stringify(Object.fromEntries(failed)),
  };
}

/** One row of the trades table. */
export function tradeRow(trade: Trade): Row {
  const feature = (name: string): number | string | null => {
    const value = trade.features[name];
    return value === undefined ? null : featureCell(value);
  };
  const { sizing } = trade;
  return {
    trade_id: trade.tradeId,
    signal_id: trade.tradeId,
    strategy_id: trade.strategyId,
    instrument_id: trade.instrumentId,
    side: trade.side,
    decision_time: trade.decisionTimeMs,
    entry_time: trade.entryTimeMs,
    exit_time: trade.exitTimeMs,
    reference_price: trade.referencePrice,
    entry_price: trade.entryPrice,
    exit_price: trade.exitPrice,
    qty: trade.qty,
    atr: trade.atr,
    don_break_level: trade.levelPrice,
    initial_stop_price: trade.initialStopPrice,
    final_stop_price: trade.finalStopPrice,
    target_price: trade.targetPrice,
    exit_reason: trade.exitReason,
    fees_usd: trade.feesUsd,
    funding_usd: trade.fundingUsd,
    funding_assumed: trade.fundingAssumed,
    slippage_usd: trade.slippageUsd,
    pnl_usd: trade.pnlUsd,
    risk_usd: trade.riskUsd,
    pnl_r: trade.pnlR,
    mae_atr: trade.maeAtr,
    mfe_atr: trade.mfeAtr,
    equity_at_decision_usd: trade.equityAtDecisionUsd,
    base_risk_usd: sizing.baseRiskUsd,
    mult_barometer: sizing.barometer,
    mult_vwap_stack: sizing.vwapStack,
    mult_probability: sizing.probability,
    mult_scalers: sizing.scalers,
    mult_regime_down: sizing.regimeDown,
    mult_risk_scale: sizing.riskScale,
    mult_capped: sizing.capped,
    p: finite(trade.p),
    regime_up: feature('regime_up'),
    markov_prob_up_4h: feature('markov_prob_up_4h'),
    trend_regime_1d: feature('trend_regime_1d'),
    vol_regime_1d: feature('vol_regime_1d'),
    vol_prob_low_1d: feature('vol_prob_low_1d'),
    regime_1d: feature('regime_1d'),
    rs_percentile: feature('rs_percentile'),
    don_break_len: feature('don_break_len'),
    pullback_type: feature('pullback_type'),
    entry_rule: feature('entry_rule'),
  };
}

/**
 * The signals of a signals table: what `backtest --signals` reads. Columns that are no base column are features. Throws
 * `bad_signals` for a row without an identity, `no_column` for a missing column.
 */
export function signalsFromTable(table: Table): Signal[] {
  const base = new Set(TABLES.signals.columns.map(({ name }) => name));
  const featureColumns = [...table.columns].filter(([name]) => !base.has(name));
  const text = (name: string, row: number): string => {
    const cell = cellAt(columnOf(table, name), row);
    if (typeof cell === 'string') return cell;
    throw new DonchError('bad_signals', `${name} of row ${row} is ${String(cell)}`, { expected: 'text in every row' });
  };
  const number = (name: string, row: number): number => numbersOf(table, name)[row];
  return Array.from({ length: table.length }, (_, row) => {
    const riskScale = number('risk_scale', row);
    return {
      signalId: text('signal_id', row) as Signal['signalId'],
      strategyId: text('strategy_id', row) as Signal['strategyId'],
      instrumentId: text('instrument_id', row) as Signal['instrumentId'],
      side: text('side', row) as Signal['side'],
      decisionTimeMs: number('decision_time', row),
      referencePrice: number('reference_price', row),
      atr: number('atr', row),
      levelPrice: number('don_break_level', row),
      features: Object.fromEntries(
        featureColumns.map(([name, column]) => [
          name,
          column.type === 'text' ? (column.values[row] ?? '') : column.values[row],
        ]),
      ),
      p: number('p', row),
      riskScale: Number.isNaN(riskScale) ? 1 : riskScale,
    };
  });
}

/** The symbol of a signal or trade row, for people and old notebooks. */
export function symbolColumn(instrumentIds: readonly (string | null)[]): string[] {
  return instrumentIds.map((id) => (id === null ? '' : symbolOf(id as Signal['instrumentId'])));
}
