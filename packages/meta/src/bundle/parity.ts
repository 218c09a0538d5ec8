/**
 * Rows with the answers that a model must give to them, bit by bit: whoever loads a bundle computes them again, so that neither
 * another version of the program nor a changed file decides differently from the model that was assessed.
 */
import { columnOf, createPrng, DonchError, textsOf, type FeatureValue, type Prng, type Table } from '@donch/core';
import { CATEGORICAL_BIT, type Booster } from '../booster/booster.ts';
import { encodedNames, encodeRow, type EncodedFeature } from '../dataset/feature-encoding.ts';
import { scoreFeatures, type Model, type Score } from '../predictor/model.ts';
import type { ParityRow } from './bundle-manifest.ts';

/** Fewest rows of a bundle. */
export const PARITY_ROWS_MIN = 200;

const REAL_ROWS_MAX = 128;
/** Rows in which every feature is drawn from its awkward values. */
const DRAWN_ROWS_MIN = 128;

/**
 * Rows of signals, spread over the table, and rows made of them: every feature missing once, categories that nobody knows, and
 * numbers on the model's thresholds, beside them, infinite and denormal. The same model and signals give the same rows; without
 * signals all are made. Throws `no_column`, `wrong_column_type`.
 */
export function makeParity(model: Model, signals: Table): ParityRow[] {
  const { features } = model;
  const prng = createPrng(1, 'parity');
  const real = spread(signals.length).map((row) => featuresAt(features, signals, row));
  const templates = real.length > 0 ? real : [blankRow(features)];
  const template = (): FeatureRow => templates[prng.below(templates.length)];
  const awkward = awkwardValues(model);
  const rows = [
    ...real,
    features.reduce(withMissing, template()),
    ...features.map((feature) => withMissing(template(), feature)),
  ];
  const wanted = Math.max(PARITY_ROWS_MIN, rows.length + DRAWN_ROWS_MIN);
  while (rows.length < wanted) rows.push(drawnRow(template(), awkward, prng));
  return rows.map((row) => ({ features: toParity(row), ...scoreFeatures(model, row) }));
}

type FeatureRow = Readonly<Record<string, FeatureValue>>;

/** Positions from the first row to the last at equal steps. */
function spread(rows: number): number[] {
  const count = Math.min(rows, REAL_ROWS_MAX);
  return Array.from({ length: count }, (_, k) => (count === 1 ? 0 : Math.round((k * (rows - 1)) / (count - 1))));
}

function featuresAt(features: readonly EncodedFeature[], signals: Table, row: number): FeatureRow {
  return Object.fromEntries(
    features.map(({ name, dtype }): [string, FeatureValue] => {
      if (dtype === 'category') return [name, textsOf(signals, name)[row] ?? ''];
      const { type, values } = columnOf(signals, name);
      if (type !== 'text') return [name, values[row]];
      // a column without a value is read from a file as text
      if (values[row] === null) return [name, Number.NaN];
      throw new DonchError('wrong_column_type', `the feature ${name} is ${type}`, { expected: 'numbers' });
    }),
  );
}

const blankRow = (features: readonly EncodedFeature[]): FeatureRow =>
  Object.fromEntries(features.map(({ name, dtype, categories }) => [name, dtype === 'category' ? categories[0] : 0]));

const withMissing = (row: FeatureRow, { name, dtype }: EncodedFeature): FeatureRow => ({
  ...row,
  [name]: dtype === 'category' ? '' : Number.NaN,
});

type AwkwardValues = ReadonlyMap<string, readonly FeatureValue[]>;

/** A text that is the name of no category. */
const UNKNOWN_CATEGORY = '(unknown)';

const FLOAT32_DENORMAL = 2 ** -149;
const FLOAT32_MAX = (2 - 2 ** -23) * 2 ** 127;
const AWKWARD_NUMBERS: readonly number[] = [
  Number.NaN,
  Infinity,
  -Infinity,
  0,
  FLOAT32_DENORMAL,
  -FLOAT32_DENORMAL,
  // beside the magnitude up to which a number is zero
  Math.fround(1e-35),
  Math.fround(-2e-35),
  FLOAT32_MAX,
  -FLOAT32_MAX,
];

