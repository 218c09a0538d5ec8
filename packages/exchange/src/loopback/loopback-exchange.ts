/**
 * A stateful fake of Bybit's V5 API for linear contracts (unified account, one-way mode), for tests and chaos runs. It shares no code
 * with the client: it checks signatures, timestamps and limits itself, keeps its own ledger, and knows the market only as prices.
 * Synchronous: the same requests at the same times lead to the same state.
 */
import { createHmac } from 'node:crypto';
import { ACCOUNT_ENDPOINTS } from './account-endpoints.ts';
import { Levers } from './levers.ts';
import { advance } from './matching.ts';
import { ORDER_ENDPOINTS, type AccountEndpoint } from './order-endpoints.ts';
import { RateLimits } from './rate-limits.ts';
import { createState, LOOPBACK_DEFAULTS, type LoopbackOptions, type LoopbackState } from './state.ts';
import { truthOf, type LoopbackTruth } from './truth.ts';
import type { EndpointAnswer, EndpointParams, LoopbackMarket, StreamEvent, WireAnswer, WireRequest } from './wire.ts';

export type PublicEndpoint = (params: EndpointParams, nowMs: number) => EndpointAnswer;

export interface LoopbackSetup {
  readonly market: LoopbackMarket;
  /** The venue's clock. */
  readonly nowMs: () => number;
  readonly keys: { readonly apiKey: string; readonly apiSecret: string };
  readonly options?: Partial<LoopbackOptions>;
  /** By path. */
  readonly publicEndpoints: Readonly<Record<string, PublicEndpoint>>;
}

const ENDPOINTS: Readonly<Record<string, AccountEndpoint>> = { ...ORDER_ENDPOINTS, ...ACCOUNT_ENDPOINTS };
const JSON_HEADERS = { 'Content-Type': 'application/json' };
const AHEAD_MAX_MS = 1_000;

export class LoopbackExchange {
  readonly levers: Levers;
  readonly #setup: LoopbackSetup;
  readonly #state: LoopbackState;
  readonly #limits = new RateLimits();
  readonly #listeners: ((event: StreamEvent) => void)[] = [];

  constructor(setup: LoopbackSetup) {
    this.#setup = setup;
    this.#state = createState(setup.market, { ...LOOPBACK_DEFAULTS, ...setup.options }, setup.nowMs());
    this.#state.emit = (event) => {
      for (const listener of this.#listeners) listener(event);
    };
    this.levers = new Levers(this.#state);
  }

  /** Answers a request, after everything that happened before it. */
  handle(request: WireRequest): WireAnswer {
    const nowMs = this.#setup.nowMs();
    this.advance(nowMs);
    const route = `${request.method} ${request.path}`;
    const { requests } = this.#state.watch;
    requests.set(route, (requests.get(route) ?? 0) + 1);
    const limited = this.#state.options.rateLimits ? this.#limits.take(route, nowMs) : null;
    if (limited?.kind === 'banned')
      return { status: 403, headers: { 'Content-Type': 'text/html' }, body: '<html>403 access too frequent</html>' };
    const answer =
      limited?.kind === 'too_many'
        ? { retCode: 10006, retMsg: 'Too many visits. Exceeded the API Rate Limit.', result: {} }
        : this.#answer(request, route, nowMs);
    return { status: 200, headers: { ...JSON_HEADERS, ...limited?.headers }, body: envelope(answer, nowMs) };
  }

  #answer(request: WireRequest, route: string, nowMs: number): EndpointAnswer {
    const params = paramsOf(request);
    if (params === null) return { retCode: 10001, retMsg: 'params error: not JSON', result: {} };
    const open = this.#setup.publicEndpoints[request.path];
    if (open !== undefined && request.method === 'GET') return open(params, nowMs);
    const endpoint = ENDPOINTS[route];
    if (endpoint === undefined) return { retCode: 10001, retMsg: `no such endpoint: ${route}`, result: {} };
    return this.#signatureProblem(request, nowMs) ?? endpoint(this.#state, params, this.levers);
  }

  #signatureProblem({ method, query, body, headers }: WireRequest, nowMs: number): EndpointAnswer | null {
    const { apiKey, apiSecret } = this.#setup.keys;
    const problem = (retCode: number, retMsg: string): EndpointAnswer => ({ retCode, retMsg, result: {} });
    const { keyProblem } = this.levers;
    if (keyProblem !== null) return problem(keyProblem, 'API key is invalid or lacks a permission.');
    const key = headers['x-bapi-api-key'];
    if (key !== apiKey) return problem(10003, 'API key is invalid.');
    const timestamp = headers['x-bapi-timestamp'] ?? '';
    const window = headers['x-bapi-recv-window'] ?? '5000';
    const sentMs = Number(timestamp);
    if (!(sentMs >= nowMs - Number(window) && sentMs < nowMs + AHEAD_MAX_MS))
      return problem(
        10002,
        `invalid request, please check your server timestamp or recv_window param. req_timestamp[${timestamp}],server_timestamp[${nowMs}],recv_window[${window}]`,
      );
    const payload = method === 'GET' ? query : body;
    const sign = createHmac('sha256', apiSecret)
      .update(timestamp + key + window + payload)
      .digest('hex');
    return sign === headers['x-bapi-sign']
      ? null
      : problem(10004, 'Error sign, please check your signature generation algorithm.');
  }

  /** Lets time pass: orders are matched, stops trigger, funding falls due. */
  advance(toMs: number): void {
    advance(this.#state, toMs);
  }

  /** Messages of the account, as they come about. */
  onEvent(listener: (event: StreamEvent) => void): void {
    this.#listeners.push(listener);
  }

  /** What really happened. */
  truth(): LoopbackTruth {
    this.advance(this.#setup.nowMs());
    return truthOf(this.#state, this.#limits.violations);
  }
}

function paramsOf({ method, query, body }: WireRequest): EndpointParams | null {
  if (method === 'GET') return Object.fromEntries(new URLSearchParams(query));
  try {
    const parsed: unknown = JSON.parse(body === '' ? '{}' : body);
    return typeof parsed === 'object' && parsed !== null ? (parsed as EndpointParams) : null;
  } catch {
    return null;
  }
}

function envelope({ retCode, retMsg, result }: EndpointAnswer, nowMs: number): string {
  return JSON.stringify({ retCode, retMsg, result, retExtInfo: {}, time: Math.round(nowMs) });
}
