/** Markdown tables. */

/** A table; `|` and `<` in cells stay what they are. */
export function markdownTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cellText).join(' | ')} |`;
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Inside backticks `<` means itself. */
function cellText(cell: string): string {
  const escaped = cell.replaceAll('|', '\\|');
  return escaped.includes('`') ? escaped : escaped.replaceAll('<', '&lt;');
}
