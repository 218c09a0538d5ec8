/** The decisions table as it grows: a scan or a backtest writes millions of rows, so each column is written by itself. */
import { invariant } from '../invariant.ts';
import type { Column, NumericColumnType, Table } from '../table.ts';
import type { Decision, GateCheck } from './signal.ts';
import { TABLES } from './tables.ts';

type Texts = (string | null)[];

const CAPACITY = 256;

const word = (value: string): string | null => (value === '' ? null : value);

/** Appends decision records; `finish` gives TABLES.decisions. */
export class DecisionRows {
  length = 0;
  #capacity = CAPACITY;
  #decisionTime = new Float64Array(CAPACITY);
  readonly #strategyId: Texts = [];
  readonly #instrumentId: Texts = [];
  readonly #stage: Texts = [];
  readonly #event: Texts = [];
  readonly #signalId: Texts = [];
  readonly #verdict: Texts = [];
  readonly #reason: Texts = [];
  #gateIndex = new Float64Array(CAPACITY);
  readonly #gate: Texts = [];
  #value = new Float64Array(CAPACITY);
  readonly #comparison: Texts = [];
  #threshold = new Float64Array(CAPACITY);
  #thresholdHigh = new Float64Array(CAPACITY);
  readonly #result: Texts = [];
  readonly #detail: Texts = [];

  /** One row per gate; a state change without gates is one row. */
  append(decision: Decision): void {
    const { gates } = decision;
    const rows = Math.max(1, gates.length);
    while (this.length + rows > this.#capacity) this.#grow();
    this.#appendCommon(decision, rows);
    if (gates.length === 0) this.#appendNoGate();
    else for (let index = 0; index < rows; index += 1) this.#appendGate(gates[index], index);
    this.length += rows;
  }

  /** What is the same in all rows of a decision. */
  #appendCommon(decision: Decision, rows: number): void {
    const { decisionTimeMs, strategyId, instrumentId, stage, event, signalId, verdict } = decision;
    const reason = word(decision.reason);
    this.#decisionTime.fill(decisionTimeMs, this.length, this.length + rows);
    for (let k = 0; k < rows; k += 1) {
      this.#strategyId.push(strategyId);
      this.#instrumentId.push(instrumentId);
      this.#stage.push(stage);
      this.#event.push(event);
      this.#signalId.push(signalId);
      this.#verdict.push(verdict);
      this.#reason.push(reason);
    }
  }

  #appendGate({ gate, value, comparison, threshold, thresholdHigh, result, detail }: GateCheck, index: number): void {
    const row = this.length + index;
    this.#gateIndex[row] = index;
    this.#gate.push(gate);
    this.#value[row] = value;
    this.#comparison.push(comparison);
    this.#threshold[row] = threshold;
    this.#thresholdHigh[row] = thresholdHigh;
    this.#result.push(result);
    this.#detail.push(word(detail));
  }

  #appendNoGate(): void {
    const row = this.length;
    this.#gateIndex[row] = 0;
    for (const values of [this.#value, this.#threshold, this.#thresholdHigh]) values[row] = Number.NaN;
    for (const texts of [this.#gate, this.#comparison, this.#result, this.#detail]) texts.push(null);
  }

  #grow(): void {
    this.#capacity *= 2;
    this.#decisionTime = wider(this.#decisionTime, this.#capacity);
    this.#gateIndex = wider(this.#gateIndex, this.#capacity);
    this.#value = wider(this.#value, this.#capacity);
    this.#threshold = wider(this.#threshold, this.#capacity);
    this.#thresholdHigh = wider(this.#thresholdHigh, this.#capacity);
  }

  /** The table so far. Columns are views: nothing may be appended afterwards. */
  finish(): Table {
    const values: Readonly<Record<string, Float64Array | Texts>> = {
      decision_time: this.#decisionTime,
      strategy_id: this.#strategyId,
      instrument_id: this.#instrumentId,
      stage: this.#stage,
      event: this.#event,
      signal_id: this.#signalId,
      verdict: this.#verdict,
      reason: this.#reason,
      gate_index: this.#gateIndex,
      gate: this.#gate,
      value: this.#value,
      comparison: this.#comparison,
      threshold: this.#threshold,
      threshold_high: this.#thresholdHigh,
      result: this.#result,
      detail: this.#detail,
    };
    const columns = new Map<string, Column>();
    for (const { name, type } of TABLES.decisions.columns) columns.set(name, columnOf(type, values[name], this.length));
    invariant(columns.size === Object.keys(values).length, 'decision rows have the columns of their table');
    return { name: TABLES.decisions.name, length: this.length, columns };
  }
}

function columnOf(type: NumericColumnType | 'text', values: Float64Array | Texts | undefined, length: number): Column {
  invariant(values !== undefined && (type === 'text') === Array.isArray(values), 'a column of decisions has its type');
  if (Array.isArray(values)) return { type: 'text', values };
  return { type: type === 'text' ? 'float' : type, values: values.subarray(0, length) };
}

function wider(values: Float64Array, capacity: number): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(capacity);
  grown.set(values);
  return grown;
}
