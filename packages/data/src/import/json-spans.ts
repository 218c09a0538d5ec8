/** Finds again where the elements of an array stand in JSON text, so that a finding can name the line and quote the row. */

/** Object keys and array positions from the root to a value. */
export type JsonPath = readonly (string | number)[];

export interface JsonSpan {
  readonly start: number;
  readonly end: number;
}

/** Spans of the elements of the array at a path. The text must be valid JSON and the path exist in it. No recursion. */
export function elementSpans(text: string, path: JsonPath, from = 0): JsonSpan[] {
  let at = skipBlank(text, from);
  for (const step of path) {
    const members = [...membersAt(text, at)];
    // Of equal keys the last one counts, as in JSON.parse.
    const member = typeof step === 'number' ? members[step] : members.findLast(({ key }) => key === step);
    at = member?.start ?? at;
  }
  return [...membersAt(text, at)];
}

/** Span of the value that follows a place. */
export function valueSpan(text: string, from: number): JsonSpan {
  const start = skipBlank(text, from);
  return { start, end: valueEnd(text, start) };
}

interface Member extends JsonSpan {
  readonly key: string | null;
}

/** Members of the object or array that starts at `at`. */
function* membersAt(text: string, at: number): Generator<Member> {
  const isObject = text[at] === '{';
  const close = isObject ? '}' : ']';
  let next = skipBlank(text, at + 1);
  while (next < text.length && text[next] !== close) {
    let key: string | null = null;
    if (isObject) {
      const keyEnd = valueEnd(text, next);
      key = JSON.parse(text.slice(next, keyEnd)) as string;
      next = skipBlank(text, skipBlank(text, keyEnd) + 1);
    }
    const end = valueEnd(text, next);
    yield { key, start: next, end };
    next = skipBlank(text, end);
    if (text[next] === ',') next = skipBlank(text, next + 1);
  }
}

function skipBlank(text: string, at: number): number {
  let next = at;
  while (next < text.length && text.charCodeAt(next) <= 0x20) next += 1;
  return next;
}

/** End of the value that starts at `at`: depth is counted, strings are stepped over. */
function valueEnd(text: string, at: number): number {
  let depth = 0;
  for (let next = at; next < text.length; next += 1) {
    const char = text[next];
    if (char === '"') {
      next = stringEnd(text, next);
      if (depth === 0) return next + 1;
    } else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') {
      depth -= 1;
      if (depth === 0) return next + 1;
      if (depth < 0) return next;
    } else if (depth === 0 && (char === ',' || text.charCodeAt(next) <= 0x20)) return next;
  }
  return text.length;
}

/** Position of the closing quote of the string that starts at `at`. */
function stringEnd(text: string, at: number): number {
  for (let next = at + 1; next < text.length; next += 1) {
    if (text[next] === '\\') next += 1;
    else if (text[next] === '"') return next;
  }
  return text.length;
}
