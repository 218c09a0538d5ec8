/**
 * Labels: the outcome of every signal simulated alone, with the exits, costs and code of the backtest. No gate, cap, factor or
 * other trade stands in its way, and one unit of risk is traded in lots too fine to matter: what a model learns from must not depend
 * on the account that happened to run.
 */
import {
  directionOf,
  HOUR_MS,
  invariant,
  lowerBound,
  TABLES,
  TableBuilder,
  type Candles,
  type Command,
  type OrderIntent,
  type Row,
  type Signal,
  type Table,
  type Trade,
} from '@donch/core';
import type { EngineSettings, StrategyTerms } from '@donch/engine';
import type { BarVenueOptions } from '@donch/sim';
import type { CandlesOf } from './bar-feed.ts';
import { excursions, firstTouch, type RowRange } from './barriers.ts';
import { MarketLoop } from './market-loop.ts';
import { checkOnGrid } from './scan-window.ts';
import { standaloneRules, standaloneSettings, standaloneTerms } from './standalone.ts';

export interface LabelOptions {
  readonly signals: readonly Signal[];
  readonly strategies: readonly StrategyTerms[];
  /** Of the account: what an entry risks and where protection is anchored; its gates, caps and factors are left out. */
  readonly settings: EngineSettings;
  readonly venue: BarVenueOptions;
  /** Called once per instrument, one instrument after the other. */
  readonly candlesOf: CandlesOf;
  readonly intervalMs: number;
  /** Close of the newest bar of the whole store. */
  readonly dataEndMs: number;
  /** ATR multiple of `mfe_k` (default 2). */
  readonly mfeK?: number;
  /** Length of the label; default: the time exit of the strategy, else 72 h. */
  readonly horizonHours?: number;
  /** Least result of `pnl_pos`, R (default 0). */
  readonly rThreshold?: number;
  readonly onProgress?: (doneFrac: number) => void;
}

export interface LabelResult {
  /** TABLES.labels */
  readonly labels: Table;
  /** Signals without a row because the data end before their horizon or their exit. */
  readonly cutSignals: number;
  /** Signals without a row because nobody could have entered: no next bar, stop or target out of place, refused at the open. */
  readonly untradedSignals: number;
}

/** ATR multiple of `mfe_k` unless another is asked for. */
export const LABEL_MFE_K = 2;
/** Horizon of a strategy without time exit. */
export const LABEL_HORIZON_HOURS = 72;
const PROGRESS_EVERY = 256;

/**
 * One row per signal; a signal whose horizon is cut by the end of the data has none. Throws `signal_off_grid` for a decision time
 * that is no bar close.
 */
export function labelSignals(options: LabelOptions): LabelResult {
  const { signals, candlesOf, onProgress } = options;
  const labeller = new Labeller(options);
  const rows: Row[] = [];
  let cutSignals = 0;
  let untradedSignals = 0;
  let candles: Candles | null = null;
  const byInstrument = [...signals].sort((a, b) => compare(a.instrumentId, b.instrumentId));
  byInstrument.forEach((signal, k) => {
    if (k === 0 || byInstrument[k - 1].instrumentId !== signal.instrumentId) candles = candlesOf(signal.instrumentId);
    invariant(candles !== null, 'a signal has the bars of its instrument');
    const row = labeller.label(signal, candles);
    if (row === 'cut') cutSignals += 1;
    else if (row === 'untraded') untradedSignals += 1;
    else rows.push(row);
    if (k % PROGRESS_EVERY === 0) onProgress?.(k / byInstrument.length);
  });
  rows.sort(
    (a, b) =>
      Number(a['decision_time']) - Number(b['decision_time']) ||
      compare(String(a['instrument_id']), String(b['instrument_id'])) ||
      compare(String(a['strategy_id']), String(b['strategy_id'])),
  );
  const builder = new TableBuilder('labels', TABLES.labels.columns, rows.length + 1);
  for (const row of rows) builder.append(row);
  onProgress?.(1);
  return { labels: builder.finish(), cutSignals, untradedSignals };
}

const compare = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

/** A signal traded alone: the entry as it was decided, and what became of it. */
interface Outcome {
  readonly entry: OrderIntent;
  readonly trade: Trade;
}

class Labeller {
  readonly #options: LabelOptions;
  readonly #settings: EngineSettings;
  readonly #terms: ReadonlyMap<string, StrategyTerms>;

  constructor(options: LabelOptions) {
    this.#options = options;
    this.#settings = standaloneSettings(options.settings);
    this.#terms = new Map(options.strategies.map((terms) => [terms.strategyId, standaloneTerms(terms)]));
  }

