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

/** FNV-1a, its bits mixed once more: its lowest ones know only the lowest bits of the letters. Never 0, which is a free slot. */
function hashOf(text: string): number {
  let hash = 0x81_1c_9d_c5;
  for (let k = 0; k < text.length; k += 1) hash = Math.imul(hash ^ text.charCodeAt(k), 0x01_00_01_93);
  return hash ^ (hash >>> 15) || 1;
}

/** Slots at first: a power of two, as all that follow. */
const SLOTS_MIN = 64;
/** How many times as many slots a full index gets. */
const GROWTH = 4;

/**
 * Where each id of a growing list stands, by hash, open addressing: a `Set` has every new text hashed and copied by the runtime, which
 * takes some times as long. Letters are only looked at where two hashes are the same.
 */
class IdIndex {
  readonly #ids: string[];
  /** By slot: hash and position in the list; at most half of them are taken. */
  #hashes = new Int32Array(SLOTS_MIN);
  #positions = new Int32Array(SLOTS_MIN);

  constructor(ids: string[]) {
    this.#ids = ids;
    this.#fill();
  }

  has(id: string, hash: number): boolean {
    const hashes = this.#hashes;
    const mask = hashes.length - 1;
    for (let slot = hash & mask; hashes[slot] !== 0; slot = (slot + 1) & mask)
      if (hashes[slot] === hash && this.#ids[this.#positions[slot]] === id) return true;
    return false;
  }

  /** Appends an id that is not in the list. */
  push(id: string, hash: number): void {
    this.#place(this.#ids.length, hash);
    this.#ids.push(id);
    if (2 * this.#ids.length > this.#hashes.length) this.#fill();
  }

  #fill(): void {
    let length = SLOTS_MIN;
    while (length < 2 * this.#ids.length) length *= GROWTH;
    this.#hashes = new Int32Array(length);
    this.#positions = new Int32Array(length);
    this.#ids.forEach((id, position) => this.#place(position, hashOf(id)));
  }

  #place(position: number, hash: number): void {
    const hashes = this.#hashes;
    const mask = hashes.length - 1;
    let slot = hash & mask;
    while (hashes[slot] !== 0) slot = (slot + 1) & mask;
    hashes[slot] = hash;
    this.#positions[slot] = position;
  }
}
