export * from './engine.ts';
export * from './settings.ts';
export * from './state.ts';
export { trailStop, type TrailStep } from './exits/trail.ts';
export { inPriorityOrder } from './entries.ts';
export { unrealisedUsd } from './instant.ts';
export { heldExposure, grossNotionalUsd, marginUsedUsd, openRiskUsd, type HeldExposure } from './sizing/exposure.ts';
