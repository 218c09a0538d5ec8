import { createPrng } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { ExecutionMemory, type BookedExecutions } from './execution-memory.ts';

const GENERATION = 5_000;
const ID_KINDS: readonly (readonly [string, (k: number) => string])[] = [
  ['numbers', (k) => `x${k}`],
  ['numbers that differ in front', (k) => `${k}-0000-execution`],
  ['uuids', (k) => `${(k * 2_654_435_761).toString(16).padStart(16, '0')}-4c2b-9d1e-${k}`],
  ['letters beyond ASCII', (k) => String.fromCharCode(0x4e00 + (k % 20_000), 0x100 + Math.floor(k / 20_000))],
  ['nothing but their length', (k) => 'x'.repeat(k % 2_000) + Math.floor(k / 2_000)],
];

describe('executions', () => {
  it.each(ID_KINDS)('are taken once, as a set of two generations takes them: %s', (_kind, idOf) => {
    const booked: BookedExecutions = { recent: [], older: [] };
    const memory = new ExecutionMemory(booked);
    const prng = createPrng(1, 'execution-memory');
    let recent = new Set<string>();
    let older = new Set<string>();
    for (let k = 0; k < 3 * GENERATION; k += 1) {
      // a new one, or one of the last 12,000: known, or known once and forgotten
      const id = idOf(prng.next() < 0.6 ? k : Math.max(0, k - Math.floor(12_000 * prng.next())));
      const isNew = !recent.has(id) && !older.has(id);
      expect(memory.remember(id)).toBe(isNew);
      if (isNew) recent.add(id);
      if (recent.size >= GENERATION) [older, recent] = [recent, new Set()];
    }
    expect(booked).toEqual({ recent: [...recent], older: [...older] });
    expect(booked.older).toHaveLength(GENERATION);
  });

  it('are known again after a restart', () => {
    const booked: BookedExecutions = { recent: [], older: [] };
    const memory = new ExecutionMemory(booked);
    for (let k = 0; k < GENERATION + 500; k += 1) memory.remember(`x${k}`);
    const restored = new ExecutionMemory(structuredClone(booked));
    for (let k = 0; k < GENERATION + 500; k += 1) expect(restored.remember(`x${k}`)).toBe(false);
    expect(restored.remember('x-1')).toBe(true);
    expect(restored.remember('x-1')).toBe(false);
  });
});
