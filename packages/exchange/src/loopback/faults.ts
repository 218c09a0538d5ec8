/**
 * Faults of transport and protocol (F1-F30), as values: which requests they meet, and what becomes of each. One plan drives the
 * server with its sockets and the transport inside a process alike. Faults of trading (F31-F50) are levers of the exchange.
 */
import { createPrng, type Prng } from '@donch/core';
import type { WireAnswer, WireRequest } from './wire.ts';

/** What becomes of a request. `executes`: whether the venue acts on it although no answer arrives. */
export type FaultMode =
  | { readonly kind: 'hang'; readonly executes: boolean }
  | { readonly kind: 'reset'; readonly executes: boolean }
  /** Part of the body, then the connection is gone. */
  | { readonly kind: 'truncated' }
  /** Headers, part of the body, then nothing. */
  | { readonly kind: 'stalled' }
  /** Another body or status than the true one. */
  | {
      readonly kind: 'replaced';
      readonly status: number;
      readonly body: string;
      readonly executes: boolean;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** An envelope with this code. */
  | { readonly kind: 'refused'; readonly retCode: number; readonly retMsg: string; readonly executes: boolean }
  /** The true answer, later. */
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** The request reaches the venue only now; whoever asked has long given up. */
  | { readonly kind: 'late'; readonly delayMs: number }
  /** The true answer, changed. */
  | {
      readonly kind: 'changed';
      readonly change: 'no_list' | 'empty_list' | 'cut_page' | 'doubled_rows' | 'shuffled_rows';
    }
  /** The connection is closed after the answer. */
  | { readonly kind: 'closed_after' };

export interface FaultRule {
  /** Number in the list of faults, e.g. `F4`. */
  readonly id: string;
  /** Of `METHOD path`. */
  readonly match: RegExp;
  readonly mode: FaultMode;
  /** Matching requests before the first one that it meets. */
  readonly skip?: number;
  /** Requests that it meets; default 1. */
  readonly count?: number;
}

const HTML = '<html><body>Please try again</body></html>';
const replaced = (status: number, body: string, executes = true): FaultMode => ({
  kind: 'replaced',
  status,
  body,
  executes,
});
const refused = (retCode: number, retMsg: string, executes = false): FaultMode => ({
  kind: 'refused',
  retCode,
  retMsg,
  executes,
});

/** F1-F30 and the modes that each can take. */
export const FAULTS: Readonly<Record<string, readonly FaultMode[]>> = {
  F1: [{ kind: 'hang', executes: false }],
  F2: [{ kind: 'hang', executes: true }],
  F3: [{ kind: 'reset', executes: false }],
  F4: [{ kind: 'reset', executes: true }],
  F5: [{ kind: 'truncated' }],
  F6: [{ kind: 'stalled' }],
  F7: [replaced(200, HTML)],
  F8: [replaced(200, '')],
  F9: [replaced(200, 'null')],
  F10: [replaced(200, '{"retCode":0,"retMsg":"OK","result":{},"retExtInfo":{},"time":1}')],
  F11: [{ kind: 'changed', change: 'empty_list' }],
  F12: [502, 503, 504].flatMap((status) => [replaced(status, HTML, false), replaced(status, HTML, true)]),
  F13: [
    replaced(
      403,
      '<html>The Amazon CloudFront distribution is configured to block access from your country</html>',
      false,
    ),
  ],
  F14: [replaced(403, '<html>access too frequent</html>', false)],
  F15: [replaced(429, 'Too many requests', false)],
  // whoever follows it comes to a clean answer
  F16: [{ kind: 'replaced', status: 302, body: '', executes: false, headers: { Location: '/v5/market/time' } }],
  F17: [
    { kind: 'slow', delayMs: 1_000 },
    { kind: 'slow', delayMs: 9_000 },
    { kind: 'late', delayMs: 3_000 },
    { kind: 'late', delayMs: 20_000 },
  ],
  F18: [{ kind: 'closed_after' }],
  F19: [{ kind: 'reset', executes: false }],
  F20: [refused(10006, 'Too many visits. Exceeded the API Rate Limit.')],
  F21: [refused(10002, 'invalid request, please check your server timestamp or recv_window param')],
  F22: [refused(10000, 'Server Timeout', false), refused(10000, 'Server Timeout', true)],
  F23: [refused(10016, 'Internal System Error.', false), refused(10016, 'Internal System Error.', true)],
  F24: [10003, 10004, 10005, 33004].map((code) => refused(code, 'API key is invalid or lacks a permission.')),
  F25: [refused(10001, 'position idx not match position mode')],
  F27: [{ kind: 'changed', change: 'cut_page' }],
  F28: [
    { kind: 'changed', change: 'doubled_rows' },
    { kind: 'changed', change: 'shuffled_rows' },
  ],
  F29: [{ kind: 'changed', change: 'no_list' }],
  F30: [
    refused(987_654, 'a code that nobody has documented', false),
    refused(987_654, 'a code that nobody has documented', true),
  ],
};

/** Faults that a run survives without a person: no lasting refusal of key, address or account. */
export const PASSING_FAULTS: readonly string[] = Object.keys(FAULTS).filter(
  (id) => !['F13', 'F14', 'F24', 'F25', 'F27'].includes(id),
);

/** Decides about every request: rules first, then chance. */
export class FaultPlan {
  readonly #rules: { readonly rule: FaultRule; seen: number }[] = [];
  #random: {
    readonly prng: Prng;
    readonly frac: number;
    readonly modes: readonly (readonly [string, FaultMode])[];
    readonly match: RegExp;
  } | null = null;
  /** Faults that happened, by id. */
  readonly happened = new Map<string, number>();

  add(rule: FaultRule): void {
    this.#rules.push({ rule, seen: 0 });
  }

  /** From now on a share of the requests meets one of these faults. */
  randomly(
    seed: number,
    frac: number,
    { ids = PASSING_FAULTS, match = /./ }: { readonly ids?: readonly string[]; readonly match?: RegExp } = {},
  ): void {
    const modes = ids.flatMap((id) => (FAULTS[id] ?? []).map((mode): readonly [string, FaultMode] => [id, mode]));
    this.#random = { prng: createPrng(seed, 'faults'), frac, modes, match };
  }

  /** No more faults. */
  stop(): void {
    this.#random = null;
    this.#rules.length = 0;
  }

  decide({ method, path }: Pick<WireRequest, 'method' | 'path'>): FaultMode | null {
    const route = `${method} ${path}`;
    for (const entry of this.#rules) {
      const { id, match, mode, skip = 0, count = 1 } = entry.rule;
      if (!match.test(route)) continue;
      entry.seen += 1;
      if (entry.seen <= skip || entry.seen > skip + count) continue;
      return this.#happens(id, mode);
    }
    if (this.#random === null) return null;
    const { prng, frac, modes, match } = this.#random;
    if (!match.test(route) || prng.next() >= frac) return null;
    const [id, mode] = modes[prng.below(modes.length)];
    // a changed list needs a list
    return mode.kind === 'changed' && method === 'POST' ? null : this.#happens(id, mode);
  }

  #happens(id: string, mode: FaultMode): FaultMode {
    this.happened.set(id, (this.happened.get(id) ?? 0) + 1);
    return mode;
  }
}

