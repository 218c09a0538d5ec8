/** Random faults, kills and disasters on a virtual clock: nothing doubled, nothing lost, no wrong verdict. */
import { describe, expect, it } from 'vitest';
import { chaosTestTrading } from '../testing/chaos-strategy.ts';
import { runChaos, type ChaosRun, type ChaosRunOptions } from './chaos-run.ts';

const trading = chaosTestTrading();
const play = (options: Pick<ChaosRunOptions, 'seed'> & Partial<ChaosRunOptions>): Promise<ChaosRun> =>
  runChaos({ ...trading, minutes: 25, ...options });

const wrong = ({ seed, problems }: ChaosRun): readonly [number, readonly string[]] => [seed, problems];

describe('a trader under faults', () => {
  // on a busy machine hours of virtual time take a while
  it('loses nothing, doubles nothing and is never wrong about an order', { timeout: 120_000 }, async () => {
    let [fills, faults, kills] = [0, 0, 0];
    for (let seed = 1; seed <= 12; seed += 1) {
      const run = await play({ seed });
      expect(wrong(run)).toEqual([seed, []]);
      fills += run.fills;
      kills += run.kills;
      for (const count of run.faults.values()) faults += count;
    }
    expect(fills).toBeGreaterThan(150);
    expect(faults).toBeGreaterThan(1_500);
    expect(kills).toBeGreaterThan(25);
  });

  it('does the same again with the same seed', async () => {
    const [once, again] = [await play({ seed: 5 }), await play({ seed: 5 })];
    expect(again).toEqual(once);
  });

  it('without any fault is a plain session', async () => {
    const run = await play({ seed: 3, faultFrac: 0, kills: 0, acts: 0, visibilityLagMs: 0 });
    expect(wrong(run)).toEqual([3, []]);
    expect(run.unprotectedSecondsMax).toBe(0);
    expect(run.told).toEqual([]);
  });
});

it('the oracle has teeth: a fence shorter than the delay of the venue is found out', { timeout: 120_000 }, async () => {
  const found = { wrongVerdicts: 0, bad: 0 };
  for (let seed = 1; seed <= 12; seed += 1) {
    const run = await play({
      seed,
      visibilityLagMs: 25_000,
      fence: { recvWindowMs: 5_000, visibilityMs: 0, cleanMissesMin: 3, overlapMs: 120_000 },
    });
    found.wrongVerdicts += run.wrongVerdicts;
    found.bad += run.ok ? 0 : 1;
  }
  expect(found.wrongVerdicts).toBeGreaterThan(0);
  expect(found.bad).toBeGreaterThan(4);
});
