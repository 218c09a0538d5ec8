/** A stream that is always there or on its way back: one connection after the other, with pauses that grow. */
import { MINUTE_MS, SECOND_MS } from '@donch/core';
import { StreamConnection, type ConnectionEnd, type ConnectionOptions } from './streams-connection.ts';

export interface LineOptions extends ConnectionOptions {
  readonly name: string;
  /** Uniform in [0, 1): spreads the return of many. */
  readonly random: () => number;
  /** Connected and subscribed, the first time and every time after. */
  readonly onConnected: () => void;
  readonly onRefused: (text: string) => void;
}

/** Bybit bans an address for 500 connections in five minutes. */
const PAUSE_MS = SECOND_MS;
const PAUSE_MAX_MS = MINUTE_MS;
/** A key does not become right by itself. */
const REFUSED_PAUSE_MS = MINUTE_MS;
const REFUSED_PAUSE_MAX_MS = 10 * MINUTE_MS;
/** A connection that lived so long was a good one. */
const GOOD_LIFE_MS = MINUTE_MS;
/** Waits come in pieces, so that closing does not leave a long one behind. */
const PIECE_MS = 2 * SECOND_MS;

export class StreamLine {
  readonly #options: LineOptions;
  #connection: StreamConnection | null = null;
  #isClosed = false;

  constructor(options: LineOptions) {
    this.#options = options;
  }

  /** Takes a message that arrived over a connection; those of former connections count no more. */
  hear(client: unknown, message: unknown): void {
    const connection = this.#connection;
    if (connection !== null && connection.client === client) connection.hear(message);
  }

  /** Keeps the stream up until it is closed. Never throws. */
  async run(): Promise<void> {
    const { name, clock, onProblem, onRefused } = this.#options;
    let failures = 0;
    while (!this.#isClosed) {
      const startMs = clock.nowMs();
      const { reason, isRefused } = await this.#live();
      if (this.#isClosed) return;
      if (isRefused) onRefused(`${name} stream: ${reason}`);
      else onProblem(`${name} stream: ${reason}`);
      failures = clock.nowMs() - startMs >= GOOD_LIFE_MS && !isRefused ? 1 : failures + 1;
      await this.#wait(this.#pauseMs(failures, isRefused));
    }
  }

  async #live(): Promise<ConnectionEnd> {
    const { ccxt, url, onConnected } = this.#options;
    try {
      const connection = new StreamConnection(this.#options);
      this.#connection = connection;
      if (await connection.open()) onConnected();
      return await connection.stay();
    } catch (error) {
      Reflect.deleteProperty(ccxt.clients, url);
      return { reason: error instanceof Error ? error.message : String(error), isRefused: false };
    } finally {
      this.#connection?.drop();
      this.#connection = null;
    }
  }

  #pauseMs(failures: number, isRefused: boolean): number {
    const [first, most] = isRefused ? [REFUSED_PAUSE_MS, REFUSED_PAUSE_MAX_MS] : [PAUSE_MS, PAUSE_MAX_MS];
    return Math.min(most, first * 2 ** Math.min(failures - 1, 20)) * (0.5 + this.#options.random() / 2);
  }

  async #wait(ms: number): Promise<void> {
    const { clock } = this.#options;
    const untilMs = clock.nowMs() + ms;
    while (!this.#isClosed && clock.nowMs() < untilMs) await clock.sleep(Math.min(PIECE_MS, untilMs - clock.nowMs()));
  }

  close(): void {
    this.#isClosed = true;
    this.#connection?.drop();
  }
}
