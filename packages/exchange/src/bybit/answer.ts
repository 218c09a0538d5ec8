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

interface Envelope {
  readonly retCode: number;
  readonly retMsg: unknown;
  readonly result: Readonly<Record<string, unknown>>;
  readonly time: unknown;
}

/** Never throws. */
export function readAnswer({ status, method, url, headers, body, json }: WireAnswerParts): Reply {
  if (status < 200 || status >= 300) return { kind: 'http', status, text: body.slice(0, TEXT_MAX_CHARS) };
  const envelope = envelopeOf(json);
  if (envelope === null) return { kind: 'unclear', reason: `HTTP ${status} without an envelope` };
  const { retCode, retMsg, result, time } = envelope;
  if (retCode !== 0) return { kind: 'refused', retCode, retMsg: String(retMsg), resetMs: resetMsIn(headers) };
  if (method === 'GET' && LISTS.test(url) && !Array.isArray(result['list']))
    return { kind: 'unclear', reason: 'an answer without its list' };
  return { kind: 'ok', result, timeMs: Number(time) };
}

function envelopeOf(json: unknown): Envelope | null {
  if (typeof json !== 'object' || json === null) return null;
  const { retCode, result } = json as Partial<Envelope>;
  return typeof retCode === 'number' && typeof result === 'object' && result !== null ? (json as Envelope) : null;
}

function resetMsIn(headers: WireAnswerParts['headers']): number | null {
  const name = Object.keys(headers).find((key) => key.toLowerCase() === RESET_HEADER);
  const value = name === undefined ? Number.NaN : Number(headers[name]);
  return Number.isFinite(value) ? value : null;
}
