/** Positions that our fills do not explain: more held than booked, or less, round by round. */
import type { InstrumentId, VenueEvent, VenuePosition } from '@donch/core';
import { isSameQty, signedQty } from './quantity.ts';

type ForeignEvent = Extract<VenueEvent, { kind: 'foreign_position' }>;

interface Unexplained {
  readonly qty: number;
  /** Rounds in a row that showed it. */
  readonly rounds: number;
  readonly isTold: boolean;
}

interface ForeignRound {
  readonly positions: readonly VenuePosition[];
  readonly timeMs: number;
  /** Instruments that the engine holds for foreign. */
  readonly known: readonly InstrumentId[];
  /** Instruments of which our fills make a position. */
  readonly booked: readonly InstrumentId[];
  /** What our fills make of an instrument's position, > 0 long. */
  readonly bookedQty: (instrumentId: InstrumentId) => number;
  /** True while a trade of ours has an order that works: its fills may be on their way. */
  readonly mayChange: (instrumentId: InstrumentId) => boolean;
}

/** Rounds in a row that must show the same unexplained quantity. */
const FOREIGN_ROUNDS = 2;
/** The same where less is held than booked: a position may be seen later than its fills, an execution that explains it later still. */
const MISSING_ROUNDS = 12;

export class ForeignWatch {
  readonly #unexplained = new Map<InstrumentId, Unexplained>();

  /** What is to be told after a round: each quantity once, and once that nothing is unexplained any more. */
  look(round: ForeignRound): ForeignEvent[] {
    const { positions, known, booked } = round;
    const held = new Map(positions.map((position) => [position.instrumentId, signedQty(position)]));
    const instruments = new Set([...held.keys(), ...known, ...booked, ...this.#unexplained.keys()]);
    return [...instruments].flatMap((instrumentId) => this.#lookAt(instrumentId, held.get(instrumentId) ?? 0, round));
  }

  #lookAt(instrumentId: InstrumentId, heldQty: number, round: ForeignRound): ForeignEvent[] {
    const { timeMs, known, bookedQty, mayChange } = round;
    const booked = bookedQty(instrumentId);
    if (isSameQty(heldQty, booked)) {
      this.#unexplained.delete(instrumentId);
      return known.includes(instrumentId) ? [foreign(instrumentId, 0, timeMs)] : [];
    }
    const qty = heldQty - booked;
    const before = this.#unexplained.get(instrumentId);
    const seen = before !== undefined && isSameQty(before.qty, qty) ? before : { rounds: 0, isTold: false };
    const rounds = seen.rounds + 1;
    const needed = Math.abs(heldQty) < Math.abs(booked) ? MISSING_ROUNDS : FOREIGN_ROUNDS;
    const tells = !seen.isTold && rounds >= needed && !mayChange(instrumentId);
    this.#unexplained.set(instrumentId, { qty, rounds, isTold: seen.isTold || tells });
    return tells ? [foreign(instrumentId, qty, timeMs)] : [];
  }
}

function foreign(instrumentId: InstrumentId, qty: number, timeMs: number): ForeignEvent {
  return { kind: 'foreign_position', timeMs, instrumentId, side: qty >= 0 ? 'long' : 'short', qty: Math.abs(qty) };
}
