/** The files of a report, as bytes. */
import {
  chartsOf,
  reportHtml,
  reportJson,
  reportMarkdown,
  standaloneSvg,
  type Chart,
  type PageReport,
} from '@donch/report';

export const REPORT_FORMATS = ['html', 'md', 'json', 'svg', 'png'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

export interface ReportFile {
  readonly format: ReportFormat;
  /** Path inside the report's folder. */
  readonly name: string;
  readonly content: Uint8Array;
}

/** All files of the formats; Markdown names the charts that are written beside it. `statistics` stand in the JSON as they are. */
export async function encodeReport(
  report: PageReport,
  formats: readonly ReportFormat[],
  statistics: object = {},
): Promise<ReportFile[]> {
  const has = (format: ReportFormat): boolean => formats.includes(format);
  const text = (content: string): Uint8Array => new TextEncoder().encode(content);
  const charts = chartsOf(report);
  const files: ReportFile[] = [];
  if (has('html')) files.push({ format: 'html', name: 'report.html', content: text(reportHtml(report)) });
  if (has('md')) {
    const ending = has('svg') ? 'svg' : 'png';
    const path = (chart: Chart): string | null => (has(ending) ? chartFile(chart, ending) : null);
    files.push({ format: 'md', name: 'report.md', content: text(reportMarkdown(report, path)) });
  }
  if (has('json')) files.push({ format: 'json', name: 'report.json', content: text(reportJson(report, statistics)) });
  if (has('svg')) {
    for (const chart of charts)
      files.push({ format: 'svg', name: chartFile(chart, 'svg'), content: text(standaloneSvg(chart)) });
  }
  if (has('png')) {
    const { pngRenderer } = await import('./svg-to-png.ts');
    const toPng = await pngRenderer();
    for (const chart of charts)
      files.push({ format: 'png', name: chartFile(chart, 'png'), content: toPng(standaloneSvg(chart)) });
  }
  return files;
}

function chartFile({ id }: Chart, ending: 'svg' | 'png'): string {
  return `charts/${id}.${ending}`;
}
