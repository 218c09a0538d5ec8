export {
  leafOf,
  marginOf,
  marginsOf,
  sigmoid,
  missingTypeOf,
  probabilityOf,
  type Booster,
  type MissingType,
  type Tree,
} from './booster/booster.ts';
export { formatLightGbm, parseLightGbm } from './booster/lightgbm-text.ts';
export { shapValues } from './booster/shap.ts';
export { calibrate, fitIsotonic, fitPlatt, type CalibrationRows, type Calibrator } from './calibration/calibrator.ts';
export { formatOnnx } from './onnx/format-onnx.ts';
export { timesOf } from './predictions/column-values.ts';
export {
  DEDUP_WAYS,
  dedupPredictions,
  type DedupedPredictions,
  type DedupWay,
  type NumberedPredictions,
} from './predictions/dedup-predictions.ts';
export { joinLines } from './predictions/join-lines.ts';
export { joinPredictions } from './predictions/join-predictions.ts';
export * from './predictions/prediction-join.ts';
export {
  columnsText,
  predictionColumns,
  signalColumns,
  type KeyColumns,
  type PredictionColumns,
  type WantedColumns,
} from './predictions/table-columns.ts';
export { ROW_WEIGHTS, rowWeights, type RowWeights } from './weights/row-weights.ts';
export * from './bundle/bundle-manifest.ts';
export * from './bundle/check-binding.ts';
export * from './bundle/parity.ts';
export * from './dataset/dataset.ts';
export * from './dataset/feature-encoding.ts';
export { driftReference, type DriftColumn } from './drift/drift-reference.ts';
export * from './predictor/model.ts';
export { GBDT_DEFAULTS, type GbdtParams } from './trainer/gbdt-params.ts';
export { createJsKernels } from './trainer/js-kernels.ts';
export { trainGbdt, type TrainingRows } from './trainer/train-gbdt.ts';
export * from './validation/assess-model.ts';
export * from './validation/cpcv-fits.ts';
export * from './validation/fit.ts';
export * from './validation/leakage-probes.ts';
export * from './validation/walk-forward-plan.ts';
export { chooseCalibrator, type CalibratorChoice } from './threshold/choose-calibrator.ts';
export { chooseThreshold, formatThreshold, type ThresholdChoice } from './threshold/choose-threshold.ts';
export { defaultThresholds, evCurve, type EvCurve } from './threshold/ev-curve.ts';
export type { ScoredRows } from './threshold/scored-rows.ts';
