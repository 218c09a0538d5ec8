/** The trader with everything that touches a venue - runner, journal, desk, client - and entries by chance. */
import { instrumentId, MINUTE_MS, type InstrumentId, type InstrumentRules, type StrategyId } from '@donch/core';
import {
  AddressBan,
  BarFeed,
  BybitVenue,
  prepareAccount,
  readWallet,
  type BybitApi,
  type Clock,
  type FenceSettings,
  type Trouble,
} from '@donch/exchange';
import { Session, type SessionOptions } from '@donch/trader';
import { LiveRunner, type RunnerJournal } from '../runtime/live-runner.ts';
import { chaosEntries } from './chaos-entries.ts';
import { CHAOS_VENUE } from './chaos-world.ts';

export interface ChaosTraderOptions {
  readonly api: BybitApi & { measureOffsetMs(): Promise<number | null> };
  readonly clock: Clock;
  readonly journal: RunnerJournal;
  readonly seed: number;
  readonly entryFrac: number;
  readonly symbols: readonly string[];
  readonly rulesOf: (instrumentId: InstrumentId) => InstrumentRules;
  readonly settings: SessionOptions['settings'];
  readonly terms: SessionOptions['terms'];
  readonly intervalMs: number;
  readonly fence: FenceSettings;
  readonly startMs: number;
  /** No entries from here on. */
  readonly entriesUntilMs: number;
  /** No decisions from here on: what is on its way comes to its end. */
  readonly barsUntilMs: number;
  readonly stopTrigger: 'LastPrice' | 'MarkPrice';
  readonly onProblem?: (text: string) => void;
}

/** Time that the venue gets to finish a bar before it is asked for. */
const BAR_DELAY_MS = 2_000;
/** Longest time that the first question of a bar set may take: with it the set is frozen, whoever has not answered. */
const BAR_DEADLINE_MS = 12_500;
/** Pause between two rounds: while orders wait, and else. */
/** Rounds in a row without trouble behind the last bar, and how long they are waited for. */
const LAST_LOOKS = 3;
const LAST_LOOKS_MAX_MS = 30 * MINUTE_MS;
const BUSY_PAUSE_MS = 1_000;
const QUIET_PAUSE_MS = 5_000;
const WALLET_EVERY_MS = 60_000;
/** Bars of before the first bar set: what the entries average over. */
const FIRST_BARS = 5;

export class ChaosTrader {
  readonly #options: ChaosTraderOptions;
  readonly #instruments: readonly InstrumentId[];
  readonly #venue: BybitVenue;
  readonly #feed: BarFeed;
  readonly runner: LiveRunner;
  #walletAtMs = -Infinity;
  #isReady = false;
  #isClosed = false;

