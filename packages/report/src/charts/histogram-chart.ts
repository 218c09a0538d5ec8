/** How often which result: bars, losses and gains told apart by colour and by the zero line. */
import { histogram } from '@donch/stats';
import type { Chart } from '../blocks.ts';
import { countText, decimalText } from '../format/number-text.ts';
import { drawing, label, line, linear, NARROW_WIDTH, rect, valueAxis, WIDE_WIDTH, type Plot } from './svg.ts';
import { niceTicks, tickDigits } from './ticks.ts';

export interface HistogramChart {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** R. */
  readonly values: ArrayLike<number>;
}

const HEIGHT = 230;
/** More bars than this are too thin on a phone. */
const BINS_MAX = 40;
const WIDTHS_R = [0.25, 0.5, 1, 2, 5, 10, 20, 50, 100];

/** The narrowest bin width of a round R with which the results fit into 40 bars. */
export function binWidthR(values: ArrayLike<number>): number {
  const last = WIDTHS_R[WIDTHS_R.length - 1];
  return WIDTHS_R.find((width) => histogramSpan(values, width) <= BINS_MAX) ?? last;
}

function histogramSpan(values: ArrayLike<number>, width: number): number {
  let [low, high] = [0, 0];
  for (let k = 0; k < values.length; k += 1) {
    low = Math.min(low, values[k]);
    high = Math.max(high, values[k]);
  }
  return (high - low) / width;
}

/** No drawing for no values: the caller says so in words. */
export function histogramChart(chart: HistogramChart): Chart {
  const { id, title, description } = chart;
  return { id, title, description, wide: draw(chart, WIDE_WIDTH, 'w'), narrow: draw(chart, NARROW_WIDTH, 'n') };
}

function draw({ id, title, description, values }: HistogramChart, width: number, suffix: string): string {
  const bins = histogram(values, binWidthR(values));
  const from = Math.min(bins.start, 0);
  const to = Math.max(bins.start + bins.counts.length * bins.width, bins.width);
  const countMax = Math.max(1, ...bins.counts);
  const plot: Plot = { left: 44, right: width - 12, top: 24, bottom: HEIGHT - 42 };
  const x = linear([from, to], [plot.left, plot.right]);
  const y = linear([0, countMax * 1.06], [plot.bottom, plot.top]);
  const ticks = niceTicks(from, to, width > 500 ? 12 : 5);
  const digits = tickDigits(ticks);
  const bars = Array.from(bins.counts, (count, k) => {
    const start = bins.start + k * bins.width;
    const box = { x: x(start) + 0.5, y: y(count), width: Math.max(x(start + bins.width) - x(start) - 1, 0.5) };
    return count === 0 ? '' : rect(start >= 0 ? 'c-gain' : 'c-loss', { ...box, height: plot.bottom - y(count) });
  });
  const countTicks = niceTicks(0, countMax, 4).filter(Number.isInteger);
  return drawing({
    id: `${id}-${suffix}`,
    title,
    description,
    size: { width, height: HEIGHT },
    parts: [
      label({ x: 8, y: 14, text: 'trades', tone: 'c-muted' }),
      ...valueAxis({ plot, y, ticks: countTicks, tickText: countText }),
      ...bars,
      line('c-zero', [x(0), plot.top], [x(0), plot.bottom]),
      ...ticks.map((tick) =>
        label({ x: x(tick), y: plot.bottom + 16, text: decimalText(tick, digits), anchor: 'middle', tone: 'c-muted' }),
      ),
      label({ x: (plot.left + plot.right) / 2, y: HEIGHT - 8, text: 'result in R', anchor: 'middle', tone: 'c-muted' }),
    ],
  });
}
