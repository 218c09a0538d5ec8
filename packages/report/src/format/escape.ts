/**
 * Text that others have chosen (symbols, names of strategies, words of errors) never becomes markup. `escapeXml` stands in the page
 * too, so it is complete in itself.
 */

/**
 * Text for HTML, SVG and XML, inside of elements and of attributes in double or single quotes. Control characters go, and so do
 * those that turn the direction of what stands behind them.
 */
export function escapeXml(text: string): string {
  return (
    text
      // oxlint-disable-next-line no-control-regex -- XML 1.0 has no way to write them
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
      .replaceAll(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&#39;')
  );
}

/** JSON for a `<script type="application/json">` element: nothing in it can end the element. */
export function embeddedJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('<', String.raw`\u003c`)
    .replaceAll('>', String.raw`\u003e`);
}

/** Characters that turn the direction of text. */
const DIRECTION = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const MARKDOWN = /[\\`*_[\]|<>~&]/g;
/** What would begin a heading, a list or an underline at the begin of a line. */
const LINE_START = /^(\d*)([#+=.)-])(?=[#=-]*(?:\s|$))/;

/** Text for a Markdown paragraph or table cell: no markup, no HTML, one line; spaces that do not break stay. */
export function escapeMarkdown(text: string): string {
  return text
    .replaceAll(DIRECTION, '')
    .replaceAll(/[^\S\u00a0]+/g, ' ')
    .replaceAll(MARKDOWN, String.raw`\$&`)
    .replace(LINE_START, String.raw`$1\$2`);
}
