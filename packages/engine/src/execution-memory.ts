/** Executions remembered against double booking: a venue repeats its latest ones after a reconnect. */

/** Two generations of ids, oldest first: when the younger one is full, the older one is forgotten as a whole. Plain JSON. */
export interface BookedExecutions {
  recent: string[];
  older: string[];
}

/** Size of a generation; between one and two times as many are remembered: more than a venue repeats. */
const EXECUTIONS_MAX = 5_000;

export class ExecutionMemory {
  readonly #booked: BookedExecutions;
  #recent: Set<string>;
  #older: ReadonlySet<string>;

  /** Goes on from, and writes into, a part of the state. */
  constructor(booked: BookedExecutions) {
    this.#booked = booked;
    this.#recent = new Set(booked.recent);
    this.#older = new Set(booked.older);
  }

  /** True when the execution is new; it is remembered from now on. */
  remember(execId: string): boolean {
    if (this.#older.size > 0 && this.#older.has(execId)) return false;
    const known = this.#recent.size;
    if (this.#recent.add(execId).size === known) return false;
    this.#booked.recent.push(execId);
    if (this.#recent.size >= EXECUTIONS_MAX) {
      this.#older = this.#recent;
      this.#booked.older = this.#booked.recent;
      this.#recent = new Set();
      this.#booked.recent = [];
    }
    return true;
  }
}
