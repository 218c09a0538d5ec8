/**
 * Bars of bar sets over REST. The venue's word that a bar is complete only makes it ask sooner; without it the clock does. A set is
 * frozen when every bar is there, at the latest at its deadline; what comes after comes with a later set, in order and without holes.
 */
import { formatMinute, invariant, SECOND_MS, type Bar } from '@donch/core';
import type { Clock } from '../clock.ts';
import type { AddressBan } from './address-ban.ts';
import { FeedInstrument } from './bar-feed-instrument.ts';
import { klineInterval, readKlines } from './bar-feed-rows.ts';
import type { BybitApi, Reply } from './bybit-api.ts';
import type { Trouble } from './calls.ts';
import { verdictOf } from './verdict.ts';

/** A bar of one instrument. */
interface FeedBar {
  /** Position of its symbol in `BarFeedOptions.symbols`. */
  readonly index: number;
  readonly bar: Bar;
}

/** What had arrived when a bar set was frozen. */
export interface FeedBars {
  /** T. */
  readonly closeTimeMs: number;
  /** Bars that close at T. */
  readonly present: readonly FeedBar[];
  /** Bars that close before T; per instrument in order of time. */
  readonly late: readonly FeedBar[];
}

/** A bar that the venue has changed after it was read. */
export interface BarRevision {
  readonly index: number;
  readonly before: Bar;
  readonly after: Bar;
}

export interface BarFeedOptions {
  readonly api: Pick<BybitApi, 'get'>;
  readonly clock: Clock;
  readonly symbols: readonly string[];
  readonly intervalMs: number;
  /** Open time of the last bar that the receiver has taken; undefined = none. Everything after it is brought until it is taken. */
  readonly lastOpenMs: (index: number) => number | undefined;
  /** Bars up to T that an instrument without any bar starts with; at least 1. */
  readonly firstBars: number;
  /** Time after T that the venue gets to finish a bar when it does not say that it has. */
  readonly delayMs: number;
  /** Time after T when a set is frozen; a collection that begins late has as much patience as one in time. */
  readonly deadlineMs: number;
  readonly onRevision: (revision: BarRevision) => void;
  /** Shared by all that ask from this address. */
  readonly ban: AddressBan;
  readonly onTrouble: (trouble: Trouble) => void;
  readonly onProblem: (text: string) => void;
}

/** Time after T that a bar which is called complete gets until the venue's other servers know it. */
const CONFIRMED_DELAY_MS = 500;
const RETRY_MS = SECOND_MS;
/** How often a collection looks for new confirmations. */
const POLL_MS = 100;
const REQUESTS_MAX = 40;
/** Sets without a bar after which nobody waits for an instrument any more. */
const MISSES_MAX = 2;
/** Missing instruments that a report names. */
const NAMES_MAX = 5;

export class BarFeed {
  readonly #options: BarFeedOptions;
  readonly #instruments: readonly FeedInstrument[];
  readonly #indexOf: ReadonlyMap<string, number>;
  #requests = 0;
  #isCollecting = false;
  #isClosed = false;
  #wakeUp: () => void = () => undefined;

  constructor(options: BarFeedOptions) {
    invariant(options.firstBars >= 1, 'an instrument starts with at least one bar');
    this.#options = options;
    const { symbols, intervalMs, firstBars } = options;
    this.#instruments = symbols.map((symbol) => new FeedInstrument({ symbol, intervalMs, firstBars }));
    this.#indexOf = new Map(symbols.map((symbol, index) => [symbol, index]));
  }

