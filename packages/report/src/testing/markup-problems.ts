/** Whether markup is well-formed: every element closed in order, attributes quoted, no stray `<` or `&`. For tests. */

const VOID = new Set(['meta', 'input', 'br', 'hr', 'img', 'link']);
const TAG = /<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+(?:="[^"<]*")?)*)\s*(\/?)>/y;
const TEXT = /(?:[^<&]|&(?:amp|lt|gt|quot|#39);)+/y;
/** What stands inside of these is no markup. */
const RAW = /^(?:script|style)$/;

/** Everything that is wrong; empty = nothing. `isXml`: no void elements. */
export function markupProblems(markup: string, isXml: boolean): string[] {
  const open: string[] = [];
  const problems: string[] = [];
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(markup);
  };
  while (at < markup.length && problems.length < 5) {
    const text = match(TEXT);
    const tag = text === null ? match(TAG) : null;
    if (text !== null) at += text[0].length;
    else if (tag === null) {
      problems.push(`at ${at}: ${markup.slice(at, at + 60)}`);
      break;
    } else {
      at += tag[0].length;
      const [, isEnd, name, , isEmpty] = tag;
      if (isEnd !== '') {
        const last = open.pop();
        if (last !== name) problems.push(`</${name}> ends <${last ?? 'nothing'}>`);
      } else if (isEmpty === '' && (isXml || !VOID.has(name))) open.push(name);
      if (isEnd === '' && RAW.test(name) && !isXml) at = markup.indexOf(`</${name}>`, at);
    }
  }
  if (open.length > 0) problems.push(`never ended: ${open.join(' ')}`);
  return problems;
}
