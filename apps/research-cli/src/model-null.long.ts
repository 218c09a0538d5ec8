/**
 * Where nothing is planted, the model finds nothing: judged by what its choices bring, not by AUC. Where an effect is planted, it is
 * found, or the first test could not fail.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { meanInterval, type ClusterInterval, type Refusal } from '@donch/stats';
import { compileStrategy } from '@donch/strategy';
import { describe, expect, it } from 'vitest';
import { modelSeed, type ModelSeed } from './testing/model-seed.ts';

const SEEDS = Number(process.env['SEEDS'] ?? 20);
const HOUR_LIMIT_MS = 3_600_000;

const file = join(import.meta.dirname, '..', '..', '..', 'strategies', 'donch_pullback_long.yaml');
const strategy = compileStrategy({ text: readFileSync(file, 'utf8'), file, layers: [], universeHash: 'synthetic' });

function runSeeds(effect: number): ModelSeed[] {
  return Array.from({ length: SEEDS }, (_, k) => {
    const found = modelSeed(strategy, { seed: k + 101, effect });
    console.log(JSON.stringify(found));
    return found;
  });
}

const holdsZero = (interval: ClusterInterval | Refusal | null): boolean =>
  interval?.kind !== 'interval' || (interval.low <= 0 && interval.high >= 0);

describe(`${SEEDS} markets`, () => {
  it(
    'without an effect: the interval of gated - all holds 0, and hardly a p* is named',
    { timeout: HOUR_LIMIT_MS },
    () => {
      const seeds = runSeeds(0);
      expect(seeds.filter(({ walkForward }) => holdsZero(walkForward)).length).toBeGreaterThanOrEqual(0.9 * SEEDS);
      expect(seeds.filter(({ isNamed }) => isNamed).length).toBeLessThanOrEqual(0.1 * SEEDS);
    },
  );

  it(
    'with an effect: what is chosen is better, and a p* is named in a third of them',
    { timeout: HOUR_LIMIT_MS },
    () => {
      const seeds = runSeeds(0.2);
      const gains = seeds.flatMap(({ crossFitted }) => (crossFitted.kind === 'interval' ? [crossFitted.estimate] : []));
      const interval = meanInterval(gains);
      expect(interval).toMatchObject({ kind: 'interval' });
      expect(interval.kind === 'interval' ? interval.low : Number.NaN).toBeGreaterThan(0);
      expect(seeds.filter(({ isNamed }) => isNamed).length).toBeGreaterThanOrEqual(SEEDS / 3);
    },
  );
});
