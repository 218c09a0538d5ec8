/** Calls with patience and memory: reads are asked again, changes are not - but for the two answers that say nothing was done. */
import { DonchError } from '@donch/core';
import type { Clock } from '../clock.ts';
import type { AddressBan } from './address-ban.ts';
import type { BybitApi, Params, Reply } from './bybit-api.ts';
import { verdictOf, type Verdict } from './verdict.ts';

/** Something that people must know, and that may have to stop entries. Protective actions go on. */
export interface Trouble {
  readonly code: 'venue_halt' | 'venue_ban' | 'venue_clock' | 'venue_rules';
  readonly text: string;
  readonly stopsEntries: boolean;
}

export interface CallsOptions {
  readonly api: BybitApi;
  readonly clock: Clock;
  /** Measures the offset of the clock again, see `BybitConnection`. */
  readonly measureOffsetMs: () => Promise<number | null>;
  readonly onTrouble: (trouble: Trouble) => void;
  /** Shared by all that ask from this address. */
  readonly ban: AddressBan;
}

export type Rows = readonly Readonly<Record<string, unknown>>[];

const READ_ATTEMPTS = 3;
const READ_PAUSE_MS = 200;
/** Longest wait for the venue's rate limit before a change is sent again. */
const WAIT_MAX_MS = 2_000;
const PAGES_MAX = 200;

export class BybitCalls {
  readonly #options: CallsOptions;

  constructor(options: CallsOptions) {
    this.#options = options;
  }

  /** Sends one change. `again` = false: may not be sent twice even when the first was refused without effect (an expired entry). */
  async change(path: string, params: Params, again: () => boolean = () => true): Promise<Verdict> {
    const { api, clock } = this.#options;
    if (this.#options.ban.isActive(clock.nowMs())) return banned();
    const reply = await api.post(path, params);
    const verdict = verdictOf(reply);
    if (verdict.kind !== 'definite') return verdict;
    if (verdict.remedy === 'clock') await this.#options.measureOffsetMs();
    else if (verdict.remedy === 'wait') await clock.sleep(waitMs(reply, clock.nowMs()));
    else return this.#told(verdict);
    return again() ? this.#told(verdictOf(await api.post(path, params))) : verdict;
  }

  #told(verdict: Verdict): Verdict {
    if (verdict.kind !== 'definite') return verdict;
    const { remedy, reason } = verdict;
    if (remedy === 'ban') this.#options.ban.begin(this.#options.clock.nowMs());
    const trouble = TROUBLES[remedy];
    if (trouble !== undefined) this.#options.onTrouble({ ...trouble, text: reason });
    return verdict;
  }

  /** Reads one answer. Throws `no_answer` when the venue gives none: never an empty value in its place. */
  async read(path: string, params: Params): Promise<Readonly<Record<string, unknown>>> {
    const { api, clock } = this.#options;
    const { ban } = this.#options;
    let found = 'banned by address';
    for (let attempt = 1; attempt <= READ_ATTEMPTS && !ban.isActive(clock.nowMs()); attempt += 1) {
      const reply = await api.get(path, params);
      if (reply.kind === 'ok') return reply.result;
      const verdict = verdictOf(reply);
      found = 'reason' in verdict ? verdict.reason : reply.kind;
      const isLast = attempt === READ_ATTEMPTS || !isPassing(verdict);
      // as with changes: a clock that the next attempt finds right again is no trouble
      if (isLast) this.#told(verdict);
      if (isLast) break;
      if (verdict.kind === 'definite' && verdict.remedy === 'clock') await this.#options.measureOffsetMs();
      await clock.sleep(verdict.kind === 'definite' ? waitMs(reply, clock.nowMs()) : READ_PAUSE_MS * attempt);
    }
    throw unclear(path, found);
  }

  /** Reads every page of a list. Throws `no_answer` as soon as one page is not clean. */
  async readAll(path: string, params: Params, limit: number): Promise<Rows> {
    const rows: Readonly<Record<string, unknown>>[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const result = await this.read(path, { ...params, limit, cursor });
      const { list, nextPageCursor } = result;
      if (!Array.isArray(list)) throw unclear(path, 'an answer without its list');
      rows.push(...(list as Rows));
      if (typeof nextPageCursor !== 'string' || nextPageCursor === '') return rows;
      // more was promised
      if (list.length === 0) throw unclear(path, 'an empty page with a cursor to the next');
      cursor = nextPageCursor;
    }
    throw unclear(path, `more than ${PAGES_MAX} pages`);
  }
}

const TROUBLES: Readonly<Partial<Record<string, Omit<Trouble, 'text'>>>> = {
  halt: { code: 'venue_halt', stopsEntries: true },
  ban: { code: 'venue_ban', stopsEntries: true },
  clock: { code: 'venue_clock', stopsEntries: true },
  rules: { code: 'venue_rules', stopsEntries: false },
};

/** Asking again may help. */
function isPassing(verdict: Verdict): boolean {
  return verdict.kind !== 'definite' || verdict.remedy === 'clock' || verdict.remedy === 'wait';
}

function banned(): Verdict {
  return { kind: 'definite', reason: 'not sent: the venue refuses this address for now', remedy: 'skip' };
}

function waitMs(reply: Reply, nowMs: number): number {
  const resetMs = reply.kind === 'refused' ? reply.resetMs : null;
  return resetMs === null ? READ_PAUSE_MS : Math.min(WAIT_MAX_MS, Math.max(READ_PAUSE_MS, resetMs - nowMs));
}

/** No answer to a question: retryable, and never to be taken for "nothing". */
export function unclear(path: string, found: string): DonchError {
  return new DonchError('no_answer', `${path}: ${found}`, {
    expected: 'a complete answer',
    remedy: 'The venue did not answer, or not in full: it is asked again.',
    retryable: true,
  });
}
