/**
 * Combinatorial purged cross-validation. Lopez de Prado, Advances in Financial Machine Learning, chapters 7 and 12: rows in order of
 * time, groups of rows, every choice of k test groups, and no training row whose label looks into the test or starts right behind it.
 */

/** When the label of a row begins and ends, both included: touching is overlapping. Rows in order of `startMs`. */
export interface LabelSpans {
  readonly startMs: ArrayLike<number>;
  readonly endMs: ArrayLike<number>;
}

export interface CpcvOptions {
  readonly groups: number;
  readonly testGroups: number;
  /** Rows that start within this time behind the last label end of a test block do not train. */
  readonly embargoMs: number;
}

export interface PurgedSplit {
  readonly testGroups: readonly number[];
  /** Path that each test group belongs to: the j-th time that a group is tested is path j. */
  readonly pathIds: readonly number[];
  readonly train: Int32Array;
  /** Rows of the test groups, in order. */
  readonly test: Int32Array;
  /** Rows that were left out for their label, and for the embargo alone. */
  readonly purged: Int32Array;
  readonly embargoed: Int32Array;
}

/** First rows of the groups and the end: the remainder is spread over the first groups, as numpy's `array_split`. */
export function groupBounds(rows: number, groups: number): number[] {
  const size = Math.floor(rows / groups);
  const larger = rows % groups;
  return Array.from({ length: groups + 1 }, (_, group) => group * size + Math.min(group, larger));
}

/** All choices of k of the numbers 0..n-1, in lexicographic order. */
export function combinations(n: number, k: number): number[][] {
  const found: number[][] = [];
  const extend = (chosen: readonly number[], next: number): void => {
    if (chosen.length === k) found.push([...chosen]);
    else for (let at = next; at <= n - (k - chosen.length); at += 1) extend([...chosen, at], at + 1);
  };
  extend([], 0);
  return found;
}

/** Number of paths: every row is tested once on each. */
export function pathCount(groups: number, testGroups: number): number {
  return (combinations(groups, testGroups).length * testGroups) / groups;
}

/** Every split, in lexicographic order of its test groups. */
export function cpcvSplits(spans: LabelSpans, options: CpcvOptions): PurgedSplit[] {
  const bounds = groupBounds(spans.startMs.length, options.groups);
  const seen = Array.from({ length: options.groups }, () => 0);
  return combinations(options.groups, options.testGroups).map((testGroups) => {
    const pathIds = testGroups.map((group) => seen[group]++);
    return { testGroups, pathIds, ...purgedSplit(spans, blocksOf(testGroups, bounds), options.embargoMs) };
  });
}

/** A stretch of test rows, end excluded. */
export interface TestBlock {
  readonly from: number;
  readonly to: number;
}

/** Neighbouring groups are one block. */
function blocksOf(testGroups: readonly number[], bounds: readonly number[]): TestBlock[] {
  const blocks: { from: number; to: number }[] = [];
  for (const group of testGroups) {
    const last = blocks.at(-1);
    if (last !== undefined && last.to === bounds[group]) last.to = bounds[group + 1];
    else blocks.push({ from: bounds[group], to: bounds[group + 1] });
  }
  return blocks;
}

/** Training rows for these test rows: labels that overlap any test label are purged, what starts within the embargo behind a block too. */
export function purgedSplit(
  { startMs, endMs }: LabelSpans,
  blocks: readonly TestBlock[],
  embargoMs: number,
): Pick<PurgedSplit, 'train' | 'test' | 'purged' | 'embargoed'> {
  const [train, test, purged, embargoed]: [number[], number[], number[], number[]] = [[], [], [], []];
  const spans = blocks.map(({ from, to }) => {
    let lastMs = -Infinity;
    for (let row = from; row < to; row += 1) lastMs = Math.max(lastMs, endMs[row]);
    return { from, to, lastMs };
  });
  for (let row = 0; row < startMs.length; row += 1) {
    if (spans.some(({ from, to }) => row >= from && row < to)) test.push(row);
    else if (spans.some((block) => overlaps({ startMs, endMs }, block, row))) purged.push(row);
    else if (spans.some(({ lastMs }) => startMs[row] > lastMs && startMs[row] <= lastMs + embargoMs))
      embargoed.push(row);
    else train.push(row);
  }
  const rows = (list: readonly number[]): Int32Array => Int32Array.from(list);
  return { train: rows(train), test: rows(test), purged: rows(purged), embargoed: rows(embargoed) };
}

/** Row against every label of a block; starts are in order, ends need not be. */
function overlaps(
  { startMs, endMs }: LabelSpans,
  { from, to, lastMs }: TestBlock & { readonly lastMs: number },
  row: number,
): boolean {
  if (endMs[row] < startMs[from] || startMs[row] > lastMs) return false;
  for (let test = from; test < to && startMs[test] <= endMs[row]; test += 1)
    if (endMs[test] >= startMs[row]) return true;
  return false;
}
