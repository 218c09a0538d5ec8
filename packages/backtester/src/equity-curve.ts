/** The marked-to-market account as growing columns: one row per bar set, written without an object per row. */
import { invariant, TABLES, type Column, type Table } from '@donch/core';
import { heldExposure, type EngineState, type QuietPass } from '@donch/engine';

const COLUMNS = TABLES.equity.columns;

interface QuietStart {
  readonly timeMs: number;
  readonly intervalMs: number;
  readonly cashUsd: number;
}

export class EquityCurve {
  length = 0;
  readonly #time: Float64Array;
  readonly #cash: Float64Array;
  readonly #unrealised: Float64Array;
  readonly #open: Float64Array;
  readonly #notional: Float64Array;
  readonly #risk: Float64Array;

  /** @param capacity rows at most: known before the run starts. */
  constructor(capacity: number) {
    this.#time = new Float64Array(capacity);
    this.#cash = new Float64Array(capacity);
    this.#unrealised = new Float64Array(capacity);
    this.#open = new Float64Array(capacity);
    this.#notional = new Float64Array(capacity);
    this.#risk = new Float64Array(capacity);
  }

  /** The account after the decisions of an instant: what is held, without entries that have just been decided. */
  record(timeMs: number, state: Readonly<EngineState>): void {
    const row = this.length;
    this.#time[row] = timeMs;
    this.#cash[row] = state.cashUsd;
    this.length = row + 1;
    if (state.trades.length === 0) return;
    const { positions, unrealisedUsd, notionalUsd, riskUsd } = heldExposure(state.trades);
    this.#unrealised[row] = unrealisedUsd;
    this.#open[row] = positions;
    this.#notional[row] = notionalUsd;
    this.#risk[row] = riskUsd;
  }

  /** The same of a quiet stretch that begins at `timeMs`. */
  recordQuiet({ timeMs, intervalMs, cashUsd }: QuietStart, pass: QuietPass): void {
    const { barSets, positions, riskUsd, unrealisedUsd, notionalUsd } = pass;
    const row = this.length;
    this.length = row + barSets;
    for (let k = 0; k < barSets; k += 1) {
      this.#time[row + k] = timeMs + k * intervalMs;
      this.#cash[row + k] = cashUsd;
    }
    if (positions === 0) return;
    // stretches are short: a loop is done before a view has been made
    for (let k = 0; k < barSets; k += 1) {
      this.#unrealised[row + k] = unrealisedUsd[k];
      this.#open[row + k] = positions;
      this.#notional[row + k] = notionalUsd[k];
      this.#risk[row + k] = riskUsd;
    }
  }

  /** Replaces the last row: what was open has been closed at that instant. */
  recordClosed({ cashUsd }: Readonly<EngineState>): void {
    const row = this.length - 1;
    this.#cash[row] = cashUsd;
    for (const column of [this.#unrealised, this.#open, this.#notional, this.#risk]) column[row] = 0;
  }

  toTable(): Table {
    const equity = new Float64Array(this.length);
    for (let row = 0; row < this.length; row += 1) equity[row] = this.#cash[row] + this.#unrealised[row];
    const values = [this.#time, equity, this.#cash, this.#unrealised, this.#open, this.#notional, this.#risk];
    invariant(values.length === COLUMNS.length, 'the equity curve has all columns of its table');
    const columns = new Map<string, Column>();
    COLUMNS.forEach(({ name, type }, k) => {
      columns.set(name, { type: type === 'text' ? 'float' : type, values: values[k].subarray(0, this.length) });
    });
    return { name: 'equity', length: this.length, columns };
  }
}
