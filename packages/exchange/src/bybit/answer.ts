/** What was on the wire as a `Reply`: the one place that tells an answer from something that only looks like one. */
import type { Reply } from './bybit-api.ts';

export interface WireAnswerParts {
  readonly status: number;
  readonly method: string;
  /** Path or whole url. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
  /** The body as JSON; anything else where it is none. */
  readonly json: unknown;
}

/** Longest text of a failed answer that is kept. */
const TEXT_MAX_CHARS = 300;
const RESET_HEADER = 'x-bapi-limit-reset-timestamp';

/** Reads whose result is a list; an envelope without one is no answer. */
const LISTS =
  /\/v5\/(market\/(instruments-info|kline|mark-price-kline|tickers|funding\/history|open-interest|risk-limit)|order\/(realtime|history)|execution\/list|position\/(list|closed-pnl)|account\/(wallet-balance|fee-rate|transaction-log))(\?|$)/;

const CLOCK = /\/v5\/market\/time(\?|$)/;
/** Whole seconds, and the time between two readings. */
const CLOCK_GAP_MS = 2_000;

interface Envelope {
  readonly retCode: number;
  readonly retMsg: unknown;
  readonly result: unknown;
  readonly time: unknown;
}

/** Never throws. */
export function readAnswer({ status, method, url, headers, body, json }: WireAnswerParts): Reply {
  if (status < 200 || status >= 300) return { kind: 'http', status, text: body.slice(0, TEXT_MAX_CHARS) };
  const envelope = envelopeOf(json);
  if (envelope === null) return { kind: 'unclear', reason: `HTTP ${status} without an envelope` };
  const { retCode, retMsg, result, time } = envelope;
  // a refusal may come without a result
  if (retCode !== 0) return { kind: 'refused', retCode, retMsg: String(retMsg), resetMs: resetMsIn(headers) };
  if (!isRecord(result)) return { kind: 'unclear', reason: 'an answer without its result' };
  if (method === 'GET' && LISTS.test(url) && !Array.isArray(result['list']))
    return { kind: 'unclear', reason: 'an answer without its list' };
  if (CLOCK.test(url) && !isClockAnswer(result, Number(time)))
    return { kind: 'unclear', reason: 'an answer without its time' };
  return { kind: 'ok', result, timeMs: Number(time) };
}

function envelopeOf(json: unknown): Envelope | null {
  return isRecord(json) && typeof json['retCode'] === 'number' ? (json as unknown as Envelope) : null;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** Requests are stamped by it: both times that the answer carries must be the same. */
function isClockAnswer({ timeSecond }: Readonly<Record<string, unknown>>, timeMs: number): boolean {
  return typeof timeSecond === 'string' && Math.abs(Number(timeSecond) * 1_000 - timeMs) < CLOCK_GAP_MS;
}

function resetMsIn(headers: WireAnswerParts['headers']): number | null {
  const name = Object.keys(headers).find((key) => key.toLowerCase() === RESET_HEADER);
  const value = name === undefined ? Number.NaN : Number(headers[name]);
  return Number.isFinite(value) ? value : null;
}
