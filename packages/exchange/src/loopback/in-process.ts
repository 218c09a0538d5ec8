/** The loopback exchange without sockets, on any clock: signed requests go in as texts, answers come out, faults in between. */
import { createHmac } from 'node:crypto';
import { readAnswer } from '../bybit/answer.ts';
import type { BybitApi, Params, Reply } from '../bybit/bybit-api.ts';
import type { Clock } from '../clock.ts';
import { changedAnswer, type FaultMode, type FaultPlan } from './faults.ts';
import type { WireAnswer, WireRequest } from './wire.ts';

export interface InProcessOptions {
  readonly handle: (request: WireRequest) => WireAnswer;
  readonly faults: FaultPlan;
  readonly clock: Clock;
  readonly keys: { readonly apiKey: string; readonly apiSecret: string };
  readonly recvWindowMs: number;
  readonly deadlineMs: number;
  /** One way on the wire. */
  readonly latencyMs: number;
}

/** Sends while it is open; a process that is gone hears no answers, but what it has sent arrives. */
export class InProcessApi implements BybitApi {
  readonly #options: InProcessOptions;
  #offsetMs = 0;
  /** When the queue of requests is empty again: as the client's own limit, 10 changes or 50 reads a second. */
  #freeMs = -Infinity;
  #isClosed = false;

  constructor(options: InProcessOptions) {
    this.#options = options;
  }

  get(path: string, params: Params): Promise<Reply> {
    const query = Object.entries(params)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name}=${String(value)}`)
      .join('&');
    return this.#send({ method: 'GET', path: `/${path}`, query, body: '' });
  }

  post(path: string, params: Params): Promise<Reply> {
    return this.#send({ method: 'POST', path: `/${path}`, query: '', body: JSON.stringify(params) });
  }

  async measureOffsetMs(): Promise<number | null> {
    const askedMs = this.#options.clock.nowMs();
    const reply = await this.get('v5/market/time', {});
    if (reply.kind !== 'ok') return null;
    this.#offsetMs = reply.timeMs - (askedMs + this.#options.clock.nowMs()) / 2;
    return this.#offsetMs;
  }

  /** The process that sends is gone: what it has sent arrives, nothing more is sent. */
  close(): void {
    this.#isClosed = true;
  }

  #signed(request: Omit<WireRequest, 'headers'>): WireRequest {
    const { keys, clock, recvWindowMs } = this.#options;
    const timestamp = String(Math.round(clock.nowMs() + this.#offsetMs));
    const window = String(recvWindowMs);
    const payload = timestamp + keys.apiKey + window + (request.method === 'GET' ? request.query : request.body);
    return {
      ...request,
      headers: {
        'x-bapi-api-key': keys.apiKey,
        'x-bapi-timestamp': timestamp,
        'x-bapi-recv-window': window,
        'x-bapi-sign': createHmac('sha256', keys.apiSecret).update(payload).digest('hex'),
      },
    };
  }

  async #send(bare: Omit<WireRequest, 'headers'>): Promise<Reply> {
    const { clock, handle, faults, latencyMs, deadlineMs } = this.#options;
    const nowMs = clock.nowMs();
    const startMs = Math.max(nowMs, this.#freeMs);
    this.#freeMs = startMs + (bare.method === 'POST' ? 100 : 20);
    if (startMs > nowMs) await clock.sleep(startMs - nowMs);
    if (this.#isClosed) return lost('the process is gone');
    const request = this.#signed(bare);
    const mode = faults.decide(request);
    await clock.sleep(latencyMs);
    if (mode === null) return this.#received(request, handle(request));
    if (mode.kind === 'late') {
      void clock.sleep(mode.delayMs).then(() => handle(request));
      await clock.sleep(deadlineMs);
      return lost('no answer within the deadline');
    }
    const answer = executes(mode) ? handle(request) : UNSENT;
    switch (mode.kind) {
      case 'hang':
      case 'stalled':
        await clock.sleep(deadlineMs);
        return lost('no answer within the deadline');
      case 'reset':
        return lost('connection reset');
      case 'truncated':
        return lost('body cut off');
      case 'slow':
        await clock.sleep(Math.min(mode.delayMs, deadlineMs));
        return mode.delayMs >= deadlineMs ? lost('no answer within the deadline') : this.#received(request, answer);
      default:
        return this.#received(request, changedAnswer(answer, mode));
    }
  }

  async #received({ method, path }: WireRequest, { status, headers, body }: WireAnswer): Promise<Reply> {
    await this.#options.clock.sleep(this.#options.latencyMs);
    return readAnswer({ status, method, url: path, headers, body, json: parsed(body) });
  }
}

const UNSENT: WireAnswer = { status: 200, headers: {}, body: '{"retCode":0,"retMsg":"OK","result":{},"time":0}' };

const executes = (mode: FaultMode): boolean => !('executes' in mode) || mode.executes;

const lost = (reason: string): Reply => ({ kind: 'unclear', reason });

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
