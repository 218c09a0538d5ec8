/** A value over time: the equity curve, and the depth under water below its peak. */
import { invariant } from '@donch/core';
import type { Chart } from '../blocks.ts';
import {
  drawing,
  label,
  line,
  linear,
  NARROW_WIDTH,
  pixel,
  timeAxis,
  valueAxis,
  WIDE_WIDTH,
  type Plot,
} from './svg.ts';
import { niceTicks, timeTicks } from './ticks.ts';

export interface SeriesChart {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly timesMs: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  /** `line` over a dashed line at the first value; `depth` = an area between 0 and the values, which are <= 0. */
  readonly form: 'line' | 'depth';
  readonly tickText: (value: number) => string;
  /** Stands above the axis. */
  readonly unit: string;
}

export function seriesChart(chart: SeriesChart): Chart {
  const { id, title, description } = chart;
  return { id, title, description, wide: draw(chart, WIDE_WIDTH, 'w'), narrow: draw(chart, NARROW_WIDTH, 'n') };
}

const HEIGHT = { line: 260, depth: 170 } as const;

function draw(chart: SeriesChart, width: number, suffix: string): string {
  const { timesMs, values, form, tickText, unit, title, description } = chart;
  const length = values.length;
  invariant(length > 0 && timesMs.length === length, 'a series has a value at every time');
  const height = HEIGHT[form];
  const plot: Plot = { left: 62, right: width - 12, top: 24, bottom: height - 28 };
  const shown = sampleRows(values, plot.right - plot.left);
  const numbers = shown.map((row) => values[row]);
  const low = Math.min(...numbers);
  const high = form === 'depth' ? 0 : Math.max(...numbers);
  const pad = (high - low) * 0.04;
  const y = linear([low - pad, form === 'depth' ? 0 : high + pad], [plot.bottom, plot.top]);
  const [fromMs, toMs] = [timesMs[0], timesMs[length - 1]];
  const x = linear([fromMs, toMs], [plot.left, plot.right]);
  const points = shown.map((row) => `${pixel(x(timesMs[row]))} ${pixel(y(values[row]))}`);
  return drawing({
    id: `${chart.id}-${suffix}`,
    title,
    description,
    size: { width, height },
    data: { width, left: plot.left, right: plot.right, top: plot.top, bottom: plot.bottom, from: fromMs, to: toMs },
    parts: [
      label({ x: 8, y: 14, text: unit, tone: 'c-muted' }),
      ...valueAxis({ plot, y, ticks: niceTicks(low, high, form === 'depth' ? 3 : 5), tickText }),
      ...timeAxis(plot, x, timeTicks(fromMs, toMs, width > 500 ? 8 : 3)),
      form === 'line'
        ? `${line('c-base', [plot.left, y(values[0])], [plot.right, y(values[0])])}<path class="c-line" d="M${points.join('L')}"/>`
        : `<path class="c-depth" d="M${pixel(plot.left)} ${pixel(y(0))}L${points.join('L')}L${pixel(plot.right)} ${pixel(y(0))}Z"/>`,
      `<line class="c-cross" x1="0" y1="${plot.top}" x2="0" y2="${plot.bottom}" visibility="hidden"/>`,
    ],
  });
}

/** Rows that a drawing of so many pixels needs: of each pixel's stretch the lowest, the highest and the last, so that no extreme is lost. */
export function sampleRows(values: ArrayLike<number>, pixels: number): number[] {
  const { length } = values;
  const stretches = Math.max(1, Math.floor(pixels));
  if (length <= stretches * 3) return Array.from({ length }, (_, row) => row);
  const rows: number[] = [0];
  for (let k = 0; k < stretches; k += 1) {
    const from = Math.floor((k * length) / stretches);
    const to = Math.floor(((k + 1) * length) / stretches);
    let [low, high] = [from, from];
    for (let row = from; row < to; row += 1) {
      if (values[row] < values[low]) low = row;
      if (values[row] > values[high]) high = row;
    }
    const wanted = [Math.min(low, high), Math.max(low, high), to - 1];
    for (const row of wanted) if (row > rows[rows.length - 1]) rows.push(row);
  }
  return rows;
}
