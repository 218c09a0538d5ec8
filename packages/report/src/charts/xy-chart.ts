/** Values over a number: lines with intervals, dots by their weight, levels, and marks, each named in words above the drawing. */
import type { Chart } from '../blocks.ts';
import { decimalText } from '../format/number-text.ts';
import { legend, LEGEND_ROW, type Legend } from './legend.ts';
import {
  circle,
  drawing,
  label,
  line,
  linear,
  NARROW_WIDTH,
  pixel,
  valueAxis,
  WIDE_WIDTH,
  type Plot,
  type Range,
} from './svg.ts';
import { niceTicks, tickDigits } from './ticks.ts';

interface XyPoint {
  readonly x: number;
  /** NaN = none: the line is broken there. */
  readonly y: number;
  /** Interval of y; NaN = none. */
  readonly low?: number;
  readonly high?: number;
  /** The area of its dot; without it there is no dot. */
  readonly weight?: number;
}

export interface XySeries {
  /** Stands above the drawing; '' = belongs to the series before it. */
  readonly name: string;
  /** `first` and `second` differ in more than their colour; `many` is one of several lines that are alike. */
  readonly form: 'first' | 'second' | 'many';
  /** By rising x. */
  readonly points: readonly XyPoint[];
}

export interface XyChart {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly xUnit: string;
  readonly yUnit: string;
  readonly series: readonly XySeries[];
  /** What the bands are; '' = there are none. */
  readonly bandName?: string;
  /** Horizontal, dashed. */
  readonly level?: { readonly y: number; readonly name: string };
  /** Vertical, with its name on top. */
  readonly mark?: { readonly x: number; readonly name: string };
  /** Name of the line y = x; both axes then have the same range. */
  readonly diagonal?: string;
}

/** Whether there is anything to draw; where not, the caller says so in words. */
export function hasPoints(series: readonly XySeries[]): boolean {
  return series.some(({ points }) => points.some(isDrawn));
}

const isDrawn = ({ x, y }: XyPoint): boolean => Number.isFinite(x) && Number.isFinite(y);

export function xyChart(chart: XyChart): Chart {
  const { id, title, description } = chart;
  return { id, title, description, wide: draw(chart, WIDE_WIDTH, 'w'), narrow: draw(chart, NARROW_WIDTH, 'n') };
}

const PLOT_HEIGHT = 220;

