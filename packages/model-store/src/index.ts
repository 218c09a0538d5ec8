// Bundles
export {
  saveBundle,
  hasManifest,
  readBundle,
  readManifest,
  type Bundle,
  type BundleContent,
  type SavedBundle,
} from './bundle-folder.ts';
export {
  loadBundle,
  modelFeatures,
  registeredFeatures,
  type LoadedBundle,
  type LoadOptions,
  type RegisteredFeature,
} from './load-bundle.ts';
export { currentBundle, deployBundle, previousBundle, rollbackBundle, type Deployment } from './deploy-bundle.ts';
export { withThreshold } from './rethreshold-bundle.ts';
export { publishBundle, type PublishedBundle } from './publish-bundle.ts';
export { modelFiles, parseFeatureNames, type ModelParts } from './model-files.ts';
export {
  foreignColumns,
  importModel,
  type ForeignColumn,
  type ImportedModel,
  type SourceText,
} from './import-model.ts';

// Graphs
export { OnnxGraph, ONNX_BYTES_MAX, type OnnxSource } from './onnx-graph.ts';
export type { OnnxScores } from './onnx-scores.ts';
