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
  #recent: IdIndex;
  #older: IdIndex;

  /** Goes on from, and writes into, a part of the state. */
  constructor(booked: BookedExecutions) {
    this.#booked = booked;
    this.#recent = new IdIndex(booked.recent);
    this.#older = new IdIndex(booked.older);
  }

  /** True when the execution is new; it is remembered from now on. */
  remember(execId: string): boolean {
    const hash = hashOf(execId);
    if (this.#older.has(execId, hash) || this.#recent.has(execId, hash)) return false;
    this.#recent.push(execId, hash);
    if (this.#booked.recent.length >= EXECUTIONS_MAX) {
      this.#older = this.#recent;
      this.#booked.older = this.#booked.recent;
      this.#booked.recent = [];
      this.#recent = new IdIndex(this.#booked.recent);
    }
    return true;
  }
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x81_1c_9d_c5;
  for (let k = 0; k < text.length; k += 1) hash = Math.imul(hash ^ text.charCodeAt(k), 0x01_00_01_93);
  return hash;
}

/** Slots at first: a power of two, as all its doubles. */
const SLOTS_MIN = 64;

/**
 * Where each id of a growing list stands, by hash, open addressing: a `Set` has every new text hashed and copied by the runtime, which
 * takes some times as long. Two ids of one hash are told apart letter by letter.
 */
class IdIndex {
  readonly #ids: string[];
  /** Position in the list + 1, 0 = free; at most half of them are taken. */
  #slots = new Int32Array(SLOTS_MIN);

  constructor(ids: string[]) {
    this.#ids = ids;
    this.#fill();
  }

  has(id: string, hash: number): boolean {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let at = spread(hash) & mask; slots[at] !== 0; at = (at + 1) & mask)
      if (this.#ids[slots[at] - 1] === id) return true;
    return false;
  }

  /** Appends an id that is not in the list. */
  push(id: string, hash: number): void {
    this.#ids.push(id);
    if (2 * this.#ids.length > this.#slots.length) this.#fill();
    else this.#place(this.#ids.length, hash);
  }

  #fill(): void {
    let length = SLOTS_MIN;
    while (length < 2 * this.#ids.length) length *= 2;
    this.#slots = new Int32Array(2 * length);
    this.#ids.forEach((id, index) => this.#place(index + 1, hashOf(id)));
  }

  #place(position: number, hash: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let at = spread(hash) & mask;
    while (slots[at] !== 0) at = (at + 1) & mask;
    slots[at] = position;
  }
}

/** The lowest bits of FNV-1a know only the lowest bits of the letters. */
function spread(hash: number): number {
  return hash ^ (hash >>> 15);
}