interface Scale {
  readonly plot: Plot;
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

function draw(chart: XyChart, width: number, suffix: string): string {
  const { title, description, xUnit, yUnit, series, level, mark, diagonal } = chart;
  const names = legendOf(chart, width);
  const top = 14 + names.rows * LEGEND_ROW + 14 + (mark === undefined ? 0 : LEGEND_ROW);
  const plot: Plot = { left: 56, right: width - 14, top, bottom: top + PLOT_HEIGHT };
  const { xRange, yRange } = rangesOf(chart);
  const scale: Scale = {
    plot,
    x: linear(xRange, [plot.left, plot.right]),
    y: linear(yRange, [plot.bottom, plot.top]),
  };
  const yTicks = niceTicks(...yRange, 6);
  const parts = [
    ...names.parts,
    label({ x: 8, y: 14 + names.rows * LEGEND_ROW, text: yUnit, tone: 'c-muted' }),
    ...valueAxis({ plot, y: scale.y, ticks: yTicks, tickText: (tick) => decimalText(tick, tickDigits(yTicks)) }),
    ...numberAxis(scale, niceTicks(...xRange, width > 500 ? 10 : 5)),
    label({ x: (plot.left + plot.right) / 2, y: plot.bottom + 36, text: xUnit, anchor: 'middle', tone: 'c-muted' }),
    ...series.map(({ points }) => bandPath(points, scale)),
    level === undefined ? '' : line('c-base', [plot.left, scale.y(level.y)], [plot.right, scale.y(level.y)]),
    diagonal === undefined ? '' : line('c-base', [plot.left, plot.bottom], [plot.right, plot.top]),
    mark === undefined ? '' : markLine(mark, scale),
    ...series.map((one) => seriesParts(one, scale, weightMax(series))),
  ];
  return drawing({
    id: `${chart.id}-${suffix}`,
    title,
    description,
    size: { width, height: plot.bottom + 44 },
    parts,
  });
}

/** Ranges that hold every point, its interval, the level and the mark; never empty. */
function rangesOf({ series, level, mark, diagonal }: XyChart): { readonly xRange: Range; readonly yRange: Range } {
  const points = series.flatMap((one) => one.points.filter(isDrawn));
  const xs = [...points.map(({ x }) => x), ...(mark === undefined ? [] : [mark.x])];
  const ys = [
    ...points.flatMap(({ y, low = Number.NaN, high = Number.NaN }) => [y, low, high]),
    ...(level === undefined ? [] : [level.y]),
  ];
  if (diagonal === undefined) return { xRange: rangeOf(xs, 0), yRange: rangeOf(ys, 0.04) };
  const both = rangeOf([...xs, ...ys], 0.04);
  return { xRange: both, yRange: both };
}

function rangeOf(values: readonly number[], padFrac: number): Range {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return [0, 1];
  // one value alone: room on both sides
  const pad = high > low ? (high - low) * padFrac : Math.abs(low) * 0.1 || 1;
  return [low - pad, high + pad];
}

function numberAxis({ plot, x }: Scale, ticks: readonly number[]): string[] {
  const digits = tickDigits(ticks);
  return ticks.flatMap((tick) => [
    line('c-grid', [x(tick), plot.bottom], [x(tick), plot.bottom + 4]),
    label({ x: x(tick), y: plot.bottom + 18, text: decimalText(tick, digits), anchor: 'middle', tone: 'c-muted' }),
  ]);
}

/** Stretches of points that satisfy a condition; a line goes through each of them. */
function stretches(points: readonly XyPoint[], holds: (point: XyPoint) => boolean): XyPoint[][] {
  const found: XyPoint[][] = [];
  let isOpen = false;
  for (const point of points) {
    if (!holds(point)) isOpen = false;
    else if (isOpen) found[found.length - 1].push(point);
    else {
      found.push([point]);
      isOpen = true;
    }
  }
  return found;
}

const hasBand = (point: XyPoint): boolean =>
  isDrawn(point) && Number.isFinite(point.low) && Number.isFinite(point.high);

function bandPath(points: readonly XyPoint[], { x, y }: Scale): string {
  return stretches(points, hasBand)
    .map((stretch) => {
      const at = (point: XyPoint, value = Number.NaN): string => `${pixel(x(point.x))} ${pixel(y(value))}`;
      const upper = stretch.map((point) => at(point, point.high));
      const lower = stretch.toReversed().map((point) => at(point, point.low));
      return stretch.length === 1
        ? `<path class="c-line" d="M${upper[0]}L${lower[0]}"/>`
        : `<path class="c-band" d="M${[...upper, ...lower].join('L')}Z"/>`;
    })
    .join('');
}

const LINES = { first: 'c-line', second: 'c-second', many: 'c-many' } as const;
const DOTS = { first: 'c-dot', second: 'c-ring', many: 'c-dot' } as const;
const RADIUS_MIN = 2.5;
const RADIUS_SPAN = 6;

const weightMax = (series: readonly XySeries[]): number =>
  series.reduce((most, { points }) => points.reduce((known, { weight = 0 }) => Math.max(known, weight), most), 0);

function seriesParts({ form, points }: XySeries, { x, y }: Scale, heaviest: number): string {
  const lines = stretches(points, isDrawn).map((stretch) => {
    const path = stretch.map((point) => `${pixel(x(point.x))} ${pixel(y(point.y))}`);
    return `<path class="${LINES[form]}" d="M${path.join('L')}"/>`;
  });
  const dots = points.filter(isDrawn).flatMap((point) => {
    const { weight = 0 } = point;
    if (!(weight > 0)) return [];
    const radius = RADIUS_MIN + RADIUS_SPAN * Math.sqrt(weight / heaviest);
    return [circle(DOTS[form], { x: x(point.x), y: y(point.y), radius })];
  });
  return lines.join('') + dots.join('');
}

function markLine({ x: value, name }: { readonly x: number; readonly name: string }, { plot, x }: Scale): string {
  const at = x(value);
  const isLeft = at < (plot.left + plot.right) / 2;
  const text = label({
    x: at,
    y: plot.top - 8,
    text: name,
    anchor: isLeft ? 'start' : 'end',
    tone: 'c-strong',
  });
  return `${line('c-entry', [at, plot.top - 4], [at, plot.bottom])}${text}`;
}

/** Names beside samples of their lines. */
function legendOf({ series, bandName = '', level, diagonal }: XyChart, width: number): Legend {
  const isWeighted = weightMax(series) > 0;
  const items = [
    ...series
      .filter(({ name }) => name !== '')
      .map(({ name, form }) => ({ name, sample: LINES[form], dot: isWeighted ? DOTS[form] : '' })),
    ...(bandName === '' ? [] : [{ name: bandName, sample: 'c-band' }]),
    ...(level === undefined ? [] : [{ name: level.name, sample: 'c-base' }]),
    ...(diagonal === undefined ? [] : [{ name: diagonal, sample: 'c-base' }]),
  ];
  return legend(items, width);
}
