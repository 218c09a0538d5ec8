/** A report for programs: every figure, every table and every refusal of the page, and the statistics behind them. */
import type { Block, Section } from '../blocks.ts';
import type { PageReport } from '../report.ts';

const SCHEMA_VERSION = 1;

/** JSON text. A number that does not exist is null; `infinite` and `minus infinite` are words; series above the limit are counted. */
export function reportJson({ title, subtitle, sections }: PageReport, statistics: object): string {
  const document = {
    schema: 'donch.report',
    schemaVersion: SCHEMA_VERSION,
    title,
    subtitle,
    statistics,
    sections: sections.map(sectionOf),
  };
  return `${JSON.stringify(document, (_, value: unknown) => plainValue(value), 1)}\n`;
}

/** Longer series stand in the files of the run. */
const SERIES_MAX = 2_000;

function plainValue(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return Number.isNaN(value) ? null : value > 0 ? 'infinite' : 'minus infinite';
  }
  if (value instanceof Float64Array || value instanceof Int32Array) {
    return value.length > SERIES_MAX ? { omitted: value.length } : Array.from(value);
  }
  return value;
}

function sectionOf({ id, title, lead, blocks }: Section): object {
  return { id, title, lead, blocks: blocks.map(blockOf) };
}

/** Texts as on the page, and beside each number cell the number itself. */
function blockOf(block: Block): object {
  switch (block.kind) {
    case 'text':
      return { kind: 'text', label: block.label, text: block.text };
    case 'facts':
      return { kind: 'facts', facts: block.facts.map(({ label, value, words }) => ({ label, value, words })) };
    case 'table':
      return {
        kind: 'table',
        id: block.id,
        caption: block.caption,
        columns: block.columns.map(({ title, help, isNumber }) => ({ title, help, isNumber })),
        rows: block.rows.map((cells) => cells.map(({ text, words, sort }) => ({ text, words, value: sort }))),
        note: block.note,
      };
    case 'chart':
      return { kind: 'chart', id: block.chart.id, title: block.chart.title, description: block.chart.description };
    case 'glossary':
      return { kind: 'glossary', words: block.words };
    case 'trades':
      return { kind: 'trades' };
  }
}
