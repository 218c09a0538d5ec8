/** `BybitApi` on ccxt: signing, rate limit and transport are ccxt's, the meaning of an answer is ours. */
import type { BybitApi, Params, Reply } from './bybit-api.ts';
import { createCcxt, WireError, type BybitInstance, type CcxtOptions } from './ccxt-instance.ts';

/** A `BybitApi` with the clock of its venue. */
export interface BybitConnection extends BybitApi {
  /** Venue time: our clock plus the offset measured last. */
  venueTimeMs(): number;
  /**
   * Measures the clock's offset: the fastest of some questions for the time counts. Null = the venue did not answer.
   *
   * @returns venue time minus ours, ms.
   */
  measureOffsetMs(): Promise<number | null>;
  close(): Promise<void>;
}

/** Mutating calls against reads: Bybit takes 10 orders and 50 reads a second from an account. */
const POST_COST = 5;
const OFFSET_QUESTIONS = 3;
/** On top of the deadline that aborts the request: nothing hangs, whatever the transport does. */
const DEADLINE_SLACK_MS = 500;

/** Throws `bad_base_url`. Public data and private calls want instances of their own: they share one queue otherwise. */
export async function createBybitApi(options: CcxtOptions): Promise<BybitConnection> {
  return new CcxtConnection(await createCcxt(options), options);
}

class CcxtConnection implements BybitConnection {
  readonly #ccxt: BybitInstance;
  readonly #options: CcxtOptions;

  constructor(ccxt: BybitInstance, options: CcxtOptions) {
    this.#ccxt = ccxt;
    this.#options = options;
  }

  get(path: string, params: Params): Promise<Reply> {
    return this.#call('GET', path, params);
  }

  post(path: string, params: Params): Promise<Reply> {
    return this.#call('POST', path, params);
  }

  async #call(method: 'GET' | 'POST', path: string, params: Params): Promise<Reply> {
    const api = path.startsWith('v5/market/') || path === 'v5/system/status' ? 'public' : 'private';
    const cost = method === 'POST' ? POST_COST : 1;
    try {
      await this.#ccxt.throttle(cost);
      const sent = this.#ccxt.sign(path, api, method, method === 'GET' ? inQuery(params) : given(params)) as Signed;
      const answer = this.#ccxt.fetch(sent.url, sent.method, sent.headers, sent.body) as Promise<Envelope>;
      const envelope = await within(answer, this.#options.deadlineMs + DEADLINE_SLACK_MS);
      return { kind: 'ok', result: envelope.result, timeMs: Number(envelope.time) };
    } catch (error) {
      return replyOf(error);
    }
  }

  venueTimeMs(): number {
    return this.#options.clock.nowMs() + this.#ccxt.clockOffsetMs;
  }

  async measureOffsetMs(): Promise<number | null> {
    const { clock } = this.#options;
    let best: { readonly roundTripMs: number; readonly offsetMs: number } | null = null;
    for (let k = 0; k < OFFSET_QUESTIONS; k += 1) {
      const askedMs = clock.nowMs();
      const reply = await this.get('v5/market/time', {});
      const roundTripMs = clock.nowMs() - askedMs;
      if (reply.kind !== 'ok' || !(reply.timeMs > 0)) continue;
      if (best === null || roundTripMs < best.roundTripMs)
        best = { roundTripMs, offsetMs: reply.timeMs - (askedMs + roundTripMs / 2) };
    }
    if (best === null) return null;
    this.#ccxt.clockOffsetMs = best.offsetMs;
    return best.offsetMs;
  }

  async close(): Promise<void> {
    await this.#ccxt.close();
  }
}

interface Signed {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly body: string | undefined;
}

interface Envelope {
  readonly result: Readonly<Record<string, unknown>>;
  readonly time: unknown;
}

function given(params: Params): Record<string, string | number | boolean> {
  return Object.fromEntries(
    Object.entries(params).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** ccxt does not escape what it puts into a query: symbols outside ASCII. Cursors come escaped and go back as they came. */
function inQuery(params: Params): Record<string, string | number | boolean> {
  const escape = (value: string | number | boolean): string | number | boolean =>
    typeof value === 'string' ? value.replaceAll(/[^!-~]|[&#+]/gu, encodeURIComponent) : value;
  return Object.fromEntries(Object.entries(given(params)).map(([name, value]) => [name, escape(value)]));
}

async function within<T>(answer: Promise<T>, deadlineMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${deadlineMs} ms`));
    }, deadlineMs);
  });
  try {
    return await Promise.race([answer, expired]);
  } finally {
    clearTimeout(timer);
  }
}

function replyOf(error: unknown): Reply {
  return error instanceof WireError ? error.reply : { kind: 'unclear', reason: reasonOf(error) };
}

/** The message without url: a signed query stays out of logs. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replaceAll(/(https?:\/\/[^\s?]+)\?\S*/g, '$1').slice(0, 300);
}
