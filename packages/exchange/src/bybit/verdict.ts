/**
 * What an answer means for a request that changes something. Decided by retCode and transport alone, in one table, because the
 * classes of a client library do not say whether an order exists.
 *
 * Sources: Bybit's V5 documentation (error codes, order, position), and what was seen on the wire.
 */
import type { Reply } from './bybit-api.ts';

export type Verdict =
  /** It was taken. For an order: received, not yet accepted by the matching engine. */
  | { readonly kind: 'ok'; readonly result: Readonly<Record<string, unknown>> }
  /** The wanted state holds already. */
  | { readonly kind: 'done'; readonly reason: string }
  /** Nothing happened, for sure. `remedy` says what would have to change first. */
  | { readonly kind: 'definite'; readonly reason: string; readonly remedy: Remedy }
  /** It may have happened: look it up. */
  | { readonly kind: 'unknown'; readonly reason: string };

/**
 * `halt` stops entries until a person has looked; `clock` measures the clock's offset and may ask again; `rules` loads the
 * instruments again; `exit_now` the stop's price has been passed; `wait` the venue wants fewer requests; `flat_or_wrong_side` and
 * `no_position` the position is not what the order took it for; `skip` this order only.
 */
type Remedy = 'skip' | 'halt' | 'clock' | 'rules' | 'exit_now' | 'wait' | 'ban' | 'flat_or_wrong_side' | 'no_position';

type Entry = 'unknown' | 'done' | Remedy;

const TABLE: readonly (readonly [Entry, readonly number[]])[] = [
  // busy, timed out or ambiguous: the order may have been taken before the error was made
  [
    'unknown',
    [-1, 429, 10000, 10016, 10019, 10403, 10429, 20003, 20006, 110079, 170001, 170005, 170007, 170032, 170146, 500000],
  ],
  // an order with this id exists; an order that is not found any more may have traded; completed or cancelled before
  ['unknown', [110072, 110001, 110008, 110010]],
  // stop and target are what they should be, or a parameter is missing: the position tells which
  ['unknown', [34040]],
  // leverage, position mode, margin mode as wanted
  ['done', [110043, 34036, 110025, 110026]],
  ['clock', [10002]],
  ['wait', [10006, 10018]],
  // key, permission, address, account, region
  ['halt', [10003, 10004, 10005, 10007, 10008, 10009, 10010, 10024, 10027, 10028, 10029, 33004]],
  // position mode or margin mode cannot be changed while positions or orders are there
  ['halt', [110024, 110028]],
  ['skip', [110004, 110006, 110007, 110012, 110044, 110045]],
  ['skip', [110013, 110086, 110089, 110090, 3400139]],
  ['skip', [110003, 110009, 110020, 110061, 110118, 110120, 110121, 30208, 30209]],
  ['skip', [110023, 110042, 110063, 110066, 110074, 110137, 30228]],
  ['rules', [110094]],
  ['exit_now', [110092, 110093]],
  ['flat_or_wrong_side', [110017]],
];

const BY_CODE: ReadonlyMap<number, Entry> = new Map(
  TABLE.flatMap(([entry, codes]) => codes.map((code) => [code, entry])),
);

/** 10001 says by its text what it is. */
const PARAMETER_TEXTS: readonly (readonly [RegExp, Remedy])[] = [
  [/position idx not match position mode/i, 'halt'],
  [/can not set tp\/sl\/ts for zero position/i, 'no_position'],
  [/(stop ?loss|take ?profit).*should (be )?(lower|higher|less|greater)/i, 'exit_now'],
  [/(qty|price) invalid|number of contracts|exceeds (minimum|maximum) limit/i, 'rules'],
];

/** What the reply to a mutating request means. */
export function verdictOf(reply: Reply): Verdict {
  switch (reply.kind) {
    case 'ok':
      return { kind: 'ok', result: reply.result };
    case 'unclear':
      return { kind: 'unknown', reason: reply.reason };
    case 'http':
      return httpVerdict(reply.status, reply.text);
    case 'refused':
      return codeVerdict(reply.retCode, reply.retMsg);
  }
}

function codeVerdict(retCode: number, retMsg: string): Verdict {
  const reason = `Bybit ${retCode}: ${retMsg}`;
  const entry = retCode === 10001 ? parameterRemedy(retMsg) : (BY_CODE.get(retCode) ?? 'unknown');
  if (entry === 'unknown') return { kind: 'unknown', reason };
  if (entry === 'done') return { kind: 'done', reason };
  return { kind: 'definite', reason, remedy: entry };
}

function parameterRemedy(retMsg: string): Remedy {
  return PARAMETER_TEXTS.find(([pattern]) => pattern.test(retMsg))?.[1] ?? 'skip';
}

function httpVerdict(status: number, text: string): Verdict {
  const reason = `HTTP ${status}: ${text.replaceAll(/\s+/g, ' ').slice(0, 120)}`;
  if (status === 401 || status === 404) return { kind: 'definite', reason, remedy: 'halt' };
  if (status === 403) return { kind: 'definite', reason, remedy: /too frequent/i.test(text) ? 'ban' : 'halt' };
  return { kind: 'unknown', reason };
}
