import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { meanInterval } from '@donch/stats';
import { compileStrategy } from '@donch/strategy';
import { expect, it } from 'vitest';
import { NULL_TEST_LAYER, nullTestSeed } from './null-test.ts';

it('the shipped strategy earns nothing on 100 martingale markets', () => {
  const file = join(import.meta.dirname, '..', '..', '..', 'strategies', 'donch_pullback_long.yaml');
  const text = readFileSync(file, 'utf8');
  const strategy = compileStrategy({ text, file, layers: [NULL_TEST_LAYER], universeHash: 'null test' });
  const means = Array.from({ length: 100 }, (_, k) => nullTestSeed({ strategy, seed: k + 1, leak: null }).meanR);
  const interval = meanInterval(means);
  console.log(JSON.stringify(interval));
  if (!('low' in interval)) throw new Error('a hundred observations have an interval');
  expect(interval.low).toBeLessThanOrEqual(0);
});