function awkwardValues({ features, booster }: Model): AwkwardValues {
  const thresholds = thresholdsByFeature(booster);
  return new Map(
    features.map(({ name, dtype, categories }) => [
      name,
      dtype === 'category'
        ? [...categories, UNKNOWN_CATEGORY, '']
        : [...AWKWARD_NUMBERS, ...(thresholds.get(name) ?? []).flatMap(neighbours)],
    ]),
  );
}

function thresholdsByFeature({ trees, featureNames }: Booster): ReadonlyMap<string, readonly number[]> {
  const found = featureNames.map(() => new Set<number>());
  for (const { splitFeature, threshold, decisionType } of trees)
    for (const [node, feature] of splitFeature.entries())
      if ((decisionType[node] & CATEGORICAL_BIT) === 0) found[feature].add(threshold[node]);
  return new Map(featureNames.map((name, at) => [name, [...found[at]]]));
}

/** A threshold as a float32 and the float32s beside it. */
function neighbours(threshold: number): number[] {
  const value = Math.fround(threshold);
  if (!Number.isFinite(value) || value === 0) return [value];
  const bits = new Int32Array(Float32Array.of(value).buffer)[0];
  return [bits - 1, bits, bits + 1].map((word) => new Float32Array(Int32Array.of(word).buffer)[0]);
}

/** Half of the values stay those of the template, so that rows lead deep into the trees. */
function drawnRow(template: FeatureRow, awkward: AwkwardValues, prng: Prng): FeatureRow {
  return Object.fromEntries(
    [...awkward].map(([name, values]) => [
      name,
      prng.next() < 0.5 ? template[name] : values[prng.below(values.length)],
    ]),
  );
}

const toParity = (row: FeatureRow): ParityRow['features'] =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, parityValue(value)]));

function parityValue(value: FeatureValue): number | string | null {
  if (typeof value === 'string') return value;
  if (Number.isNaN(value)) return null;
  return Number.isFinite(value) ? value : value > 0 ? 'inf' : '-inf';
}

const NUMBER_TEXTS: ReadonlyMap<unknown, number> = new Map([
  [null, Number.NaN],
  ['inf', Infinity],
  ['-inf', -Infinity],
]);

/** A difference between what a row says and what was computed. */
export interface ParityDifference {
  /** 0-based. */
  readonly row: number;
  /** `features.<name>` where a value is missing or of another type. */
  readonly field: string;
  readonly found: string;
  readonly expected: string;
}

/** Rows as a model sees them: float32, one after the other; or the first value that is no value of its feature. */
export function encodeParity(
  features: readonly EncodedFeature[],
  rows: readonly ParityRow[],
): Float32Array | ParityDifference {
  const width = encodedNames(features).length;
  const encoded = new Float32Array(rows.length * width);
  for (const [row, given] of rows.entries()) {
    const values = valuesOf(features, given);
    if ('field' in values) return { row, ...values };
    encoded.set(encodeRow(features, values.values), row * width);
  }
  return encoded;
}

function valuesOf(
  features: readonly EncodedFeature[],
  { features: given }: ParityRow,
): { readonly values: FeatureRow } | Omit<ParityDifference, 'row'> {
  const values: Record<string, FeatureValue> = {};
  for (const { name, dtype } of features) {
    const cell = Object.hasOwn(given, name) ? given[name] : undefined;
    const value = dtype === 'category' || typeof cell === 'number' ? cell : NUMBER_TEXTS.get(cell);
    const wanted = dtype === 'category' ? 'string' : 'number';
    if (typeof value !== wanted || value === null || value === undefined)
      return {
        field: `features.${name}`,
        found: JSON.stringify(cell) ?? 'nothing',
        expected: dtype === 'category' ? 'a text' : 'a number, "inf", "-inf" or null',
      };
    values[name] = value;
  }
  return { values };
}

const SCORES = ['margin', 'pRaw', 'p'] as const satisfies readonly (keyof Score)[];

/** Computes the rows again; the first answer that differs in any bit, or null. */
export function parityDifference(model: Model, rows: readonly ParityRow[]): ParityDifference | null {
  for (const [row, given] of rows.entries()) {
    const values = valuesOf(model.features, given);
    if ('field' in values) return { row, ...values };
    const score = scoreFeatures(model, values.values);
    const field = SCORES.find((name) => score[name] !== given[name]);
    if (field !== undefined) return { row, field, found: String(given[field]), expected: String(score[field]) };
  }
  return null;
}
