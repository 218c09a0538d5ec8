export { OnnxGraph, ONNX_BYTES_MAX, type OnnxSource } from './onnx-graph.ts';
export type { OnnxScores } from './onnx-scores.ts';
