export * from './scan-window.ts';
export * from './scan-history.ts';
export * from './funnel-counts.ts';
export * from './bar-feed.ts';
export * from './run-backtest.ts';
export { gateProfile } from './gate-profile.ts';
export { LABEL_HORIZON_HOURS, LABEL_MFE_K, labelSignals, type LabelOptions, type LabelResult } from './labels.ts';
export * from './run-summary.ts';
export * from './aggregate-trades.ts';
export * from './market-data.ts';
export * from './leaks.ts';
export * from './scan-market.ts';
export * from './poison.ts';
export * from './lookahead.ts';
export * from './null-test.ts';
export * from './strategy-terms.ts';
export * from './rehearsal.ts';
export * from './replay.ts';
export { exitAxes, type ExitAxes } from './sweep/exit-axes.ts';
export { needsEngine } from './sweep/needs-engine.ts';
export { SignalPaths } from './sweep/signal-paths.ts';
export { StandaloneOutcomes } from './sweep/standalone-outcomes.ts';
export { passPortfolio, type PassResult } from './sweep/portfolio-pass.ts';
export { passDifference } from './sweep/pass-difference.ts';
export {
  DEFAULT_GRID,
  gridVariants,
  parseGrid,
  randomVariants,
  variantGroups,
  variantLayer,
  type SweepGrid,
  type SweepVariant,
} from './sweep/sweep-grid.ts';
export {
  NULL_SWEEP_GRID,
  nullSweep,
  type NullSweep,
  type NullSweepOptions,
  type ScanLeak,
} from './sweep/null-sweep.ts';
export {
  NULL_SWEEP_SEEDS_MIN,
  nullSweepVerdict,
  type NullSweepFinding,
  type NullSweepVerdict,
} from './sweep/null-sweep-verdict.ts';
export { summariseVariant, type VariantSummary } from './sweep/variant-summary.ts';
export * from './stress/stress-report.ts';
export { stressRun, type StressOptions } from './stress/stress-run.ts';
export type { ReferenceMarket } from './stress/buy-and-hold.ts';
export { VariantEvaluator, type VariantOutcome, type VariantTerms } from './sweep/variant-evaluator.ts';
export { leaderboardOf, withDeflation } from './sweep/leaderboard.ts';
export { VARIANT_SHAPES, variantRow } from './sweep/variant-row.ts';
