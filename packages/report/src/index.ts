export { buildReport, chartsOf, type Report } from './report.ts';
export type { ReportInput, RunFacts, RunNotes, StrategyFacts } from './report-input.ts';
export { reportHtml } from './page/html.ts';
export { reportMarkdown } from './markdown/report-markdown.ts';
export { standaloneSvg } from './charts/svg.ts';
export { encodePath, pathWindow, type EncodedPath, type PathWindow } from './paths/trade-path.ts';
export { breakTimesOf } from './sections/funnel.ts';
export type { Chart } from './blocks.ts';
