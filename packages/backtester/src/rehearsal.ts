/**
 * Live trading on stored candles: the live session fed bar set by bar set, with bars that come late or never, on a venue that sees
 * every bar. Without such bars it decides and trades as the backtest does, which a test compares.
 */
import {
  barAt,
  invariant,
  ROW_ABSENT,
  type BarSet,
  type Candles,
  type EngineEvent,
  type InstrumentId,
  type OperatorCommand,
  type VenueCommand,
} from '@donch/core';
import { performCommand, type BarVenue } from '@donch/sim';
import type { ArrivedBar, Session, SessionInput } from '@donch/trader';
import { RowCursor } from './row-cursor.ts';
import { firstDecisionMs, type ScanWindow } from './scan-window.ts';

/** A command or a change of settings. */
export interface OperatorAct {
  readonly timeMs: number;
  readonly act:
    | { readonly kind: 'command'; readonly command: OperatorCommand }
    | { readonly kind: 'settings'; readonly values: Readonly<Record<string, unknown>> };
}

/** How a bar reaches the session: in time, with the next bar set, or never. */
export type Arrival = 'present' | 'late' | 'absent';

export interface RehearsalOptions {
  readonly session: Session;
  readonly venue: BarVenue;
  readonly instruments: readonly InstrumentId[];
  /** Candles of the window, parallel to the instruments: what truly happened. */
  readonly candles: readonly Candles[];
  readonly intervalMs: number;
  readonly window: ScanWindow;
  /** Close of the newest bar of the store: an instrument whose bars end earlier was delisted. */
  readonly dataEndMs: number;
  readonly arrivalOf: (index: number, closeTimeMs: number) => Arrival;
  /** What the operator does, by time: it takes effect with the first bar set at or after it. */
  readonly operator?: readonly OperatorAct[];
  /** Takes every input before the session does. */
  readonly onInput: (input: SessionInput) => void;
  /** What the session has said must not be lost any more: the venue is about to act on it. */
  readonly beforeActing: () => void;
  /** An instant is over. */
  readonly onInstant: (timeMs: number) => void;
}

/** How often commands and answers may follow from each other at one instant before something is wrong. */
const CASCADE_MAX = 100;

export class Rehearsal {
  /** First decision time. */
  readonly firstMs: number;
  /** The next decision time; at or after `endMs` the rehearsal is over. */
  timeMs: number;
  readonly endMs: number;
  readonly intervalMs: number;
  late = 0;
  absent = 0;
  barSets = 0;
  readonly #options: RehearsalOptions;
  readonly #cursors: readonly RowCursor[];
  readonly #rows: Int32Array;
  /** Bars that come with the next bar set. */
  #delayed: ArrivedBar[] = [];
  #nextAct = 0;

  constructor(options: RehearsalOptions) {
    const { window, intervalMs, candles, dataEndMs } = options;
    this.#options = options;
    this.intervalMs = intervalMs;
    this.firstMs = firstDecisionMs(window, intervalMs);
    this.timeMs = this.firstMs;
    this.endMs = Math.min(window.endMs, dataEndMs + 1);
    this.#cursors = candles.map((columns) => new RowCursor(columns, this.firstMs - intervalMs));
    this.#rows = new Int32Array(candles.length).fill(ROW_ABSENT);
  }

  get isOver(): boolean {
    const { trades, stops } = this.#options.session.state;
    const aborted = trades.length === 0 && stops.some(({ kind }) => kind === 'abort');
    return this.timeMs >= this.endMs || aborted;
  }

  /** One instant: what the venue did inside the bars, then the bar set as far as it arrived. */
  step(): void {
    const { intervalMs, session, onInstant } = this.#options;
    const { timeMs } = this;
    for (let index = 0; index < this.#rows.length; index += 1)
      this.#rows[index] = this.#cursors[index].rowAt(timeMs - intervalMs);
    this.#moveVenue(timeMs);
    this.#operate(timeMs);
    const input: SessionInput = { kind: 'bars', arrived: this.#arrived(timeMs), staleReason: '' };
    this.#options.onInput(input);
    this.#act(session.take(input));
    this.barSets += 1;
    this.timeMs = timeMs + intervalMs;
    onInstant(timeMs);
  }

  #operate(timeMs: number): void {
    const { operator = [] } = this.#options;
    for (; this.#nextAct < operator.length && operator[this.#nextAct].timeMs <= timeMs; this.#nextAct += 1) {
      const { act } = operator[this.#nextAct];
      const input: SessionInput =
        act.kind === 'settings'
          ? { kind: 'settings', timeMs, values: act.values }
          : { kind: 'event', event: { kind: 'operator', timeMs, command: act.command } };
      this.#act(this.#tell(input));
    }
  }

  #moveVenue(timeMs: number): void {
    const { venue, instruments, candles, intervalMs } = this.#options;
    if (venue.isIdle) return;
    const truth: BarSet = { closeTimeMs: timeMs, instruments, candles, rows: this.#rows };
    this.#tellAll(venue.openBars(truth));
    this.#tellAll(venue.tradeBars(truth));
    if (timeMs + intervalMs < this.endMs) this.#delistEnded(timeMs);
    this.#tellAll(venue.settle(timeMs));
  }

  #delistEnded(timeMs: number): void {
    const { venue, instruments, intervalMs } = this.#options;
    for (const { instrumentId } of venue.positions()) {
      const cursor = this.#cursors[instruments.indexOf(instrumentId)];
      if (cursor.isOver(timeMs - intervalMs)) this.#tellAll(venue.closeOut(instrumentId, 'delisted', timeMs));
    }
  }

  #arrived(closeTimeMs: number): Extract<SessionInput, { kind: 'bars' }>['arrived'] {
    const { candles, arrivalOf } = this.#options;
    const late = this.#delayed;
    this.#delayed = [];
    const present: ArrivedBar[] = [];
    for (let index = 0; index < this.#rows.length; index += 1) {
      const row = this.#rows[index];
      if (row < 0) continue;
      const arrival = arrivalOf(index, closeTimeMs);
      if (arrival === 'absent') {
        this.absent += 1;
        continue;
      }
      const arrived = { index, bar: barAt(candles[index], row) };
      if (arrival === 'present') present.push(arrived);
      else {
        this.late += 1;
        this.#delayed.push(arrived);
      }
    }
    return { closeTimeMs, present, late };
  }

  #tellAll(events: readonly EngineEvent[]): void {
    for (const event of events) this.#act(this.#tell({ kind: 'event', event }));
  }

  #tell(input: SessionInput): readonly VenueCommand[] {
    this.#options.onInput(input);
    return this.#options.session.take(input);
  }

  /** Commands to the venue, its answers back, until nothing is left to do at this instant. */
  #act(commands: readonly VenueCommand[]): void {
    const { venue, session, beforeActing } = this.#options;
    let wave = commands;
    for (let depth = 0; wave.length > 0; depth += 1) {
      invariant(depth < CASCADE_MAX, 'commands and answers of one instant come to an end');
      beforeActing();
      wave = wave.flatMap((command) =>
        performCommand(venue, command, session.state.timeMs).flatMap((event) => this.#tell({ kind: 'event', event })),
      );
    }
  }
}