  /** The venue calls a bar complete. Unknown symbols are none of ours. */
  barClosed(symbol: string, openTimeMs: number): void {
    const one = this.#instruments[this.#indexOf.get(symbol) ?? -1] as FeedInstrument | undefined;
    if (one === undefined || !Number.isFinite(openTimeMs)) return;
    one.confirmedCloseMs = Math.max(one.confirmedCloseMs, openTimeMs + this.#options.intervalMs);
  }

  /** T of the newest bar set that the venue must have finished by now. */
  dueMs(): number {
    const { clock, intervalMs, delayMs } = this.#options;
    return Math.floor((clock.nowMs() - delayMs) / intervalMs) * intervalMs;
  }

  /** Waits for the newest bar set after an instant (NaN = whichever) and collects it. */
  async next(lastCloseMs: number): Promise<FeedBars> {
    const { clock, intervalMs } = this.#options;
    const currentMs = Math.floor(clock.nowMs() / intervalMs) * intervalMs;
    const closeTimeMs = currentMs <= lastCloseMs ? lastCloseMs + intervalMs : currentMs;
    const restMs = closeTimeMs + CONFIRMED_DELAY_MS - clock.nowMs();
    if (restMs > 0) await clock.sleep(restMs);
    return this.collect(closeTimeMs);
  }

  /** Asks for what the receiver lacks of the bars up to T, until it is there or the deadline has passed. Never throws. */
  async collect(closeTimeMs: number): Promise<FeedBars> {
    const { clock, delayMs, deadlineMs, lastOpenMs } = this.#options;
    invariant(!this.#isCollecting, 'one bar set is collected at a time');
    this.#isCollecting = true;
    const frozenMs = Math.max(closeTimeMs, clock.nowMs() - delayMs) + deadlineMs;
    for (const [index, one] of this.#instruments.entries()) one.begin(lastOpenMs(index));
    for (;;) {
      this.#ask(closeTimeMs);
      const restMs = frozenMs - clock.nowMs();
      if (this.#isClosed || restMs <= 0 || this.#isEnough(closeTimeMs)) break;
      await this.#pause(Math.min(POLL_MS, restMs));
    }
    this.#isCollecting = false;
    return this.#freeze(closeTimeMs);
  }

  /** Starts as many requests as may run. */
  #ask(closeTimeMs: number): void {
    const nowMs = this.#options.clock.nowMs();
    if (this.#isClosed || this.#options.ban.isActive(nowMs)) return;
    for (const [index, one] of this.#instruments.entries()) {
      if (this.#requests >= REQUESTS_MAX) return;
      if (this.#isReady(one, closeTimeMs, nowMs)) void this.#read(index, closeTimeMs);
    }
  }

  #isReady(one: FeedInstrument, closeTimeMs: number, nowMs: number): boolean {
    if (one.isAsking || nowMs < one.askAgainMs || one.isComplete(closeTimeMs)) return false;
    const isConfirmed = one.confirmedCloseMs >= closeTimeMs;
    return nowMs >= closeTimeMs + (isConfirmed ? CONFIRMED_DELAY_MS : this.#options.delayMs);
  }

  async #read(index: number, closeTimeMs: number): Promise<void> {
    const { api, clock, intervalMs } = this.#options;
    const one = this.#instruments[index];
    const { symbol } = one;
    const range = one.request(closeTimeMs);
    const missingMs = one.nextOpenMs(closeTimeMs);
    one.isAsking = true;
    this.#requests += 1;
    const interval = klineInterval(intervalMs);
    const reply = await api.get('v5/market/kline', { category: 'linear', symbol, interval, ...range });
    this.#requests -= 1;
    one.isAsking = false;
    one.attempts += 1;
    one.failure = this.#take(index, reply, { closeTimeMs, endMs: range.end + 1 });
    const hasMore = one.failure === '' && one.nextOpenMs(closeTimeMs) > missingMs;
    one.askAgainMs = hasMore ? -Infinity : Math.max(clock.nowMs() + RETRY_MS, resetMsOf(reply));
    if (!this.#isCollecting) return;
    this.#ask(closeTimeMs);
    if (this.#requests === 0) this.#wakeUp();
  }

  /** Returns why the answer brought nothing; '' = it is clean. */
  #take(
    index: number,
    reply: Reply,
    { closeTimeMs, endMs }: { readonly closeTimeMs: number; readonly endMs: number },
  ): string {
    const { intervalMs, onRevision, onProblem } = this.#options;
    const one = this.#instruments[index];
    if (reply.kind !== 'ok') return this.#failed(reply);
    const answer = readKlines(reply, { symbol: one.symbol, intervalMs });
    if (answer.kind === 'unclean') return answer.reason;
    const { revised, hole } = one.take(answer.bars, closeTimeMs, endMs);
    for (const { before, after } of revised) onRevision({ index, before, after });
    if (hole !== null)
      onProblem(
        `the venue has no bars of ${one.symbol} from ${formatMinute(hole.fromMs)} to ${formatMinute(hole.toMs)}`,
      );
    return '';
  }

  #failed(reply: Exclude<Reply, { readonly kind: 'ok' }>): string {
    const verdict = verdictOf(reply);
    const reason = 'reason' in verdict ? verdict.reason : reply.kind;
    if (verdict.kind !== 'definite' || verdict.remedy !== 'ban') return reason;
    const nowMs = this.#options.clock.nowMs();
    if (this.#options.ban.begin(nowMs))
      this.#options.onTrouble({ code: 'venue_ban', text: reason, stopsEntries: true });
    return reason;
  }

  /** Every bar is there; instruments that have been silent for long must have been asked, and no more. */
  #isEnough(closeTimeMs: number): boolean {
    return this.#instruments.every(
      (one) => one.isComplete(closeTimeMs) || (one.misses >= MISSES_MAX && one.attempts > 0 && !one.isAsking),
    );
  }

  /** A promise of its own each time: racing against a long-lived one would keep every round in memory. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wakeUp = resolve;
      void this.#options.clock.sleep(ms).then(resolve);
    });
  }

  #freeze(closeTimeMs: number): FeedBars {
    const { intervalMs } = this.#options;
    const present: FeedBar[] = [];
    const late: FeedBar[] = [];
    const missing: FeedInstrument[] = [];
    for (const [index, one] of this.#instruments.entries()) {
      const count = present.length;
      for (const bar of one.pending(closeTimeMs))
        (bar.openTimeMs + intervalMs === closeTimeMs ? present : late).push({ index, bar });
      if (present.length > count) one.misses = 0;
      else if (!one.isComplete(closeTimeMs)) {
        one.misses += 1;
        if (one.misses <= MISSES_MAX) missing.push(one);
      }
    }
    this.#report(closeTimeMs, missing);
    return { closeTimeMs, present, late };
  }

  #report(closeTimeMs: number, missing: readonly FeedInstrument[]): void {
    if (missing.length === 0 || this.#isClosed) return;
    const named = missing.slice(0, NAMES_MAX).map(({ symbol, failure }) => `${symbol} (${failure || 'not there yet'})`);
    const more = missing.length > NAMES_MAX ? ', ...' : '';
    const counted = `${missing.length} of ${this.#instruments.length}`;
    this.#options.onProblem(`bars of ${formatMinute(closeTimeMs)}: ${counted} are missing: ${named.join(', ')}${more}`);
  }

  /** Asks for nothing any more; a collection ends with what it has. */
  close(): void {
    this.#isClosed = true;
    this.#wakeUp();
  }
}

/** When the venue wants to be asked again; -Infinity = it does not say. */
function resetMsOf(reply: Reply): number {
  return reply.kind === 'refused' ? (reply.resetMs ?? -Infinity) : -Infinity;
}
