/**
 * The look-ahead test on a strategy and its data: everything after t is replaced by garbage, everything is computed again, and
 * nothing at or before t may change - no feature, no decision, no signal, no trade, no equity. Exits inside a bar are tested by
 * moving the close of that bar: a stop or target was fixed before the bar and cannot know it.
 */
import {
  cellAt,
  createPrng,
  DAY_MS,
  firstDifference,
  invariant,
  lowerBound,
  numbersOf,
  SECOND_MS,
  takeRows,
  type Candles,
  type Cell,
  type InstrumentId,
  type Table,
  type Trade,
} from '@donch/core';
import type { EngineSettings, StrategyTerms } from '@donch/engine';
import type { BarVenueOptions } from '@donch/sim';
import type { CompiledStrategy } from '@donch/strategy';
import { trailOnSameBar, type LeakName } from './leaks.ts';
import { withCandles, type MarketData } from './market-data.ts';
import { poisonAfter, poisonEventsAfter, withMovedCloses } from './poison.ts';
import { runBacktest, type BacktestResult } from './run-backtest.ts';
import { scanMarket, type MarketScan } from './scan-market.ts';
import type { ScanWindow } from './scan-window.ts';

export interface LookaheadOptions {
  readonly strategy: CompiledStrategy;
  readonly terms: StrategyTerms;
  readonly settings: EngineSettings;
  readonly venue: BarVenueOptions;
  readonly market: MarketData;
  readonly window: ScanWindow;
  /** Number of instants t. */
  readonly cuts: number;
  readonly seed: number;
  /** A mistake planted on purpose; null = the strategy as it is. */
  readonly leak: LeakName | null;
  readonly onProgress?: (doneFrac: number) => void;
}

export type LeakKind = 'feature' | 'decision' | 'signal' | 'trade' | 'equity' | 'exit';

/** Something that knew what it could not know. */
export interface Leak {
  readonly kind: LeakKind;
  /** Feature or column. */
  readonly name: string;
  /** How often it was seen. */
  readonly count: number;
  /** The first case: where, when, and both values. */
  readonly instrumentId: string;
  readonly timeMs: number;
  readonly value: Cell;
  /** Value after the future had been changed. */
  readonly changed: Cell;
  /** Instant after which the data were changed. */
  readonly cutMs: number;
}

export interface LookaheadResult {
  readonly leaks: readonly Leak[];
  readonly features: number;
  readonly cuts: readonly number[];
  readonly comparedFeatureValues: number;
  readonly comparedDecisions: number;
  readonly comparedTrades: number;
  readonly comparedExits: number;
}

/** Bars before a cut whose features are compared: the last ones, and some of the days before (a weekly leak shows there). */
const PROBE_LAST_BARS = 3;
const PROBE_RANDOM_BARS = 24;
const PROBE_DAYS = 8;
/** Share of the window before the first cut: there must be something to compare. */
const CUT_FROM_FRAC = 0.3;

export function lookahead(options: LookaheadOptions): LookaheadResult {
  return new Lookahead(options).run();
}

interface Outcome {
  readonly features: ReadonlyMap<string, Float64Array>;
  readonly scan: MarketScan;
  readonly backtest: BacktestResult;
}

class Lookahead {
  readonly #options: LookaheadOptions;
  readonly #leaks = new Map<string, Leak>();
  readonly #probes = new Map<InstrumentId, Set<number>>();
  #featureValues = 0;
  #decisions = 0;
  #trades = 0;
  #exits = 0;

  constructor(options: LookaheadOptions) {
    this.#options = options;
  }

  run(): LookaheadResult {
    const { cuts, market, strategy, onProgress } = this.#options;
    const instants = this.#cutTimes();
    for (const cutMs of instants) this.#addProbes(cutMs);
    const truth = this.#compute(market);
    instants.forEach((cutMs, k) => {
      this.#compare(truth, this.#compute(this.#poisoned(cutMs)), cutMs);
      onProgress?.((k + 1) / (cuts + 1));
    });
    this.#compareExits(truth);
    onProgress?.(1);
    return {
      leaks: [...this.#leaks.values()],
      features: strategy.features.length,
      cuts: instants,
      comparedFeatureValues: this.#featureValues,
      comparedDecisions: this.#decisions,
      comparedTrades: this.#trades,
      comparedExits: this.#exits,
    };
  }

  /** The market with garbage for everything that cannot be known at the cut, settlements within their delay included. */
  #poisoned(cutMs: number): MarketData {
    const { market, seed, strategy } = this.#options;
    const delayMs = strategy.settings.AVAILABILITY_LAG_SEC * SECOND_MS;
    const prngOf = (what: string, id: InstrumentId) => createPrng(seed, `${what}|${cutMs}|${id}`);
    return {
      ...withCandles(market, (id, candles) => poisonAfter(candles, cutMs, prngOf('poison', id))),
      fundingOf(id) {
        const events = market.fundingOf(id);
        if (events === null) return null;
        const { timeMs, rate } = events;
        return {
          timeMs,
          rate: poisonEventsAfter(timeMs, rate, { timeMs: cutMs - delayMs, prng: prngOf('funding', id) }),
        };
      },
      openInterestOf(id) {
        const events = market.openInterestOf?.(id) ?? null;
        if (events === null) return null;
        const { timeMs, value } = events;
        return { timeMs, value: poisonEventsAfter(timeMs, value, { timeMs: cutMs - delayMs, prng: prngOf('oi', id) }) };
      },
    };
  }

