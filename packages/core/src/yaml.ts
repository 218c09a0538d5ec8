/** YAML text to plain data, with the line of every path. One reader for config files and strategy files. */
import { LineCounter, parseDocument, type Document } from 'yaml';
import { DonchError, DonchErrors } from './errors.ts';

/** A configuration file larger than this is not one. */
const TEXT_LENGTH_MAX = 1_000_000;

export interface YamlFile {
  /** Plain data: objects, arrays, strings, numbers, booleans, null. */
  readonly value: unknown;
  /** 1-based line of the node at a path, undefined when there is none. */
  lineOf(path: readonly (string | number)[]): number | undefined;
}

/**
 * Parses one YAML 1.2 document; throws `DonchErrors` (code `bad_yaml`) with line numbers for syntax errors, duplicate keys, tags
 * and aliases: a settings file needs none of them, and silently merged ones hide mistakes.
 */
export function parseYaml(text: string, file: string): YamlFile {
  if (text.length > TEXT_LENGTH_MAX) {
    throw new DonchError('bad_yaml', `file has ${text.length} characters`, {
      file,
      expected: `at most ${TEXT_LENGTH_MAX}`,
    });
  }
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    strict: true,
    uniqueKeys: true,
    version: '1.2',
  });
  const problems = [...document.errors, ...document.warnings].map(
    (problem) =>
      new DonchError('bad_yaml', firstLine(problem.message), { file, line: lines.linePos(problem.pos[0]).line }),
  );
  if (problems.length > 0) throw new DonchErrors('bad_yaml', file, problems);
  return { value: plainData(document, file), lineOf: (path) => lineOfPath(document, lines, path) };
}

function plainData(document: Document.Parsed, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (cause) {
    throw new DonchError('bad_yaml', firstLine(cause instanceof Error ? cause.message : String(cause)), {
      file,
      expected: 'a document without anchors and aliases',
      cause,
    });
  }
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? message;
}

function lineOfPath(
  document: Document.Parsed,
  lines: LineCounter,
  path: readonly (string | number)[],
): number | undefined {
  if (path.length === 0) return undefined;
  try {
    const node: unknown = document.getIn(path, true);
    const range = (node as { range?: [number, number, number] } | undefined)?.range;
    return range === undefined ? undefined : lines.linePos(range[0]).line;
  } catch {
    return undefined; // the path leads through a scalar: there is no such node
  }
}
