/** An invented run for tests and for the check in a browser: any number of trades, deterministic, names as hostile as wanted. */
import { CandleBuffer, createPrng, DAY_MS, MINUTE_MS, TABLES, tableFromRows, type Row, type Table } from '@donch/core';
import { encodePath, pathWindow, type EncodedPath } from '../paths/trade-path.ts';
import type { ReportInput } from '../report-input.ts';

const START_MS = 19_723 * DAY_MS;
const BASE_MS = 5 * MINUTE_MS;
const EXITS = ['sl', 'tp', 'time', 'trail', 'tp1+trail'];

export interface SampleOptions {
  readonly trades: number;
  readonly days?: number;
  readonly symbols?: readonly string[];
  readonly strategyName?: string;
  readonly withPaths?: boolean;
}

/** A run of so many trades over so many days. Its figures mean nothing; they fit together. */
export function sampleInput(options: SampleOptions): ReportInput {
  const { days = 200, symbols = ['BTCUSDT', 'ETHUSDT', '1000PEPEUSDT'], strategyName = 'Sample' } = options;
  const rows = tradeRows(options.trades, days, symbols);
  return {
    run: {
      id: 'backtest-0123456789abcdef',
      donchVersion: '0.1.0',
      nodeVersion: 'v24.21.0',
      seed: 1,
      specHash: 'a'.repeat(64),
      configHash: 'b'.repeat(64),
      universeHash: null,
      sourceHash: 'c'.repeat(64),
      inputs: { candles: 'd'.repeat(64) },
      isSynthetic: false,
    },
    notes: { interval: '5m', survivorship: 'universe: 3 instruments', participationWarnings: 0, abortReason: '' },
    strategies: [{ strategyId: 'sample', name: strategyName, side: 'long', firstTargetAtrMult: Number.NaN }],
    trades: tableFromRows('trades', TABLES.trades.columns, rows),
    openAtEnd: tableFromRows('trades', TABLES.trades.columns, []),
    equity: equityTable(rows, days),
    decisions: tableFromRows('decisions', TABLES.decisions.columns, rows.flatMap(decisionRows)),
    funnel: tableFromRows('funnel', TABLES.funnel.columns, [funnelRow(options.trades)]),
    paths: rows.map((row, k) => (options.withPaths === true ? samplePath(row, k) : null)),
    pathNote: 'Drawings are samples.',
  };
}

function tradeRows(count: number, days: number, symbols: readonly string[]): Row[] {
  const prng = createPrng(7, 'sample');
  return Array.from({ length: count }, (_, k): Row => {
    const entryMs = START_MS + Math.floor(((k + 0.5) / count) * (days - 3) * 288) * BASE_MS;
    const pnlR = Math.round((prng.next() < 0.3 ? prng.next() * 6 : -1.05 + prng.next() * 0.2) * 1e4) / 1e4;
    const price = 100 + prng.next();
    return {
      trade_id: `t${k}`,
      signal_id: `t${k}`,
      strategy_id: 'sample',
      instrument_id: `sim:${symbols[k % symbols.length]}`,
      side: 'long',
      decision_time: entryMs,
      entry_time: entryMs,
      exit_time: entryMs + (1 + prng.below(800)) * BASE_MS,
      reference_price: price,
      entry_price: price,
      exit_price: price + 2 * pnlR,
      qty: 5,
      atr: 1,
      don_break_level: price - 0.5,
      initial_stop_price: price - 2,
      final_stop_price: price - 2,
      target_price: price + 8,
      exit_reason: EXITS[k % EXITS.length],
      fees_usd: 0.5,
      funding_usd: -0.05,
      funding_assumed: k % 10 === 0,
      slippage_usd: 0.25,
      pnl_usd: pnlR * 10,
      risk_usd: 10,
      pnl_r: pnlR,
      mae_atr: 1,
      mfe_atr: 2,
      equity_at_decision_usd: 1_000,
      base_risk_usd: 10,
      regime_up: k % 2 === 0,
      pullback_type: 'retest',
      entry_rule: 'close_above_break',
    };
  });
}

/** Equity at the close of every hour: the starting capital and the results so far. */
function equityTable(trades: readonly Row[], days: number): Table {
  const exits = trades.map((row) => ({ timeMs: Number(row['exit_time']), usd: Number(row['pnl_usd']) }));
  exits.sort((a, b) => a.timeMs - b.timeMs);
  let [equity, next] = [1_000, 0];
  const rows = Array.from({ length: days * 24 + 1 }, (_, k): Row => {
    const time = START_MS + k * 12 * BASE_MS;
    for (; next < exits.length && exits[next].timeMs <= time; next += 1) equity += exits[next].usd;
    return { time, equity_usd: equity };
  });
  return tableFromRows('equity', TABLES.equity.columns, rows);
}

/** Breakout, touch, entry and acceptance of one trade. */
function decisionRows(trade: Row): Row[] {
  const record = (bars: number, stage: string, event: string, verdict: string): Row => ({
    decision_time: Number(trade['decision_time']) - bars * BASE_MS,
    strategy_id: 'sample',
    instrument_id: trade['instrument_id'],
    stage,
    event,
    signal_id: event === 'entry' || event === 'judged' ? trade['signal_id'] : null,
    verdict,
    gate_index: 0,
  });
  return [
    record(20, 'setup', 'broken', 'state'),
    record(10, 'setup', 'touched', 'state'),
    record(0, 'setup', 'entry', 'signal'),
    record(0, 'engine', 'judged', 'accepted'),
  ];
}

function funnelRow(signals: number): Row {
  return {
    decision_time: START_MS,
    strategy_id: 'sample',
    symbols: 3,
    present: 1_000_000,
    late: 0,
    not_ready: 1_000,
    idle: 990_000,
    broken: 5_000,
    touched: 4_000,
    entries: signals,
    signals,
    failed_by_gate: JSON.stringify({ volume: 7 }),
  };
}

function samplePath(trade: Row, k: number): EncodedPath | null {
  const prng = createPrng(k, 'path');
  const [entryTimeMs, exitTimeMs] = [Number(trade['entry_time']), Number(trade['exit_time'])];
  const breakTimeMs = entryTimeMs - 20 * BASE_MS;
  const times = { breakTimeMs, decisionTimeMs: entryTimeMs, entryTimeMs, exitTimeMs };
  const window = pathWindow(times, { baseMs: BASE_MS, candlesMax: 30 });
  const candles = new CandleBuffer(BASE_MS);
  let open = Number(trade['entry_price']);
  for (let openTimeMs = window.fromMs; openTimeMs < window.toMs; openTimeMs += BASE_MS) {
    const close = open + prng.next() - 0.5;
    const bar = { openTimeMs, open, close, high: Math.max(open, close) + 0.1, low: Math.min(open, close) - 0.1 };
    candles.append({ ...bar, volume: 1, turnover: 1 });
    open = close;
  }
  return encodePath(candles, window);
}
