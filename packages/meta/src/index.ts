export { leafOf, marginOf, probabilityOf, type Booster, type MissingType, type Tree } from './booster/booster.ts';
export { formatLightGbm, parseLightGbm } from './booster/lightgbm-text.ts';
export { shapValues } from './booster/shap.ts';
export { calibrate, fitIsotonic, fitPlatt, type CalibrationRows, type Calibrator } from './calibration/calibrator.ts';
export { formatOnnx } from './onnx/format-onnx.ts';
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
export * from './weights/sample-weights.ts';
export * from './bundle/bundle-manifest.ts';
export * from './bundle/check-binding.ts';
export * from './bundle/parity.ts';
export * from './dataset/feature-encoding.ts';
export * from './predictor/model.ts';
export { GBDT_DEFAULTS, type GbdtParams } from './trainer/gbdt-params.ts';
export { trainGbdt } from './trainer/train-gbdt.ts';