  label(signal: Signal, candles: Candles): Row | 'cut' | 'untraded' {
    const { intervalMs, dataEndMs } = this.#options;
    checkOnGrid(signal, intervalMs);
    const terms = this.#terms.get(signal.strategyId);
    invariant(terms !== undefined, `strategy ${signal.strategyId} has its terms`);
    const horizonMs = (this.#options.horizonHours ?? terms.exits.timeExitHours ?? LABEL_HORIZON_HOURS) * HOUR_MS;
    // a time exit is decided at the first close that reaches the age
    const horizonEndMs = signal.decisionTimeMs + Math.ceil(horizonMs / intervalMs) * intervalMs;
    if (!(horizonEndMs <= dataEndMs)) return 'cut';
    const outcome = this.#simulate(signal, terms, candles);
    if (outcome === 'cut' || outcome === 'untraded') return outcome;
    const range = {
      firstRow: lowerBound(candles, signal.decisionTimeMs),
      endRow: lowerBound(candles, horizonEndMs - intervalMs + 1),
    };
    return this.#row(signal, outcome, { candles, range, horizonEndMs });
  }

  /** The trade of one signal, with nothing else in the world. */
  #simulate(signal: Signal, terms: StrategyTerms, candles: Candles): Outcome | 'cut' | 'untraded' {
    const { venue, intervalMs, dataEndMs } = this.#options;
    let entry: OrderIntent | null = null;
    let trade: Trade | null = null;
    const loop = new MarketLoop({
      signals: [{ ...signal, riskScale: 1 }],
      strategies: [terms],
      settings: this.#settings,
      venue: { ...venue, rulesAt: standaloneRules(signal, this.#settings, venue.rulesAt) },
      candlesOf: () => candles,
      intervalMs,
      endMs: dataEndMs + 1,
      onCommand(command: Command) {
        if (command.kind === 'submit' && command.order.leg === 'entry') entry = command.order;
        else if (command.kind === 'trade_closed') trade = command.trade;
      },
    });
    let timeMs = signal.decisionTimeMs;
    do {
      const quiet = loop.advance(timeMs, dataEndMs + 1);
      timeMs += (quiet?.barSets ?? 1) * intervalMs;
    } while (loop.state.trades.length > 0 && timeMs <= dataEndMs);
    if (loop.state.trades.length > 0) return 'cut';
    return entry === null || trade === null ? 'untraded' : { entry, trade };
  }

  #row(signal: Signal, { entry, trade }: Outcome, window: LabelWindow): Row {
    const { mfeK = LABEL_MFE_K, rThreshold = 0 } = this.#options;
    const { candles, range } = window;
    const { side, atr, referencePrice } = signal;
    const direction = directionOf(side);
    const { protection } = entry;
    invariant(protection !== null, 'an entry carries its stop');
    const { stopPrice, targetPrice } = protection;
    const priceK = referencePrice + direction * mfeK * atr;
    const touch = firstTouch(candles, range, { side, targetPrice: priceK, stopPrice: null });
    const beforeStop = firstTouch(candles, range, { side, targetPrice: priceK, stopPrice });
    const barrier = firstTouch(candles, range, { side, targetPrice, stopPrice });
    const { bestPrice, worstPrice } = excursions(candles, range, side);
    const isTouched = touch.kind === 'target';
    return {
      signal_id: signal.signalId,
      strategy_id: signal.strategyId,
      instrument_id: signal.instrumentId,
      decision_time: signal.decisionTimeMs,
      label_end_time: Math.max(trade.exitTimeMs, window.horizonEndMs),
      pnl_r: trade.pnlR,
      exit_time: trade.exitTimeMs,
      exit_reason: trade.exitReason,
      // an open beyond +k ATR does not excuse a bar that has the stop as well
      mfe_k: beforeStop.kind === 'target' && !reachesStop(candles, beforeStop.row, { stopPrice, direction }),
      mfe_k_full: isTouched,
      pnl_pos: trade.pnlR >= rThreshold,
      hit_tp: trade.exitReason.endsWith('tp'),
      triple_barrier: barrier.kind === 'target' ? 1 : barrier.kind === 'stop' ? -1 : 0,
      touch_time: isTouched ? candles.openTimeMs[touch.row] + candles.intervalMs : null,
      mfe_exit_atr: trade.mfeAtr,
      mae_exit_atr: trade.maeAtr,
      mfe_horizon_atr: Math.max(0, (direction * (bestPrice - trade.entryPrice)) / atr),
      mae_horizon_atr: Math.max(0, (direction * (trade.entryPrice - worstPrice)) / atr),
    };
  }
}

interface LabelWindow {
  readonly candles: Candles;
  /** Bars that close within the horizon. */
  readonly range: RowRange;
  readonly horizonEndMs: number;
}

function reachesStop(
  candles: Candles,
  row: number,
  { stopPrice, direction }: { readonly stopPrice: number; readonly direction: 1 | -1 },
): boolean {
  const worst = direction > 0 ? candles.low[row] : candles.high[row];
  return direction * (worst - stopPrice) <= 0;
}
