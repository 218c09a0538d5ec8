/** A report as one HTML file; that of a run with the list of its trades and the equity at any instant. */
import { embeddedJson, escapeXml } from '../format/escape.ts';
import { CONVENTIONS, type PageReport, type Report } from '../report.ts';
import { pageHtml } from './page-html.ts';
import { pageScript, tablePageScript } from './script.ts';

/** The whole page. */
export function reportHtml(report: PageReport | Report): string {
  const { title, subtitle, sections, conventions = CONVENTIONS } = report;
  const page = {
    title,
    subtitle: `${subtitle}. ${conventions}`,
    footer: subtitle,
    sections,
  };
  if (!hasData(report))
    return pageHtml({ ...page, script: tablePageScript(), data: '', parts: { readout: '', trades: '' } });
  return pageHtml({
    ...page,
    script: pageScript(),
    data: `<script type="application/json" id="report-data">${embeddedJson(report.data)}</script>\n`,
    parts: { readout: readoutHtml(report), trades: tradeListHtml(report) },
  });
}

function hasData(report: PageReport | Report): report is Report {
  return 'data' in report;
}

function readoutHtml({ data }: Report): string {
  const last = data.equity.timesMs.length - 1;
  return `<div class="readout"><small>Slide, or point at a drawing:</small><input type="range" id="readout-slider" min="0" max="${last}" value="${last}" aria-label="Instant whose equity is shown"><output id="readout-text" for="readout-slider"></output></div>`;
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
