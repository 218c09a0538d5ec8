/** What a feed has read of one instrument: an unbroken row of bars from where the receiver stands. */
import type { Bar } from '@donch/core';
import { isSameBar } from './bar-feed-rows.ts';

export interface InstrumentOptions {
  readonly symbol: string;
  readonly intervalMs: number;
  /** Bars before T that an instrument without any bar starts with. */
  readonly firstBars: number;
}

/** What reading an answer has brought to light. */
export interface Findings {
  /** Bars that were other ones when they were read before. */
  readonly revised: readonly { readonly before: Bar; readonly after: Bar }[];
  /** A hole that the venue has confirmed: its bars will never come. */
  readonly hole: { readonly fromMs: number; readonly toMs: number } | null;
}

/** Bars that are read again, to see whether the venue has changed them. */
const KNOWN_BARS = 3;
/** Clean answers with the same hole before it is believed: an answer may be cut off. */
const HOLE_ANSWERS = 3;
/** Bybit's limit of one answer. */
const PAGE_BARS = 1_000;

export class FeedInstrument {
  readonly symbol: string;
  isAsking = false;
  /** Not before this. */
  askAgainMs = -Infinity;
  /** Answers and failures since the collection began. */
  attempts = 0;
  /** Bar sets in a row without a bar. */
  misses = 0;
  /** Why the last question brought nothing; '' = it did. */
  failure = '';
  /** Close of the newest bar that the venue has called complete. */
  confirmedCloseMs = -Infinity;
  readonly #options: InstrumentOptions;
  /** Read, and not yet with the receiver. */
  #pending: Bar[] = [];
  /** The newest that were ever read. */
  readonly #known: Bar[] = [];
  #lastOpenMs: number | undefined;
  #skippedToMs = -Infinity;
  #hole = { fromMs: Number.NaN, toMs: Number.NaN, answers: 0 };

  constructor(options: InstrumentOptions) {
    this.#options = options;
    this.symbol = options.symbol;
  }

  /** Begins a collection; what the receiver has is dropped. */
  begin(lastOpenMs: number | undefined): void {
    this.#lastOpenMs = lastOpenMs;
    if (lastOpenMs !== undefined) this.#pending = this.#pending.filter(({ openTimeMs }) => openTimeMs > lastOpenMs);
    this.attempts = 0;
    this.askAgainMs = -Infinity;
  }

  /** Open time of the first bar that is missing. */
  nextOpenMs(closeTimeMs: number): number {
    const { intervalMs, firstBars } = this.#options;
    const last = this.#pending.at(-1)?.openTimeMs ?? this.#lastOpenMs;
    return Math.max(this.#skippedToMs, last === undefined ? closeTimeMs - firstBars * intervalMs : last + intervalMs);
  }

  isComplete(closeTimeMs: number): boolean {
    return this.nextOpenMs(closeTimeMs) >= closeTimeMs;
  }

  /** What to ask for: the missing bars and, in front of them, some that are known. */
  request(closeTimeMs: number): { readonly start: number; readonly end: number; readonly limit: number } {
    const { intervalMs } = this.#options;
    const nextMs = this.nextOpenMs(closeTimeMs);
    const knownMs = Math.min(this.#known[0]?.openTimeMs ?? Infinity, nextMs);
    const start = Math.max(knownMs, nextMs - KNOWN_BARS * intervalMs);
    return { start, end: Math.min(closeTimeMs, start + PAGE_BARS * intervalMs) - 1, limit: PAGE_BARS };
  }

  /** Takes the bars of a clean answer that ends before `endMs`. */
  take(bars: readonly Bar[], closeTimeMs: number, endMs: number): Findings {
    const { intervalMs } = this.#options;
    const revised: { before: Bar; after: Bar }[] = [];
    let hole: Findings['hole'] = null;
    let nextMs = this.nextOpenMs(closeTimeMs);
    for (const bar of bars) {
      if (bar.openTimeMs < nextMs) {
        const before = this.#revise(bar);
        if (before !== null) revised.push({ before, after: bar });
        continue;
      }
      if (bar.openTimeMs >= closeTimeMs) break;
      if (bar.openTimeMs > nextMs) {
        if (!this.#isHole(nextMs, bar.openTimeMs)) break;
        hole = this.#holeTo(nextMs, bar.openTimeMs);
      }
      this.#pending.push(bar);
      this.#remember(bar);
      nextMs = bar.openTimeMs + intervalMs;
    }
    const isEmptyPage = bars.every(({ openTimeMs }) => openTimeMs < nextMs) && nextMs < endMs && endMs < closeTimeMs;
    if (isEmptyPage && this.#isHole(nextMs, endMs)) {
      hole = this.#holeTo(nextMs, endMs);
      this.#skippedToMs = endMs;
    }
    return { revised, hole };
  }

  /** Counts how often the venue has shown the same hole. In front of a young instrument it begins anywhere. */
  #isHole(fromMs: number, toMs: number): boolean {
    const isSame = this.#hole.toMs === toMs && (this.#hole.fromMs === fromMs || this.#isYoung);
    this.#hole = { fromMs, toMs, answers: isSame ? this.#hole.answers + 1 : 1 };
    return this.#hole.answers >= HOLE_ANSWERS;
  }

  #holeTo(fromMs: number, toMs: number): Findings['hole'] {
    return this.#isYoung ? null : { fromMs, toMs };
  }

  /** No bar yet: what is missing in front of the first one was never traded. */
  get #isYoung(): boolean {
    return this.#lastOpenMs === undefined && this.#pending.length === 0;
  }

  #remember(bar: Bar): void {
    this.#known.push(bar);
    if (this.#known.length > KNOWN_BARS) this.#known.shift();
  }

  /** Puts a bar in the place of what was known of it. Returns what that was, null when it is the same. */
  #revise(bar: Bar): Bar | null {
    const at = this.#known.findIndex(({ openTimeMs }) => openTimeMs === bar.openTimeMs);
    if (at < 0 || isSameBar(this.#known[at], bar)) return null;
    const before = this.#known[at];
    this.#known[at] = bar;
    this.#pending = this.#pending.map((one) => (one.openTimeMs === bar.openTimeMs ? bar : one));
    return before;
  }

  /** What the receiver does not have. */
  pending(closeTimeMs: number): readonly Bar[] {
    return this.#pending.filter(({ openTimeMs }) => openTimeMs < closeTimeMs);
  }
}
