/** Amounts beside each other, each with its words and its number above a bar; what is below zero goes to the left. */
import type { Chart, Tone } from '../blocks.ts';
import { cutText, drawing, label, LETTER_WIDTH, line, linear, NARROW_WIDTH, rect, WIDE_WIDTH } from './svg.ts';

export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly text: string;
  readonly tone: Tone;
}

export interface BarChart {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly bars: readonly Bar[];
}

const ROW = 38;
const MARGIN = 12;

export function barChart(chart: BarChart): Chart {
  const { id, title, description } = chart;
  return { id, title, description, wide: draw(chart, WIDE_WIDTH, 'w'), narrow: draw(chart, NARROW_WIDTH, 'n') };
}

function draw({ id, title, description, bars }: BarChart, width: number, suffix: string): string {
  const low = Math.min(0, ...bars.map(({ value }) => value));
  const high = Math.max(0, ...bars.map(({ value }) => value));
  const x = linear([low, high === low ? low + 1 : high], [MARGIN, width - MARGIN]);
  const parts = bars.flatMap((bar, k) => {
    const top = 6 + k * ROW;
    const room = width - 2 * MARGIN - (bar.text.length + 2) * LETTER_WIDTH;
    const [start, end] = [x(Math.min(bar.value, 0)), x(Math.max(bar.value, 0))];
    return [
      label({ x: MARGIN, y: top + 12, text: cutText(bar.label, room) }),
      label({ x: width - MARGIN, y: top + 12, text: bar.text, anchor: 'end', tone: 'c-strong' }),
      line('c-zero', [x(0), top + 15], [x(0), top + 33]),
      rect(`c-${bar.tone}`, { x: start, y: top + 18, width: Math.max(end - start, 1), height: 12 }),
    ];
  });
  const height = 12 + bars.length * ROW;
  return drawing({
    id: `${id}-${suffix}`,
    title,
    description,
    size: { width, height },
    parts,
  });
}