  /** Instants spread over the later part of the window, at odd minutes of the day and the week. */
  #cutTimes(): number[] {
    const { window, cuts, seed, strategy } = this.#options;
    const prng = createPrng(seed, 'cuts');
    const { intervalMs } = strategy.setup;
    const from = window.startMs + CUT_FROM_FRAC * (window.endMs - window.startMs);
    const stepMs = (window.endMs - from) / (cuts + 1);
    return Array.from(
      { length: cuts },
      (_, k) => Math.floor((from + (k + prng.next()) * stepMs) / intervalMs) * intervalMs,
    );
  }

  #addProbes(cutMs: number): void {
    const { market, seed } = this.#options;
    for (const id of market.instruments) {
      const candles = market.candlesOf(id);
      const prng = createPrng(seed, `probes|${cutMs}|${id}`);
      const end = lowerBound(candles, cutMs - candles.intervalMs + 1);
      const begin = lowerBound(candles, cutMs - PROBE_DAYS * DAY_MS);
      const probes = this.#probes.get(id) ?? new Set<number>();
      for (let row = Math.max(0, end - PROBE_LAST_BARS); row < end; row += 1) probes.add(row);
      const random = end > begin ? PROBE_RANDOM_BARS : 0;
      for (let k = 0; k < random; k += 1) probes.add(begin + prng.below(end - begin));
      this.#probes.set(id, probes);
    }
  }

  #compute(market: MarketData): Outcome {
    const { strategy, window, leak } = this.#options;
    const features = new Map<string, Float64Array>();
    const scan = scanMarket({
      strategy,
      market,
      window,
      leak,
      onBar: (id, scanner, candles, row) => {
        if (this.#probes.get(id)?.has(row) === true)
          features.set(`${id}|${candles.openTimeMs[row] + candles.intervalMs}`, scanner.featuresNow());
      },
    });
    return { features, scan, backtest: this.#backtest(scan, market) };
  }

  #backtest({ signals }: MarketScan, market: MarketData): BacktestResult {
    const { terms, settings, venue, window, strategy, leak } = this.#options;
    return runBacktest({
      signals,
      strategies: [terms],
      settings,
      venue,
      candlesOf: (id) => market.candlesOf(id),
      intervalMs: strategy.setup.intervalMs,
      window,
      ...(leak === 'same_bar_trail' ? { beforeBars: trailOnSameBar } : {}),
    });
  }

  #compare(truth: Outcome, changed: Outcome, cutMs: number): void {
    this.#compareFeatures(truth, changed, cutMs);
    truth.scan.decisions.forEach((table, k) =>
      this.#compareTables(
        'decision',
        untilTime(table, 'decision_time', cutMs),
        untilTime(changed.scan.decisions[k], 'decision_time', cutMs),
        cutMs,
      ),
    );
    this.#compareTables(
      'decision',
      untilTime(truth.backtest.decisions, 'decision_time', cutMs),
      untilTime(changed.backtest.decisions, 'decision_time', cutMs),
      cutMs,
    );
    this.#compareSignals(truth, changed, cutMs);
    this.#compareTrades(truth, changed, cutMs);
    this.#compareTables(
      'equity',
      untilTime(truth.backtest.equity, 'time', cutMs),
      untilTime(changed.backtest.equity, 'time', cutMs),
      cutMs,
    );
  }

  #compareFeatures(truth: Outcome, changed: Outcome, cutMs: number): void {
    const { features } = this.#options.strategy;
    for (const [key, values] of truth.features) {
      const at = key.lastIndexOf('|');
      const timeMs = Number(key.slice(at + 1));
      if (timeMs > cutMs) continue;
      const others = changed.features.get(key);
      invariant(others !== undefined, 'the same bars are probed in both computations');
      features.forEach((def, k) => {
        this.#featureValues += 1;
        if (!Object.is(values[k], others[k])) {
          this.#found({
            kind: 'feature',
            name: def.name,
            instrumentId: key.slice(0, at),
            timeMs,
            value: values[k],
            changed: others[k],
            cutMs,
          });
        }
      });
    }
  }

  #compareTables(kind: 'decision' | 'equity', left: Table, right: Table, cutMs: number): void {
    if (kind === 'decision') this.#decisions += left.length;
    const difference = firstDifference(left, right);
    if (difference === null) return;
    const at = Math.max(0, Math.min(difference.row, left.length - 1));
    const cell = (name: string): Cell => {
      const column = left.columns.get(name);
      return column === undefined || left.length === 0 ? null : cellAt(column, at);
    };
    const timeMs = Number(cell(kind === 'decision' ? 'decision_time' : 'time') ?? cutMs);
    const gate = cell('gate');
    const name = gate === null ? difference.column : `${String(gate)}.${difference.column}`;
    this.#found({
      kind,
      name,
      instrumentId: String(cell('instrument_id') ?? ''),
      timeMs,
      value: difference.left,
      changed: difference.right,
      cutMs,
    });
  }

  #compareSignals(truth: Outcome, changed: Outcome, cutMs: number): void {
    const idsOf = ({ scan }: Outcome): Map<string, Outcome['scan']['signals'][number]> =>
      new Map(
        scan.signals.filter(({ decisionTimeMs }) => decisionTimeMs <= cutMs).map((signal) => [signal.signalId, signal]),
      );
    const before = idsOf(truth);
    const after = idsOf(changed);
    for (const [ids, others, exists] of [
      [before, after, true],
      [after, before, false],
    ] as const) {
      for (const [id, { instrumentId, decisionTimeMs }] of ids) {
        if (!others.has(id))
          this.#found({
            kind: 'signal',
            name: 'existence',
            instrumentId,
            timeMs: decisionTimeMs,
            value: exists,
            changed: !exists,
            cutMs,
          });
      }
    }
  }

  /** Trades that were over before the cut. (A market order of the cut itself fills at an open that has been changed.) */
  #compareTrades(truth: Outcome, changed: Outcome, cutMs: number): void {
    const after = new Map(changed.backtest.trades.map((trade) => [trade.tradeId, trade]));
    for (const trade of truth.backtest.trades) {
      if (trade.exitTimeMs >= cutMs) continue;
      this.#trades += 1;
      this.#compareTrade(trade, after.get(trade.tradeId), cutMs);
    }
  }

  #compareTrade(trade: Trade, other: Trade | undefined, cutMs: number): void {
    const { instrumentId, exitTimeMs } = trade;
    const place = { kind: 'trade', instrumentId, timeMs: exitTimeMs, cutMs } as const;
    if (other === undefined) return this.#found({ ...place, name: 'existence', value: true, changed: false });
    for (const name of ['entryPrice', 'exitPrice', 'exitReason', 'qty', 'pnlUsd'] as const) {
      if (!Object.is(trade[name], other[name]))
        this.#found({ ...place, name, value: trade[name], changed: other[name] });
    }
    return undefined;
  }

  /** Moves the close of every bar inside which a trade ended: price, time and reason of the exit must not follow it. */
  #compareExits(truth: Outcome): void {
    const { market } = this.#options;
    const rows = new Map<InstrumentId, number[]>();
    const inside = truth.backtest.trades.filter((trade) => {
      const row = exitRow(trade, market.candlesOf(trade.instrumentId));
      if (row < 0) return false;
      rows.set(trade.instrumentId, [...(rows.get(trade.instrumentId) ?? []), row]);
      return true;
    });
    const moved = withCandles(market, (id, candles) => withMovedCloses(candles, rows.get(id) ?? []));
    const after = new Map(this.#backtest(truth.scan, moved).trades.map((trade) => [trade.tradeId, trade]));
    for (const trade of inside) {
      this.#exits += 1;
      const other = after.get(trade.tradeId);
      const place = {
        kind: 'exit',
        instrumentId: trade.instrumentId,
        timeMs: trade.exitTimeMs,
        cutMs: trade.exitTimeMs,
      } as const;
      for (const name of ['exitPrice', 'exitReason', 'exitTimeMs'] as const) {
        if (!Object.is(trade[name], other?.[name]))
          this.#found({ ...place, name, value: trade[name], changed: other?.[name] ?? null });
      }
    }
  }

  #found(leak: Omit<Leak, 'count'>): void {
    const key = `${leak.kind}|${leak.name}`;
    const known = this.#leaks.get(key);
    this.#leaks.set(key, known === undefined ? { ...leak, count: 1 } : { ...known, count: known.count + 1 });
  }
}

/** Row of the bar inside which a trade ended, -1 for one that ended at an open (time exit) or with the data. */
function exitRow({ exitReason, exitTimeMs }: Trade, candles: Candles): number {
  if (!/(sl|tp|trail|break_even)$/.test(exitReason)) return -1;
  const row = lowerBound(candles, exitTimeMs - candles.intervalMs);
  return row < candles.length && candles.openTimeMs[row] === exitTimeMs - candles.intervalMs ? row : -1;
}

/** Rows with a time at or before the cut. */
function untilTime(table: Table, column: string, cutMs: number): Table {
  const times = numbersOf(table, column);
  return takeRows(
    table,
    Array.from({ length: table.length }, (_, row) => row).filter((row) => times[row] <= cutMs),
  );
}
