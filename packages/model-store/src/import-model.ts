/**
 * A model that was trained elsewhere, as a model of ours: its columns found among the features of the registry (old names included),
 * brought into our order, and everything that cannot be served as it was trained refused by name.
 */
import { DonchError, DonchErrors, nearestWord, registryName } from '@donch/core';
import {
  encodedNames,
  missingTypeOf,
  parseLightGbm,
  type Booster,
  type Calibrator,
  type EncodedFeature,
  type Model,
} from '@donch/meta';
import type { RegisteredFeature } from './load-bundle.ts';
import { parseCalibrator, parseCategoryMap, parseFeatureNames, type CategoryMap } from './model-files.ts';

/** A file that was read. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
}

export interface ForeignModel {
  /** LightGBM's text. */
  readonly model: SourceText;
  /** JSON: names of the columns in the order of the training. */
  readonly featureNames: SourceText;
  /** JSON: values by category feature; null = those of the registry. */
  readonly categories: SourceText | null;
  /** JSON as in a bundle; null = none. */
  readonly calibrator: SourceText | null;
}

export interface ImportedModel {
  readonly model: Model;
  /** Columns under another name than here: [theirs, ours]. */
  readonly renamed: readonly (readonly [string, string])[];
  readonly notes: readonly string[];
}

/**
 * Reads a foreign model. Throws `bad_model` and `bad_bundle` with the names of all columns that are no features here, for names that stand
 * twice, for categories that are never computed here, and when names and trees do not fit together.
 */
export function importModel(source: ForeignModel, registry: readonly RegisteredFeature[]): ImportedModel {
  const { file, text } = source.featureNames;
  const names = parseFeatureNames(text, file);
  const booster = parseLightGbm(source.model.text, source.model.file);
  checkOrder(booster, names, source);
  const columns = foreignColumns(source, names, registry);
  const notes = unknownValues(columns, booster, source);
  const used = columns.flatMap((column) => (column.isKnown ? [column] : []));
  const features = featuresOf(used, registry);
  return {
    model: {
      features,
      booster: reordered(booster, columns, encodedNames(features)),
      calibrator: calibratorOf(source.calibrator),
    },
    renamed: columns.flatMap(({ theirs, ours }): [string, string][] => (theirs === ours ? [] : [[theirs, ours]])),
    notes: [...notes, ...silentValues(source, columns), ...zeroForMissing(booster, columns)],
  };
}

function calibratorOf(source: SourceText | null): Calibrator {
  return source === null ? { kind: 'none' } : parseCalibrator(source.text, source.file);
}

/** Names that LightGBM gives to columns without names. */
const NAMELESS = /^Column_\d+$/;

/** The trees name their columns too: another order there is another model. */
function checkOrder(
  { featureNames }: Booster,
  names: readonly string[],
  { model, featureNames: listed }: ForeignModel,
): void {
  if (names.length !== featureNames.length)
    throw new DonchError('bad_model', `there are ${names.length} names`, {
      file: listed.file,
      expected: `one for each of the ${featureNames.length} columns of ${model.file}`,
      remedy: 'Name every column once; a name that two columns had was lost when the list was made.',
    });
  const place = featureNames.findIndex((name, at) => name !== names[at] && !NAMELESS.test(name));
  if (place < 0) return;
  throw new DonchError('bad_model', `column ${place + 1} is ${names[place]}`, {
    file: listed.file,
    expected: `${featureNames[place]}, as in ${model.file}: names in the order of the training`,
  });
}

/** A column of the foreign model: a number, or one value of a category. */
export interface ForeignColumn {
  readonly theirs: string;
  /** Under our names. */
  readonly ours: string;
  readonly feature: RegisteredFeature;
  /** Null: a number. */
  readonly category: string | null;
  /** False: a value of a category that is never computed here. */
  readonly isKnown: boolean;
}

