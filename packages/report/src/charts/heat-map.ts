/** A value over two parameters: a cell for every pair of their values, coloured by sign and size, with its number in it. */
import { invariant } from '@donch/core';
import type { Chart } from '../blocks.ts';
import { cutText, drawing, label, LETTER_WIDTH, line, NARROW_WIDTH, rect, WIDE_WIDTH, type Box } from './svg.ts';

interface HeatMapAxis {
  readonly name: string;
  /** Values in their order. */
  readonly labels: readonly string[];
}

interface HeatMapCell {
  /** Anchored at 0: above and below it differ in colour and in their sign. NaN = missing: the cell is hatched. */
  readonly value: number;
  /** In the cell; '' for a missing one. */
  readonly text: string;
  /** Below it: how many it stands for; '' = nothing. */
  readonly note: string;
}

export interface HeatMap {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly rows: HeatMapAxis;
  readonly columns: HeatMapAxis;
  /** Row by row. */
  readonly cells: readonly HeatMapCell[];
  /** The largest value without its sign, of all maps that are compared. */
  readonly scaleMax: number;
  readonly scaleText: (value: number) => string;
  /** What a hatched cell is. */
  readonly missingName: string;
  /** What the framed cell is. */
  readonly bestName: string;
}

export function heatMap(map: HeatMap): Chart {
  const { id, title, description, rows, columns, cells } = map;
  invariant(cells.length === rows.labels.length * columns.labels.length, 'a heat map has a cell for every pair');
  return { id, title, description, wide: draw(map, WIDE_WIDTH, 'w'), narrow: draw(map, NARROW_WIDTH, 'n') };
}

const MARGIN = 8;
const ROW = 38;
const LINE = 18;
const CELL_MIN = 50;
const CELL_MAX = 110;
/** Shades of one sign. */
const SHADES = 5;

interface Layout {
  readonly left: number;
  readonly cellWidth: number;
  readonly perPanel: number;
}

/** Columns that fit beside each other; the rest stands in panels below, each with the names of the rows. */
function layoutOf({ rows, columns, cells }: HeatMap, width: number): Layout {
  const letters = (texts: readonly string[]): number => texts.reduce((most, text) => Math.max(most, text.length), 0);
  const left = Math.min(MARGIN + letters(rows.labels) * LETTER_WIDTH + 8, width / 2);
  const texts = [...columns.labels, ...cells.map(({ text }) => text)];
  const wanted = Math.min(Math.max(letters(texts) * LETTER_WIDTH + 10, CELL_MIN), width - left - MARGIN);
  const room = width - left - MARGIN;
  const perPanel = Math.min(Math.max(Math.floor(room / wanted), 1), columns.labels.length);
  return { left, perPanel, cellWidth: Math.min(room / perPanel, Math.max(CELL_MAX, wanted)) };
}

function draw(map: HeatMap, width: number, suffix: string): string {
  const { title, description, rows, columns, cells, scaleMax: largest } = map;
  const layout = layoutOf(map, width);
  const best = bestOf(cells);
  // strong letters are wider
  const head = [
    label({ x: MARGIN, y: 14, text: cutText(`down: ${rows.name}`, width * 0.85), tone: 'c-strong' }),
    label({ x: MARGIN, y: 14 + LINE, text: cutText(`across: ${columns.name}`, width * 0.85), tone: 'c-strong' }),
  ];
  const key = keyParts({
    map,
    largest,
    width,
    top: 14 + 2 * LINE,
    hasMissing: cells.some(isMissing),
    hasBest: best >= 0,
  });
  const panelHeight = LINE + 6 + rows.labels.length * ROW + 10;
  const starts = columns.labels.flatMap((_, k) => (k % layout.perPanel === 0 ? [k] : []));
  const panels = starts.flatMap((from, k) =>
    panelParts({ map, layout, from, top: key.bottom + k * panelHeight, largest, best }),
  );
  return drawing({
    id: `${map.id}-${suffix}`,
    title,
    description,
    size: { width, height: key.bottom + starts.length * panelHeight },
    parts: [...head, ...key.parts, ...panels],
  });
}

const isMissing = ({ value }: HeatMapCell): boolean => Number.isNaN(value);

/** The cell with the largest value, the first of equals; -1 = none has one. */
function bestOf(cells: readonly HeatMapCell[]): number {
  let best = -1;
  for (const [k, { value }] of cells.entries()) {
    if (!Number.isNaN(value) && (best < 0 || value > cells[best].value)) best = k;
  }
  return best;
}

/** Class of a value's colour; '' for 0. */
function shadeOf(value: number, largest: number): string {
  const shade = Math.ceil((Math.abs(value) / largest) * SHADES - 1e-9);
  if (!(shade >= 1)) return '';
  return `${value > 0 ? 'c-more' : 'c-less'}${Math.min(shade, SHADES)}`;
}

