/** The failure table, line by line: what each answer means for a request that changes something. */
import { describe, expect, it } from 'vitest';
import type { Reply } from './bybit-api.ts';
import { verdictOf } from './verdict.ts';

const refused = (retCode: number, retMsg = 'text'): Reply => ({ kind: 'refused', retCode, retMsg, resetMs: null });
const http = (status: number, text = '<html></html>'): Reply => ({ kind: 'http', status, text });

describe('nobody knows whether it happened', () => {
  it.each<[string, Reply]>([
    ['no answer', { kind: 'unclear', reason: 'no answer within 10000 ms' }],
    ['a web page as answer', { kind: 'unclear', reason: 'HTTP 200 without an envelope' }],
    ['HTTP 429', http(429)],
    ['HTTP 500', http(500)],
    ['HTTP 502', http(502)],
    ['HTTP 503', http(503)],
    ['HTTP 504', http(504)],
    ['a redirect', http(302)],
    ['server timeout', refused(10000)],
    ['service restarting', refused(10016)],
    ['still processing', refused(110079)],
    ['an order with this id exists', refused(110072)],
    ['order not found', refused(110001)],
    ['order completed', refused(110008)],
    ['order cancelled', refused(110010)],
    ['stop not modified', refused(34040)],
    ['a code that nobody documented', refused(987_654)],
    ...[-1, 429, 10019, 10403, 10429, 20003, 20006, 170001, 170005, 170007, 170032, 170146, 500000].map(
      (code): [string, Reply] => [`ambiguous code ${code}`, refused(code)],
    ),
  ])('%s', (_, reply) => {
    expect(verdictOf(reply).kind).toBe('unknown');
  });
});

describe('the wanted state holds', () => {
  it.each([110043, 34036, 110025, 110026])('%i', (code) => {
    expect(verdictOf(refused(code)).kind).toBe('done');
  });
});

describe('nothing happened', () => {
  it.each<[string, Reply, string]>([
    ['unauthorised', http(401), 'halt'],
    ['no such path', http(404), 'halt'],
    ['address not allowed', http(403, 'The Amazon CloudFront distribution is configured to block access'), 'halt'],
    ['address too fast', http(403, 'access too frequent'), 'ban'],
    ['too many visits', refused(10006), 'wait'],
    ['timestamp', refused(10002), 'clock'],
    ...[10003, 10004, 10005, 10009, 10010, 10024, 10027, 10028, 10029, 33004].map((code): [string, Reply, string] => [
      `key or permission ${code}`,
      refused(code),
      'halt',
    ]),
    ['position mode with positions', refused(110024), 'halt'],
    ['margin mode with positions', refused(110028), 'halt'],
    ['position mode', refused(10001, 'position idx not match position mode'), 'halt'],
    ['quantity', refused(10001, 'Qty invalid'), 'rules'],
    ['quantity range', refused(10001, 'The number of contracts exceeds maximum limit allowed'), 'rules'],
    [
      'stop beyond the price',
      refused(10001, 'StopLoss:490 set for Buy position should lower than base_price:480'),
      'exit_now',
    ],
    ['stop of no position', refused(10001, 'can not set tp/sl/ts for zero position'), 'no_position'],
    ['price limit', refused(10001, 'buy: [1.2,1.3] invalid'), 'skip'],
    ['below the least notional', refused(110094), 'rules'],
    ...[110004, 110006, 110007, 110012, 110044, 110045].map((code): [string, Reply, string] => [
      `money ${code}`,
      refused(code),
      'skip',
    ]),
    ...[110003, 30208, 30209, 110120, 110121, 110118].map((code): [string, Reply, string] => [
      `price ${code}`,
      refused(code),
      'skip',
    ]),
    ...[110013, 110086, 110089, 110090, 3400139].map((code): [string, Reply, string] => [
      `risk tier ${code}`,
      refused(code),
      'skip',
    ]),
    ...[110009, 110020, 110061].map((code): [string, Reply, string] => [`order limit ${code}`, refused(code), 'skip']),
    ...[110023, 110042, 30228, 110074, 110066, 110063, 110137].map((code): [string, Reply, string] => [
      `instrument ends ${code}`,
      refused(code),
      'skip',
    ]),
    ['trigger crossed', refused(110092), 'exit_now'],
    ['trigger crossed', refused(110093), 'exit_now'],
    [
      'nothing to reduce',
      refused(110017, 'current position is zero, cannot fix reduce-only order qty'),
      'flat_or_wrong_side',
    ],
  ])('%s', (_, reply, remedy) => {
    expect(verdictOf(reply)).toMatchObject({ kind: 'definite', remedy });
  });
});

it('an acknowledgement is one', () => {
  expect(verdictOf({ kind: 'ok', result: { orderId: '1' }, timeMs: 5 })).toEqual({
    kind: 'ok',
    result: { orderId: '1' },
  });
});