/** What the columns are here. Throws `bad_model` with all that are nothing, and for two that are the same. */
export function foreignColumns(
  { featureNames, categories }: Pick<ForeignModel, 'featureNames' | 'categories'>,
  names: readonly string[],
  registry: readonly RegisteredFeature[],
): ForeignColumn[] {
  const map = categories === null ? null : renamedCategories(categories, registry);
  const found = names.map((name) => columnOf(name, map, registry));
  const unknown = names.filter((_, at) => found[at] === null);
  if (unknown.length > 0) {
    const problems = unknown.map((name) => unknownColumn(name, { file: featureNames.file, map, registry }));
    throw problems.length === 1 ? problems[0] : new DonchErrors('bad_model', featureNames.file, problems);
  }
  const columns = found.flatMap((column) => (column === null ? [] : [column]));
  const places = new Map<string, ForeignColumn>();
  for (const column of columns) {
    const other = places.get(column.ours);
    if (other !== undefined)
      throw new DonchError('bad_model', `${other.theirs} and ${column.theirs} are the same feature: ${column.ours}`, {
        file: featureNames.file,
        expected: 'each feature once',
      });
    places.set(column.ours, column);
  }
  return columns;
}

/** Categories under our names of the features. */
function renamedCategories({ text, file }: SourceText, registry: readonly RegisteredFeature[]): CategoryMap {
  const map = parseCategoryMap(text, file);
  for (const [name, values] of Object.entries(map)) {
    const doubled = values.find((value, at) => values.indexOf(value) !== at);
    if (doubled !== undefined)
      throw new DonchError('bad_model', `the category "${doubled}" of ${name} stands twice`, {
        file,
        expected: 'each once',
      });
    const feature = registry.find((candidate) => candidate.name === registryName(name));
    if (feature !== undefined && feature.dtype !== 'category')
      throw new DonchError('bad_model', `${name} is a number here`, {
        file,
        expected: `category features: ${categoryFeatures(registry).join(', ')}`,
      });
  }
  return map;
}

const categoryFeatures = (registry: readonly RegisteredFeature[]): string[] =>
  registry.filter(({ dtype }) => dtype === 'category').map(({ name }) => name);

function columnOf(name: string, map: CategoryMap | null, registry: readonly RegisteredFeature[]): ForeignColumn | null {
  const ours = registryName(name);
  const number = registry.find((feature) => feature.name === ours && feature.dtype !== 'category');
  if (number !== undefined) return { theirs: name, ours, feature: number, category: null, isKnown: true };
  for (const [prefix, values] of Object.entries(map ?? ownCategories(registry))) {
    const feature = registry.find((candidate) => candidate.name === registryName(prefix));
    const category = values.find((value) => `${prefix}_${value}` === name);
    if (feature === undefined || category === undefined) continue;
    const isKnown = feature.categories.includes(category);
    return { theirs: name, ours: `${feature.name}_${category}`, feature, category, isKnown };
  }
  return null;
}

const ownCategories = (registry: readonly RegisteredFeature[]): CategoryMap =>
  Object.fromEntries(
    registry.filter(({ dtype }) => dtype === 'category').map(({ name, categories }) => [name, categories]),
  );

/** What is not computed as a feature for a reason; no alias may stand for it. */
const NO_FEATURES: Readonly<Record<string, string | undefined>> = {
  don_break_level: 'situations: a price tells the symbol, so it stands in the signal row alone',
  funding_rollsum_3d: 'funding_sum_3d sums settlements where funding_rollsum_3d summed rows: another quantity',
};

interface Known {
  readonly file: string;
  readonly map: CategoryMap | null;
  readonly registry: readonly RegisteredFeature[];
}

