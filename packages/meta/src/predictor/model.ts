/** The model that decides, in research and live alike: synchronous, the same call, the same bits. */
import type { FeatureValue } from '@donch/core';
import { marginOf, type Booster } from '../booster/booster.ts';
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
  const margin = marginOf(booster, row);
  const pRaw = 1 / (1 + Math.exp(-booster.sigmoid * margin));
  return { margin, pRaw, p: calibrate(calibrator, calibrator.kind === 'platt' ? margin : pRaw) };
}

/** Scores the features of a signal as the registry made them. */
export function scoreFeatures(model: Model, values: Readonly<Record<string, FeatureValue>>): Score {
  return scoreRow(model, encodeRow(model.features, values));
}
