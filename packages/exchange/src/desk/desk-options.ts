/** What the order desk is given: a venue with a ledger, what the engine holds, and when absence is proof. */
import type { Fill, InstrumentId, OrderIntent, Protection, Side, Venue, VenueEvent } from '@donch/core';
import type { Clock } from '../clock.ts';

type FundingEvent = Extract<VenueEvent, { kind: 'funding' }>;

/** A venue whose ledger can be asked for. */
export interface LedgerVenue extends Venue {
  executions(sinceMs: number): Promise<{ readonly fills: readonly Fill[]; readonly funding: readonly FundingEvent[] }>;
}

/** What the engine holds: positions by its fills, and orders that have not ended. */
export interface DeskBook {
  readonly trades: readonly {
    readonly instrumentId: InstrumentId;
    readonly side: Side;
    readonly qtyOpen: number;
    readonly protection: Protection;
    readonly decisionTimeMs: number;
  }[];
  /** `filledQty`: booked from fills. */
  readonly intents: readonly { readonly order: OrderIntent; readonly filledQty: number }[];
  readonly foreign: readonly InstrumentId[];
}

/** When absence is proof. A profile may change these numbers, never what is done with them. */
export interface FenceSettings {
  /** The venue refuses a request that is older. */
  readonly recvWindowMs: number;
  /** Longest time until an accepted order can be seen by a question. */
  readonly visibilityMs: number;
  /** Clean look-ups without a trace that are needed, all of them behind the fence. */
  readonly cleanMissesMin: number;
  /** How far questions for executions reach back behind the last one seen. */
  readonly overlapMs: number;
}

export const LIVE_FENCE: FenceSettings = {
  recvWindowMs: 5_000,
  visibilityMs: 15_000,
  cleanMissesMin: 3,
  overlapMs: 120_000,
};

export interface DeskOptions {
  readonly venue: LedgerVenue;
  readonly clock: Clock;
  readonly fence: FenceSettings;
  readonly book: () => DeskBook;
  /** Takes events one by one; the caller journals each before the engine sees it. */
  readonly emit: (event: VenueEvent) => void;
  /** Something went wrong that is tried again: told, never thrown. */
  readonly onProblem: (text: string) => void;
  readonly tickSizeOf: (instrumentId: InstrumentId) => number;
}
