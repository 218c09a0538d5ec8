/**
 * Weights of rows whose labels overlap in time. Lopez de Prado, Advances in Financial Machine Learning, chapter 4. Time is counted in
 * bars: the label of row i covers the bars startBar[i]..endBar[i], both included.
 */

export interface LabelBars {
  readonly startBar: ArrayLike<number>;
  readonly endBar: ArrayLike<number>;
}

/** Labels that cover each bar (snippet 4.1), for `bars` bars. */
export function concurrency({ startBar, endBar }: LabelBars, bars: number): Float64Array {
  const steps = new Float64Array(bars + 1);
  for (let row = 0; row < startBar.length; row += 1) {
    steps[startBar[row]] += 1;
    steps[endBar[row] + 1] -= 1;
  }
  let covered = 0;
  return steps.subarray(0, bars).map((step) => (covered += step));
}

/** Mean of 1 / concurrency over the bars of each label (snippet 4.2): 1 = alone, towards 0 = crowded. */
export function averageUniqueness(labels: LabelBars, bars: number): Float64Array {
  const counts = concurrency(labels, bars);
  return Float64Array.from(labels.startBar, (start, row) => {
    let sum = 0;
    for (let bar = start; bar <= labels.endBar[row]; bar += 1) sum += 1 / counts[bar];
    return sum / (labels.endBar[row] - start + 1);
  });
}

/**
 * Weights that fall linearly with cumulative uniqueness, 1 for the newest, `oldest` for the oldest (snippet 4.11). `oldest` < 0 lets the
 * oldest part weigh nothing. Rows in order of time.
 */
export function timeDecay(uniqueness: ArrayLike<number>, oldest: number): Float64Array {
  let total = 0;
  const cumulative = Float64Array.from(uniqueness, (value) => (total += value));
  const slope = oldest >= 0 ? (1 - oldest) / total : 1 / ((oldest + 1) * total);
  const start = 1 - slope * total;
  return cumulative.map((value) => Math.max(0, start + slope * value));
}

/**
 * |Sum of log returns over the bars of a label, each shared by the labels that cover it|, scaled so that the weights sum to the number of
 * labels (snippet 4.10). The return into a bar belongs to it; that into the first bar of all is 0. `close` per bar.
 */
export function returnAttribution(labels: LabelBars, close: ArrayLike<number>): Float64Array {
  const counts = concurrency(labels, close.length);
  const weights = Float64Array.from(labels.startBar, (start, row) => {
    let sum = 0;
    for (let bar = start; bar <= labels.endBar[row]; bar += 1)
      sum += bar === 0 ? 0 : Math.log(close[bar] / close[bar - 1]) / counts[bar];
    return Math.abs(sum);
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => (weight * weights.length) / total);
}

/** Chance of each row to be drawn next, given the rows drawn so far: its uniqueness among them (section 4.5.2). Sums to 1. */
export function sequentialBootstrapChances(
  { startBar, endBar }: LabelBars,
  bars: number,
  drawn: readonly number[],
): Float64Array {
  const counts = concurrency(
    { startBar: drawn.map((row) => startBar[row]), endBar: drawn.map((row) => endBar[row]) },
    bars,
  );
  const uniqueness = Float64Array.from(startBar, (start, row) => {
    let sum = 0;
    for (let bar = start; bar <= endBar[row]; bar += 1) sum += 1 / (counts[bar] + 1);
    return sum / (endBar[row] - start + 1);
  });
  const total = uniqueness.reduce((sum, value) => sum + value, 0);
  return uniqueness.map((value) => value / total);
}
