import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, hashBytes, hashJson, hashText } from './hash.ts';

describe('hashes', () => {
  // FIPS 180-2, appendix B.
  it.each([
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
  ])('of "%s" is the published SHA-256', (text, expected) => {
    expect(hashText(text)).toBe(expected);
  });

  it('agree with the platform on any text and bytes', () => {
    const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 300 }), (text, bytes) => {
        expect(hashText(text)).toBe(sha256(text));
        expect(hashBytes(bytes)).toBe(sha256(bytes));
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

/** The same value with every object's keys in the opposite order. */
function reversedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversedKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, member]) => [key, reversedKeys(member)] as const);
  return Object.fromEntries(entries.toReversed());
}

describe('canonicalJson', () => {
  it('is JSON that means the same, whatever the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        expect(canonicalJson(reversedKeys(value))).toBe(text);
        expect(hashJson(reversedKeys(value))).toBe(hashText(text));
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  it('sorts keys by code unit, leaves out undefined members and writes -0 as 0', () => {
    expect(canonicalJson({ b: 1, a: [undefined, -0, 'x'], B: undefined, ä: null })).toBe(
      '{"a":[null,0,"x"],"b":1,"ä":null}',
    );
    expect(canonicalJson({ Z: 1, a: 1, 10: 1, 9: 1 })).toBe('{"10":1,"9":1,"Z":1,"a":1}');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, () => 1, Symbol('x'), undefined, 1n])('refuses %s', (value) => {
    expect(() => canonicalJson({ value: [value === undefined ? () => value : value] })).toThrow('expected');
    expect(() => canonicalJson(value)).toThrow('expected');
  });
});
