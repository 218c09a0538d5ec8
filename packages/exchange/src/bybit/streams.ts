/**
 * Bybit's streams as an alarm clock: they say that something has happened, never what. What has happened is asked over REST, so a
 * message that is lost, doubled, late or wrong costs a question or a little time, and nothing else.
 */
import { invariant, MINUTE_MS } from '@donch/core';
import type { Clock } from '../clock.ts';
import { klineInterval } from './bar-feed-rows.ts';
import type { BybitSite } from './base-url.ts';
import type { Trouble } from './calls.ts';
import { createCcxt, type BybitKeys } from './ccxt-instance.ts';
import type { StreamCcxt, TopicMessage } from './streams-connection.ts';
import { StreamLine, type LineOptions } from './streams-line.ts';

/** `account`: orders, fills, positions or money have changed. `reconnected`: a stream is up, and what happened before is unknown. */
export type Wake = 'account' | 'reconnected';

export interface StreamsOptions {
  readonly site: BybitSite;
  /** Null = no stream of the account. */
  readonly keys: BybitKeys | null;
  /** Candles of these; [] = no public stream. */
  readonly symbols: readonly string[];
  readonly intervalMs: number;
  readonly clock: Clock;
  /** The venue's time as far as it is known: what the sign-in is stamped with. */
  readonly venueTimeMs: () => number;
  /** Wall-clock time for a connection to come about. */
  readonly deadlineMs: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** At most one of a kind in `WAKE_MS`. */
  readonly onWake: (wake: Wake) => void;
  /** The venue says that a bar is complete; may come twice, late or never. */
  readonly onBarClosed: (symbol: string, openTimeMs: number) => void;
  readonly onTrouble: (trouble: Trouble) => void;
  /** For the log: connections that ended, topics that are not there. */
  readonly onProblem: (text: string) => void;
}

export interface Streams {
  /** No wake comes afterwards. */
  close(): void;
}

/** Shortest time between two wakes of a kind. */
export const WAKE_MS = 100;
const PRIVATE_TOPICS = ['order', 'execution', 'position', 'wallet'];
/** Documented: topics of one connection, as text. */
const TOPIC_CHARS_MAX = 21_000;
/** Candles of a whole market that stand still for so long: the subscription is dead. */
const QUIET_MAX_MS = 2 * MINUTE_MS;

/** Connects and keeps connected. Throws `bad_base_url`. */
export async function openStreams(options: StreamsOptions): Promise<Streams> {
  const { site, keys, clock, deadlineMs } = options;
  // of ccxt's requests none is made here
  const unused = { recvWindowMs: 5_000, requestsPerSecond: 1 };
  const ccxt = (await createCcxt({ site, keys, clock, deadlineMs, ...unused })) as StreamCcxt;
  ccxt.milliseconds = () => Math.round(options.venueTimeMs());
  // its queue for sending loses rejections, its pings count on another clock, and it writes to the console
  ccxt.enableRateLimit = false;
  ccxt.streaming['keepAlive'] = 0;
  ccxt.log = () => undefined;
  return new OpenStreams(options, ccxt);
}

class OpenStreams implements Streams {
  readonly #options: StreamsOptions;
  readonly #lines = new Map<string, StreamLine>();
  readonly #wakes: Wakes;
  #isClosed = false;

  constructor(options: StreamsOptions, ccxt: StreamCcxt) {
    this.#options = options;
    this.#wakes = new Wakes(options.clock, (wake) => {
      if (!this.#isClosed) options.onWake(wake);
    });
    ccxt.handleMessage = (client: { readonly url: string }, message: unknown) => {
      this.#hear(client, message);
    };
    const { public: open, private: closed } = (ccxt.urls['api'] as StreamUrls).ws;
    const { symbols, keys } = options;
    if (symbols.length > 0) {
      const topics = this.#candleTopics();
      const quiet = { quietMaxMs: QUIET_MAX_MS, name: 'public', isPrivate: false };
      this.#keep(ccxt, { ...quiet, url: ccxt.implodeHostname(open.linear), topics });
    }
    if (keys !== null) {
      const quiet = { quietMaxMs: Infinity, name: 'private', isPrivate: true };
      this.#keep(ccxt, { ...quiet, url: ccxt.implodeHostname(closed.contract), topics: PRIVATE_TOPICS });
    }
  }

  #candleTopics(): string[] {
    const { symbols, intervalMs } = this.#options;
    const topics = symbols.map((symbol) => `kline.${klineInterval(intervalMs)}.${symbol}`);
    invariant(topics.join(',').length <= TOPIC_CHARS_MAX, 'the topics of a connection fit its limit');
    return topics;
  }

  #keep(ccxt: StreamCcxt, line: Pick<LineOptions, 'url' | 'topics' | 'name' | 'isPrivate' | 'quietMaxMs'>): void {
    const { clock, deadlineMs, random, onTrouble, onProblem } = this.#options;
    const kept = new StreamLine({
      ...line,
      ccxt,
      clock,
      deadlineMs,
      random,
      onProblem,
      onTopic: (message) => {
        this.#take(message);
      },
      onConnected: () => {
        this.#wakes.wake('reconnected');
      },
      onRefused: (text) => {
        onTrouble({ code: 'venue_halt', text, stopsEntries: true });
      },
    });
    this.#lines.set(line.url, kept);
    void kept.run();
  }

  #hear(client: { readonly url: string }, message: unknown): void {
    try {
      this.#lines.get(client.url)?.hear(client, message);
    } catch (error) {
      // ccxt would take a bug of ours for the end of the connection
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  #take({ topic, data }: TopicMessage): void {
    if (this.#isClosed) return;
    if (!topic.startsWith('kline.')) {
      this.#wakes.wake('account');
      return;
    }
    const symbol = topic.split('.')[2];
    for (const bar of data as readonly { readonly confirm?: unknown; readonly start?: unknown }[]) {
      if (bar.confirm === true) this.#options.onBarClosed(symbol, Number(bar.start));
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const line of this.#lines.values()) line.close();
  }
}

interface StreamUrls {
  readonly ws: { readonly public: { readonly linear: string }; readonly private: { readonly contract: string } };
}

/** The first wake of a kind passes at once, those of the next moments as one. */
class Wakes {
  readonly #clock: Clock;
  readonly #onWake: (wake: Wake) => void;
  readonly #wokenMs = new Map<Wake, number>();
  readonly #waiting = new Set<Wake>();

  constructor(clock: Clock, onWake: (wake: Wake) => void) {
    this.#clock = clock;
    this.#onWake = onWake;
  }

  wake(wake: Wake): void {
    if (this.#waiting.has(wake)) return;
    const restMs = (this.#wokenMs.get(wake) ?? -Infinity) + WAKE_MS - this.#clock.nowMs();
    if (restMs <= 0) {
      this.#wokenMs.set(wake, this.#clock.nowMs());
      this.#onWake(wake);
      return;
    }
    this.#waiting.add(wake);
    void this.#clock.sleep(restMs).then(() => {
      // a timer may be a moment early
      this.#waiting.delete(wake);
      this.wake(wake);
    });
  }
}
