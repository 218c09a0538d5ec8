/** Funding of positions: known settlements, and an assumed charge where none are known. */
import { HOUR_MS, lowerBoundOf, type FundingEvents, type InstrumentId } from '@donch/core';

/** Settlement grid of the assumed charge: 00, 08, 16 UTC. */
const ASSUMED_PERIOD_MS = 8 * HOUR_MS;

export type FundingOf = (instrumentId: InstrumentId) => FundingEvents | null;

export interface FundingCharge {
  /** Sum of rates that a long pays (a short receives), fraction of notional; 0 when `assumedFrac` stands in. */
  readonly rate: number;
  /** Number of known settlements. */
  readonly settlements: number;
  /** Number of 8-hour periods without any known settlement. */
  readonly assumedPeriods: number;
}

const NO_CHARGE: FundingCharge = { rate: 0, settlements: 0, assumedPeriods: 0 };

/**
 * What falls due in `(fromMs, toMs]`: every known settlement there, and for each 8-hour boundary there one assumed period unless
 * a settlement is known in the 8 hours before it.
 */
export function fundingDue(events: FundingEvents | null, fromMs: number, toMs: number): FundingCharge {
  const boundary = Math.floor(toMs / ASSUMED_PERIOD_MS) * ASSUMED_PERIOD_MS;
  if (events === null) {
    const periods = Math.floor(toMs / ASSUMED_PERIOD_MS) - Math.floor(fromMs / ASSUMED_PERIOD_MS);
    return periods > 0 ? { rate: 0, settlements: 0, assumedPeriods: periods } : NO_CHARGE;
  }
  let rate = 0;
  let settlements = 0;
  for (let k = lowerBoundOf(events.timeMs, fromMs + 1); k < events.timeMs.length && events.timeMs[k] <= toMs; k += 1) {
    rate += events.rate[k];
    settlements += 1;
  }
  let assumedPeriods = 0;
  for (let at = boundary; at > fromMs; at -= ASSUMED_PERIOD_MS) {
    const first = lowerBoundOf(events.timeMs, at - ASSUMED_PERIOD_MS + 1);
    if (!(first < events.timeMs.length && events.timeMs[first] <= at)) assumedPeriods += 1;
  }
  return settlements === 0 && assumedPeriods === 0 ? NO_CHARGE : { rate, settlements, assumedPeriods };
}

/** First instant after `timeMs` at which something can fall due: the next known settlement or 8-hour boundary. */
export function nextFundingMs(events: FundingEvents | null, timeMs: number): number {
  const boundary = (Math.floor(timeMs / ASSUMED_PERIOD_MS) + 1) * ASSUMED_PERIOD_MS;
  if (events === null) return boundary;
  const next = lowerBoundOf(events.timeMs, timeMs + 1);
  return next < events.timeMs.length ? Math.min(boundary, events.timeMs[next]) : boundary;
}
