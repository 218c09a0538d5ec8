/** ccxt's Bybit as DONCH configures it: one account, linear contracts, our clock, and no answer that is none. */
import type { Exchange } from 'ccxt';
import type { Clock } from '../clock.ts';
import { loopbackOrigin, type BybitSite } from './base-url.ts';

export interface BybitKeys {
  readonly apiKey: string;
  readonly apiSecret: string;
}

export interface CcxtOptions {
  readonly site: BybitSite;
  /** Null = public data only. */
  readonly keys: BybitKeys | null;
  readonly clock: Clock;
  /** How long Bybit may take a signed request after its timestamp. */
  readonly recvWindowMs: number;
  /** Wall-clock time after which a request is given up, its body included. */
  readonly deadlineMs: number;
  readonly requestsPerSecond: number;
}

/** Thrown inside ccxt by every answer but a clean one, and caught by `createBybitApi`: what was on the wire, without interpretation. */
export class WireError extends Error {
  readonly status: number;
  /** The envelope; null = there was none. */
  readonly envelope: Readonly<Record<string, unknown>> | null;
  readonly resetMs: number | null;
  readonly text: string;

  constructor(message: string, details: Pick<WireError, 'status' | 'envelope' | 'resetMs' | 'text'>) {
    super(message);
    this.name = 'WireError';
    this.status = details.status;
    this.envelope = details.envelope;
    this.resetMs = details.resetMs;
    this.text = details.text;
  }
}

/** The part of ccxt that DONCH uses, with what is added to it. */
export type BybitInstance = Exchange & {
  /** Venue time minus the clock's: what signed requests are stamped with. */
  clockOffsetMs: number;
  throttle(cost: number): Promise<void>;
};

/** Longest text of a failed answer that is kept. */
const TEXT_MAX_CHARS = 300;

/**
 * A new instance. ccxt is loaded here and nowhere else: it costs 0.5 s and 130 MB. Throws `bad_base_url`.
 *
 * Against ccxt's defaults: no account probes and no coin list in front of calls; timestamps from our clock; a deadline that covers
 * the body; and every answer that is no envelope with retCode 0 throws `WireError`, so that unified calls cannot take a web page for
 * an empty account either.
 */
export async function createCcxt(options: CcxtOptions): Promise<BybitInstance> {
  const { pro } = await import('ccxt');
  const { clock, keys, site, deadlineMs } = options;

  class Bybit extends pro.bybit {
    clockOffsetMs = 0;

    override handleErrors(...args: unknown[]): undefined {
      const [status, , url, method, headers, body, response] = args as [
        number,
        string,
        string,
        string,
        Headers,
        string,
        unknown,
      ];
      checkAnswer({ status, url, method, headers, body, response });
      return undefined;
    }

    override nonce(): number {
      return Math.round(clock.nowMs() + this.clockOffsetMs);
    }

    /** ccxt's own timeout ends with the headers; a body that stalls would hang for minutes. */
    override async undiciRequest(
      url: string,
      params: { signal: AbortSignal },
    ): ReturnType<InstanceType<typeof pro.bybit>['undiciRequest']> {
      const signal = AbortSignal.any([params.signal, AbortSignal.timeout(deadlineMs)]);
      return super.undiciRequest(url, { ...params, signal });
    }
  }

  const instance = new Bybit({
    ...(keys === null ? {} : { apiKey: keys.apiKey, secret: keys.apiSecret }),
    timeout: deadlineMs,
    enableRateLimit: true,
    rateLimit: 1_000 / options.requestsPerSecond,
    options: {
      recvWindow: options.recvWindowMs,
      defaultType: 'swap',
      defaultSubType: 'linear',
      fetchMarkets: { types: ['linear'] },
      enableUnifiedMargin: false,
      enableUnifiedAccount: true,
      unifiedMarginStatus: 6,
      maxRetriesOnFailure: 0,
    },
  }) as unknown as BybitInstance;
  instance.has['fetchCurrencies'] = false;
  instance.milliseconds = () => Math.round(clock.nowMs() + instance.clockOffsetMs);
  await directTo(instance, site);
  return instance;
}

async function directTo(instance: BybitInstance, site: BybitSite): Promise<void> {
  if (site === 'mainnet') return;
  if (site === 'testnet') return instance.setSandboxMode(true);
  if (site === 'demo') return (instance as unknown as { enableDemoTrading(on: boolean): void }).enableDemoTrading(true);
  const { Agent } = await import('node:http');
  const http = loopbackOrigin(site.baseUrl);
  const stream = http.replace(/^http/, 'ws');
  instance.urls['api'] = {
    public: http,
    private: http,
    ws: {
      public: { linear: `${stream}/v5/public/linear` },
      private: { contract: `${stream}/v5/private`, unified: `${stream}/v5/private` },
    },
  };
  // ccxt refuses ws:// without an agent of its own
  instance.httpAgent = new Agent();
  return undefined;
}

interface Answered {
  readonly status: number;
  readonly url: string;
  readonly method: string;
  readonly headers: Headers | Readonly<Record<string, string>>;
  readonly body: string;
  readonly response: unknown;
}

/** Reads whose result is a list; an envelope without one is no answer. */
const LISTS =
  /\/v5\/(market\/(instruments-info|kline|mark-price-kline|tickers|funding\/history|open-interest|risk-limit)|order\/(realtime|history)|execution\/list|position\/(list|closed-pnl)|account\/(wallet-balance|fee-rate|transaction-log))(\?|$)/;

function checkAnswer({ status, url, method, headers, body, response }: Answered): void {
  const text = body.slice(0, TEXT_MAX_CHARS);
  const resetMs = numberOrNull(headerOf(headers, 'X-Bapi-Limit-Reset-Timestamp'));
  const fail = (message: string, envelope: WireError['envelope']): never => {
    throw new WireError(message, { status, envelope, resetMs, text });
  };
  const envelope = envelopeOf(response);
  if (status < 200 || status >= 300) fail(`HTTP ${status}`, null);
  else if (envelope === null) fail('a 2xx answer without an envelope', null);
  else if (envelope['retCode'] !== 0) fail(`retCode ${String(envelope['retCode'])}`, envelope);
  else if (method === 'GET' && LISTS.test(url) && !hasList(envelope['result']))
    fail('an answer without its list', null);
}

function envelopeOf(response: unknown): Readonly<Record<string, unknown>> | null {
  if (typeof response !== 'object' || response === null) return null;
  const envelope = response as Readonly<Record<string, unknown>>;
  const { retCode, result } = envelope;
  return typeof retCode === 'number' && typeof result === 'object' && result !== null ? envelope : null;
}

function hasList(result: unknown): boolean {
  return Array.isArray((result as { list?: unknown }).list);
}

function headerOf(headers: Answered['headers'], name: string): string | undefined {
  return (headers as Readonly<Record<string, string | undefined>>)[name];
}

function numberOrNull(text: string | undefined): number | null {
  const value = text === undefined ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}
