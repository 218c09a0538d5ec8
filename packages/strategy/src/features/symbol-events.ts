import {
  delayedEvents,
  NO_EVENTS,
  SECOND_MS,
  type ConfigValues,
  type FundingEvents,
  type OpenInterestEvents,
} from '@donch/core';
import type { SymbolEvents } from './feature.ts';

/** What history knows of one instrument's events; null = nothing. */
export interface StoredEvents {
  readonly funding: FundingEvents | null;
  readonly openInterest: OpenInterestEvents | null;
}

/** Events as features may read them: each one AVAILABILITY_LAG_SEC after it happened. */
export function symbolEvents({ funding, openInterest }: StoredEvents, settings: ConfigValues): SymbolEvents {
  const lagMs = settings.AVAILABILITY_LAG_SEC * SECOND_MS;
  return {
    funding: funding === null ? NO_EVENTS : delayedEvents(funding.timeMs, funding.rate, lagMs),
    openInterest: openInterest === null ? NO_EVENTS : delayedEvents(openInterest.timeMs, openInterest.value, lagMs),
  };
}
