/**
 * Sections as one HTML file that needs nothing else: styles, script and data are inside, and the content security policy forbids
 * every request, and every script and style but the two whose hashes it names.
 */
import { hashText } from '@donch/core';
import type { Block, Cell, Chart, Fact, Section, TableBlock, TableColumn, TextBlock } from '../blocks.ts';
import { escapeXml } from '../format/escape.ts';
import { pageStyle } from './style.ts';

export interface Page {
  readonly title: string;
  /** Sentences below the title; text. */
  readonly subtitle: string;
  /** First sentence of the last line, without its point. */
  readonly footer: string;
  readonly sections: readonly Section[];
  readonly script: string;
  /** Markup in front of the script: what it works with. */
  readonly data: string;
  /** Markup of what not every page has: the slider below drawings with a readout, and the list of trades. */
  readonly parts: PageParts;
}

interface PageParts {
  readonly readout: string;
  readonly trades: string;
}

/** The whole page. */
export function pageHtml({ title, subtitle, footer, sections, script, data, parts }: Page): string {
  const style = pageStyle();
  const policy = `default-src 'none'; style-src ${sourceHash(style)}; script-src ${sourceHash(script)}; base-uri 'none'; form-action 'none'`;
  const links = sections.map((section) => `<li><a href="#${section.id}">${escapeXml(section.title)}</a></li>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escapeXml(title)}</title>
<style>${style}</style>
</head>
<body>
<header><h1>${escapeXml(title)}</h1><p class="subtitle">${escapeXml(subtitle)}</p></header>
<nav aria-label="Sections"><ul>${links.join('')}</ul></nav>
<main>
${sections.map((section) => sectionHtml(section, parts)).join('\n')}
</main>
<footer>${escapeXml(footer)}. This page needs no network and sends nothing anywhere.</footer>
${data}<script>${script}</script>
</body>
</html>
`;
}

/** `'sha256-...'` as a content security policy names a script or style. */
function sourceHash(text: string): string {
  return `'sha256-${base64OfHex(hashText(text))}'`;
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Base64 of the bytes that a hex text names. */
export function base64OfHex(hex: string): string {
  const bits = Array.from(hex, (digit) => Number.parseInt(digit, 16).toString(2).padStart(4, '0')).join('');
  const letters = (bits.match(/.{1,6}/g) ?? []).map((six) => BASE64[Number.parseInt(six.padEnd(6, '0'), 2)]).join('');
  return letters.padEnd(Math.ceil(letters.length / 4) * 4, '=');
}

function sectionHtml({ id, title, lead, blocks }: Section, parts: PageParts): string {
  const words = lead === '' ? '' : `<p class="lead">${escapeXml(lead)}</p>`;
  return `<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${escapeXml(title)}</h2>${words}${blocks.map((block) => blockHtml(block, parts)).join('')}</section>`;
}

function blockHtml(block: Block, parts: PageParts): string {
  switch (block.kind) {
    case 'text':
      return textHtml(block);
    case 'facts':
      return `<dl class="facts">${block.facts.map(factHtml).join('')}</dl>`;
    case 'table':
      return tableHtml(block);
    case 'chart':
      return chartHtml(block.chart, block.hasReadout ? parts.readout : '');
    case 'glossary':
      return `<dl class="glossary">${block.words.map(([word, meaning]) => `<dt>${escapeXml(word)}</dt><dd>${escapeXml(meaning)}</dd>`).join('')}</dl>`;
    case 'trades':
      return parts.trades;
  }
}

function textHtml({ label, text, tone }: TextBlock): string {
  const head = label === '' ? '' : `<strong>${escapeXml(label)}</strong> `;
  return `<p${tone === 'plain' ? '' : ` class="${tone}"`}>${head}${escapeXml(text)}</p>`;
}

function factHtml({ label, value, tone, words }: Fact): string {
  return `<div><dt>${escapeXml(label)}</dt><dd><span class="value ${tone}">${escapeXml(value)}</span><small>${escapeXml(words)}</small></dd></div>`;
}

function chartHtml({ title, wide, narrow }: Chart, below: string): string {
  return `<figure><figcaption>${escapeXml(title)}</figcaption><div class="wide">${wide}</div><div class="narrow">${narrow}</div>${below}</figure>`;
}

/** Tables of so many rows stay on one sheet of paper. */
const SHORT_ROWS = 15;

/** Longer texts may break inside of words: hashes, sentences. */
const LONG_TEXT = 24;

function tableHtml({ id, caption, columns, rows, note, isFixed = false, isFolded = false }: TableBlock): string {
  const headings = columns.map(({ title, isNumber }, k) => {
    const type = isNumber ? 'number' : 'text';
    return `<th scope="col" class="${type}" data-column="${k}" data-type="${type}">${isFixed ? escapeXml(title) : `<button type="button">${escapeXml(title)}</button>`}</th>`;
  });
  const body = rows.map((cells) => `<tr>${cells.map((cell, k) => cellHtml(cell, columns[k], k === 0)).join('')}</tr>`);
  const size = rows.length <= SHORT_ROWS ? 'scroll short' : 'scroll';
  const whole = `<div class="${size}" role="region" aria-labelledby="${id}-caption" tabindex="0"><table id="${id}"${isFixed ? '' : ' data-sortable'}><caption id="${id}-caption"><span>${escapeXml(caption)}</span></caption><thead><tr>${headings.join('')}</tr></thead><tbody>${body.join('')}</tbody></table></div>${note === '' ? '' : `<p class="note">${escapeXml(note)}</p>`}${helpHtml(columns)}`;
  return isFolded ? `<details><summary>${escapeXml(caption)}</summary>${whole}</details>` : whole;
}

function cellHtml({ text, words, sort, tone }: Cell, { isNumber }: TableColumn, isFirst: boolean): string {
  const isLong = words !== '' || text.length > LONG_TEXT;
  const names = [isNumber ? 'number' : isLong ? 'long' : '', tone === 'plain' ? '' : tone].filter(
    (name) => name !== '',
  );
  const classes = names.length === 0 ? '' : ` class="${names.join(' ')}"`;
  const key = sort === null ? '' : escapeXml(String(sort));
  const tag = isFirst ? 'th scope="row"' : 'td';
  const below = words === '' ? '' : `<small>${escapeXml(words)}</small>`;
  return `<${tag}${classes} data-sort="${key}">${escapeXml(text)}${below}</${isFirst ? 'th' : 'td'}>`;
}

/** What the columns mean, folded: also for those who cannot hover. */
function helpHtml(columns: readonly TableColumn[]): string {
  const helps = columns.filter(({ help }) => help !== '');
  if (helps.length === 0) return '';
  const list = helps.map(({ title, help }) => `<div><dt>${escapeXml(title)}</dt><dd>${escapeXml(help)}</dd></div>`);
  return `<details><summary>What the columns mean</summary><dl class="pairs">${list.join('')}</dl></details>`;
}