interface Panel {
  readonly map: HeatMap;
  readonly layout: Layout;
  /** First column. */
  readonly from: number;
  readonly top: number;
  readonly largest: number;
  readonly best: number;
}

function panelParts({ map, layout, from, top, largest, best }: Panel): string[] {
  const { rows, columns, cells } = map;
  const { left, cellWidth, perPanel } = layout;
  const shown = columns.labels.slice(from, from + perPanel);
  const heads = shown.map((text, k) =>
    label({
      x: left + (k + 0.5) * cellWidth,
      y: top + 14,
      text: cutText(text, cellWidth),
      anchor: 'middle',
      tone: 'c-muted',
    }),
  );
  const body = rows.labels.flatMap((text, row) => {
    const y = top + LINE + 4 + row * ROW;
    const name = label({
      x: left - 6,
      y: y + ROW / 2 + 4,
      text: cutText(text, left - 8),
      anchor: 'end',
      tone: 'c-muted',
    });
    const boxes = shown.map((_, k) => {
      const at = row * columns.labels.length + from + k;
      const box = { x: left + k * cellWidth, y, width: cellWidth - 2, height: ROW - 2 };
      return cellParts(cells[at], box, { largest, isBest: at === best });
    });
    return [name, ...boxes];
  });
  return [...heads, ...body];
}

function cellParts(
  cell: HeatMapCell,
  box: Box,
  { largest, isBest }: { readonly largest: number; readonly isBest: boolean },
): string {
  if (isMissing(cell)) return rect('c-cell', box) + hatch(box);
  const shade = shadeOf(cell.value, largest);
  const middle = { x: box.x + box.width / 2, anchor: 'middle' } as const;
  const hasNote = cell.note !== '';
  return [
    rect('c-cell', box),
    shade === '' ? '' : rect(shade, box),
    isBest ? rect('c-best', { x: box.x + 1, y: box.y + 1, width: box.width - 2, height: box.height - 2 }) : '',
    label({ ...middle, y: box.y + (hasNote ? 15 : 22), text: cell.text, tone: 'c-strong' }),
    hasNote ? label({ ...middle, y: box.y + 30, text: cell.note }) : '',
  ].join('');
}

const HATCH = 9;

/** Diagonal lines inside of a box. */
function hatch({ x, y, width, height }: Box): string {
  const lines: string[] = [];
  for (let at = HATCH; at < width + height; at += HATCH) {
    const from = at <= width ? ([x + at, y] as const) : ([x + width, y + at - width] as const);
    const to = at <= height ? ([x, y + at] as const) : ([x + at - height, y + height] as const);
    lines.push(line('c-grid', from, to));
  }
  return lines.join('');
}

interface Key {
  readonly map: HeatMap;
  readonly largest: number;
  readonly width: number;
  readonly top: number;
  readonly hasMissing: boolean;
  readonly hasBest: boolean;
}

const SWATCH = 14;

/** What the colours are: the scale, then what is hatched and what is framed, in as many rows as the width asks for. */
function keyParts({ map, largest, width, top, hasMissing, hasBest }: Key): { parts: string[]; bottom: number } {
  let [x, y] = [MARGIN, top];
  const parts: string[] = [];
  const place = (span: number, make: () => string[]): void => {
    if (x > MARGIN && x + span > width - MARGIN) [x, y] = [MARGIN, y + LINE + 2];
    parts.push(...make());
    x += span + 16;
  };
  if (largest > 0) {
    const [low, high] = [map.scaleText(-largest), map.scaleText(largest)];
    const scale = low.length * LETTER_WIDTH + 2 * SHADES * SWATCH + high.length * LETTER_WIDTH + 12;
    place(scale, () => {
      const start = x + low.length * LETTER_WIDTH + 6;
      const shades = Array.from({ length: 2 * SHADES }, (_, k) => (k < SHADES ? k - SHADES : k - SHADES + 1));
      const boxes = shades.map((shade, k) => {
        const box = { x: start + k * SWATCH, y: y - 10, width: SWATCH - 1, height: 13 };
        return rect('c-cell', box) + rect(shadeOf(shade, SHADES), box);
      });
      return [label({ x, y, text: low }), ...boxes, label({ x: start + 2 * SHADES * SWATCH + 6, y, text: high })];
    });
  }
  const named = (text: string, make: (box: Box) => string): void =>
    place(26 + text.length * LETTER_WIDTH, () => [
      make({ x, y: y - 10, width: 20, height: 13 }),
      label({ x: x + 26, y, text }),
    ]);
  if (hasMissing) named(map.missingName, (box) => rect('c-cell', box) + hatch(box));
  if (hasBest) named(map.bestName, (box) => rect('c-best', box));
  return { parts, bottom: y + 10 };
}