  /** Recovers from the journal; the venue is asked from `run` on. */
  constructor(options: ChaosTraderOptions) {
    const { api, clock, rulesOf, seed, entryFrac, settings, terms, intervalMs } = options;
    this.#options = options;
    this.#instruments = options.symbols.map((symbol) => instrumentId(CHAOS_VENUE, symbol));
    const ban = new AddressBan();
    this.#venue = new BybitVenue({
      api,
      ban,
      clock,
      venue: CHAOS_VENUE,
      rulesOf,
      stopTrigger: options.stopTrigger,
      ledgerStartMs: options.startMs,
      measureOffsetMs: () => api.measureOffsetMs(),
      onTrouble: (trouble) => {
        this.#halt(trouble);
      },
      referencePriceOf: ({ clientOrderId }) =>
        this.runner.session.state.intents.find(({ order }) => order.clientOrderId === clientOrderId)?.order
          .referencePrice ?? null,
    });
    const strategyId: StrategyId = terms[0].strategyId;
    this.runner = new LiveRunner({
      createSession: (emit) =>
        new Session({
          entries: () => chaosEntries({ seed, strategyId, entryFrac, untilMs: options.entriesUntilMs }),
          terms,
          settings,
          rulesAt: rulesOf,
          instruments: this.#instruments,
          intervalMs,
          reconfigure: () => ({ settings, terms }),
          emit,
        }),
      journal: options.journal,
      intervalMs,
      venue: this.#venue,
      clock,
      fence: options.fence,
      startMs: options.startMs,
      tickSizeOf: (id) => rulesOf(id).tickSize,
      onProblem: (text) => options.onProblem?.(text),
    });
    this.#feed = new BarFeed({
      api,
      ban,
      clock,
      symbols: options.symbols,
      intervalMs,
      lastOpenMs: (index) => this.runner.lastOpenMs(index),
      firstBars: FIRST_BARS,
      delayMs: BAR_DELAY_MS,
      deadlineMs: BAR_DEADLINE_MS,
      onRevision: ({ index, after }) =>
        options.onProblem?.(`${options.symbols[index]}: the bar of ${after.openTimeMs} was changed`),
      onTrouble: (trouble) => {
        this.#halt(trouble);
      },
      onProblem: (text) => options.onProblem?.(text),
    });
  }

  /** What stops entries stays stopped until somebody re-arms; here it is the run that goes on. */
  #halt({ code, text, stopsEntries }: Trouble): void {
    this.#options.onProblem?.(`${code}: ${text}`);
    if (!stopsEntries || this.#isClosed) return;
    const timeMs = this.#options.clock.nowMs();
    this.runner.tell({ kind: 'operator', timeMs, command: { kind: 'pause', reason: code } });
  }

  /**
   * Trades until an instant of the clock, and until it has looked at the venue again after its last bar: on a machine that is too
   * busy, the clock runs out before the trader has heard of everything.
   */
  async run(untilMs: number): Promise<void> {
    const { clock, onProblem, barsUntilMs } = this.#options;
    let looks = 0;
    const isOver = (): boolean =>
      clock.nowMs() >= untilMs && (looks >= LAST_LOOKS || clock.nowMs() >= untilMs + LAST_LOOKS_MAX_MS);
    while (!this.#isClosed && !isOver()) {
      const fromMs = clock.nowMs();
      try {
        await this.#step();
        if (fromMs >= barsUntilMs && !this.runner.desk.isWaiting) looks += 1;
      } catch (error) {
        looks = 0;
        onProblem?.(error instanceof Error ? error.message : String(error));
      }
      await clock.sleep(this.runner.desk.isWaiting ? BUSY_PAUSE_MS : QUIET_PAUSE_MS);
    }
  }

  /** Positions and orders of before come first, then the account, then new bars. */
  async #step(): Promise<void> {
    const { api, clock } = this.#options;
    if (!this.#isReady) await api.measureOffsetMs();
    await this.runner.desk.round();
    this.runner.tell({ kind: 'clock', timeMs: clock.nowMs() });
    if (!this.#isReady) await prepareAccount(this.#venue.calls);
    this.#isReady = true;
    if (clock.nowMs() - this.#walletAtMs >= WALLET_EVERY_MS) await this.#tellWallet();
    await this.#takeBars();
  }

  async #tellWallet(): Promise<void> {
    const { equityUsd } = await readWallet(this.#venue.calls);
    const timeMs = this.#options.clock.nowMs();
    this.#walletAtMs = timeMs;
    this.runner.tell({ kind: 'wallet', timeMs, equityUsd });
    const { stops } = this.runner.session.state;
    if (stops.some(({ kind }) => kind === 'pause'))
      this.runner.tell({ kind: 'operator', timeMs, command: { kind: 'resume' } });
  }

  async #takeBars(): Promise<void> {
    const closeTimeMs = this.#feed.dueMs();
    if (closeTimeMs <= this.runner.lastBarSetMs || closeTimeMs >= this.#options.barsUntilMs) return;
    const arrived = await this.#feed.collect(closeTimeMs);
    if (!this.#isClosed) this.runner.take({ kind: 'bars', staleReason: '', arrived });
  }

  /** As a process that is gone: nothing is told or sent any more. */
  close(): void {
    this.#isClosed = true;
    this.#feed.close();
    this.runner.close();
  }
}
