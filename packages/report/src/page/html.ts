/**
 * A report as one HTML file that needs nothing else: styles, script and data are inside, and the content security policy forbids
 * every request, and every script and style but the two whose hashes it names.
 */
import { hashText } from '@donch/core';
import type { Block, Cell, Chart, Fact, Section, TableBlock, TableColumn, TextBlock } from '../blocks.ts';
import { embeddedJson, escapeXml } from '../format/escape.ts';
import type { Report } from '../report.ts';
import { pageScript } from './script.ts';
import { pageStyle } from './style.ts';

/** The whole page. */
export function reportHtml(report: Report): string {
  const { title, subtitle, sections, data } = report;
  const [style, script] = [pageStyle(), pageScript()];
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
<header><h1>${escapeXml(title)}</h1><p class="subtitle">${escapeXml(subtitle)}. All times are UTC, all amounts USD; results are after all costs.</p></header>
<nav aria-label="Sections"><ul>${links.join('')}</ul></nav>
<main>
${sections.map((section) => sectionHtml(section, report)).join('\n')}
</main>
<footer>${escapeXml(subtitle)}. This page needs no network and sends nothing anywhere.</footer>
<script type="application/json" id="report-data">${embeddedJson(data)}</script>
<script>${script}</script>
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

function sectionHtml({ id, title, lead, blocks }: Section, report: Report): string {
  const words = lead === '' ? '' : `<p class="lead">${escapeXml(lead)}</p>`;
  return `<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${escapeXml(title)}</h2>${words}${blocks.map((block) => blockHtml(block, report)).join('')}</section>`;
}

function blockHtml(block: Block, report: Report): string {
  switch (block.kind) {
    case 'text':
      return textHtml(block);
    case 'facts':
      return `<dl class="facts">${block.facts.map(factHtml).join('')}</dl>`;
    case 'table':
      return tableHtml(block);
    case 'chart':
      return chartHtml(block.chart, block.hasReadout ? readoutHtml(report) : '');
    case 'glossary':
      return `<dl class="glossary">${block.words.map(([word, meaning]) => `<dt>${escapeXml(word)}</dt><dd>${escapeXml(meaning)}</dd>`).join('')}</dl>`;
    case 'trades':
      return tradeListHtml(report);
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

function readoutHtml({ data }: Report): string {
  const last = data.equity.timesMs.length - 1;
  return `<div class="readout"><small>Slide, or point at a drawing:</small><input type="range" id="readout-slider" min="0" max="${last}" value="${last}" aria-label="Instant whose equity is shown"><output id="readout-text" for="readout-slider"></output></div>`;
}

/** Tables of so many rows stay on one sheet of paper. */
const SHORT_ROWS = 15;

/** Longer texts may break inside of words: hashes, sentences. */
const LONG_TEXT = 24;

function tableHtml({ id, caption, columns, rows, note }: TableBlock): string {
  const headings = columns.map(({ title, isNumber }, k) => {
    const type = isNumber ? 'number' : 'text';
    return `<th scope="col" class="${type}" data-column="${k}" data-type="${type}"><button type="button">${escapeXml(title)}</button></th>`;
  });
  const body = rows.map((cells) => `<tr>${cells.map((cell, k) => cellHtml(cell, columns[k], k === 0)).join('')}</tr>`);
  const size = rows.length <= SHORT_ROWS ? 'scroll short' : 'scroll';
  return `<div class="${size}" role="region" aria-labelledby="${id}-caption" tabindex="0"><table id="${id}" data-sortable><caption id="${id}-caption"><span>${escapeXml(caption)}</span></caption><thead><tr>${headings.join('')}</tr></thead><tbody>${body.join('')}</tbody></table></div>${note === '' ? '' : `<p class="note">${escapeXml(note)}</p>`}${helpHtml(columns)}`;
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

const TRADE_HEADINGS: readonly (readonly [name: string, title: string, type: 'number' | 'text', isExtra: boolean])[] = [
  ['symbol', 'trade', 'text', false],
  ['entryMs', 'entry (UTC)', 'number', false],
  ['held', 'held', 'number', true],
  ['pnlR', 'result R', 'number', false],
  ['pnlUsd', 'result', 'number', true],
  ['reason', 'exit', 'text', true],
];

function tradeListHtml({ data }: Report): string {
  const reasons = [...new Set(data.trades.reason)].sort();
  const options = reasons.map((reason) => `<option value="${escapeXml(reason)}">${escapeXml(reason)}</option>`);
  const headings = TRADE_HEADINGS.map(([name, title, type, isExtra]) => {
    const classes = [type === 'number' && name !== 'entryMs' ? 'number' : 'text', isExtra ? 'extra' : '']
      .join(' ')
      .trim();
    const sorted = name === 'entryMs' ? ' aria-sort="ascending"' : '';
    return `<th scope="col" class="${classes}" data-name="${name}" data-type="${type}"${sorted}><button type="button">${title}</button></th>`;
  });
  return `<div id="trade-list">
<noscript><p>This list needs the page's script; trades.csv and report.md hold the trades too.</p></noscript>
<div class="controls">
<label>symbol contains <input type="search" id="trade-text" autocomplete="off" size="12"></label>
<label>outcome <select id="trade-outcome"><option value="">all</option><option value="gain">gains</option><option value="loss">losses</option></select></label>
<label>exit <select id="trade-reason"><option value="">all</option>${options.join('')}</select></label>
</div>
<div class="scroll" role="region" aria-label="All trades" tabindex="0"><table><caption class="screen"><span>Choose a heading to sort, a trade to see its way</span></caption><thead><tr>${headings.join('')}</tr></thead><tbody></tbody></table></div>
<div class="controls"><button type="button" id="trade-back">previous</button><button type="button" id="trade-next">next</button><span id="trade-status" role="status"></span></div>
</div>`;
}
