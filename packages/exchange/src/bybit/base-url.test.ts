import { expect, it } from 'vitest';
import { loopbackOrigin } from './base-url.ts';

it.each([
  ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
  ['http://127.0.0.1:8080/', 'http://127.0.0.1:8080'],
  ['http://[::1]:99', 'http://[::1]:99'],
  ['https://127.0.0.1', 'https://127.0.0.1'],
])('takes %s', (given, origin) => {
  expect(loopbackOrigin(given)).toBe(origin);
});

it.each([
  'https://api.bybit.com',
  'http://localhost:8080',
  'http://127.0.0.1.evil.example',
  'http://evil.example/?127.0.0.1',
  'http://127.0.0.1@evil.example',
  'http://10.0.0.1:80',
  'ftp://127.0.0.1',
  'file:///etc/passwd',
  '127.0.0.1:8080',
  '',
])('refuses "%s": keys go nowhere else', (given) => {
  expect(() => loopbackOrigin(given)).toThrow(/base url/);
});
