/** Where requests may go: Bybit itself, or a server on this very machine. */
import { DonchError } from '@donch/core';

/** Hosts of a `BybitApi`. `mainnet` trades real money. */
export type BybitSite = 'mainnet' | 'testnet' | 'demo' | { readonly baseUrl: string };

const LOOPBACK_HOSTS: readonly string[] = ['127.0.0.1', '[::1]'];

/**
 * Checks an override of the base url. Throws `bad_base_url` for every host but 127.0.0.1 and ::1: keys must never be sent to a
 * host that a configuration file, an environment variable or a typing error names.
 *
 * @returns the origin, e.g. `http://127.0.0.1:8080`.
 */
export function loopbackOrigin(baseUrl: string): string {
  const url = URL.parse(baseUrl);
  if (url === null || !['http:', 'https:'].includes(url.protocol) || !LOOPBACK_HOSTS.includes(url.hostname)) {
    throw new DonchError('bad_base_url', `the base url is "${baseUrl}"`, {
      expected: 'a server on this machine: http://127.0.0.1:PORT or http://[::1]:PORT',
      remedy: 'leave it out to talk to Bybit; other hosts are refused so that no key is ever sent to them',
    });
  }
  return url.origin;
}
