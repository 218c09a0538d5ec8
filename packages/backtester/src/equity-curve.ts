/** The marked-to-market account as growing columns: one row per bar set, written without an object per row. */
import { TABLES, type Column, type Table } from '@donch/core';
import { grossNotionalUsd, openRiskUsd, unrealisedUsd, type EngineState } from '@donch/engine';

const COLUMNS = TABLES.equity.columns;

export class EquityCurve {
  length = 0;
  readonly #columns: Float64Array[];

  /** @param capacity rows at most: known before the run starts. */
  constructor(capacity: number) {
    this.#columns = COLUMNS.map(() => new Float64Array(capacity));
  }

  /** The account after the decisions of an instant. */
  record(timeMs: number, state: Readonly<EngineState>): void {
    const [time, equity, cash, unrealised, open, notional, risk] = this.#columns;
    const row = this.length;
    const flat = state.trades.length === 0;
    time[row] = timeMs;
    equity[row] = state.equityUsd;
    cash[row] = state.cashUsd;
    unrealised[row] = flat ? 0 : unrealisedUsd(state);
    open[row] = flat ? 0 : state.trades.length;
    notional[row] = flat ? 0 : grossNotionalUsd(state.trades);
    risk[row] = flat ? 0 : openRiskUsd(state.trades);
    this.length = row + 1;
  }

  toTable(): Table {
    const columns = new Map<string, Column>();
    COLUMNS.forEach(({ name, type }, k) => {
      columns.set(name, { type: type === 'text' ? 'float' : type, values: this.#columns[k].subarray(0, this.length) });
    });
    return { name: 'equity', length: this.length, columns };
  }
}
