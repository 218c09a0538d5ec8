/** A thousand chaos runs with processes, sockets, ccxt and SIGKILL: about two hours. */
import { expect, it } from 'vitest';
import { runSeeds } from './chaos/chaos-seeds.ts';
import { chaosTestTrading } from './testing/chaos-strategy.ts';

const SEEDS = Number(process.env['CHAOS_SEEDS'] ?? 1_000);
const FIRST_SEED = Number(process.env['CHAOS_FIRST_SEED'] ?? 1);

it(
  `${SEEDS} runs lose nothing, double nothing and are never wrong about an order`,
  { timeout: 6 * 3_600_000 },
  async () => {
    const sum = await runSeeds({
      ...chaosTestTrading(),
      firstSeed: FIRST_SEED,
      seeds: SEEDS,
      minutes: 6,
      processes: true,
      signal: new AbortController().signal,
      onRun: ({ seed, ok, problems }) => {
        if (!ok) console.log(`seed ${seed}: ${problems.join('; ')}`);
      },
    });
    console.log(JSON.stringify({ ...sum, bad: sum.bad.length }));
    expect(sum.bad).toEqual([]);
  },
);
