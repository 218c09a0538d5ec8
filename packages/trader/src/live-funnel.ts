/** Counts of one strategy at one decision time, as in the funnel table. */
import type { FunnelRow, StrategyId } from '@donch/core';
import type { BarStatus, SymbolScanner } from '@donch/strategy';

export class LiveFunnel {
  readonly #strategyId: StrategyId;
  readonly #symbols: number;
  #counts = noCounts(0);
  #failedByGate: Record<string, number> = {};

  constructor(strategyId: StrategyId, symbols: number) {
    this.#strategyId = strategyId;
    this.#symbols = symbols;
  }

  begin(timeMs: number): void {
    this.#counts = noCounts(timeMs);
    this.#failedByGate = {};
  }

  /** `late`: a bar of an earlier instant that arrived for this one. */
  countBar({ phase, levelReady }: SymbolScanner, status: BarStatus): void {
    const counts = this.#counts;
    if (status === 'late') {
      counts.late += 1;
      return;
    }
    counts.present += 1;
    if (phase === 'broken') counts.broken += 1;
    else if (phase === 'touched') counts.touched += 1;
    else if (levelReady) counts.idle += 1;
    else counts.notReady += 1;
  }

  countEntry(): void {
    this.#counts.entries += 1;
  }

  countFailed(gate: string): void {
    this.#failedByGate[gate] = (this.#failedByGate[gate] ?? 0) + 1;
  }

  row(signals: number): FunnelRow {
    return {
      ...this.#counts,
      strategyId: this.#strategyId,
      symbols: this.#symbols,
      signals,
      failedByGate: this.#failedByGate,
    };
  }
}

function noCounts(decisionTimeMs: number): {
  readonly decisionTimeMs: number;
  present: number;
  late: number;
  notReady: number;
  idle: number;
  broken: number;
  touched: number;
  entries: number;
} {
  return { decisionTimeMs, present: 0, late: 0, notReady: 0, idle: 0, broken: 0, touched: 0, entries: 0 };
}
