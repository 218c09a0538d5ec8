/** Questions for history with the patience of a download: asked until there is a clean answer, never answered by a guess. */
import { DonchError } from '@donch/core';
import type { BybitApi, Params } from '../bybit/bybit-api.ts';
import type { Clock } from '../clock.ts';

export interface QuestionOptions {
  readonly api: BybitApi;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Tells of waits that a person would wonder about. */
  readonly onWait?: (text: string) => void;
}

export interface CleanAnswer {
  readonly result: Readonly<Record<string, unknown>>;
  /** The venue's time of the answer. */
  readonly timeMs: number;
}

const ATTEMPTS_MAX = 12;
/** From this one on somebody may wonder. */
const TOLD_ATTEMPT = 3;
const PAUSE_MS = 250;
const PAUSE_MAX_MS = 15_000;
/** Documented: an address that asks too often is left alone for ten minutes. */
const BAN_MS = 10 * 60_000;
/** retCodes that a second question cannot change. */
const FINAL: readonly number[] = [10001, 10003, 10004, 10005, 10009, 10010, 10024, 10029, 33004];

export class Questions {
  readonly #options: QuestionOptions;
  /** Questions that were sent. */
  sent = 0;

  constructor(options: QuestionOptions) {
    this.#options = options;
  }

  get signal(): AbortSignal {
    return this.#options.signal;
  }

  /**
   * Asks until there is a clean answer. Throws `no_answer` after a dozen attempts, `venue_refused` for an answer that will not change,
   * `interrupted` when the signal fires.
   */
  async ask(path: string, params: Params): Promise<CleanAnswer> {
    const { api, clock } = this.#options;
    let found = '';
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      if (attempt === TOLD_ATTEMPT) this.#options.onWait?.(`${path}: ${found}; asking again`);
      if (attempt > 0) await clock.sleep(Math.min(PAUSE_MAX_MS, PAUSE_MS * 2 ** (attempt - 1)));
      if (this.signal.aborted) throw new DonchError('interrupted', 'stopped', { retryable: true });
      this.sent += 1;
      const reply = await api.get(path, params);
      if (reply.kind === 'ok' && reply.timeMs > 0) return { result: reply.result, timeMs: reply.timeMs };
      if (reply.kind === 'refused') {
        found = `Bybit ${reply.retCode}: ${reply.retMsg}`;
        if (FINAL.includes(reply.retCode)) throw refusedError(path, found);
      } else if (reply.kind === 'http') {
        found = `HTTP ${reply.status}`;
        if (reply.status === 403) await this.#forbidden(path, reply.text);
        else if (reply.status === 401 || reply.status === 404) throw refusedError(path, found);
      } else found = reply.kind === 'unclear' ? reply.reason : 'an answer without its time';
    }
    throw new DonchError('no_answer', `${path}: ${found} (${ATTEMPTS_MAX} attempts)`, {
      expected: 'a complete answer',
      remedy: 'Start again later: what is stored is not fetched again.',
      retryable: true,
    });
  }

  async #forbidden(path: string, text: string): Promise<void> {
    if (!/too frequent/i.test(text)) {
      throw new DonchError('venue_refused', `${path}: HTTP 403, access from here is blocked`, {
        expected: 'an address that Bybit serves',
        remedy: 'Bybit refuses some countries and hosts: fetch from another place, or import files.',
      });
    }
    this.#options.onWait?.('Bybit says that this address asks too often: waiting for ten minutes');
    await this.#options.clock.sleep(BAN_MS);
  }
}

function refusedError(path: string, found: string): DonchError {
  return new DonchError('venue_refused', `${path}: ${found}`, { expected: 'an answer' });
}
