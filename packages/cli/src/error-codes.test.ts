import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DonchError, DonchErrors } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from './error-codes.ts';
import { exitCodeOf } from './exit-codes.ts';
import { EXIT } from './exit-status.ts';
import { PRODUCT_FOLDER } from './version.ts';

const ROOT = PRODUCT_FOLDER;
const CONSTRUCTION = /new DonchErrors?\(\s*([^,]+?)\s*,/g;
const LITERAL = /^'([a-z0-9_]+)'$/;

/** Constructions whose code is no literal, and where their codes stand. */
const COMPUTED: Readonly<Record<string, RegExp>> = {
  // passes on the code of an error that it has caught, or that a thread has sent
  'packages/data/src/table-check.ts: cause.code': /$^/g,
  'packages/data/src/import/decode-parquet.ts: answer.code': /$^/g,
  'apps/research-cli/src/workers/sent-error.ts: error.code': /$^/g,
  'packages/data/src/io-error.ts: code': /meaning\('([a-z_]+)'/g,
  // symbol_unclear, venue_unclear
  'packages/data/src/import/identify.ts: `${option}_unclear`': /option: '(symbol)' \| '(venue)'/g,
};

interface Thrown {
  readonly codes: ReadonlySet<string>;
  /** Constructions that this test does not understand. */
  readonly unknown: readonly string[];
}

function thrownCodes(): Thrown {
  const codes = new Set<string>();
  const unknown: string[] = [];
  const paths = globSync('{packages,apps}/*/src/**/*.ts', { cwd: ROOT }).map((path) => path.replaceAll('\\', '/'));
  for (const path of paths.filter((name) => !/\.(test|long)\.ts$/.test(name))) {
    const text = readFileSync(join(ROOT, path), 'utf8');
    for (const [, argument] of text.matchAll(CONSTRUCTION)) {
      const code = LITERAL.exec(argument)?.[1];
      const place = COMPUTED[`${path}: ${argument}`];
      if (code !== undefined) codes.add(code);
      else if (place === undefined) unknown.push(`${path}: ${argument}`);
      else for (const match of text.matchAll(place)) for (const found of match.slice(1)) codes.add(codeOf(path, found));
    }
  }
  return { codes, unknown };
}

function codeOf(path: string, found: string): string {
  return path.endsWith('identify.ts') ? `${found}_unclear` : found;
}

describe('ERROR_CODES', () => {
  const { codes, unknown } = thrownCodes();

  it('sees every construction of an error in the sources', () => {
    expect(unknown).toEqual([]);
    // the ones below prove that the search finds something: a literal, one in a table, one that is put together
    for (const code of ['bad_argument', 'disk_full', 'venue_unclear']) expect(codes).toContain(code);
  });

  it('lists every code that is thrown', () => {
    expect([...codes].filter((code) => !Object.hasOwn(ERROR_CODES, code)).sort()).toEqual([]);
  });

  it('lists no code that is never thrown', () => {
    expect(Object.keys(ERROR_CODES).filter((code) => !codes.has(code))).toEqual([]);
  });
});

describe('exitCodeOf', () => {
  it.each([
    ['bad_config', EXIT.usage],
    ['no_candles', EXIT.data],
    ['store_locked', EXIT.resource],
    ['interrupted', EXIT.interrupted],
    ['a code that is in no table', EXIT.data],
  ])('gives %s the exit code %d', (code, exitCode) => {
    expect(exitCodeOf(new DonchError(code, 'found'))).toBe(exitCode);
    expect(exitCodeOf(new DonchErrors(code, 'what', []))).toBe(exitCode);
  });

  it('calls everything else a bug', () => {
    expect(exitCodeOf(new TypeError('oops'))).toBe(EXIT.bug);
    expect(exitCodeOf('text')).toBe(EXIT.bug);
  });

  it('has a different code for each kind of end', () => {
    expect(new Set(Object.values(EXIT)).size).toBe(Object.keys(EXIT).length);
  });
});
