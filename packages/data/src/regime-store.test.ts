import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DonchError, instrumentId, type RegimeFit } from '@donch/core';
import { describe, expect, it } from 'vitest';
import type { RegimeSeriesKey } from './regime-store.ts';
import { openStore } from './store.ts';

const KEY: RegimeSeriesKey = { instrumentId: instrumentId('test', 'BTCUSDT'), model: 'markov', interval: '4h' };

function fit(refitMs: number, logLikelihood = 0.1 + 0.2): RegimeFit {
  return {
    refitMs,
    observations: 400,
    inputHash: 'ab'.repeat(32),
    parameters: { p00: 1 / 3, p10: 1e-9, means: [-0.001, 0.002], variances: [1e-5, 2e-5] },
    logLikelihood,
    separationSe: 2.5,
  };
}

const NONE: RegimeFit = { ...fit(3), parameters: null, logLikelihood: null, separationSe: null };

const storeOf = () => openStore(mkdtempSync(join(tmpdir(), 'donch-regimes-'))).regimes;

function codeOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    return error instanceof DonchError ? error.code : String(error);
  }
  return 'nothing';
}

describe('stored regimes', () => {
  it('are read as they were written, bit by bit, and none are none', () => {
    const store = storeOf();
    expect(store.read(KEY)).toEqual([]);
    expect(store.add(KEY, [fit(1), NONE])).toBe(true);
    expect(store.read(KEY)).toEqual([fit(1), NONE]);
    expect(store.read({ ...KEY, interval: '1h' })).toEqual([]);
  });

  it('keep what is not given again, take what is, in the order of the dates; the same again changes nothing', () => {
    const store = storeOf();
    store.add(KEY, [fit(2), fit(4)]);
    expect(store.add(KEY, [fit(4, 9), fit(1)])).toBe(true);
    expect(store.read(KEY)).toEqual([fit(1), fit(2), fit(4, 9)]);
    const before = readFileSync(store.path(KEY));
    expect(store.add(KEY, [fit(2)])).toBe(false);
    expect(readFileSync(store.path(KEY))).toEqual(before);
  });

  it('are refused when a digit has changed, when they are of another series, and when they are newer', () => {
    const store = storeOf();
    store.add(KEY, [fit(1)]);
    const text = readFileSync(store.path(KEY), 'utf8');
    const write = (changed: string, path = store.path(KEY)): void => {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, changed);
    };
    write(text.replace('0.002', '0.003'));
    expect(codeOf(() => store.read(KEY))).toBe('regimes_damaged');
    write('{');
    expect(codeOf(() => store.read(KEY))).toBe('regimes_damaged');
    write(text.replace('"schema_version": 1', '"schema_version": 2'));
    expect(codeOf(() => store.read(KEY))).toBe('newer_schema');
    const other = { ...KEY, instrumentId: instrumentId('test', 'ETHUSDT') };
    write(text, store.path(other));
    expect(codeOf(() => store.read(other))).toBe('wrong_file');
  });
});
