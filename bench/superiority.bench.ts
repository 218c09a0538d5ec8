/**
 * The test of many models against their benchmark, which keeps a draw as coefficients of running sums, against the plain way: the mean of
 * every drawn return of every model. Both have the same draws and the same p value of the reality check, which is checked; the test adds
 * three studentised statistics. The figures time it once for a large search.
 */
import { createPrng } from '@donch/core';
import { type BlockRule, drawBlockIndices, mean, testSuperiority } from '@donch/stats';
import { type BenchReport, compare } from './harness.ts';

const DAYS = 500;
const DRAWS = 2_000;
const MODELS = 200;
const MODELS_LARGE = 2_000;
const RULE: BlockRule = { kind: 'stationary', blockLength: 10 };

/** Measured 0.07 to 0.08. Above it the running sums are not worth their code. */
const LIMIT = 0.2;

export async function run(): Promise<BenchReport> {
  const columns = relativeReturns(MODELS);
  const [found, expected] = [superiority(columns), plainRealityCheck(columns)];
  if (found !== expected) throw new Error(`found the p value ${found}, expected ${expected}`);
  const report = await compare({
    name: 'superiority',
    candidate: () => superiority(columns),
    reference: () => plainRealityCheck(columns),
    limit: LIMIT,
  });
  const large = relativeReturns(MODELS_LARGE);
  const startMs = performance.now();
  superiority(large);
  return { ...report, figures: { largeModels: MODELS_LARGE, largeMs: performance.now() - startMs } };
}

/** Daily returns of models that share a market. */
function relativeReturns(models: number): Float64Array[] {
  const prng = createPrng(1);
  const market = Float64Array.from({ length: DAYS }, () => prng.normal());
  return Array.from({ length: models }, () => market.map((shared) => 0.01 * (shared + prng.normal())));
}

function superiority(columns: readonly Float64Array[]): number {
  const found = testSuperiority(columns, { rule: RULE, prng: createPrng(2), draws: DRAWS });
  if (found.kind === 'refused') throw new Error(`found a refusal (${found.reason}), expected a test`);
  return found.realityCheck.pValue;
}

function plainRealityCheck(columns: readonly Float64Array[]): number {
  const prng = createPrng(2);
  const means = columns.map(mean);
  const best = Math.max(...means);
  const indices = new Int32Array(DAYS);
  let atLeast = 0;
  for (let draw = 0; draw < DRAWS; draw += 1) {
    drawBlockIndices(indices, DAYS, { rule: RULE, prng });
    let largest = Number.NEGATIVE_INFINITY;
    for (let model = 0; model < columns.length; model += 1) {
      const column = columns[model];
      let sum = 0;
      for (const index of indices) sum += column[index];
      largest = Math.max(largest, sum / DAYS - means[model]);
    }
    if (largest >= best) atLeast += 1;
  }
  return (1 + atLeast) / (1 + DRAWS);
}
