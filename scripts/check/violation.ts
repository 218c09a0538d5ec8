/** What the repository rules report, and the inline marker that allows one exception. */

import type { SourceFile } from './source-file.ts';

/** Every rule by name, with the sentence that a reader of a violation needs. */
export const RULES = {
  layer: 'imports between packages follow the table scripts/check/layers.ts',
  composition: 'strategy and engine are composed in trader only',
  'deep-import': 'a package is imported by its name alone ("@donch/core"), never a file inside it',
  'relative-import': 'a relative import stays inside its package',
  dependency: 'what a package imports stands in its package.json',
  purity: 'pure packages read no clock, randomness, files, network or locale, and are synchronous',
  index: 'a package has exactly one index.ts: src/index.ts',
  manifest: 'package.json and tsconfig.json of a package have the common form',
  enum: 'unions or `as const` objects instead of enums',
  marker: 'an exception names a rule and its reason, and is needed',
} as const;

export type RuleName = keyof typeof RULES;

export type Violation = {
  readonly rule: RuleName;
  /** Path from the repository root, with forward slashes. */
  readonly path: string;
  /** 1-based; 1 when the file as a whole is meant. */
  readonly line: number;
  readonly message: string;
};

/** What is left of a file's violations after its markers, and how many exceptions the markers made. */
export type Judged = {
  readonly violations: readonly Violation[];
  readonly exceptions: number;
};

/** `// allow(purity): the reason`, on the line of the violation or on the line above it. */
const MARKER = /^\s*allow\((?<rule>[^)]*)\)(?::\s*(?<reason>.*))?/;

/** The linter's own directives; the reason follows two dashes. */
const DIRECTIVE = /^\s*(?:oxlint|eslint)-disable/;
const DIRECTIVE_WITH_REASON = /^\s*oxlint-disable(?:-next-line|-line)?\s+[^\s].*?\s--\s+\S/;

/** Removes the violations that a marker of the file allows; a marker without rule, reason or use is a violation itself. */
export function applyMarkers(file: SourceFile, found: readonly Violation[]): Judged {
  const violations = [...found];
  let exceptions = 0;
  for (const comment of file.comments) {
    const line = file.lineAt(comment.start);
    const report = (message: string) => violations.push({ rule: 'marker', path: file.path, line, message });
    if (DIRECTIVE.test(comment.value)) {
      if (DIRECTIVE_WITH_REASON.test(comment.value)) exceptions++;
      else report(`found "${comment.value.trim()}", expected "oxlint-disable-next-line <rule> -- <reason>"`);
    }
    const marker = MARKER.exec(comment.value)?.groups;
    if (marker === undefined) continue;
    const { rule = '', reason = '' } = marker;
    if (!(rule in RULES)) report(`unknown rule "${rule}", expected one of ${Object.keys(RULES).join(', ')}`);
    else if (reason.trim() === '') report(`"allow(${rule})" without a reason, expected "allow(${rule}): <reason>"`);
    else {
      const allowed = removeAllowed(violations, rule, file.lineAt(comment.end));
      if (allowed === 0) report(`"allow(${rule})" allows nothing here: remove it`);
      exceptions += allowed;
    }
  }
  return { violations, exceptions };
}

/** Removes the rule's violations on the marker's line and the next one; returns their number. */
function removeAllowed(violations: Violation[], rule: string, line: number): number {
  const kept = violations.filter((v) => v.rule !== rule || (v.line !== line && v.line !== line + 1));
  const removed = violations.length - kept.length;
  violations.splice(0, violations.length, ...kept);
  return removed;
}
