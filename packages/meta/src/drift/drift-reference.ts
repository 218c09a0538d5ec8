/** What the features looked like when a model was trained, small enough to travel with it, and how far recent rows are from that. */
import { invariant } from '@donch/core';
import { ksStatistic, ksTest, type KsTest } from './kolmogorov-smirnov.ts';
import { populationStability, type PopulationStability } from './population-stability.ts';

/** Values of one feature, one per row. */
export type DriftColumn =
  /** NaN = missing. */
  | { readonly kind: 'number'; readonly name: string; readonly values: ArrayLike<number> }
  /** Null = missing. */
  | { readonly kind: 'category'; readonly name: string; readonly values: ArrayLike<string | null> };

/** Plain data: survives JSON as it is. */
type FeatureReference =
  | {
      readonly kind: 'number';
      readonly name: string;
      /** Inner edges, ascending: bin k holds edge[k-1] < value <= edge[k]. */
      readonly edges: readonly number[];
      /** Rows of each bin, and of the missing ones. */
      readonly counts: readonly number[];
      readonly missing: number;
      /** All values ascending, or `SAMPLE_MAX` at evenly spaced ranks. */
      readonly sample: readonly number[];
    }
  | {
      readonly kind: 'category';
      readonly name: string;
      /** Ascending by name. */
      readonly categories: readonly string[];
      readonly counts: readonly number[];
      readonly missing: number;
    };

export interface DriftReference {
  readonly features: readonly FeatureReference[];
}

export interface FeatureDrift extends PopulationStability {
  readonly name: string;
  readonly rows: number;
  /** Null for categories; NaN without values. The distance is exact to 1 / (2 x `SAMPLE_MAX`). */
  readonly ks: KsTest | null;
  /** Share of rows without a value, recently and in the reference. */
  readonly missingFrac: number;
  readonly referenceMissingFrac: number;
  /** Share of recent rows with a category that the reference does not know; 0 for numbers. */
  readonly unknownFrac: number;
}

/** Bins of equally many rows in the reference. */
const BINS = 10;
/** Values that stand for a distribution: an error of 0.002 in the distance is nothing to an alarm, and the file stays small. */
const SAMPLE_MAX = 256;

/** Describes columns of training rows. Infinite values are refused: no feature has them. */
export function driftReference(columns: readonly DriftColumn[]): DriftReference {
  return {
    features: columns.map((column) => (column.kind === 'number' ? numberReference(column) : categoryReference(column))),
  };
}

/**
 * Drift of every feature of the reference in recent rows; other columns are not looked at. A feature that is not there or is of another
 * kind is a bug of the caller. Rows of one week are alike: read chances and noise limits as those of fewer rows.
 */
export function driftOf({ features }: DriftReference, columns: readonly DriftColumn[]): FeatureDrift[] {
  const byName = new Map(columns.map((column) => [column.name, column]));
  return features.map((feature) => {
    const column = byName.get(feature.name);
    if (feature.kind === 'number') {
      invariant(column?.kind === 'number', `rows have numbers of ${feature.name}`);
      return numberDrift(feature, column);
    }
    invariant(column?.kind === 'category', `rows have categories of ${feature.name}`);
    return categoryDrift(feature, column);
  });
}

type NumberColumn = Extract<DriftColumn, { kind: 'number' }>;
type NumberReference = Extract<FeatureReference, { kind: 'number' }>;

function numberReference({ name, values }: NumberColumn): NumberReference {
  const sorted = ascending(values);
  invariant(sorted.every(Number.isFinite), `values of ${name} are finite`);
  const edges = edgesOf(sorted);
  const size = Math.min(sorted.length, SAMPLE_MAX);
  return {
    kind: 'number',
    name,
    edges,
    counts: binCounts(sorted, edges),
    missing: values.length - sorted.length,
    sample: Array.from({ length: size }, (_, k) => sorted[Math.floor(((k + 0.5) * sorted.length) / size)]),
  };
}

function ascending(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values)
    .filter((value) => !Number.isNaN(value))
    .sort();
}

/** Distinct deciles below the greatest value. A constant gets an edge on each side, so that leaving it shows. */
function edgesOf(sorted: Float64Array): number[] {
  if (sorted.length === 0) return [];
  const greatest = sorted[sorted.length - 1];
  const deciles = Array.from({ length: BINS - 1 }, (_, k) => sorted[Math.ceil(((k + 1) * sorted.length) / BINS) - 1]);
  const edges = [...new Set(deciles)].filter((edge) => edge < greatest);
  if (edges.length > 0) return edges;
  return sorted[0] === greatest ? [greatest - Math.max(Math.abs(greatest), 1) * Number.EPSILON, greatest] : [sorted[0]];
}

function binCounts(sorted: Float64Array, edges: readonly number[]): number[] {
  const counts = Array.from({ length: edges.length + 1 }, () => 0);
  let bin = 0;
  for (const value of sorted) {
    while (bin < edges.length && value > edges[bin]) bin += 1;
    counts[bin] += 1;
  }
  return counts;
}

function numberDrift(reference: NumberReference, { name, values }: NumberColumn): FeatureDrift {
  const sorted = ascending(values);
  const missing = values.length - sorted.length;
  const known = reference.counts.reduce((sum, count) => sum + count, 0);
  return {
    name,
    rows: values.length,
    ...populationStability({
      reference: [...reference.counts, reference.missing],
      recent: [...binCounts(sorted, reference.edges), missing],
    }),
    ks: ksTest(ksStatistic(reference.sample, sorted), known, sorted.length),
    missingFrac: missing / values.length,
    referenceMissingFrac: reference.missing / (known + reference.missing),
    unknownFrac: 0,
  };
}

type CategoryColumn = Extract<DriftColumn, { kind: 'category' }>;
type CategoryReference = Extract<FeatureReference, { kind: 'category' }>;

function categoryReference({ name, values }: CategoryColumn): CategoryReference {
  const { byCategory, missing } = countCategories(values);
  const categories = [...byCategory.keys()].sort((a, b) => (a < b ? -1 : 1));
  return {
    kind: 'category',
    name,
    categories,
    counts: categories.map((category) => byCategory.get(category) ?? 0),
    missing,
  };
}

function countCategories(values: ArrayLike<string | null>): {
  readonly byCategory: ReadonlyMap<string, number>;
  readonly missing: number;
} {
  const byCategory = new Map<string, number>();
  let missing = 0;
  for (const value of Array.from(values)) {
    if (value === null) missing += 1;
    else byCategory.set(value, (byCategory.get(value) ?? 0) + 1);
  }
  return { byCategory, missing };
}

function categoryDrift(reference: CategoryReference, { name, values }: CategoryColumn): FeatureDrift {
  const { byCategory, missing } = countCategories(values);
  const recent = reference.categories.map((category) => byCategory.get(category) ?? 0);
  const unknown = values.length - missing - recent.reduce((sum, count) => sum + count, 0);
  const referenceRows = reference.counts.reduce((sum, count) => sum + count, reference.missing);
  return {
    name,
    rows: values.length,
    ...populationStability({
      reference: [...reference.counts, 0, reference.missing],
      recent: [...recent, unknown, missing],
    }),
    ks: null,
    missingFrac: missing / values.length,
    referenceMissingFrac: reference.missing / referenceRows,
    unknownFrac: unknown / values.length,
  };
}
