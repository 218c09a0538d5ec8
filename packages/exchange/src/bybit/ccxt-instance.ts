/** ccxt's Bybit as DONCH configures it: one account, linear contracts, our clock, and no answer that is none. */
import type { Exchange } from 'ccxt';
import type { Clock } from '../clock.ts';
import { readAnswer } from './answer.ts';
import { loopbackOrigin, type BybitSite } from './base-url.ts';
import type { Reply } from './bybit-api.ts';

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

/** Thrown inside ccxt by every answer but a clean one, and caught by `createBybitApi`. */
export class WireError extends Error {
  readonly reply: Exclude<Reply, { readonly kind: 'ok' }>;

  constructor(reply: WireError['reply']) {
    super(`no clean answer: ${JSON.stringify(reply)}`);
    this.name = 'WireError';
    this.reply = reply;
  }
}

/** The part of ccxt that DONCH uses, with what is added to it. */
export type BybitInstance = Exchange & {
  /** Venue time minus the clock's: what signed requests are stamped with. */
  clockOffsetMs: number;
  throttle(cost: number): Promise<void>;
};

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
      const [status, , url, method, headers, body, json] = args as unknown as HandleErrorsArguments;
      const reply = readAnswer({ status, url, method, headers, body, json });
      if (reply.kind !== 'ok') throw new WireError(reply);
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

type HandleErrorsArguments = readonly [
  status: number,
  reason: string,
  url: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  json: unknown,
];
