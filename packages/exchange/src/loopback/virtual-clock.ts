/** Time that passes when everybody waits: hours of a run in milliseconds, the same every time. */
import type { Clock } from '../clock.ts';

interface Sleeper {
  readonly atMs: number;
  readonly order: number;
  readonly wake: () => void;
}

/** Rounds of the microtask queue between two moments: as deep as a chain of awaits may be before it sleeps or ends. */
const SETTLE_ROUNDS = 3;

export class VirtualClock implements Clock {
  #nowMs: number;
  #order = 0;
  readonly #sleepers: Sleeper[] = [];
  readonly #isBusy: () => boolean;

  /** `isBusy`: something outside of the clock goes on, e.g. on a socket, and time must wait for it. */
  constructor(startMs: number, isBusy: () => boolean = () => false) {
    this.#nowMs = startMs;
    this.#isBusy = isBusy;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#order += 1;
      const sleeper = { atMs: this.#nowMs + Math.max(0, ms), order: this.#order, wake: resolve };
      // sorted by time, then by who came first
      let at = this.#sleepers.length;
      while (at > 0 && this.#sleepers[at - 1].atMs > sleeper.atMs) at -= 1;
      this.#sleepers.splice(at, 0, sleeper);
    });
  }

  /** Lets time pass until the work is done: whenever all of it waits, the next sleeper wakes. Throws when nobody is left to wake. */
  async runUntil<T>(work: Promise<T>): Promise<T> {
    const state = { isDone: false };
    const done = work.finally(() => {
      state.isDone = true;
    });
    // the caller hears of a failure below; here it must not count as unhandled
    done.catch(() => undefined);
    for (;;) {
      await settle(this.#isBusy);
      if (state.isDone) break;
      const next = this.#sleepers.shift();
      if (next === undefined) throw new Error('the work waits for something that is not on this clock');
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.wake();
    }
    return done;
  }
}

/** Until every promise that can go on has gone on. */
async function settle(isBusy: () => boolean): Promise<void> {
  for (let round = 0; round < SETTLE_ROUNDS; round = isBusy() ? 0 : round + 1)
    await new Promise((resolve) => void setImmediate(resolve));
}
