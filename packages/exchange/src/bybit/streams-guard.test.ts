/** Rejections that nobody waits for, in a process of their own: with the guard and without. */
import { execFile } from 'node:child_process';
import { expect, it } from 'vitest';

const urlOf = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);

/** Sends through ccxt's queue on a connection that is being closed: the failure belongs to nobody. */
const STRAY = `
  const { createServer } = await import('node:http');
  const { StreamServer } = await import(${urlOf('../loopback/stream-server.ts')});
  const { createCcxt } = await import(${urlOf('./ccxt-instance.ts')});
  const { systemClock } = await import(${urlOf('../clock.ts')});
  const { guardProcess } = await import(${urlOf('./streams-guard.ts')});
  const told = [];
  if (process.argv.includes('guarded')) guardProcess((text) => told.push(text));
  const http = createServer();
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
  new StreamServer({ server: { http }, exchange: { onEvent() {} }, clock: systemClock, kline: () => ({ retCode: 0 }), keys: {} });
  const baseUrl = 'http://127.0.0.1:' + http.address().port;
  const options = { keys: null, clock: systemClock, recvWindowMs: 5000, deadlineMs: 5000, requestsPerSecond: 100 };
  const ccxt = await createCcxt({ site: { baseUrl }, ...options });
  const url = baseUrl.replace('http', 'ws') + '/v5/public/linear';
  const client = ccxt.client(url);
  client.connect();
  await client.connected;
  client.connection.close();
  ccxt.watchMultiple(url, ['a'], { op: 'subscribe', args: ['kline.1.A'] }, ['a']).catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 100));
  console.log('survived', told.join());
  if (process.argv.includes('own')) Promise.reject(new Error('a bug of our own'));
  await new Promise((resolve) => setTimeout(resolve, 20));
  console.log('too long');
  process.exit(0);
`;

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

function run(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['--input-type=module', '-e', STRAY, ...args], (failed, out, error) => {
      resolve({ code: failed === null ? 0 : Number(failed.code), out, error });
    });
  });
}

it('a stray rejection of ccxt ends a process, but not a guarded one; a bug of our own ends both', async () => {
  const [bare, guarded] = await Promise.all([run(), run('guarded', 'own')]);
  expect([bare.code, bare.out]).toEqual([1, '']);
  expect(bare.error).toContain('WebSocket is not open');
  expect(guarded.code).toBe(1);
  expect(guarded.out).toBe('survived a stray rejection of ccxt: WebSocket is not open: readyState 2 (CLOSING)\n');
  expect(guarded.error).toContain('a bug of our own');
});
