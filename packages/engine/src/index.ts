export * from './engine.ts';
export * from './settings.ts';
export * from './state.ts';
export type { StopStep } from './exits/stop-step.ts';
export { trailStop } from './exits/trail.ts';
export { inPriorityOrder } from './entries.ts';
export { drawdownFrac } from './instant.ts';
export { heldExposure, grossNotionalUsd, marginUsedUsd, openRiskUsd, type HeldExposure } from './sizing/exposure.ts';
