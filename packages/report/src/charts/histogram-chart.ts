/** How often which result: bars, losses and gains told apart by colour and by the zero line. */
import { histogram } from '@donch/stats';
import type { Chart } from '../blocks.ts';
import { binsChart } from './bins-chart.ts';

export interface HistogramChart {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** R. */
  readonly values: ArrayLike<number>;
}

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
export function histogramChart({ id, title, description, values }: HistogramChart): Chart {
  const bins = histogram(values, binWidthR(values));
  return binsChart({ id, title, description, bins, countUnit: 'trades', unit: 'result in R' });
}
