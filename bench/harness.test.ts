import { describe, expect, it } from 'vitest';
import { compare, keepsLimit } from './harness.ts';

/** Busy for about this long. */
function spin(durationMs: number): number {
  const endMs = performance.now() + durationMs;
  let count = 0;
  while (performance.now() < endMs) count++;
  return count;
}

describe('compare', () => {
  it('reports the ratio of the medians', async () => {
    const report = await compare({ name: 'spin', candidate: () => spin(4), reference: () => spin(1), limit: 8 });
    expect(report).toMatchObject({ name: 'spin', rounds: 7, limit: 8 });
    expect(report.ratio).toBeGreaterThan(2);
    expect(report.ratio).toBeCloseTo(report.medianMs / report.referenceMedianMs, 12);
  });

  it('runs both equally often and changes the order every round', async () => {
    let order = '';
    await compare({ name: 'order', candidate: () => (order += 'c'), reference: () => (order += 'r') });
    expect(order).toBe('crrc'.repeat(4) + 'cr');
  });

  it('awaits asynchronous code', async () => {
    const sleep = () => new Promise((resolve) => setTimeout(resolve, 5));
    const { medianMs } = await compare({ name: 'sleep', candidate: sleep, reference: () => 0 });
    expect(medianMs).toBeGreaterThan(3);
  });

  it('refuses fewer than 7 rounds', async () => {
    const tooFew = compare({ name: 'few', candidate: () => 0, reference: () => 0, rounds: 6 });
    await expect(tooFew).rejects.toThrow('found 6 rounds, expected at least 7');
  });
});

describe('keepsLimit', () => {
  const report = { name: 'x', medianMs: 3, referenceMedianMs: 2, ratio: 1.5, rounds: 7 };

  it.each([
    { limit: undefined, expected: true },
    { limit: 1.5, expected: true },
    { limit: 1.4, expected: false },
  ])('is $expected for ratio 1.5 and limit $limit', ({ limit, expected }) => {
    expect(keepsLimit(limit === undefined ? report : { ...report, limit })).toBe(expected);
  });

  it('is false when the ratio is not a number', () => {
    expect(keepsLimit({ ...report, ratio: Number.NaN, limit: 2 })).toBe(false);
  });
});
