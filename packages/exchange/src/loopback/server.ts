/** The loopback exchange on a port of this machine: HTTP, with faults on real sockets. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../clock.ts';
import { changedAnswer, type FaultMode, type FaultPlan } from './faults.ts';
import type { LoopbackExchange } from './loopback-exchange.ts';
import type { WireAnswer, WireRequest } from './wire.ts';

export interface LoopbackServerOptions {
  readonly exchange: Pick<LoopbackExchange, 'handle'>;
  readonly faults: Pick<FaultPlan, 'decide'>;
  /** Delays of faults pass on it. */
  readonly clock: Clock;
}

export interface LoopbackServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly http: Server;
  close(): Promise<void>;
}

/** Listens on 127.0.0.1, on a port that the system chooses. */
export async function startLoopbackServer(options: LoopbackServerOptions): Promise<LoopbackServer> {
  const http = createServer((request, response) => {
    void answer(request, response, options);
  });
  await new Promise<void>((resolve) => {
    http.listen(0, '127.0.0.1', resolve);
  });
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    http,
    close: () =>
      new Promise((resolve) => {
        http.close(() => {
          resolve();
        });
        http.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { exchange, faults, clock }: LoopbackServerOptions,
): Promise<void> {
  const wire = await readRequest(request);
  const mode = faults.decide(wire);
  if (mode === null) return send(response, exchange.handle(wire));
  if (mode.kind === 'late') {
    await clock.sleep(mode.delayMs);
    exchange.handle(wire);
    return undefined;
  }
  const isExecuted = !('executes' in mode) || mode.executes;
  const answered = isExecuted ? exchange.handle(wire) : UNSENT;
  return spoil(response, answered, { mode, clock });
}

async function readRequest(request: IncomingMessage): Promise<WireRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const [path, query = ''] = splitOnce(request.url ?? '/', '?');
  return {
    method: request.method === 'POST' ? 'POST' : 'GET',
    path,
    query,
    body: Buffer.concat(chunks).toString(),
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
    ),
  };
}

function splitOnce(text: string, mark: string): readonly [string, string?] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

const UNSENT: WireAnswer = { status: 200, headers: {}, body: '{"retCode":0,"retMsg":"OK","result":{},"time":0}' };

function send(response: ServerResponse, { status, headers, body }: WireAnswer): void {
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}

async function spoil(
  response: ServerResponse,
  answered: WireAnswer,
  { mode, clock }: { readonly mode: FaultMode; readonly clock: Clock },
): Promise<void> {
  switch (mode.kind) {
    case 'hang':
      // the client gives up; the socket ends with it
      return undefined;
    case 'reset':
      response.socket?.destroy();
      return undefined;
    case 'truncated':
    case 'stalled': {
      const { body } = answered;
      response.writeHead(200, { ...answered.headers, 'Content-Length': Buffer.byteLength(body) + 100 });
      response.write(body.slice(0, Math.floor(body.length / 2)));
      if (mode.kind === 'truncated') setImmediate(() => response.socket?.destroy());
      return undefined;
    }
    case 'slow':
      await clock.sleep(mode.delayMs);
      if (!response.destroyed) send(response, answered);
      return undefined;
    case 'closed_after':
      response.setHeader('Connection', 'close');
      return send(response, answered);
    default:
      return send(response, changedAnswer(answered, mode));
  }
}
