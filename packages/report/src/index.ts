export { buildReport, chartsOf, type PageReport, type Report } from './report.ts';
export type { ReportInput, RunFacts, RunNotes, StrategyFacts } from './report-input.ts';
export { reportHtml } from './page/html.ts';
export { reportMarkdown } from './markdown/report-markdown.ts';
export { standaloneSvg } from './charts/svg.ts';
export { reportJson } from './json/report-json.ts';
export { withNotice } from './page/notice.ts';
export { xyChart, type XySeries } from './charts/xy-chart.ts';
export { encodePath, pathWindow, type EncodedPath, type PathWindow } from './paths/trade-path.ts';
export { breakTimesOf } from './sections/funnel.ts';
export type { Chart } from './blocks.ts';
export { renderModelReport } from './model/render-model-report.ts';
export type { Banded, FeatureImportance, ModelReportInput } from './model/model-report-input.ts';
export { labelOf, RUNS_MAX, type ComparedRun } from './compare/compared-run.ts';
export { compareRuns, type PairComparison, type RunComparison } from './compare/compare-runs.ts';
export { buildCompareReport } from './compare/compare-report.ts';
export { compareTables } from './compare/compare-tables.ts';
export { compareWords } from './compare/compare-words.ts';
export type { TableBlock } from './blocks.ts';
export { renderSweepReport } from './sweep/render-sweep-report.ts';
export type {
  EngineAgreement,
  SweepAxis,
  SweepCurve,
  SweepFacts,
  SweepReportInput,
} from './sweep/sweep-report-input.ts';
export type { SelectionFindings } from './selection/selection-sections.ts';
export { refusalWords } from './format/refusal-words.ts';
export type { StressFindings } from './stress/stress-input.ts';
export type { VariantGroups } from './variants/variant-groups.ts';
export { renderTradesReport, type TradesReportInput } from './trades/trades-report.ts';
