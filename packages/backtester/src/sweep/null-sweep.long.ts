import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mean } from '@donch/stats';
import { expect, it } from 'vitest';
import { NULL_SWEEP_GRID, nullSweep } from './null-sweep.ts';
import { gridVariants } from './sweep-grid.ts';

it('the search among 200 variants finds skill on at most 4 of 40 martingale markets, and overfits in about half of all splits', () => {
  const file = join(import.meta.dirname, '..', '..', '..', '..', 'strategies', 'donch_pullback_long.yaml');
  const strategy = { text: readFileSync(file, 'utf8'), file, layers: [], universeHash: 'null test' };
  const variants = gridVariants(NULL_SWEEP_GRID);
  expect(variants).toHaveLength(200);
  const sweeps = Array.from({ length: 40 }, (_, k) => {
    const sweep = nullSweep({ strategy, grid: NULL_SWEEP_GRID, variants, seed: k + 1, minTrades: 30 });
    console.log(JSON.stringify(sweep));
    return sweep;
  });
  expect(sweeps.filter(({ dsr, pbo }) => Number.isNaN(dsr) || Number.isNaN(pbo))).toEqual([]);
  const pbo = mean(sweeps.map((sweep) => sweep.pbo));
  const found = sweeps.filter(({ dsr }) => dsr > 0.95).length;
  console.log(JSON.stringify({ found, pbo }));
  expect(found).toBeLessThanOrEqual(4);
  expect(pbo).toBeGreaterThanOrEqual(0.4);
  expect(pbo).toBeLessThanOrEqual(0.6);
});
