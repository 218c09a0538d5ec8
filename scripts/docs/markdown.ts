/** Markdown pieces of the generated documents, in the very form that the formatter leaves alone. */

/** First line of every generated document. */
const GENERATED = '<!-- Generated: node scripts/run.mjs scripts/generate-docs.ts -->';

/** A table with aligned columns; cells may hold `|`. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows].map((row) => row.map(cellText));
  const widths = head.map((_, k) => Math.max(3, ...lines.map((row) => row[k].length)));
  const line = (row: readonly string[]): string => `| ${row.map((cell, k) => cell.padEnd(widths[k])).join(' | ')} |`;
  const [first, ...others] = lines;
  return [line(first), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...others.map(line)].join('\n');
}

/** `|` and `<` stay what they are; inside backticks `<` means itself. */
function cellText(cell: string): string {
  const escaped = cell.replaceAll('|', '\\|');
  return escaped.includes('`') ? escaped : escaped.replaceAll('<', '&lt;');
}

/** Text in code style; nothing for nothing. */
export function code(text: string): string {
  return text === '' ? '' : `\`${text}\``;
}

/** A document from its parts, one empty line between them. */
export function markdownDocument(title: string, parts: readonly string[]): string {
  return `${[GENERATED, `# ${title}`, ...parts].join('\n\n')}\n`;
}
