/** An import report as text for people and as JSON for programs. */

import { DonchError, formatMinute } from '@donch/core';
import type { Gap } from './check-neighbours.ts';
import type { RuleCount } from './finding-log.ts';
import type { Coverage, FileContent, FileReport, ImportReport } from './import-report.ts';
import type { ImportPlan } from './plan-import.ts';
import { type Finding, IMPORT_RULES, severityOf } from './rules.ts';

/** Findings of a rule and gaps that the text repeats; the findings file has all. */
const SHOWN = 5;

/** The report as text, without a line end at its end. */
export function renderImportReport(report: ImportReport): string {
  const imported = report.files.filter(({ status }) => status === 'imported').length;
  const rowsPerSec = report.elapsedMs > 0 ? (report.acceptedRows / report.elapsedMs) * 1_000 : 0;
  const lines = report.files.flatMap(renderFile);
  lines.push(
    `${imported} of ${report.files.length} files imported, ${report.acceptedRows} rows in ${(report.elapsedMs / 1_000).toFixed(1)} s (${Math.round(rowsPerSec)} rows/s)`,
    ...report.skipped.map(({ file, reason }) => `not opened: ${file} (${reason})`),
  );
  if (report.stopped === 'aborted') lines.push('stopped on request');
  if (report.stopped instanceof DonchError) lines.push(`stopped: ${report.stopped.message}`);
  if (report.notStarted.length > 0) lines.push(`not begun: ${report.notStarted.join(', ')}`);
  if (report.findingsFile !== null) lines.push(`all findings: ${report.findingsFile}`);
  if (report.rejectsFile !== null) lines.push(`rows left out: ${report.rejectsFile}`);
  return lines.join('\n');
}

function renderFile(file: FileReport): string[] {
  const lines = [`${file.file}: ${file.status}`];
  if (file.refusal !== null) lines.push(`  REFUSED, nothing stored: ${file.refusal.message.replaceAll('\n', '\n  ')}`);
  if (file.content !== null) lines.push(...renderContent(file.content));
  lines.push(...file.findings.toSorted(bySeverity).flatMap(renderRule));
  if (file.stored !== null) {
    const { added, unchanged, revisions, revisionsTaken, turnoverAdded, after } = file.stored;
    const revised = revisions === 0 ? '' : `, ${revisions} revisions ${revisionsTaken ? 'taken' : 'not taken'}`;
    const completed = turnoverAdded === 0 ? '' : `, ${turnoverAdded} completed with turnover`;
    lines.push(`  store: ${added} added, ${unchanged} unchanged${completed}${revised}; now ${renderCoverage(after)}`);
  }
  if (file.steps !== null) {
    lines.push(
      `  inferred: tick size ${file.steps.tickSize}, quantity step ${file.steps.qtyStep} (${file.steps.outcome})`,
    );
  }
  return lines;
}

function renderContent({
  kind,
  instrumentId,
  interval,
  columns,
  assumptions,
  totals,
  coverage,
  gaps,
}: FileContent): string[] {
  const skipped = totals.headers + totals.preamble + totals.blank + totals.repeatedHeaders;
  return [
    `  ${kind} of ${instrumentId}${interval === null ? '' : `, ${interval}`}`,
    `  columns: ${renderColumns(columns)}`,
    ...assumptions.map((assumption) => `  assumed: ${assumption}`),
    `  ${totals.lines} lines: ${totals.accepted} accepted, ${totals.rejected} rejected, ${totals.duplicates} identical duplicates dropped, ${skipped} header or blank`,
    `  file: ${renderCoverage(coverage)}${totals.zeroVolume > 0 ? `; ${totals.zeroVolume} bars without volume` : ''}`,
    ...gaps.slice(0, SHOWN).map((gap) => `    gap: ${renderGap(gap)}`),
    ...(gaps.length > SHOWN ? [`    ... ${gaps.length - SHOWN} more gaps`] : []),
  ];
}

function renderColumns(columns: FileContent['columns']): string {
  const used = columns.flatMap(({ name, role }) =>
    role === null ? [] : [name.toLowerCase() === role ? role : `${role}="${name}"`],
  );
  const unused = columns.filter(({ role }) => role === null).map(({ name }) => name);
  return `${used.join(', ')}${unused.length > 0 ? `; not used: ${unused.join(', ')}` : ''}`;
}

function renderCoverage({ rows, firstMs, lastMs, gaps, missing }: Coverage): string {
  if (rows === 0) return 'no rows';
  return `${rows} rows, ${formatMinute(firstMs)} to ${formatMinute(lastMs)}, ${gaps} gaps (${missing} missing)`;
}

function renderGap({ fromMs, toMs, missing }: Gap): string {
  return missing === 1 ? formatMinute(fromMs) : `${formatMinute(fromMs)} to ${formatMinute(toMs)} (${missing})`;
}

const SEVERITIES = ['error', 'warning', 'note'];
const RULE_ORDER = Object.keys(IMPORT_RULES);

function bySeverity(a: RuleCount, b: RuleCount): number {
  const severity = SEVERITIES.indexOf(severityOf(a.rule)) - SEVERITIES.indexOf(severityOf(b.rule));
  return severity !== 0 ? severity : RULE_ORDER.indexOf(a.rule) - RULE_ORDER.indexOf(b.rule);
}

function renderRule({ rule, findings, rows, first }: RuleCount): string[] {
  // Gaps are listed with the file's extent.
  if (rule === 'gap') return [];
  const more = findings - Math.min(first.length, SHOWN);
  return [
    `  ${severityOf(rule)} ${rule}: ${findings}${rows === findings ? '' : ` (${rows} rows)`}`,
    ...first.slice(0, SHOWN).map((finding) => `    ${renderPlace(finding)}${finding.message}`),
    ...(more > 0 ? [`    ... ${more} more`] : []),
  ];
}

function renderPlace({ line, lastLine, lines }: Finding): string {
  if (line === 0) return '';
  if (lines.length > 0) return `lines ${lines.join(', ')}: `;
  return lastLine === line ? `line ${line}: ` : `lines ${line} to ${lastLine}: `;
}

/** The plan as text: one line per file, and what has to be decided. */
export function renderImportPlan({ files, skipped }: ImportPlan): string {
  const lines = files.flatMap(({ file, problem, kind, venue, symbol, interval, columns, assumptions }) => {
    if (problem !== null) return [`${file}: PROBLEM: ${problem.message.replaceAll('\n', '\n  ')}`];
    const what = `${file}: ${kind ?? ''} of ${venue ?? ''}:${symbol ?? ''}${interval === null ? '' : `, ${interval}`}`;
    return [
      what,
      `  columns: ${renderColumns(columns)}`,
      ...assumptions.map((assumption) => `  assumed: ${assumption}`),
    ];
  });
  return [...lines, ...skipped.map(({ file, reason }) => `not opened: ${file} (${reason})`)].join('\n');
}

/** The report as plain JSON data: NaN is null, errors are `{code, message, remedy}`. */
export function importReportJson(report: ImportReport): unknown {
  return JSON.parse(
    JSON.stringify(report, (_key, value: unknown) => (value instanceof DonchError ? errorJson(value) : value)),
  );
}

function errorJson({ code, message, detail }: DonchError): Readonly<Record<string, string | null>> {
  return { code, message, remedy: detail.remedy ?? null };
}
