/** What a report is made of, before it is HTML or Markdown: plain data, every number a text already. */

/** Gains and losses are coloured, and always carry their sign too. */
export type Tone = 'gain' | 'loss' | 'plain';

export interface Cell {
  readonly text: string;
  /** Stands below the text in plain words; '' = nothing. */
  readonly words: string;
  /** What the column is sorted by; null = nothing, stands last. */
  readonly sort: number | string | null;
  readonly tone: Tone;
}

export interface TableColumn {
  readonly title: string;
  /** What the column says, in plain words; '' where its title says it. */
  readonly help: string;
  readonly isNumber: boolean;
}

export interface TableBlock {
  readonly kind: 'table';
  readonly id: string;
  readonly caption: string;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly Cell[])[];
  /** Stands below the table; '' = nothing. */
  readonly note: string;
  /** Rows of different kinds, which no order of a column fits: headings that do not sort. */
  readonly isFixed?: boolean;
  /** More than most want to see: shown when asked for, and on paper. */
  readonly isFolded?: boolean;
}

export interface Fact {
  readonly label: string;
  readonly value: string;
  readonly tone: Tone;
  /** The number in plain words. */
  readonly words: string;
}

/** A drawing in two widths, of which a page shows the one that fits. */
export interface Chart {
  /** Also the name of its file. */
  readonly id: string;
  readonly title: string;
  /** What can be seen, for those who cannot see it. */
  readonly description: string;
  /** Complete `<svg>` elements without colours: `standaloneSvg` or the page's style sheet gives them. */
  readonly wide: string;
  readonly narrow: string;
}

export function chartBlock(chart: Chart): Block {
  return { kind: 'chart', chart, hasReadout: false };
}

export function factOf(label: string, value: string, words: string, tone: Tone = 'plain'): Fact {
  return { label, value, words, tone };
}

/** A paragraph. */
export interface TextBlock {
  readonly kind: 'text';
  /** What it is about, in a word or two in front; '' = nothing. */
  readonly label: string;
  readonly text: string;
  readonly tone: Tone;
}

export type Block =
  | TextBlock
  | { readonly kind: 'facts'; readonly facts: readonly Fact[] }
  | TableBlock
  | { readonly kind: 'chart'; readonly chart: Chart; readonly hasReadout: boolean }
  | { readonly kind: 'glossary'; readonly words: readonly (readonly [word: string, meaning: string])[] }
  /** The list of all trades, which the page draws from its data. */
  | { readonly kind: 'trades' };

export interface Section {
  readonly id: string;
  readonly title: string;
  /** What the section answers. */
  readonly lead: string;
  readonly blocks: readonly Block[];
}

export function toneOf(value: number): Tone {
  return value > 0 ? 'gain' : value < 0 ? 'loss' : 'plain';
}

export function textBlock(text: string, tone: Tone = 'plain', label = ''): TextBlock {
  return { kind: 'text', label, text, tone };
}

export function textCell(text: string, words = ''): Cell {
  return { text, words, sort: text, tone: 'plain' };
}

/** A number cell: its text, and the number that it is sorted by (NaN = nothing). */
export function numberCell(text: string, value: number, tone: Tone = 'plain'): Cell {
  return { text, words: '', sort: Number.isNaN(value) ? null : value, tone };
}

/** A result: coloured by its sign, unless it is nothing when rounded. */
export function resultCell(text: string, value: number): Cell {
  return numberCell(text, value, /[1-9]|infinite/.test(text) ? toneOf(value) : 'plain');
}

export const textColumn = (title: string, help = ''): TableColumn => ({ title, help, isNumber: false });
export const numberColumn = (title: string, help = ''): TableColumn => ({ title, help, isNumber: true });
