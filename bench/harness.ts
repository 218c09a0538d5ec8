/** Timing of two pieces of code against each other, in one process, round by round in turn. */

export type BenchCase = {
  readonly name: string;
  /** The code that is measured. What it returns is kept, so that the compiler cannot drop the work. */
  readonly candidate: () => unknown;
  /** What it is compared with on the same input: the code before, a naive version, another library. */
  readonly reference: () => unknown;
  /** Timed rounds of each; at least ROUNDS_MIN, which is the default. */
  readonly rounds?: number;
  /** Highest accepted `ratio`; above it the benchmark fails. */
  readonly limit?: number;
};

export type BenchReport = {
  readonly name: string;
  readonly medianMs: number;
  readonly referenceMedianMs: number;
  /** medianMs / referenceMedianMs: the number to quote, since absolute times differ between machines. */
  readonly ratio: number;
  readonly rounds: number;
  readonly limit?: number;
  /** Further numbers that belong to the claim, with their units in the names. */
  readonly figures?: Readonly<Record<string, number>>;
};

/** Fewer rounds let one pause of a shared machine move the median. */
const ROUNDS_MIN = 7;

/** Untimed rounds in which the code is compiled. */
const WARMUP_ROUNDS = 2;

/**
 * Times candidate and reference alternately (which one goes first changes every round) and returns the medians. Asynchronous
 * functions are awaited. Throws a RangeError for fewer than ROUNDS_MIN rounds.
 */
export async function compare({
  name,
  candidate,
  reference,
  rounds = ROUNDS_MIN,
  limit,
}: BenchCase): Promise<BenchReport> {
  if (!(rounds >= ROUNDS_MIN)) throw new RangeError(`found ${rounds} rounds, expected at least ${ROUNDS_MIN}`);
  const candidateMs: number[] = [];
  const referenceMs: number[] = [];
  for (let round = -WARMUP_ROUNDS; round < rounds; round++) {
    const first = round % 2 === 0 ? candidate : reference;
    const firstMs = await time(first);
    const secondMs = await time(first === candidate ? reference : candidate);
    if (round < 0) continue;
    candidateMs.push(first === candidate ? firstMs : secondMs);
    referenceMs.push(first === candidate ? secondMs : firstMs);
  }
  const [medianMs, referenceMedianMs] = [median(candidateMs), median(referenceMs)];
  const ratio = medianMs / referenceMedianMs;
  return { name, medianMs, referenceMedianMs, ratio, rounds, ...(limit !== undefined && { limit }) };
}

/** False when the report has a limit and its ratio does not keep it. */
export function keepsLimit({ ratio, limit }: BenchReport): boolean {
  return limit === undefined || ratio <= limit;
}

/** Holds the last result, which makes it used. */
const sink: unknown[] = [];

async function time(work: () => unknown): Promise<number> {
  const startMs = performance.now();
  sink[0] = await work();
  return performance.now() - startMs;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
