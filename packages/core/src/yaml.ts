/** YAML text to plain data, with the line of every path. One reader for config files and strategy files. */
import { isCollection, isMap, isNode, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml';
import { DonchError, DonchErrors } from './errors.ts';

/** A settings file larger than this is not one. */
const TEXT_LENGTH_MAX = 250_000;
/** Deeper than any settings file; the parser and everything after it are recursive. */
const DEPTH_MAX = 64;
/** Problems of one file worth listing. */
const PROBLEMS_MAX = 100;

export interface YamlFile {
  /** Plain data: objects, arrays, strings, numbers, booleans, null. */
  readonly value: unknown;
  /** 1-based line of the node at a path, undefined when there is none. */
  lineOf(path: readonly (string | number)[]): number | undefined;
}

/**
 * Parses one YAML 1.2 document; throws `DonchError` or `DonchErrors` (code `bad_yaml`) with line numbers for syntax errors,
 * duplicate keys, tags, anchors, aliases, keys that are no text, another YAML version and nesting beyond 64: a settings file
 * needs none of them, and silently merged ones hide mistakes.
 */
export function parseYaml(text: string, file: string): YamlFile {
  if (text.length > TEXT_LENGTH_MAX)
    throw new DonchError('bad_yaml', `file has ${text.length} characters`, {
      file,
      expected: `at most ${TEXT_LENGTH_MAX}`,
    });
  const lines = new LineCounter();
  const document = parseText(text, file, lines);
  const problems = [
    ...[...document.errors, ...document.warnings].map(({ message, pos }): Surplus => [inWords(message), pos[0]]),
    ...surplusOf(document),
  ].slice(0, PROBLEMS_MAX);
  if (problems.length > 0) {
    const errors = problems.map(
      ([found, offset]) => new DonchError('bad_yaml', found, { file, line: lines.linePos(offset).line }),
    );
    throw new DonchErrors('bad_yaml', file, errors);
  }
  return { value: document.toJS({ maxAliasCount: 0 }), lineOf: (path) => lineOfPath(document, lines, path) };
}

function parseText(text: string, file: string, lineCounter: LineCounter): Document.Parsed {
  try {
    // double keys are looked for below: the parser's own check is quadratic
    return parseDocument(text, { lineCounter, prettyErrors: false, strict: true, uniqueKeys: false, version: '1.2' });
  } catch (cause) {
    // nested until the parser's stack was full: bad input, not a bug
    if (!(cause instanceof RangeError)) throw cause;
    throw new DonchError('bad_yaml', 'nesting is too deep', { file, expected: `at most ${DEPTH_MAX} levels`, cause });
  }
}

/** What is wrong, and at which offset of the text. */
type Surplus = readonly [found: string, offset: number];

/** What YAML allows and a settings file does not need. */
function surplusOf(document: Document.Parsed): Surplus[] {
  const problems: Surplus[] = [];
  const { explicit, version } = document.directives.yaml;
  if (explicit === true && version !== '1.2') problems.push([`%YAML is ${version}; expected 1.2 or no such line`, 0]);
  visit(document, {
    Alias(_, { range }) {
      problems.push(['an alias (*name): write the value itself', range?.[0] ?? 0]);
    },
    Value(_, node, path) {
      const { anchor, tag, range } = node;
      const offset = range?.[0] ?? 0;
      if (anchor !== undefined) problems.push([`an anchor (&${anchor}): nothing may refer to it`, offset]);
      if (tag !== undefined) problems.push([`a tag (${tag}): types follow from how a value is written`, offset]);
      if (isMap(node)) problems.push(...keyProblems(node.items.map(({ key }) => key)));
      if (path.filter(isCollection).length < DEPTH_MAX) return undefined;
      problems.push([`nesting is deeper than ${DEPTH_MAX} levels`, offset]);
      return visit.BREAK;
    },
  });
  return problems;
}

/** Keys of one map that are no text, or that stand there twice. */
function keyProblems(keys: readonly unknown[]): Surplus[] {
  const seen = new Set<string>();
  return keys.flatMap((key): Surplus[] => {
    const offset = isNode(key) ? (key.range?.[0] ?? 0) : 0;
    if (!isScalar(key) || typeof key.value !== 'string') return [['a key that is no text: put it in quotes', offset]];
    if (seen.has(key.value)) return [[`the key "${key.value}" stands there twice`, offset]];
    seen.add(key.value);
    return [];
  });
}

/** First line of the parser's message; it reports a full stack as an error of its own. */
function inWords(message: string): string {
  return message.startsWith('Maximum call stack') ? 'nesting is too deep' : message.split('\n', 1)[0];
}

function lineOfPath(
  document: Document.Parsed,
  lines: LineCounter,
  path: readonly (string | number)[],
): number | undefined {
  if (path.length === 0) return undefined;
  const node: unknown = nodeAt(document, path);
  const range = (node as { range?: [number, number, number] } | undefined)?.range;
  return range === undefined ? undefined : lines.linePos(range[0]).line;
}

/** The node at a path, undefined where the path leads nowhere (through a scalar). */
function nodeAt(document: Document.Parsed, path: readonly (string | number)[]): unknown {
  let node: unknown = document.contents;
  for (const part of path) {
    if (!isCollection(node)) return undefined;
    node = node.get(part, true);
  }
  return node;
}
