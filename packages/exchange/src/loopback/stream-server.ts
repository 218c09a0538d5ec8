/**
 * Bybit's V5 streams of the loopback exchange, on the port of its server: `/v5/public/linear` with candles, `/v5/private` with the
 * messages of the account. Faults F51-F57 are switches and acts of it.
 */
import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { MINUTE_MS } from '@donch/core';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Clock } from '../clock.ts';
import type { LoopbackExchange, PublicEndpoint } from './loopback-exchange.ts';
import type { LoopbackServer } from './server.ts';
import type { StreamEvent } from './wire.ts';

/** F52 silent (no pong, no acknowledgement), F53 auth refused, F54 pushes lost, F55 pushes doubled or each pair swapped. */
export type StreamFault = 'silent' | 'auth_refused' | 'events_lost' | 'doubled' | 'out_of_order';

export interface StreamServerOptions {
  readonly server: Pick<LoopbackServer, 'http'>;
  readonly exchange: Pick<LoopbackExchange, 'onEvent'>;
  /** Where candles come from: `/v5/market/kline` of the public endpoints. */
  readonly kline: PublicEndpoint;
  readonly clock: Clock;
  readonly keys: { readonly apiKey: string; readonly apiSecret: string };
}

interface Peer {
  readonly socket: WebSocket;
  readonly connId: string;
  readonly isPrivate: boolean;
  readonly topics: Set<string>;
  isTrusted: boolean;
  /** A push that waits for the next one to overtake it. */
  held: string | null;
}

const PATHS: Readonly<Record<string, { readonly isPrivate: boolean }>> = {
  '/v5/public/linear': { isPrivate: false },
  '/v5/private': { isPrivate: true },
};
const PRIVATE_TOPICS: readonly string[] = ['order', 'execution', 'position', 'wallet'];
const DAY_MIN = 1_440;

export class StreamServer {
  /** Lasting faults; added and deleted while it runs. */
  readonly faults = new Set<StreamFault>();
  readonly #options: StreamServerOptions;
  readonly #peers = new Set<Peer>();
  readonly #sockets = new WebSocketServer({ noServer: true });
  #pushedMs: number;
  #events = 0;
  #isClosed = false;
  /** Connections that were ever made. */
  dials = 0;

