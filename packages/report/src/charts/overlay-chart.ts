/** Several values over the same time, each with a line that differs in more than its colour. */
import { invariant } from '@donch/core';
import type { Chart } from '../blocks.ts';
import { legend, LEGEND_ROW } from './legend.ts';
import { sampleRows } from './series-chart.ts';
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

export interface OverlaySeries {
  readonly name: string;
  /** Ascending. */
  readonly timesMs: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

export interface OverlayChart {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** At most five; each has a point or more. */
  readonly series: readonly OverlaySeries[];
  /** Dashed: the starting capital, or 0. */
  readonly level: number;
  readonly tickText: (value: number) => string;
  /** Stands above the axis. */
  readonly unit: string;
  readonly plotHeight: number;
}

const LINES = ['c-line', 'c-second', 'c-third', 'c-fourth', 'c-fifth'];

export function overlayChart(chart: OverlayChart): Chart {
  const { id, title, description } = chart;
  return { id, title, description, wide: draw(chart, WIDE_WIDTH, 'w'), narrow: draw(chart, NARROW_WIDTH, 'n') };
}

function draw(chart: OverlayChart, width: number, suffix: string): string {
  const { series, level, tickText, unit, title, description, plotHeight } = chart;
  invariant(series.length > 0 && series.length <= LINES.length, 'there is a line for every series');
  const names = legend(
    series.map(({ name }, k) => ({ name, sample: LINES[k] })),
    width,
  );
  const top = 24 + names.rows * LEGEND_ROW;
  const plot: Plot = { left: 62, right: width - 12, top, bottom: top + plotHeight };
  const sampled = series.map(({ timesMs, values }) => {
    invariant(values.length > 0 && timesMs.length === values.length, 'a series has a value at every time');
    return { timesMs, values, rows: sampleRows(values, plot.right - plot.left) };
  });
  const numbers = [level, ...sampled.flatMap(({ values, rows }) => rows.map((row) => values[row]))];
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const pad = (high - low) * 0.04 || 1;
  const y = linear([low - pad, high + pad], [plot.bottom, plot.top]);
  const fromMs = Math.min(...series.map(({ timesMs }) => timesMs[0]));
  const toMs = Math.max(...series.map(({ timesMs }) => timesMs[timesMs.length - 1]));
  const x = linear([fromMs, toMs], [plot.left, plot.right]);
  return drawing({
    id: `${chart.id}-${suffix}`,
    title,
    description,
    size: { width, height: plot.bottom + 28 },
    parts: [
      ...names.parts,
      label({ x: 8, y: 14 + names.rows * LEGEND_ROW, text: unit, tone: 'c-muted' }),
      ...valueAxis({ plot, y, ticks: niceTicks(low, high, plotHeight > 180 ? 5 : 3), tickText }),
      ...timeAxis(plot, x, timeTicks(fromMs, toMs, width > 500 ? 8 : 3)),
      line('c-base', [plot.left, y(level)], [plot.right, y(level)]),
      ...sampled.map(({ timesMs, values, rows }, k) => {
        const points = rows.map((row) => `${pixel(x(timesMs[row]))} ${pixel(y(values[row]))}`);
        return `<path class="${LINES[k]}" d="M${points.join('L')}"/>`;
      }),
    ],
  });
}
