/** Collects the findings of one file: counts and the first ones in memory, all of them to whoever listens. */

import { type Finding, type ImportRule, severityOf } from './rules.ts';

/** Findings of one rule. */
export interface RuleCount {
  readonly rule: ImportRule;
  readonly findings: number;
  /** Rows (for gaps: missing bars) that the findings stand for. */
  readonly rows: number;
  /** The first ones; the findings file has all. */
  readonly first: readonly Finding[];
}

/** Receives findings and rejected rows as they occur. */
export interface FindingSink {
  finding(finding: Finding): void;
  rejected(row: RejectedRow): void;
}

/** A row that is not used, kept so that nothing is lost. */
export interface RejectedRow {
  readonly line: number;
  readonly rule: ImportRule;
  /** Original text of the whole row. */
  readonly text: string;
}

/** What a caller has to say about a finding; the rest has a default. */
export type FindingInput = Pick<Finding, 'rule' | 'line' | 'text' | 'message'> & Partial<Finding>;

/** How many findings of each rule a report repeats. */
const FIRST_FINDINGS = 20;

/** A line of a damaged file may be as long as the file. */
const TEXT_MAX = 300;

export class FindingLog {
  rejectedRows = 0;
  readonly #sink: FindingSink | null;
  readonly #counts = new Map<ImportRule, { findings: number; rows: number; first: Finding[] }>();

  constructor(sink: FindingSink | null = null) {
    this.#sink = sink;
  }

  /** Records a finding that costs no row. */
  add(input: FindingInput): void {
    const finding: Finding = {
      lastLine: input.line,
      lines: [],
      count: 1,
      timeMs: Number.NaN,
      ...input,
      text: input.text.length > TEXT_MAX ? `${input.text.slice(0, TEXT_MAX)}...` : input.text,
    };
    let counted = this.#counts.get(finding.rule);
    if (counted === undefined) this.#counts.set(finding.rule, (counted = { findings: 0, rows: 0, first: [] }));
    counted.findings += 1;
    counted.rows += finding.count;
    if (counted.first.length < FIRST_FINDINGS) counted.first.push(finding);
    this.#sink?.finding(finding);
  }

  /** Records a finding and the one row that it keeps out. */
  reject(input: FindingInput, rowText: string): void {
    this.add(input);
    this.keepOut({ line: input.line, rule: input.rule, text: rowText });
  }

  /** Records a row that an earlier finding keeps out. */
  keepOut(row: RejectedRow): void {
    this.rejectedRows += 1;
    this.#sink?.rejected(row);
  }

  /** Rows (for gaps: missing bars) of a rule. */
  rowsOf(rule: ImportRule): number {
    return this.#counts.get(rule)?.rows ?? 0;
  }

  /** Findings of all rules of a severity. */
  total(severity: 'error' | 'warning' | 'note'): number {
    let total = 0;
    for (const [rule, { findings }] of this.#counts) if (severityOf(rule) === severity) total += findings;
    return total;
  }

  /** All rules that were found, in the order of first occurrence. */
  counts(): RuleCount[] {
    return [...this.#counts].map(([rule, counted]) => ({ rule, ...counted }));
  }
}
