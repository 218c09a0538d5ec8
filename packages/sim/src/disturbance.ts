/** Seeded trouble for the simulated venue: refused, lost, delayed and split orders, stops that go missing. */
import type { Prng } from '@donch/core';

export interface DisturbanceOptions {
  readonly prng: Prng;
  /** Shares of orders, each 0..1. */
  readonly rejectFrac: number;
  /** The answer is lost; the order is there in half of the cases. */
  readonly unknownFrac: number;
  /** Market orders that trade one bar later than they should. */
  readonly delayFrac: number;
  /** Fills in two executions instead of one. */
  readonly splitFrac: number;
  /** Entries whose attached stop does not appear on the position. */
  readonly missingStopFrac: number;
  /** Settings of stop and target that the venue refuses. */
  readonly protectionRefusedFrac: number;
}

/** What happens to one order. */
export interface Fate {
  readonly answer: 'accepted' | 'rejected' | 'lost_present' | 'lost_absent';
  readonly delayed: boolean;
  readonly split: boolean;
  readonly stopMissing: boolean;
}

const CALM: Fate = { answer: 'accepted', delayed: false, split: false, stopMissing: false };

/** Draws whether the next setting of stop and target is refused; never without options. */
export function drawProtectionRefused(options: DisturbanceOptions | null): boolean {
  return options !== null && options.prng.next() < options.protectionRefusedFrac;
}

/** Draws the fate of the next order; without options every order has a calm one. */
export function drawFate(options: DisturbanceOptions | null): Fate {
  if (options === null) return CALM;
  const { prng, rejectFrac, unknownFrac, delayFrac, splitFrac, missingStopFrac } = options;
  const answer = prng.next();
  const delayed = prng.next() < delayFrac;
  const split = prng.next() < splitFrac;
  const stopMissing = prng.next() < missingStopFrac;
  const lost = prng.next() < 0.5 ? 'lost_present' : 'lost_absent';
  return {
    answer: answer < rejectFrac ? 'rejected' : answer < rejectFrac + unknownFrac ? lost : 'accepted',
    delayed,
    split,
    stopMissing,
  };
}
