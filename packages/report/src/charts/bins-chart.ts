/** How often which value: bars, what is below zero told apart by colour and by the zero line, and marks at single values. */
import { invariant } from '@donch/core';
import type { Histogram } from '@donch/stats';
import type { Chart } from '../blocks.ts';
import { countText, decimalText } from '../format/number-text.ts';
import { legend, LEGEND_ROW } from './legend.ts';
import { drawing, label, line, linear, NARROW_WIDTH, rect, valueAxis, WIDE_WIDTH, type Plot } from './svg.ts';
import { niceTicks, tickDigits } from './ticks.ts';

interface Mark {
  readonly x: number;
  readonly name: string;
}

export interface BinsChart {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly bins: Histogram;
  /** What is counted, and what it is counted over. */
  readonly countUnit: string;
  readonly unit: string;
  /** Vertical lines, named above the plot; two can be told apart. */
  readonly marks?: readonly Mark[];
}

const PLOT_HEIGHT = 164;
const MARKS = ['c-entry', 'c-level'] as const;

/** No drawing for no values: the caller says so in words. */
export function binsChart(chart: BinsChart): Chart {
  const { id, title, description } = chart;
  return { id, title, description, wide: draw(chart, WIDE_WIDTH, 'w'), narrow: draw(chart, NARROW_WIDTH, 'n') };
}

function draw(chart: BinsChart, width: number, suffix: string): string {
  const { bins, title, description, countUnit, unit, marks = [] } = chart;
  invariant(marks.length <= MARKS.length, 'there is a line for every mark');
  const xs = marks.map((mark) => mark.x);
  const from = Math.min(bins.start, 0, ...xs);
  const to = Math.max(bins.start + bins.counts.length * bins.width, bins.width, ...xs);
  const countMax = Math.max(1, ...bins.counts);
  const names = legend(
    marks.map(({ name }, k) => ({ name, sample: MARKS[k] })),
    width,
  );
  const top = 24 + names.rows * LEGEND_ROW;
  const plot: Plot = { left: 44, right: width - 12, top, bottom: top + PLOT_HEIGHT };
  const x = linear([from, to], [plot.left, plot.right]);
  const y = linear([0, countMax * 1.06], [plot.bottom, plot.top]);
  const ticks = niceTicks(from, to, width > 500 ? 12 : 5);
  const digits = tickDigits(ticks);
  const countTicks = niceTicks(0, countMax, 4).filter(Number.isInteger);
  return drawing({
    id: `${chart.id}-${suffix}`,
    title,
    description,
    size: { width, height: plot.bottom + 42 },
    parts: [
      ...names.parts,
      label({ x: 8, y: 14 + names.rows * LEGEND_ROW, text: countUnit, tone: 'c-muted' }),
      ...valueAxis({ plot, y, ticks: countTicks, tickText: countText }),
      ...barsOf(bins, { plot, x, y }),
      line('c-zero', [x(0), plot.top], [x(0), plot.bottom]),
      ...ticks.map((tick) =>
        label({ x: x(tick), y: plot.bottom + 16, text: decimalText(tick, digits), anchor: 'middle', tone: 'c-muted' }),
      ),
      label({ x: (plot.left + plot.right) / 2, y: plot.bottom + 34, text: unit, anchor: 'middle', tone: 'c-muted' }),
      ...marks.map(({ x: value }, k) => line(MARKS[k], [x(value), plot.top - 4], [x(value), plot.bottom])),
    ],
  });
}

interface Scale {
  readonly plot: Plot;
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

function barsOf(bins: Histogram, { plot, x, y }: Scale): string[] {
  return Array.from(bins.counts, (count, k) => {
    const start = bins.start + k * bins.width;
    const box = { x: x(start) + 0.5, y: y(count), width: Math.max(x(start + bins.width) - x(start) - 1, 0.5) };
    return count === 0 ? '' : rect(start >= 0 ? 'c-gain' : 'c-loss', { ...box, height: plot.bottom - y(count) });
  });
}