function unknownColumn(name: string, { file, map, registry }: Known): DonchError {
  const error = (expected: string): DonchError =>
    new DonchError('bad_model', `${name} is no feature here`, {
      file,
      path: name,
      expected,
      remedy: 'Train again without it, or with `donch train`: a column that is not computed cannot be scored.',
    });
  const other = NO_FEATURES[name];
  if (other !== undefined) return error(other);
  const feature = registry.find((candidate) => candidate.name === registryName(name));
  if (feature !== undefined)
    return error(
      `one column for each value of it: ${feature.categories.map((value) => `${name}_${value}`).join(', ')}`,
    );
  const owner = categoryFeatures(registry).find((candidate) => name.startsWith(`${candidate}_`));
  if (owner !== undefined)
    return error(
      map === null
        ? `a value of ${owner}; the values of the training come with --categories`
        : `a value of ${owner} in --categories: ${Object.hasOwn(map, owner) ? map[owner].join(', ') : 'it has none there'}`,
    );
  const nearest = nearestWord(
    name,
    registry.map((candidate) => candidate.name),
  );
  return error(
    nearest === null ? 'a feature of docs/FEATURES.md' : `a feature of docs/FEATURES.md, such as ${nearest}`,
  );
}

/** Values that are never computed here: without effect where no tree asks for them, refused where one does. */
function unknownValues(columns: readonly ForeignColumn[], { trees }: Booster, { model }: ForeignModel): string[] {
  return columns.flatMap(({ theirs, feature, isKnown }, at) => {
    if (isKnown) return [];
    if (trees.some(({ splitFeature }) => splitFeature.includes(at)))
      throw new DonchError('bad_model', `the trees split on ${theirs}`, {
        file: model.file,
        path: theirs,
        expected: `values that ${feature.name} has here: ${feature.categories.join(', ')}`,
        remedy:
          'Train again with these values: a signal never has the other one, so the model would decide as it never did.',
      });
    return [`${theirs} was left out: ${feature.name} never has this value here, and no tree asks for it`];
  });
}

/** Categories without a column, as an encoder that drops the first one leaves them. */
function silentValues({ categories }: ForeignModel, columns: readonly ForeignColumn[]): string[] {
  if (categories === null) return [];
  const theirs = new Set(columns.map((column) => column.theirs));
  return Object.entries(parseCategoryMap(categories.text, categories.file)).flatMap(([name, values]) =>
    values
      .filter((value) => !theirs.has(`${name}_${value}`))
      .map((value) => `${name}_${value} has no column: all others are 0 then`),
  );
}

/** LightGBM's rule for columns that missed nothing in the training: a missing number is 0 there. */
function zeroForMissing({ trees }: Booster, columns: readonly ForeignColumn[]): string[] {
  const asked = new Set<number>();
  for (const { splitFeature, decisionType } of trees)
    for (const [node, column] of splitFeature.entries())
      if (columns[column].category === null && missingTypeOf(decisionType[node]) === 'none') asked.add(column);
  if (asked.size === 0) return [];
  const names = [...asked].sort((a, b) => a - b).map((column) => columns[column].ours);
  return [`a missing value of these counts as 0, because none was missing in the training: ${names.join(', ')}`];
}

/** In the order of the registry, categories too. */
function featuresOf(columns: readonly ForeignColumn[], registry: readonly RegisteredFeature[]): EncodedFeature[] {
  return registry.flatMap((feature) => {
    const own = columns.filter((column) => column.feature === feature);
    if (own.length === 0) return [];
    const categories = feature.categories.filter((value) => own.some(({ category }) => category === value));
    return [{ ...feature, categories, missing: 'missing' as const }];
  });
}

/** The same trees over our columns. */
function reordered(
  { trees, featureInfos, sigmoid }: Booster,
  columns: readonly ForeignColumn[],
  names: readonly string[],
): Booster {
  const places = columns.map(({ ours }) => names.indexOf(ours));
  const infos = names.map((name) => featureInfos[columns.findIndex(({ ours }) => ours === name)]);
  return {
    sigmoid,
    featureNames: names,
    featureInfos: infos,
    trees: trees.map((tree) => ({ ...tree, splitFeature: tree.splitFeature.map((at) => places[at]) })),
  };
}
