/**
 * The largest of many resampled means, draw by draw. All models are drawn at the same periods, so that what they have in common stays in
 * the result. A draw is kept as few coefficients of running sums: a block costs two of them whatever its length.
 */
import { mean } from '../moments.ts';

export interface DrawPlan {
  readonly draws: number;
  readonly periods: number;
  /** Entries of draw d are `from[d] .. from[d + 1] - 1`. */
  readonly from: Int32Array;
  /** Running sums (of the first so many periods) that an entry counts, and how often. */
  readonly positions: Int32Array;
  readonly coefficients: Float64Array;
}

/** `drawIndices` writes the periods of the next draw into its argument. */
export function planDraws(periods: number, draws: number, drawIndices: (out: Int32Array) => void): DrawPlan {
  const from = new Int32Array(draws + 1);
  const positions: number[] = [];
  const coefficients: number[] = [];
  const indices = new Int32Array(periods);
  const counts = new Int32Array(periods + 1);
  for (let draw = 0; draw < draws; draw += 1) {
    drawIndices(indices);
    counts.fill(0);
    for (const index of indices) counts[index] += 1;
    // Sum of counts x values = sum of (count before - count) x running sum, which is 0 inside a block.
    for (let position = 1; position <= periods; position += 1) {
      const coefficient = counts[position - 1] - counts[position];
      if (coefficient === 0) continue;
      positions.push(position);
      coefficients.push(coefficient);
    }
    from[draw + 1] = positions.length;
  }
  return {
    draws,
    periods,
    from,
    positions: Int32Array.from(positions),
    coefficients: Float64Array.from(coefficients),
  };
}

/** A maximum over models of sqrt(periods) x (mean - recentre) x scale, at least `floor`. */
export interface MaxStatistic {
  /** Per model: what is taken off its resampled mean; nothing off the mean of the data. */
  readonly recentre: Float64Array;
  /** Per model. */
  readonly scale: Float64Array;
  readonly floor: number;
}

/** The statistic of the data. */
export function observedMaximum(columns: readonly ArrayLike<number>[], { scale, floor }: MaxStatistic): number {
  return columns.reduce(
    (largest: number, column, model) => Math.max(largest, Math.sqrt(column.length) * mean(column) * scale[model]),
    floor,
  );
}

/** Models that are summed side by side: one reading of the plan serves all of them. */
const LANES = 4;

/** The statistics of every draw, one array per statistic. */
export function resampledMaxima(
  columns: readonly ArrayLike<number>[],
  plan: DrawPlan,
  statistics: readonly MaxStatistic[],
): Float64Array[] {
  const { draws, periods } = plan;
  const maxima = statistics.map(({ floor }) => new Float64Array(draws).fill(floor));
  const runningSums = new Float64Array(LANES * (periods + 1));
  const drawn = Array.from({ length: LANES }, () => new Float64Array(draws));
  for (let first = 0; first < columns.length; first += LANES) {
    const batch = columns.slice(first, first + LANES);
    const centers = batch.map((column, lane) => centredSums(column, runningSums, lane));
    sumDraws(plan, runningSums, drawn);
    for (const [k, { recentre, scale }] of statistics.entries()) {
      for (const [lane, center] of centers.entries()) {
        const model = first + lane;
        const shift = Math.sqrt(periods) * (center - recentre[model]) * scale[model];
        raise(maxima[k], drawn[lane], { factor: scale[model] / Math.sqrt(periods), shift });
      }
    }
  }
  return maxima;
}

/** Running sums of the values less their mean, so that they stay small, in one lane of `out`; returns the mean. */
function centredSums(values: ArrayLike<number>, out: Float64Array, lane: number): number {
  const center = mean(values);
  let sum = 0;
  for (let k = 0; k < values.length; k += 1) {
    sum += values[k] - center;
    out[LANES * (k + 1) + lane] = sum;
  }
  return center;
}

function sumDraws({ draws, from, positions, coefficients }: DrawPlan, runningSums: Float64Array, out: Float64Array[]) {
  const [out0, out1, out2, out3] = out;
  for (let draw = 0; draw < draws; draw += 1) {
    const to = from[draw + 1];
    let [sum0, sum1, sum2, sum3] = [0, 0, 0, 0];
    for (let entry = from[draw]; entry < to; entry += 1) {
      const at = LANES * positions[entry];
      const coefficient = coefficients[entry];
      sum0 += coefficient * runningSums[at];
      sum1 += coefficient * runningSums[at + 1];
      sum2 += coefficient * runningSums[at + 2];
      sum3 += coefficient * runningSums[at + 3];
    }
    out0[draw] = sum0;
    out1[draw] = sum1;
    out2[draw] = sum2;
    out3[draw] = sum3;
  }
}

function raise(maxima: Float64Array, drawn: Float64Array, { factor, shift }: { factor: number; shift: number }): void {
  for (let draw = 0; draw < maxima.length; draw += 1) {
    const value = drawn[draw] * factor + shift;
    if (value > maxima[draw]) maxima[draw] = value;
  }
}
