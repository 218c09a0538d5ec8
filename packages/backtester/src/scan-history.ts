/**
 * Scan of one instrument's history: the research half of the parity. Phase one reads its days for the ranks, phase two steps the
 * very scanner that the live bot steps. Instruments are independent of each other between the phases, so they can be scanned in
 * any order and on any thread.
 */
import { DAY_MS, Resampler, DecisionRows, type Candles, type InstrumentId, type Signal, type Table } from '@donch/core';
import {
  dailyHistory,
  SymbolScanner,
  type BarStatus,
  type CompiledStrategy,
  type DailyHistory,
  type PlantedLeak,
  type ReferenceTracks,
  type SymbolEvents,
} from '@donch/strategy';
import { FunnelCounts } from './funnel-counts.ts';
import type { ScanWindow } from './scan-window.ts';

/** Completed days of one instrument. O(bars). */
export function scanDays(candles: Candles): DailyHistory {
  const days = new Resampler(candles.intervalMs, DAY_MS);
  for (let i = 0; i < candles.length; i += 1) days.step(candles, i);
  const { length, ...columns } = dailyHistory(days);
  return {
    length,
    dayMs: columns.dayMs.slice(0, length),
    close: columns.close.slice(0, length),
    availableMs: columns.availableMs.slice(0, length),
    usable: columns.usable.slice(0, length),
  };
}

export interface ScanHistoryOptions {
  readonly strategy: CompiledStrategy;
  readonly instrumentId: InstrumentId;
  readonly candles: Candles;
  readonly tracks: ReferenceTracks;
  /** NaN = not known. */
  readonly listedMs: number;
  readonly events?: SymbolEvents | undefined;
  readonly rsPercentileAt: (decisionTimeMs: number) => number;
  /** True while the instrument belongs to the universe. */
  readonly isMemberAt: (decisionTimeMs: number) => boolean;
  readonly window: ScanWindow;
  /** A planted mistake, for the honesty tests. */
  readonly leak?: PlantedLeak | undefined;
  /** Called after every bar inside the window. */
  readonly onBar?: (scanner: SymbolScanner, row: number) => void;
}

export interface ScanResult {
  readonly signals: readonly Signal[];
  readonly decisions: Table;
  readonly funnel: FunnelCounts;
  /** Base bars stepped. */
  readonly bars: number;
}

/** Steps the scanner through all rows up to the end of the window. */
export function scanHistory(options: ScanHistoryOptions): ScanResult {
  const { candles, window } = options;
  const signals: Signal[] = [];
  const decisions = new DecisionRows();
  const funnel = new FunnelCounts(window, candles.intervalMs);
  const scanner = new SymbolScanner({
    ...options,
    sink: {
      onDecision: (decision) => decisions.append(decision),
      onSignal: (signal) => signals.push(signal),
      onGateFailed: (timeMs, gate) => funnel.countFailed(timeMs, gate),
      onEntry: (timeMs) => funnel.countEntry(timeMs),
    },
  });
  const bars = stepRows(scanner, options, funnel);
  for (const signal of signals) funnel.countSignal(signal.decisionTimeMs);
  return { signals, decisions: decisions.finish(), funnel, bars };
}

function stepRows(
  scanner: SymbolScanner,
  { candles, window, isMemberAt, onBar }: ScanHistoryOptions,
  funnel: FunnelCounts,
): number {
  const { length, openTimeMs, intervalMs } = candles;
  let i = 0;
  for (; i < length; i += 1) {
    const decisionTimeMs = openTimeMs[i] + intervalMs;
    if (decisionTimeMs >= window.endMs) break;
    const status: BarStatus = decisionTimeMs >= window.startMs && isMemberAt(decisionTimeMs) ? 'present' : 'history';
    scanner.step(candles, i, status);
    if (status !== 'present') continue;
    funnel.countBar(decisionTimeMs, scanner.phase, scanner.levelReady);
    onBar?.(scanner, i);
  }
  return i;
}
