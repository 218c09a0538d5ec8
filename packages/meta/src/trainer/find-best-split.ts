import {
  histogramStart,
  type LeafQuestion,
  type LeafSplit,
  type TrainingMemory,
  type TrainingShape,
} from './kernels.ts';
import { fixMostFrequentCell, scanFeature, type SplitCandidate, type SplitQuestion } from './split-scan.ts';

/** The best split of a leaf: see `Kernels.findBest`. */
export function findBestSplit(memory: TrainingMemory, shape: TrainingShape, leaf: LeafQuestion): LeafSplit | null {
  const { histograms, splittable } = memory;
  const features = shape.features.length;
  const candidate: SplitCandidate = { gain: 0, bin: 0, leftGradient: 0, leftHessian: 0, isMissingLeft: true };
  let best: LeafSplit | null = null;
  for (let feature = 0; feature < features; feature += 1) {
    const flag = leaf.slot * features + feature;
    if (splittable[flag] === 0) continue;
    const question = questionOf(shape, leaf, feature);
    if (leaf.minus < 0) fixMostFrequentCell(histograms, question);
    else subtract(histograms, question, histogramStart(features, leaf.minus, feature));
    const hasSplit = scanFeature(histograms, question, shape.limits, candidate);
    splittable[flag] = hasSplit ? 1 : 0;
    if (hasSplit && (best === null || candidate.gain > best.gain)) best = { ...candidate, feature };
  }
  return best;
}

function questionOf({ features, monotone }: TrainingShape, leaf: LeafQuestion, feature: number): SplitQuestion {
  const { index, bins } = features[feature];
  return {
    at: histogramStart(features.length, leaf.slot, feature),
    binCount: bins.binCount,
    hasMissing: bins.hasMissing,
    mostFrequentBin: bins.mostFrequentBin,
    sums: leaf.sums,
    monotone: monotone[index] ?? 0,
    outputMin: leaf.outputMin,
    outputMax: leaf.outputMax,
  };
}

function subtract(histograms: Float64Array, { at, binCount }: SplitQuestion, other: number): void {
  for (let k = 0; k < 2 * binCount; k += 1) histograms[at + k] -= histograms[other + k];
}