  constructor(options: StreamServerOptions) {
    this.#options = options;
    this.#pushedMs = options.clock.nowMs();
    options.server.http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const path = PATHS[(request.url ?? '').split('?')[0]];
      if (path === undefined || this.#isClosed) socket.destroy();
      else
        this.#sockets.handleUpgrade(request, socket, head, (opened) => {
          this.#welcome(opened, path.isPrivate);
        });
    });
    options.exchange.onEvent((event) => {
      this.#pushEvent(event);
    });
  }

  #welcome(socket: WebSocket, isPrivate: boolean): void {
    this.dials += 1;
    const connId = `loopback-${this.dials}`;
    const peer: Peer = { socket, connId, isPrivate, topics: new Set(), isTrusted: false, held: null };
    this.#peers.add(peer);
    socket.on('close', () => this.#peers.delete(peer));
    // whoever is cut off ends with an error of the socket
    socket.on('error', () => this.#peers.delete(peer));
    socket.on('message', (text: Buffer) => {
      if (!this.faults.has('silent')) this.#hear(peer, text.toString());
    });
  }

  /** Open connections. */
  get peers(): number {
    return this.#peers.size;
  }

  /** Topics that somebody has subscribed to. */
  get topics(): ReadonlySet<string> {
    return new Set([...this.#peers].flatMap(({ topics }) => [...topics]));
  }

  #hear(peer: Peer, text: string): void {
    const request = JSON.parse(text) as { readonly op?: string; readonly req_id?: unknown; readonly args?: string[] };
    const { op = '', req_id: reqId, args = [] } = request;
    if (op === 'ping') this.#say(peer, this.#pong(peer, reqId));
    else if (op === 'auth') this.#authenticate(peer, args);
    else if (op === 'subscribe') this.#acknowledge(peer, { op, reqId, problem: this.#subscribe(peer, args) });
    else if (op === 'unsubscribe') {
      for (const topic of args) peer.topics.delete(topic);
      this.#acknowledge(peer, { op, reqId, problem: '' });
    } else this.#acknowledge(peer, { op, reqId, problem: 'error:invalid op' });
  }

  #pong({ isPrivate, connId }: Peer, reqId: unknown): unknown {
    return isPrivate
      ? { req_id: reqId, op: 'pong', args: [String(this.#options.clock.nowMs())], conn_id: connId }
      : { success: true, ret_msg: 'pong', conn_id: connId, req_id: reqId, op: 'ping' };
  }

  #authenticate(peer: Peer, [key, expires, sign]: readonly string[]): void {
    const { keys, clock } = this.#options;
    const wanted = createHmac('sha256', keys.apiSecret).update(`GET/realtime${expires}`).digest('hex');
    const isRight = key === keys.apiKey && sign === wanted && Number(expires) > clock.nowMs();
    peer.isTrusted = isRight && !this.faults.has('auth_refused');
    const problem = peer.isTrusted ? '' : 'error:USVC1111';
    this.#say(peer, { success: peer.isTrusted, ret_msg: problem, op: 'auth', conn_id: peer.connId });
  }

  /** All topics or none, as Bybit does. Returns what is wrong with them. */
  #subscribe(peer: Peer, topics: readonly string[]): string {
    if (peer.isPrivate && !peer.isTrusted) return 'Request not authorized';
    const bad = topics.find((topic) => (peer.isPrivate ? !PRIVATE_TOPICS.includes(topic) : !this.#isKline(topic)));
    if (bad !== undefined) return peer.isPrivate ? `error:handler not found,topic:${bad}` : `Invalid symbol :[${bad}]`;
    for (const topic of topics) peer.topics.add(topic);
    return '';
  }

  #isKline(topic: string): boolean {
    const [name, interval, symbol] = topic.split('.');
    const now = this.#options.clock.nowMs();
    return name === 'kline' && this.#options.kline({ symbol, interval, limit: '1' }, now).retCode === 0;
  }

  #acknowledge(
    peer: Peer,
    { op, reqId, problem }: { readonly op: string; readonly reqId: unknown; readonly problem: string },
  ): void {
    this.#say(peer, { success: problem === '', ret_msg: problem, conn_id: peer.connId, req_id: reqId, op });
  }

  #say({ socket }: Peer, message: unknown): void {
    socket.send(JSON.stringify(message));
  }

  /** Pushes every subscribed candle: those that closed since the last push, confirmed, and the running one. */
  push(nowMs: number): void {
    const sinceMs = this.#pushedMs;
    this.#pushedMs = nowMs;
    const byTopic = new Map<string, readonly string[]>();
    for (const peer of this.#peers) {
      for (const topic of peer.topics) {
        if (peer.isPrivate) continue;
        const frames = byTopic.get(topic) ?? this.#klineFrames(topic, sinceMs, nowMs);
        byTopic.set(topic, frames);
        for (const frame of frames) this.#send(peer, frame);
      }
    }
  }

  /** Pushes again and again, on the clock, until it is closed. */
  async pushEvery(everyMs: number): Promise<void> {
    const { clock } = this.#options;
    while (!this.#isClosed) {
      this.push(clock.nowMs());
      await clock.sleep(everyMs);
    }
  }

  #klineFrames(topic: string, sinceMs: number, nowMs: number): string[] {
    const [, interval, symbol] = topic.split('.');
    const intervalMs = (interval === 'D' ? DAY_MIN : Number(interval)) * MINUTE_MS;
    const start = Math.floor(sinceMs / intervalMs) * intervalMs;
    const { result } = this.#options.kline({ symbol, interval, start, limit: '1000' }, nowMs);
    return (result as { readonly list: string[][] }).list.toReversed().map((cells) => {
      const [openMs, open, high, low, close, volume, turnover] = cells;
      const endMs = Number(openMs) + intervalMs - 1;
      const confirm = endMs < nowMs;
      const timestamp = confirm ? endMs : nowMs;
      const times = { start: Number(openMs), end: endMs, interval, confirm, timestamp };
      const data = [{ ...times, open, close, high, low, volume, turnover }];
      return JSON.stringify({ topic, type: 'snapshot', ts: nowMs, data });
    });
  }

  #pushEvent({ topic, isPrivate, timeMs, data }: StreamEvent): void {
    this.#events += 1;
    const frame = JSON.stringify({ id: `event-${this.#events}`, topic, creationTime: timeMs, data });
    for (const peer of this.#peers) {
      if (peer.isPrivate === isPrivate && peer.topics.has(topic)) this.#send(peer, frame);
    }
  }

  #send(peer: Peer, frame: string): void {
    const { faults } = this;
    if (faults.has('silent') || faults.has('events_lost')) return;
    if (faults.has('out_of_order') && peer.held === null) {
      peer.held = frame;
      return;
    }
    peer.socket.send(frame);
    if (faults.has('doubled')) peer.socket.send(frame);
    if (peer.held === null) return;
    peer.socket.send(peer.held);
    peer.held = null;
  }

  /** F51: ends every connection; 1006 = without a word. */
  drop(code: 1006 | 1012): void {
    for (const { socket } of this.#peers) {
      if (code === 1006) socket.terminate();
      else socket.close(code);
    }
  }

  /** F56: many messages of the first topic of every connection at once. */
  flood(count: number): void {
    for (const { socket, topics } of this.#peers) {
      const frame = JSON.stringify({ topic: [...topics][0] ?? 'order', creationTime: 0, data: [] });
      for (let k = 0; k < count; k += 1) socket.send(frame);
    }
  }

  /** F57: a message that is cut off. */
  garble(): void {
    for (const { socket } of this.#peers) socket.send('{"topic":"order","data":[{"orderId":');
  }

  /** Before the server of HTTP is closed. */
  close(): void {
    this.#isClosed = true;
    for (const { socket } of this.#peers) socket.terminate();
    this.#sockets.close();
  }
}
