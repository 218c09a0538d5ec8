/** One connection of a stream, from dialling to its end: ccxt dials and signs, everything that can hang is watched here. */
import type { Clock } from '../clock.ts';
import type { BybitInstance } from './ccxt-instance.ts';

/** What streams use of ccxt beyond requests. */
export type StreamCcxt = BybitInstance & { authenticate(url: string): Promise<unknown> };

/** A message about a topic. */
export interface TopicMessage {
  readonly topic: string;
  readonly data: readonly unknown[];
}

export interface ConnectionOptions {
  readonly ccxt: StreamCcxt;
  readonly url: string;
  /** Signs in before it subscribes. */
  readonly isPrivate: boolean;
  readonly topics: readonly string[];
  readonly clock: Clock;
  /** Wall-clock time for dialling, signing in and every acknowledgement together. */
  readonly deadlineMs: number;
  /** Longest time without a word about any topic; Infinity where silence is normal. */
  readonly quietMaxMs: number;
  readonly onTopic: (message: TopicMessage) => void;
  readonly onProblem: (text: string) => void;
}

/** Why a connection ended. */
export interface ConnectionEnd {
  readonly reason: string;
  /** The venue does not take the key. */
  readonly isRefused: boolean;
}

type WsClient = ReturnType<StreamCcxt['client']>;

/** Keeps one future of ccxt's that ends when the connection does. */
const LIFE = 'life';
const AUTHENTICATED = 'authenticated';
/** Topics in one request: 100 of them are 2 kB. */
const TOPICS_PER_REQUEST = 100;
/** As ccxt does; Bybit asks for one every 20 s. */
const PING_MS = 18_000;
/** Two pings without any answer. */
const SILENCE_MS = 2 * PING_MS;
/** How often a connection is looked at. */
const CHECK_MS = 2_000;

export class StreamConnection {
  readonly client: WsClient;
  readonly #options: ConnectionOptions;
  readonly #ended = Promise.withResolvers<ConnectionEnd>();
  /** Subscriptions that wait for their acknowledgement, by the id of the request. */
  readonly #asked = new Map<string, { readonly topics: readonly string[]; readonly resolve: () => void }>();
  #end: ConnectionEnd | null = null;
  #requests = 0;
  #heardMs: number;
  #topicHeardMs: number;
  #wakeUp: () => void = () => undefined;

