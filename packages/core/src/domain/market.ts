/** Values of the market: instruments, their rules, the universe, the bar set of one instant. */
import type { Candles } from '../columns.ts';
import type { InstrumentId } from '../ids.ts';

export type Side = 'long' | 'short';

/** +1 for long, -1 for short. */
export function directionOf(side: Side): 1 | -1 {
  return side === 'long' ? 1 : -1;
}

/** What a venue demands of an order, as of `validFromMs`. `null` = the venue (or our knowledge of it) sets no such limit. */
export interface InstrumentRules {
  readonly instrumentId: InstrumentId;
  readonly validFromMs: number | null;
  /** Price step in quote units. */
  readonly tickSize: number;
  /** Quantity step in base units. */
  readonly qtyStep: number;
  readonly qtyMin: number;
  readonly notionalMinUsd: number;
  /** Largest quantity of one market order. */
  readonly marketQtyMax: number | null;
  readonly leverageMax: number | null;
  /** `venue` = told by the venue; `inferred` = read off the decimals of stored prices and volumes; `default` = nothing known. */
  readonly source: 'venue' | 'inferred' | 'default';
}

/** Maintenance margin is half of the initial margin at the highest leverage (the venue's first tier). */
const MAINTENANCE_OF_INITIAL_FRAC = 0.5;
/** Highest leverage where the venue's is not known: that of most small coins. */
const LEVERAGE_MAX_ASSUMED = 25;

/** Maintenance margin of a small position, fraction of its notional; 2 % where nothing is known of the instrument. */
export function maintenanceMarginFrac({ leverageMax }: InstrumentRules): number {
  return MAINTENANCE_OF_INITIAL_FRAC / (leverageMax ?? LEVERAGE_MAX_ASSUMED);
}

/** One member of a universe; `[fromMs, toMs)` is its membership, null = open end. */
export interface UniverseMember {
  readonly instrumentId: InstrumentId;
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

/** The declared set of instruments that ranks and entries are computed over. Members are sorted by id. */
export interface Universe {
  readonly venue: string;
  /** How members were chosen: a list of names, or every symbol of the store. */
  readonly rule: 'list' | 'store';
  readonly members: readonly UniverseMember[];
  /** When the members were chosen (UTC ms; null = not stated). A list made after the data is a survivorship bias. */
  readonly chosenMs: number | null;
  /** SHA-256 over venue, rule and members. */
  readonly universeHash: string;
}

/** No bar of this instrument closes at the bar set's time. */
export const ROW_ABSENT = -1;

/** A bar that closed before the bar set's time and arrived only now: it advances state and cannot cause an entry. */
export interface LateBar {
  /** Position of its instrument in the lists of the bar set. */
  readonly index: number;
  readonly row: number;
}

/**
 * The unit of decision: which bars that close at T had arrived by T + `BAR_SET_DEADLINE_SEC`.
 * Arrays are parallel to the universe's members.
 */
export interface BarSet {
  /** T: close of bars i = open of bars i+1. */
  readonly closeTimeMs: number;
  readonly instruments: readonly InstrumentId[];
  readonly candles: readonly (Candles | null)[];
  /** Row of the bar that closes at T, or `ROW_ABSENT`. */
  readonly rows: Int32Array;
  /** By instrument, then row; missing = none. */
  readonly late?: readonly LateBar[];
}

/** Funding settlements of one instrument, ascending. A positive rate: longs pay shorts. */
export interface FundingEvents {
  readonly timeMs: Float64Array;
  /** Fraction of notional per settlement. */
  readonly rate: Float64Array;
}

/** Open interest of one instrument, ascending. */
export interface OpenInterestEvents {
  readonly timeMs: Float64Array;
  /** Base units (contracts where the venue counts so). */
  readonly value: Float64Array;
}
