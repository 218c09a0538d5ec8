/** Names of what a drawing shows, beside samples of it, above the plot. */
import { circle, cutText, label, line, pixel } from './svg.ts';

export interface LegendItem {
  readonly name: string;
  /** Class of its line; `c-band` is an area. */
  readonly sample: string;
  /** Class of its dots; '' or missing = it has none. */
  readonly dot?: string;
}

export interface Legend {
  readonly rows: number;
  readonly parts: readonly string[];
}

/** Height of a row of names. */
export const LEGEND_ROW = 18;

/** Width of a letter, a little more than the average. */
const LETTER = 6.4;
const SAMPLE = 26;
const GAP = 18;

/** The names in as many rows as the width asks for. */
export function legend(items: readonly LegendItem[], width: number): Legend {
  let [left, row] = [8, 0];
  const parts = items.map(({ name: whole, sample, dot = '' }) => {
    const name = cutText(whole, width - SAMPLE - 16);
    const span = SAMPLE + name.length * LETTER;
    if (left > 8 && left + span > width - 8) [left, row] = [8, row + 1];
    const [x, y] = [left, 14 + row * LEGEND_ROW];
    left += span + GAP;
    const middle = y - 4;
    return [
      sample === 'c-band'
        ? `<rect class="c-band" x="${pixel(x)}" y="${pixel(y - 10)}" width="20" height="12"/>`
        : line(sample, [x, middle], [x + 20, middle]),
      dot === '' ? '' : circle(dot, { x: x + 10, y: middle, radius: 4 }),
      label({ x: x + SAMPLE, y, text: name }),
    ].join('');
  });
  return { rows: parts.length === 0 ? 0 : row + 1, parts };
}
