/** Signals that the scanners found before, served in order of time: the entry source of a backtest. */
import { type BarSet, type Signal } from '@donch/core';
import type { EntrySource } from './trader.ts';

const NONE: readonly Signal[] = [];

export class ScannedEntries implements EntrySource {
  readonly #signals: readonly Signal[];
  #next = 0;

  /** `signals` in any order; those before the first bar set asked for are skipped. */
  constructor(signals: readonly Signal[]) {
    this.#signals = [...signals].sort(
      (a, b) => a.decisionTimeMs - b.decisionTimeMs || (a.signalId < b.signalId ? -1 : 1),
    );
  }

  signalsAt({ closeTimeMs }: BarSet): readonly Signal[] {
    const signals = this.#signals;
    while (this.#next < signals.length && signals[this.#next].decisionTimeMs < closeTimeMs) this.#next += 1;
    const first = this.#next;
    while (this.#next < signals.length && signals[this.#next].decisionTimeMs === closeTimeMs) this.#next += 1;
    return this.#next === first ? NONE : signals.slice(first, this.#next);
  }

  /** Decision time of the next signal, Infinity after the last. */
  get nextTimeMs(): number {
    return this.#next < this.#signals.length ? this.#signals[this.#next].decisionTimeMs : Infinity;
  }
}
