/** Counts per decision time, summed over instruments in any order: integers, so the sum does not depend on the order. */
import { funnelRow, invariant, TABLES, TableBuilder, type StrategyId, type Table } from '@donch/core';
import type { SetupPhase } from '@donch/strategy';
import { firstDecisionMs, type ScanWindow } from './scan-window.ts';

/** Plain data of the counts: what travels between threads. */
export interface FunnelData {
  /** First decision time. */
  readonly startMs: number;
  readonly intervalMs: number;
  readonly present: Int32Array;
  readonly notReady: Int32Array;
  readonly broken: Int32Array;
  readonly touched: Int32Array;
  readonly entries: Int32Array;
  readonly signals: Int32Array;
  /** Gate -> position in the arrays -> count. */
  readonly failed: Map<string, Map<number, number>>;
}

export class FunnelCounts {
  readonly data: FunnelData;

  constructor(window: ScanWindow, intervalMs: number) {
    const startMs = firstDecisionMs(window, intervalMs);
    const length = Math.max(0, Math.ceil((window.endMs - startMs) / intervalMs));
    const counts = (): Int32Array => new Int32Array(length);
    this.data = {
      startMs,
      intervalMs,
      present: counts(),
      notReady: counts(),
      broken: counts(),
      touched: counts(),
      entries: counts(),
      signals: counts(),
      failed: new Map(),
    };
  }

  #at(timeMs: number): number {
    return (timeMs - this.data.startMs) / this.data.intervalMs;
  }

  countBar(timeMs: number, phase: SetupPhase, levelReady: boolean): void {
    const at = this.#at(timeMs);
    const { data } = this;
    data.present[at] += 1;
    if (phase === 'broken') data.broken[at] += 1;
    else if (phase === 'touched') data.touched[at] += 1;
    else if (!levelReady) data.notReady[at] += 1;
  }

  countEntry(timeMs: number): void {
    this.data.entries[this.#at(timeMs)] += 1;
  }

  countSignal(timeMs: number): void {
    this.data.signals[this.#at(timeMs)] += 1;
  }

  countFailed(timeMs: number, gate: string): void {
    addTo(this.data.failed, gate, { at: this.#at(timeMs), count: 1 });
  }

  /** Adds the counts of another instrument of the same window. */
  add(other: FunnelData): void {
    const { data } = this;
    invariant(
      data.startMs === other.startMs && data.present.length === other.present.length,
      'funnel counts have the same window',
    );
    for (const name of ['present', 'notReady', 'broken', 'touched', 'entries', 'signals'] as const) {
      const into = data[name];
      const from = other[name];
      for (let k = 0; k < into.length; k += 1) into[k] += from[k];
    }
    for (const [gate, counts] of other.failed) {
      for (const [at, count] of counts) addTo(data.failed, gate, { at, count });
    }
  }

  /** The funnel table; one row per decision time at which any instrument had a bar. */
  toTable(strategyId: StrategyId, symbols: number): Table {
    const { data } = this;
    const failedAt = new Map<number, Record<string, number>>();
    for (const [gate, counts] of data.failed) {
      for (const [at, count] of counts) failedAt.set(at, { ...failedAt.get(at), [gate]: count });
    }
    const builder = new TableBuilder('funnel', TABLES.funnel.columns, data.present.length + 1);
    for (let k = 0; k < data.present.length; k += 1) {
      if (data.present[k] === 0) continue;
      const decisionTimeMs = data.startMs + k * data.intervalMs;
      const waiting = data.notReady[k] + data.broken[k] + data.touched[k];
      builder.append(
        funnelRow({
          decisionTimeMs,
          strategyId,
          symbols,
          present: data.present[k],
          late: 0,
          notReady: data.notReady[k],
          idle: data.present[k] - waiting,
          broken: data.broken[k],
          touched: data.touched[k],
          entries: data.entries[k],
          signals: data.signals[k],
          failedByGate: failedAt.get(k) ?? {},
        }),
      );
    }
    return builder.finish();
  }
}

interface Addend {
  readonly at: number;
  readonly count: number;
}

function addTo(failed: Map<string, Map<number, number>>, gate: string, { at, count }: Addend): void {
  let counts = failed.get(gate);
  if (counts === undefined) {
    counts = new Map();
    failed.set(gate, counts);
  }
  counts.set(at, (counts.get(at) ?? 0) + count);
}
