import { sweepWorld } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { runBacktest } from '../run-backtest.ts';
import { summarise } from '../run-summary.ts';
import { VariantEvaluator, type VariantTerms } from './variant-evaluator.ts';

const SHAPE = { symbols: 4, bars: 2_000, signals: 20 };

describe('the evaluator of variants', () => {
  it('gives every variant the same figures over first touches and through the engine, and says which it was', () => {
    let touched = 0;
    for (let seed = 1; seed <= 8; seed += 1) {
      const world = sweepWorld(seed, SHAPE);
      const variants = world.variants.slice(0, 9).map((strategies): VariantTerms => ({ ...world, strategies }));
      const plain = new VariantEvaluator(world, 1);
      plain.add(variants.slice(0, 4));
      plain.evaluate(variants[0]);
      plain.add(variants);
      // minutes are asked for and there are none: nothing changes but the way
      const venue = { ...world.venue, minuteBarsOf: () => null };
      const byEngine = new VariantEvaluator(world, 1);
      for (const variant of variants) {
        const { engineReason, ...figures } = plain.evaluate(variant);
        const { engineReason: reason, ...expected } = byEngine.evaluate({ ...variant, venue });
        expect(reason).toBe('1m bars decide what came first');
        expect(figures).toStrictEqual(expected);
        touched += Number(engineReason === '');
      }
    }
    expect(touched).toBeGreaterThan(40);
  });

  it('gives the mean R the interval that a backtest gives it', () => {
    const world = sweepWorld(3, { symbols: 3, bars: 30_000, signals: 60 });
    const strategies = world.variants[4];
    const variant = { ...world, strategies };
    const evaluator = new VariantEvaluator(world, 7);
    evaluator.add([variant]);
    const { meanR } = evaluator.evaluate(variant);
    expect(meanR).toStrictEqual(summarise(runBacktest({ ...world, strategies }), 7).meanR);
  });

  it('shares paths only between variants whose settings agree', () => {
    const world = sweepWorld(2, SHAPE);
    const [strategies] = world.variants;
    const guards = { ...world.settings.guards, entriesPerDayMax: 1 };
    const variants = [
      { ...world, strategies },
      { ...world, strategies, settings: { ...world.settings, guards, stopAtrMin: 2 } },
    ];
    const evaluator = new VariantEvaluator(world, 1);
    evaluator.add(variants);
    expect(variants.map((variant) => evaluator.difference(variant))).toEqual(['', '']);
  });
});
