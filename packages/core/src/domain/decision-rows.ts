/**
 * The decisions table as it grows. A scan or a backtest writes some twenty rows per decision: what they have in common is kept once
 * per decision, and its columns are written out when somebody reads them.
 */
import { invariant } from '../invariant.ts';
import type { Column, NumericColumn, Table, TextColumn } from '../table.ts';
import type { Decision, GateCheck } from './signal.ts';
import { TABLES } from './tables.ts';

type Text = string | null;
type Common = Omit<Decision, 'gates'>;

const CAPACITY = 256;

const word = (value: string): Text => (value === '' ? null : value);

/** Appends decision records; `finish` gives TABLES.decisions. */
export class DecisionRows {
  length = 0;
  /** By decision; and the row after its last one. */
  readonly #common: Common[] = [];
  readonly #ends: number[] = [];
  /** By row. */
  #value = new Float64Array(CAPACITY);
  #threshold = new Float64Array(CAPACITY);
  #thresholdHigh = new Float64Array(CAPACITY);
  readonly #gate: Text[] = [];
  readonly #comparison: Text[] = [];
  readonly #result: Text[] = [];
  readonly #detail: Text[] = [];

  /** One row per gate; a state change without gates is one row. */
  append(decision: Decision): void {
    const { decisionTimeMs, strategyId, instrumentId, stage, event, signalId, verdict, reason, gates } = decision;
    for (const gate of gates) this.#appendGate(gate);
    if (gates.length === 0) this.#appendNoGate();
    // without the gates, which would be kept alive
    this.#common.push({ decisionTimeMs, strategyId, instrumentId, stage, event, signalId, verdict, reason });
    this.#ends.push(this.length);
  }

  #appendGate({ gate, value, comparison, threshold, thresholdHigh, result, detail }: GateCheck): void {
    this.#appendNumbers(value, threshold, thresholdHigh);
    this.#gate.push(gate);
    this.#comparison.push(comparison);
    this.#result.push(result);
    this.#detail.push(word(detail));
  }

  #appendNoGate(): void {
    this.#appendNumbers(Number.NaN, Number.NaN, Number.NaN);
    for (const texts of [this.#gate, this.#comparison, this.#result, this.#detail]) texts.push(null);
  }

  #appendNumbers(value: number, threshold: number, thresholdHigh: number): void {
    const row = this.length;
    if (row === this.#value.length) {
      this.#value = doubled(this.#value);
      this.#threshold = doubled(this.#threshold);
      this.#thresholdHigh = doubled(this.#thresholdHigh);
    }
    this.#value[row] = value;
    this.#threshold[row] = threshold;
    this.#thresholdHigh[row] = thresholdHigh;
    this.length = row + 1;
  }

  /** The table. Columns are views: nothing may be appended afterwards. */
  finish(): Table {
    const numbers = (values: Float64Array): NumericColumn => ({
      type: 'float',
      values: values.subarray(0, this.length),
    });
    const texts = (values: readonly Text[]): TextColumn => ({ type: 'text', values });
    const columns = new Map<string, Column>([
      ['decision_time', lazyNumbers('time', () => this.#numbers(({ decisionTimeMs }) => decisionTimeMs))],
      ['strategy_id', lazyTexts(() => this.#texts(({ strategyId }) => strategyId))],
      ['instrument_id', lazyTexts(() => this.#texts(({ instrumentId }) => instrumentId))],
      ['stage', lazyTexts(() => this.#texts(({ stage }) => stage))],
      ['event', lazyTexts(() => this.#texts(({ event }) => event))],
      ['signal_id', lazyTexts(() => this.#texts(({ signalId }) => signalId))],
      ['verdict', lazyTexts(() => this.#texts(({ verdict }) => verdict))],
      ['reason', lazyTexts(() => this.#texts(({ reason }) => word(reason)))],
      ['gate_index', lazyNumbers('int', () => this.#numbers((_decision, index) => index))],
      ['gate', texts(this.#gate)],
      ['value', numbers(this.#value)],
      ['comparison', texts(this.#comparison)],
      ['threshold', numbers(this.#threshold)],
      ['threshold_high', numbers(this.#thresholdHigh)],
      ['result', texts(this.#result)],
      ['detail', texts(this.#detail)],
    ]);
    const known = TABLES.decisions.columns;
    invariant(
      known.length === columns.size && known.every(({ name, type }) => columns.get(name)?.type === type),
      'decision rows have the columns of their table',
    );
    return { name: TABLES.decisions.name, length: this.length, columns };
  }

  #numbers(of: (decision: Common, index: number) => number): Float64Array {
    const values = new Float64Array(this.length);
    let row = 0;
    this.#common.forEach((decision, k) => {
      for (const first = row; row < this.#ends[k]; row += 1) values[row] = of(decision, row - first);
    });
    return values;
  }

  #texts(of: (decision: Common) => Text): Text[] {
    const values: Text[] = [];
    this.#common.forEach((decision, k) => {
      const text = of(decision);
      while (values.length < this.#ends[k]) values.push(text);
    });
    return values;
  }
}

/** A column that is made when it is read first. A property of its own, not of a class: it has to survive a copy to another thread. */
function lazyTexts(make: () => readonly Text[]): TextColumn {
  let made: readonly Text[] | null = null;
  return {
    type: 'text',
    get values() {
      return (made ??= make());
    },
  };
}

function lazyNumbers(type: NumericColumn['type'], make: () => Float64Array): NumericColumn {
  let made: Float64Array | null = null;
  return {
    type,
    get values() {
      return (made ??= make());
    },
  };
}

function doubled(values: Float64Array): Float64Array<ArrayBuffer> {
  const wider = new Float64Array(values.length * 2);
  wider.set(values);
  return wider;
}
