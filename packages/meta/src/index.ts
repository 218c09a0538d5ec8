export { leafOf, marginOf, probabilityOf, type Booster, type MissingType, type Tree } from './booster/booster.ts';
export { formatLightGbm, parseLightGbm } from './booster/lightgbm-text.ts';
export { shapValues } from './booster/shap.ts';
export { calibrate, fitIsotonic, fitPlatt, type CalibrationRows, type Calibrator } from './calibration/calibrator.ts';
export * from './weights/sample-weights.ts';
