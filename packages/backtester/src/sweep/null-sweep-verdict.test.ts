import { describe, expect, it } from 'vitest';
import { nullSweepVerdict } from './null-sweep-verdict.ts';
import type { NullSweep } from './null-sweep.ts';

interface Seeds {
  readonly count: number;
  readonly skilled?: number;
  readonly pbo?: number;
  readonly pboSpread?: number;
  readonly averageMeanR?: number;
  readonly refused?: number;
}

/** Seeds that alternate around their means. */
function seeds({ count, skilled = 0, pbo = 0.5, pboSpread = 0, averageMeanR = 0, refused = 0 }: Seeds): NullSweep[] {
  return Array.from({ length: count }, (_, k) => {
    const sign = k % 2 === 0 ? 1 : -1;
    return {
      seed: k + 1,
      tag: 'sl2',
      trades: 300,
      meanR: 0.1,
      annualSharpe: 1,
      averageMeanR: averageMeanR + sign * 0.02,
      dsr: k < refused ? Number.NaN : k < refused + skilled ? 0.96 : 0.4,
      pbo: k < refused ? Number.NaN : pbo + sign * pboSpread,
    };
  });
}

describe('nullSweepVerdict', () => {
  it.each<[string, Seeds, readonly string[]]>([
    ['no skill anywhere', { count: 40 }, []],
    ['a tenth of the winners skilled', { count: 40, skilled: 4 }, []],
    ['more than a tenth', { count: 40, skilled: 5 }, ['skill']],
    ['one of eight skilled', { count: 8, skilled: 1 }, []],
    ['two of eight', { count: 8, skilled: 2 }, ['skill']],
    ['PBO at the edge', { count: 40, pbo: 0.4001 }, []],
    ['PBO too low', { count: 40, pbo: 0.39 }, ['overfitting']],
    ['PBO too high', { count: 40, pbo: 0.61 }, ['overfitting']],
    ['few seeds that scatter', { count: 8, pbo: 0.35, pboSpread: 0.25 }, []],
    ['few seeds that agree', { count: 8, pbo: 0.35, pboSpread: 0.05 }, ['overfitting']],
    ['forty seeds that scatter', { count: 40, pbo: 0.38, pboSpread: 0.5 }, ['overfitting']],
    ['variants that earn', { count: 8, averageMeanR: 0.05 }, ['earns']],
    ['variants that lose', { count: 8, averageMeanR: -0.05 }, []],
    ['seven seeds', { count: 7 }, ['too_few']],
    ['eight seeds, one without a verdict', { count: 8, refused: 1, skilled: 7 }, ['too_few']],
    ['no seed', { count: 0 }, ['too_few']],
  ])('%s', (_what, found, findings) => {
    expect(nullSweepVerdict(seeds(found)).findings).toEqual(findings);
  });

  it('states what it judged by', () => {
    const verdict = nullSweepVerdict(seeds({ count: 9, refused: 1, skilled: 1, pbo: 0.5, pboSpread: 0.2 }));
    expect(verdict).toMatchObject({ judged: 8, skilled: 1, skilledMax: 1 });
    // t(7) at 97.5 % = 2.365 (any table), sd with ddof 1 of +-0.2 = 0.2138
    expect(verdict.pboHigh - 0.5).toBeCloseTo((2.364624 * 0.2 * Math.sqrt(8 / 7)) / Math.sqrt(8), 6);
  });
});
