/** Hashes of values. SHA-256 everywhere (`@noble/hashes`, audited, synchronous, no platform API). */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { DonchError } from './errors.ts';

/** Lower-case hex SHA-256 of UTF-8 text. */
export function hashText(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}

/** Lower-case hex SHA-256 of bytes. */
export function hashBytes(bytes: Uint8Array): string {
  return bytesToHex(sha256(bytes));
}

/** Lower-case hex SHA-256 of a value's canonical JSON: the same value gives the same hash whatever its key order. */
export function hashJson(value: unknown): string {
  return hashText(canonicalJson(value));
}

/**
 * JSON with sorted keys and no white space. `undefined` members are left out; -0 is written 0.
 * Throws `not_hashable` for NaN, infinities, functions and symbols: they have no canonical form.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value))
      throw new DonchError('not_hashable', `number is ${value}`, { expected: 'a finite number' });
    return JSON.stringify(value === 0 ? 0 : value);
  }
  if (Array.isArray(value))
    return `[${value.map((item) => canonicalJson(item === undefined ? null : item)).join(',')}]`;
  if (typeof value === 'object') {
    const entries = Object.entries(value).filter(([, member]) => member !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`;
  }
  throw new DonchError('not_hashable', `value of type ${typeof value}`, { expected: 'plain JSON data' });
}
