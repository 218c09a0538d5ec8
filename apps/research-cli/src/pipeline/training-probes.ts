/** What the models of shuffled labels say. */
import { createPrng } from '@donch/core';
import { chooseThreshold, type Dataset } from '@donch/meta';
import { mean, rocAuc, standardDeviation } from '@donch/stats';
import { permutedBounds, type PermutedFit } from './training-fits.ts';
import type { TrainingOptions } from './training-options.ts';

export interface PermutedFigures {
  readonly permutations: number;
  /** Mean over shuffles and folds; 0.5 = nothing learned, as it must be. */
  readonly auc: number;
  /** Standard error over the shuffles. */
  readonly aucSe: number;
  /** Shuffles whose scores named a p*. */
  readonly named: number;
}

export function permutedFigures(
  dataset: Dataset,
  permuted: readonly PermutedFit[],
  options: TrainingOptions & { readonly embargoMs: number },
): PermutedFigures {
  const aucs = permuted.map((fit) => foldAuc(fit));
  const named = permuted.filter(({ y, pnlR, margin }, k) => {
    const scored = { ...dataset, y, pnlR, paths: 1, scoreKind: 'margin' as const, score: margin };
    return chooseThreshold(scored, { ...options, prng: createPrng(options.seed, `permuted ${k}`) }).kind === 'named';
  });
  return {
    permutations: permuted.length,
    auc: mean(aucs),
    aucSe: standardDeviation(aucs, 1) / Math.sqrt(aucs.length),
    named: named.length,
  };
}

function foldAuc({ y, margin }: PermutedFit): number {
  const bounds = permutedBounds(y.length);
  const aucs = bounds
    .slice(1)
    .map((to, group) => rocAuc({ y: y.slice(bounds[group], to), p: margin.slice(bounds[group], to) }));
  return mean(aucs.filter((auc) => !Number.isNaN(auc)));
}
