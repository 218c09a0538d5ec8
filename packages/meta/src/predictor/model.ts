/** The model that decides, in research and live alike: synchronous, the same call, the same bits. */
import type { FeatureValue } from '@donch/core';
import { marginOf, sigmoid, type Booster } from '../booster/booster.ts';
import { calibrate, type Calibrator } from '../calibration/calibrator.ts';
import { encodeRow, type EncodedFeature } from '../dataset/feature-encoding.ts';

export interface Model {
  readonly features: readonly EncodedFeature[];
  /** Over the encoded row. */
  readonly booster: Booster;
  readonly calibrator: Calibrator;
}

export interface Score {
  readonly margin: number;
  /** Before calibration. */
  readonly pRaw: number;
  /** What is compared with p*. */
  readonly p: number;
}

/** Scores a row of encoded features, float32. */
export function scoreRow({ booster, calibrator }: Omit<Model, 'features'>, row: Float32Array): Score {
  return scoreMargin(marginOf(booster, row), calibrator, booster.sigmoid);
}

/** What a margin means: Platt's calibrator takes it as it is, the others its probability. `slope` = the booster's sigmoid. */
export function scoreMargin(margin: number, calibrator: Calibrator, slope = 1): Score {
  const pRaw = sigmoid(slope * margin);
  return { margin, pRaw, p: calibrate(calibrator, calibrator.kind === 'platt' ? margin : pRaw) };
}

/** Scores the features of a signal as the registry made them. */
export function scoreFeatures(model: Model, values: Readonly<Record<string, FeatureValue>>): Score {
  return scoreRow(model, encodeRow(model.features, values));
}
