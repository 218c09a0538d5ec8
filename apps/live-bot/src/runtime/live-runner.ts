/**
 * A session on a venue that answers when it likes. One input at a time: journal, session, journal again, and only then the venue. So
 * whatever the venue was asked for is on disk, and a run that was cut off comes to the same state by taking its inputs once more.
 */
import type { EngineEvent, InstrumentId } from '@donch/core';
import { OrderDesk, type Clock, type FenceSettings, type LedgerVenue } from '@donch/exchange';
import {
  decodeRecord,
  encodeInput,
  encodeOutput,
  type Session,
  type SessionInput,
  type SessionOutput,
} from '@donch/trader';

/** Records of a session: those of before must come again, see `SessionJournal`. */
export interface RunnerJournal {
  readonly recorded: readonly string[];
  /** True while records of before come again. */
  readonly isRecovering: boolean;
  write(record: string): void;
  flush(durable: boolean): void;
}

export interface RunnerOptions {
  readonly createSession: (emit: (output: SessionOutput) => void) => Session;
  readonly journal: RunnerJournal;
  readonly intervalMs: number;
  readonly venue: LedgerVenue;
  readonly clock: Clock;
  readonly fence: FenceSettings;
  /** Executions from here on belong to the session. */
  readonly startMs: number;
  readonly tickSizeOf: (instrumentId: InstrumentId) => number;
  readonly onOutput?: (output: SessionOutput) => void;
  readonly onProblem: (text: string) => void;
}

export class LiveRunner {
  readonly session: Session;
  readonly desk: OrderDesk;
  readonly #options: RunnerOptions;
  /** Open time of the last bar taken, by instrument; missing = none yet. */
  readonly #lastOpenMs = new Map<number, number>();
  /** T of the last bar set; NaN = none yet. */
  lastBarSetMs = Number.NaN;
  #isClosed = false;

  /** Takes the recorded inputs again; from then on the venue is asked. Throws `journal_differs` and `bad_journal`. */
  constructor(options: RunnerOptions) {
    this.#options = options;
    const { journal, onOutput } = options;
    this.session = options.createSession((output) => {
      const isNew = !journal.isRecovering;
      journal.write(encodeOutput(output));
      if (isNew) onOutput?.(output);
    });
    this.#recover();
    const { timeMs } = this.session.state;
    this.desk = new OrderDesk(
      {
        venue: options.venue,
        clock: options.clock,
        fence: options.fence,
        tickSizeOf: options.tickSizeOf,
        onProblem: options.onProblem,
        emit: (event) => {
          this.tell(event);
        },
        book: () => {
          const { trades, intents, foreign } = this.session.state;
          return { trades, intents, foreign: Object.keys(foreign) as InstrumentId[] };
        },
      },
      Math.max(options.startMs, timeMs - options.fence.overlapMs),
    );
    this.desk.recover();
  }

  #recover(): void {
    const { journal, intervalMs } = this.#options;
    for (const text of journal.recorded) {
      const record = decodeRecord(text, intervalMs);
      if (record.type === 'start') journal.write(text);
      if (record.type !== 'input') continue;
      journal.write(text);
      this.session.take(record.input);
      this.#noteBars(record.input);
    }
    // the last input may have been recorded without all that followed from it
    journal.flush(true);
  }

  /** Tells the engine what happened, now at the earliest: a clock that was set back moves no event before another. */
  tell(event: EngineEvent): void {
    this.take({ kind: 'event', event: { ...event, timeMs: Math.max(event.timeMs, this.session.state.timeMs) } });
  }

  /** Takes one input; what the venue is to do about it is on its way when this returns. */
  take(input: SessionInput): void {
    if (this.#isClosed) return;
    const { journal } = this.#options;
    journal.write(encodeInput(input));
    const commands = this.session.take(input);
    this.#noteBars(input);
    journal.flush(commands.length > 0);
    for (const command of commands) void this.desk.perform(command);
  }

  #noteBars(input: SessionInput): void {
    if (input.kind !== 'bars') return;
    const { closeTimeMs, late, present } = input.arrived;
    this.lastBarSetMs = closeTimeMs;
    for (const { index, bar } of [...late, ...present]) this.#lastOpenMs.set(index, bar.openTimeMs);
  }

  /** Open time of the last bar that the session has of an instrument; undefined = it has none. */
  lastOpenMs(index: number): number | undefined {
    return this.#lastOpenMs.get(index);
  }

  /** Nothing is told, sent or recorded any more. */
  close(): void {
    this.#isClosed = true;
    this.desk.close();
  }
}
