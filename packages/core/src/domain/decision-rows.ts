/**
 * The decisions table as it grows. A scan or a backtest writes some twenty rows per decision: what they have in common is kept once
 * per decision, the words of its gates once for all decisions that say the same, and columns of words are written out when somebody
 * reads them. Only numbers are written row by row.
 */
import { invariant } from '../invariant.ts';
import type { Column, NumericColumn, Table, TextColumn } from '../table.ts';
import type { Decision, GateCheck } from './signal.ts';
import { TABLES } from './tables.ts';

type Text = string | null;
type Common = Omit<Decision, 'gates'>;
/** What the rows of a decision say of their gates in words: `WORDS` for each, in their order. Empty = there is no gate. */
type Words = readonly string[];
const WORDS = ['gate', 'comparison', 'result', 'detail'] as const;

const CAPACITY = 256;
/** Lists of gates that are looked at for the same words: those who judge say the same most of the time. */
const RECENT = 8;

const word = (value: string): Text => (value === '' ? null : value);

/** Appends decision records; `finish` gives TABLES.decisions. */
export class DecisionRows {
  length = 0;
  /** By decision; its rows; and the row after its last one. */
  readonly #common: Common[] = [];
  readonly #words: Words[] = [];
  readonly #ends: number[] = [];
  /** Words used last, in a ring. */
  readonly #recent: Words[] = [];
  #nextRecent = 0;
  /** By row. */
  #value = new Float64Array(CAPACITY);
  #threshold = new Float64Array(CAPACITY);
  #thresholdHigh = new Float64Array(CAPACITY);

  /** One row per gate; a state change without gates is one row. */
  append(decision: Decision): void {
    const { decisionTimeMs, strategyId, instrumentId, stage, event, signalId, verdict, reason, gates } = decision;
    for (const { value, threshold, thresholdHigh } of gates) this.#appendNumbers(value, threshold, thresholdHigh);
    if (gates.length === 0) this.#appendNumbers(Number.NaN, Number.NaN, Number.NaN);
    // without the gates, which would be kept alive
    this.#common.push({ decisionTimeMs, strategyId, instrumentId, stage, event, signalId, verdict, reason });
    this.#words.push(this.#wordsOf(gates));
    this.#ends.push(this.length);
  }

  #wordsOf(gates: readonly GateCheck[]): Words {
    for (const words of this.#recent) if (saysTheSame(words, gates)) return words;
    const words: string[] = [];
    for (const { gate, comparison, result, detail } of gates) words.push(gate, comparison, result, detail);
    this.#recent[this.#nextRecent] = words;
    this.#nextRecent = (this.#nextRecent + 1) % RECENT;
    return words;
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
      ['gate', lazyTexts(() => this.#wordTexts('gate'))],
      ['value', numbers(this.#value)],
      ['comparison', lazyTexts(() => this.#wordTexts('comparison'))],
      ['threshold', numbers(this.#threshold)],
      ['threshold_high', numbers(this.#thresholdHigh)],
      ['result', lazyTexts(() => this.#wordTexts('result'))],
      ['detail', lazyTexts(() => this.#wordTexts('detail'))],
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
    const values = blank(this.length);
    let row = 0;
    for (let k = 0; k < this.#common.length; k += 1) {
      const text = of(this.#common[k]);
      for (const end = this.#ends[k]; row < end; row += 1) values[row] = text;
    }
    return values;
  }

  #wordTexts(name: (typeof WORDS)[number]): Text[] {
    const values = blank(this.length);
    const first = WORDS.indexOf(name);
    let row = 0;
    for (let k = 0; k < this.#words.length; k += 1) {
      const words = this.#words[k];
      for (let at = first; row < this.#ends[k]; at += WORDS.length, row += 1)
        values[row] = at < words.length ? word(words[at]) : null;
    }
    return values;
  }
}

/** Room for all rows at once: growing by and by costs as much as writing. */
function blank(length: number): Text[] {
  // oxlint-disable-next-line unicorn/no-new-array -- the argument is a length
  return new Array<Text>(length);
}

function saysTheSame(words: Words, gates: readonly GateCheck[]): boolean {
  if (words.length !== WORDS.length * gates.length) return false;
  for (let k = 0, at = 0; k < gates.length; k += 1, at += WORDS.length) {
    const { gate, comparison, result, detail } = gates[k];
    if (words[at] !== gate || words[at + 1] !== comparison || words[at + 2] !== result || words[at + 3] !== detail)
      return false;
  }
  return true;
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