/** The true answer as a fault changes it. */
export function changedAnswer(answer: WireAnswer, mode: FaultMode): WireAnswer {
  if (mode.kind === 'refused')
    return {
      ...answer,
      status: 200,
      body: JSON.stringify({
        retCode: mode.retCode,
        retMsg: mode.retMsg,
        result: {},
        retExtInfo: {},
        time: timeOf(answer),
      }),
    };
  if (mode.kind === 'replaced')
    return { status: mode.status, headers: { 'Content-Type': 'text/html', ...mode.headers }, body: mode.body };
  if (mode.kind !== 'changed') return answer;
  const envelope = JSON.parse(answer.body) as { result?: { list?: unknown[]; nextPageCursor?: string } };
  const { result } = envelope;
  if (result?.list === undefined) return answer;
  const { list } = result;
  if (mode.change === 'no_list') delete result.list;
  if (mode.change === 'empty_list') result.list = [];
  if (mode.change === 'cut_page') result.list = list.slice(0, Math.ceil(list.length / 2));
  if (mode.change === 'doubled_rows') result.list = list.flatMap((row, at) => (at % 3 === 0 ? [row, row] : [row]));
  if (mode.change === 'shuffled_rows') result.list = [...list.slice(1), ...list.slice(0, 1)];
  return { ...answer, body: JSON.stringify(envelope) };
}

function timeOf({ body }: WireAnswer): number {
  try {
    return Number((JSON.parse(body) as { time?: unknown }).time);
  } catch {
    return 0;
  }
}
