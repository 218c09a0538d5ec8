/** Links between the Markdown files of the repository: which of them lead nowhere. */

import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';

/** A link that leads nowhere, and why. */
export type BrokenLink = {
  /** Path of the document below the root, with `/`. */
  readonly file: string;
  readonly line: number;
  readonly target: string;
  readonly problem: string;
};

/** Where the repository keeps its documents; folders of users' projects in the checkout are none of its business. */
const PATTERNS = ['*.md', '{docs,packages,apps,bench,scripts,strategies,deploy}/**/*.md'];

/** Markdown files below `root`, sorted, with `/`. */
export function documentsOf(root: string): string[] {
  return globSync(PATTERNS, { cwd: root, exclude: (path) => /(^|[/\\])node_modules$/.test(path) })
    .map((path) => path.replaceAll('\\', '/'))
    .toSorted();
}

/** Relative links of these documents whose file or heading does not exist. Links with a scheme (https:) are not followed. */
export function brokenLinks(root: string, files: readonly string[]): BrokenLink[] {
  const anchors = new Map<string, ReadonlySet<string>>();
  const anchorsOf = (path: string): ReadonlySet<string> => {
    const known = anchors.get(path) ?? headingAnchors(readFileSync(path, 'utf8'));
    anchors.set(path, known);
    return known;
  };
  return files.flatMap((file) =>
    linksOf(readFileSync(join(root, file), 'utf8')).flatMap(({ line, target }) => {
      const problem = problemOf(target, { root, from: join(root, file), anchorsOf });
      return problem === null ? [] : [{ file, line, target, problem }];
    }),
  );
}

type Place = {
  readonly root: string;
  /** Path of the document that the link stands in. */
  readonly from: string;
  readonly anchorsOf: (path: string) => ReadonlySet<string>;
};

/** Why a link leads nowhere; null = it is fine. */
function problemOf(target: string, { root, from, anchorsOf }: Place): string | null {
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return null;
  const [path, anchor] = target.split('#', 2);
  if (isAbsolute(path)) return 'an absolute path: it means something else on every machine';
  const file = path === '' ? from : resolve(dirname(from), decodeURIComponent(path));
  if (relative(root, file).startsWith('..')) return 'leads out of the repository';
  if (!existsSync(file)) return 'no such file';
  if (anchor === undefined) return null;
  if (!file.endsWith('.md')) return 'an anchor into a file that is no document';
  return anchorsOf(file).has(decodeURIComponent(anchor)) ? null : 'no such heading';
}

type Link = { readonly line: number; readonly target: string };

/** `[text](target "title")`, images too; brackets in the text may nest once (an image that is a link). */
const INLINE = /\[(?:[^[\]]|\[[^\]]*\])*\]\(\s*<?([^\s<>()]+)>?(?:\s+"[^"]*")?\s*\)/g;
/** `[name]: target` at the start of a line. */
const DEFINITION = /^ {0,3}\[[^\]]+\]:\s*<?(\S+?)>?(?:\s+"[^"]*")?\s*$/;

function linksOf(text: string): Link[] {
  const links: Link[] = [];
  for (const { line, words } of proseLines(text)) {
    const prose = words.replaceAll(/`+[^`]*`+/g, '');
    const image = /!\[[^\]]*\]\(\s*<?([^\s<>()]+)>?\s*\)/g;
    const targets = new Set([...prose.matchAll(INLINE), ...prose.matchAll(image)].map((match) => match[1]));
    const definition = DEFINITION.exec(prose);
    if (definition !== null) targets.add(definition[1]);
    for (const target of targets) links.push({ line, target });
  }
  return links;
}

type ProseLine = { readonly line: number; readonly words: string };

/** Lines outside of fenced code, numbered from 1. */
function proseLines(text: string): ProseLine[] {
  const lines: ProseLine[] = [];
  let fence: string | null = null;
  for (const [index, words] of text.split(/\r?\n/).entries()) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(words)?.[1] ?? null;
    if (fence !== null) {
      if (mark !== null && mark.startsWith(fence)) fence = null;
    } else if (mark !== null) fence = mark;
    else lines.push({ line: index + 1, words });
  }
  return lines;
}

/** Anchors of all headings as GitHub makes them: lower case, punctuation gone, blanks to hyphens, repeated ones numbered. */
function headingAnchors(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const { words } of proseLines(text)) {
    const title = /^ {0,3}#{1,6}\s+(.*?)\s*#*$/.exec(words)?.[1];
    if (title === undefined) continue;
    const plain = title.replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = plain.replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '').replaceAll(' ', '-');
    let name = anchor;
    for (let n = 1; anchors.has(name); n += 1) name = `${anchor}-${n}`;
    anchors.add(name);
  }
  return anchors;
}