  /** Starts to dial. Throws what ccxt throws about an impossible url. */
  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { ccxt, url, clock } = options;
    this.#heardMs = clock.nowMs();
    this.#topicHeardMs = this.#heardMs;
    this.client = ccxt.client(url);
    (ccxt.watch(url, LIFE, undefined, LIFE) as Promise<unknown>).catch((error: unknown) => {
      this.end(messageOf(error));
    });
  }

  /** True once every topic is acknowledged; false = it has ended. */
  async open(): Promise<boolean> {
    const { deadlineMs } = this.#options;
    const timer = setTimeout(() => {
      this.end(`not connected within ${deadlineMs} ms`);
    }, deadlineMs);
    const steps = this.#steps().catch((error: unknown) => {
      this.end(messageOf(error));
    });
    await Promise.race([steps, this.#ended.promise]);
    clearTimeout(timer);
    return this.#end === null;
  }

  async #steps(): Promise<void> {
    const { ccxt, url, isPrivate, topics } = this.#options;
    await this.client.connected;
    if (isPrivate) await ccxt.authenticate(url);
    const chunks: Promise<void>[] = [];
    for (let at = 0; at < topics.length; at += TOPICS_PER_REQUEST)
      chunks.push(this.#subscribe(topics.slice(at, at + TOPICS_PER_REQUEST)));
    await Promise.all(chunks);
  }

  #subscribe(topics: readonly string[]): Promise<void> {
    return new Promise((resolve) => {
      this.#asked.set(this.#send('subscribe', topics), { topics, resolve });
    });
  }

  /** Returns the id of the request. */
  #send(op: string, args?: readonly string[]): string {
    this.#requests += 1;
    const id = String(this.#requests);
    this.client.send({ op, req_id: id, args }).catch((error: unknown) => {
      this.end(messageOf(error));
    });
    return id;
  }

  /** Takes a message of the venue. */
  hear(message: unknown): void {
    this.#heardMs = this.#options.clock.nowMs();
    if (typeof message !== 'object' || message === null) {
      this.end('a message that is not JSON');
      return;
    }
    const { topic, op, data } = message as Partial<TopicMessage & { readonly op: unknown }>;
    if (typeof topic === 'string') {
      this.#topicHeardMs = this.#heardMs;
      if (Array.isArray(data)) this.#options.onTopic({ topic, data });
      else this.#options.onProblem(`a message of ${topic} without data`);
    } else if (op === 'subscribe') this.#acknowledged(message);
    else if (op === 'auth') this.#authenticated(message);
  }

  /** A request with one bad topic is refused as a whole: it is halved until the bad one stands alone. */
  #acknowledged(message: Acknowledgement): void {
    const id = String(message.req_id);
    const asked = this.#asked.get(id);
    if (asked === undefined) return;
    this.#asked.delete(id);
    const { topics, resolve } = asked;
    const said = String(message.ret_msg);
    if (message.success === true) resolve();
    else if (this.#options.isPrivate) this.end(`subscription refused: ${said}`);
    else if (topics.length === 1) {
      this.#options.onProblem(`no stream of ${topics[0]}: ${said}`);
      resolve();
    } else {
      const half = Math.ceil(topics.length / 2);
      const halves = [topics.slice(0, half), topics.slice(half)];
      void Promise.all(halves.map((some) => this.#subscribe(some))).then(resolve);
    }
  }

  #authenticated(message: Acknowledgement): void {
    const { success, retCode, ret_msg: said } = message;
    if (success !== true && retCode !== 0) this.end(`sign-in refused: ${String(said)}`, true);
    // for a message that nobody waits for ccxt throws
    else if (AUTHENTICATED in this.client.futures) this.client.resolve(true, AUTHENTICATED);
  }

  /** Waits until it ends, and asks for a sign of life meanwhile. */
  async stay(): Promise<ConnectionEnd> {
    const { clock, quietMaxMs } = this.#options;
    let pingedMs = clock.nowMs();
    while (this.#end === null) {
      await this.#pause();
      const nowMs = clock.nowMs();
      if (nowMs - this.#heardMs > SILENCE_MS) this.end('silent');
      else if (nowMs - this.#topicHeardMs > quietMaxMs) this.end('no word about any topic');
      else if (nowMs - pingedMs >= PING_MS) {
        this.#send('ping');
        pingedMs = nowMs;
      }
    }
    return this.#end;
  }

  /** A promise of its own each time: racing against a long-lived one would keep every round in memory. */
  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#wakeUp = resolve;
      void this.#options.clock.sleep(CHECK_MS).then(resolve);
    });
  }

  /** The first reason counts. */
  end(reason: string, isRefused = false): void {
    if (this.#end !== null) return;
    this.#end = { reason, isRefused };
    this.#ended.resolve(this.#end);
    this.#wakeUp();
  }

  /** Forgets the connection at once: a venue that does not answer gets no chance to say good-bye. */
  drop(): void {
    const { ccxt, url } = this.#options;
    this.end('dropped');
    if (ccxt.clients[url] === this.client) Reflect.deleteProperty(ccxt.clients, url);
    this.client.clearConnectionTimeout();
    // with an error set, ccxt leaves the next connection alone when this one reports its end
    this.client.error ??= new Error('dropped');
    (this.client.connection as { terminate(): void } | undefined)?.terminate();
  }
}

interface Acknowledgement {
  readonly success?: unknown;
  readonly retCode?: unknown;
  readonly ret_msg?: unknown;
  readonly req_id?: unknown;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
