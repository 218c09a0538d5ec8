/** A report as Markdown (GitHub flavour): the same sections and numbers, charts as links to their files. */
import type { Block, Chart, Section, TableBlock } from '../blocks.ts';
import { escapeMarkdown } from '../format/escape.ts';
import { durationText, priceText, rText, usdText } from '../format/number-text.ts';
import { minuteText } from '../page/trade-chart.ts';
import { CONVENTIONS, type PageReport, type Report } from '../report.ts';

/** Path of a chart's file as the text names it; null = the charts were not written, so their descriptions stand in. */
export type ChartPath = (chart: Chart) => string | null;

export function reportMarkdown(report: PageReport | Report, chartPath: ChartPath): string {
  const { title, subtitle, sections, conventions = CONVENTIONS } = report;
  const parts = sections.map((section) => sectionMarkdown(section, report, chartPath));
  const head = `# ${escapeMarkdown(title)}\n\n${escapeMarkdown(subtitle)}. ${conventions}`;
  return `${[head, ...parts].join('\n\n')}\n`;
}

function sectionMarkdown({ title, lead, blocks }: Section, report: PageReport | Report, chartPath: ChartPath): string {
  const parts = blocks.map((block) => blockMarkdown(block, report, chartPath));
  return [`## ${escapeMarkdown(title)}`, escapeMarkdown(lead), ...parts].filter((part) => part !== '').join('\n\n');
}

function blockMarkdown(block: Block, report: PageReport | Report, chartPath: ChartPath): string {
  switch (block.kind) {
    case 'text':
      return `${block.label === '' ? '' : `**${escapeMarkdown(block.label)}** `}${escapeMarkdown(block.text)}`;
    case 'facts':
      return markdownTable(
        ['', '', 'what it says'],
        block.facts.map(({ label, value, words }) => [label, `**${escapeMarkdown(value)}**`, escapeMarkdown(words)]),
      );
    case 'table':
      return tableMarkdown(block);
    case 'chart': {
      const { chart } = block;
      const path = chartPath(chart);
      const words = escapeMarkdown(`${chart.title}: ${chart.description}`);
      return path === null ? words : `![${escapeMarkdown(chart.title)}](${path})\n\n${words}`;
    }
    case 'glossary':
      return block.words
        .map(([word, meaning]) => `- **${escapeMarkdown(word)}**: ${escapeMarkdown(meaning)}`)
        .join('\n');
    case 'trades':
      return 'data' in report ? tradesMarkdown(report) : '';
  }
}

function tableMarkdown({ caption, columns, rows, note }: TableBlock): string {
  const cells = rows.map((row) =>
    row.map(({ text, words }) => escapeMarkdown(words === '' ? text : `${text} (${words})`)),
  );
  const titles = columns.map(({ title }) => escapeMarkdown(title));
  const helps = columns.filter(({ help }) => help !== '').map(({ title, help }) => `${title}: ${help}`);
  const table = markdownTable(
    titles,
    cells,
    columns.map(({ isNumber }) => isNumber),
  );
  return [`**${escapeMarkdown(caption)}**`, table, escapeMarkdown(note), escapeMarkdown(helps.join('; '))]
    .filter((part) => part !== '')
    .join('\n\n');
}

function markdownTable(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  isNumber: readonly boolean[] = [],
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = line(titles.map((_, k) => (isNumber[k] ? '---:' : '---')));
  return [line(titles), rule, ...rows.map(line)].join('\n');
}

/** A text of ten thousand trades is for programs, and they have trades.csv. */
const TRADES_MAX = 200;

function tradesMarkdown({ data: { trades } }: Report): string {
  const count = trades.symbol.length;
  const order = Array.from({ length: count }, (_, at) => at);
  if (count > TRADES_MAX) order.sort((a, b) => Math.abs(trades.pnlUsd[b]) - Math.abs(trades.pnlUsd[a]));
  const shown = order.slice(0, TRADES_MAX).sort((a, b) => trades.entryMs[a] - trades.entryMs[b]);
  const rows = shown.map((at) => [
    escapeMarkdown(`${trades.symbol[at]} ${trades.side[at]}`),
    minuteText(trades.entryMs[at]),
    durationText(trades.exitMs[at] - trades.entryMs[at]),
    priceText(trades.entry[at]),
    priceText(trades.exit[at]),
    rText(trades.pnlR[at]),
    usdText(trades.pnlUsd[at]),
    escapeMarkdown(trades.reason[at]),
  ]);
  const titles = ['trade', 'entry (UTC)', 'held', 'entry price', 'exit price', 'result R', 'result', 'exit'];
  const numbers = [false, false, true, true, true, true, true, false];
  const rest =
    count > TRADES_MAX
      ? `The ${TRADES_MAX} trades with the largest gains and losses of ${count}; trades.csv has all.\n\n`
      : '';
  return rest + markdownTable(titles, rows, numbers);
}
