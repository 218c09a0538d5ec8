/**
 * LightGBM's text format, both ways: models trained in Python come in, ours go out for its tools. What the predictor cannot score
 * exactly is refused by name.
 */
import { DonchError } from '@donch/core';
import type { Booster, Tree } from './booster.ts';

type Fields = ReadonlyMap<string, string>;

/** Largest file that is taken for a model. */
const TREES_MAX = 100_000;

/** What whole numbers may be; others would become others in their columns. */
const INT32 = [-(2 ** 31), 2 ** 31 - 1] as const;
const WHOLE_RANGES: Readonly<Record<string, readonly [low: number, high: number] | undefined>> = {
  decision_type: [0, 255],
  cat_threshold: [0, 2 ** 32 - 1],
};

/** Reads a model of one binary outcome. Throws `bad_model` with the file and line of the first thing that is wrong. */
export function parseLightGbm(text: string, file: string): Booster {
  const { blocks, boosting, line } = blocksOf(text, file);
  const [header] = blocks;
  checkHeader(header, file);
  if (boosting !== 'gbdt' && boosting !== 'goss')
    throw bad(file, line, `boosting is ${boosting}`, 'gbdt: others average or drop trees');
  const featureNames = words(header.fields.get('feature_names'));
  const infos = words(header.fields.get('feature_infos'));
  const features = Number(header.fields.get('max_feature_idx')) + 1;
  if (!(features >= 1) || featureNames.length !== features)
    throw bad(
      file,
      header.line,
      `${featureNames.length} feature names`,
      `as many as max_feature_idx says: ${features}`,
    );
  const doubled = featureNames.find((name, at) => featureNames.indexOf(name) !== at);
  if (doubled !== undefined) throw bad(file, header.line, `the feature name "${doubled}" stands twice`, 'each once');
  return {
    featureNames,
    sigmoid: sigmoidOf(header, file),
    trees: blocks.slice(1).map((block) => treeOf(block, features, file)),
    featureInfos: infos.length === features ? infos : featureNames.map(() => 'none'),
  };
}

interface Block {
  readonly fields: Fields;
  /** 1-based. */
  readonly line: number;
}

/** The header and one block per tree; what stands behind the trees is looked at for the kind of boosting only. */
function blocksOf(
  text: string,
  file: string,
): { readonly blocks: readonly Block[]; readonly boosting: string; readonly line: number } {
  const lines = text.split(/\r\n|\n|\r/);
  if (lines[0].trim() !== 'tree')
    throw bad(file, 1, `the first line is "${lines[0].slice(0, 40)}"`, 'tree: a LightGBM model as text');
  const blocks: { fields: Map<string, string>; line: number }[] = [{ fields: new Map(), line: 1 }];
  let end = lines.length;
  for (let k = 1; k < lines.length; k += 1) {
    const line = lines[k].trim();
    if (line === 'end of trees' || line === 'feature importances:') {
      end = k;
      break;
    }
    if (line.startsWith('Tree=')) blocks.push({ fields: new Map(), line: k + 1 });
    else if (line !== '') addField(blocks[blocks.length - 1].fields, line);
    if (blocks.length > TREES_MAX) throw bad(file, k + 1, `more than ${TREES_MAX} trees`, 'a model');
  }
  if (end === lines.length) throw bad(file, lines.length, 'the end', '"end of trees": the file is cut off');
  if (blocks.length === 1) throw bad(file, end, 'no tree', 'at least one');
  return { blocks, boosting: boostingIn(lines.slice(end)), line: end + 1 };
}

/** Written among the parameters; older files are silent. */
function boostingIn(lines: readonly string[]): string {
  const found = lines.find((line) => line.startsWith('[boosting:'));
  return found === undefined ? 'gbdt' : found.trim().slice('[boosting:'.length, -1).trim();
}

function addField(fields: Map<string, string>, line: string): void {
  const at = line.indexOf('=');
  fields.set(at < 0 ? line : line.slice(0, at), at < 0 ? '' : line.slice(at + 1));
}

function checkHeader({ fields, line }: Block, file: string): void {
  if (fields.has('average_output')) throw bad(file, line, 'a random forest (average_output)', 'gradient boosting');
  const classes = fields.get('num_class');
  if (classes !== '1' || fields.get('num_tree_per_iteration') !== '1')
    throw bad(file, line, `num_class is ${classes ?? 'missing'}`, '1: a model of one binary outcome');
  const objective = words(fields.get('objective'))[0] ?? 'missing';
  if (!OBJECTIVES.includes(objective)) throw bad(file, line, `the objective is ${objective}`, OBJECTIVES.join(' or '));
}

const OBJECTIVES: readonly string[] = ['binary', 'cross_entropy'];

function sigmoidOf({ fields, line }: Block, file: string): number {
  const given = words(fields.get('objective')).find((word) => word.startsWith('sigmoid:'));
  const sigmoid = given === undefined ? 1 : Number(given.slice('sigmoid:'.length));
  if (sigmoid > 0 && Number.isFinite(sigmoid)) return sigmoid;
  throw bad(file, line, `sigmoid is ${given ?? ''}`, 'a number above 0');
}

function treeOf(block: Block, features: number, file: string): Tree {
  const { fields, line } = block;
  const fail = (found: string, expected: string): never => {
    throw bad(file, line, found, expected);
  };
  if ((fields.get('is_linear') ?? '0') !== '0') fail('a linear tree', 'constant leaves');
  const leafCount = Number(fields.get('num_leaves'));
  if (!Number.isInteger(leafCount) || leafCount < 1)
    fail(`num_leaves is ${fields.get('num_leaves') ?? 'missing'}`, 'a count');
  const column = (name: string, length: number, optional = false): number[] => {
    const cells = words(fields.get(name));
    if (cells.length === 0 && (optional || length === 0)) return Array.from({ length }, () => 0);
    if (cells.length !== length) fail(`${name} has ${cells.length} values`, `${length}`);
    const values = cells.map(numberIn);
    const at = values.findIndex((value, k) => Number.isNaN(value) && cells[k].toLowerCase() !== 'nan');
    return at < 0 ? values : fail(`${name} holds "${cells[at]}"`, 'numbers');
  };
  const whole = (name: string, length: number, optional = false): number[] => {
    const values = column(name, length, optional);
    const [low, high] = WHOLE_RANGES[name] ?? INT32;
    const wrong = values.find((value) => !(Number.isInteger(value) && value >= low && value <= high));
    return wrong === undefined ? values : fail(`${name} holds ${wrong}`, `whole numbers from ${low} to ${high}`);
  };
  const nodes = leafCount - 1;
  const categorySets = Number(fields.get('num_cat') ?? 0);
  const boundaries = whole('cat_boundaries', categorySets > 0 ? categorySets + 1 : 0);
  if (boundaries.some((bound, at) => bound <= (at === 0 ? -1 : boundaries[at - 1])) || (boundaries[0] ?? 0) !== 0)
    fail(`cat_boundaries is ${boundaries.join(' ')}`, 'numbers that ascend from 0');
  const tree: Tree = {
    leafCount,
    splitFeature: Int32Array.from(whole('split_feature', nodes)),
    splitGain: Float64Array.from(column('split_gain', nodes, true)),
    threshold: Float64Array.from(column('threshold', nodes)),
    decisionType: Uint8Array.from(whole('decision_type', nodes)),
    leftChild: Int32Array.from(whole('left_child', nodes)),
    rightChild: Int32Array.from(whole('right_child', nodes)),
    leafValue: Float64Array.from(column('leaf_value', leafCount)),
    leafWeight: Float64Array.from(column('leaf_weight', leafCount, true)),
    leafRows: Int32Array.from(whole('leaf_count', leafCount, true)),
    internalValue: Float64Array.from(column('internal_value', nodes, true)),
    internalWeight: Float64Array.from(column('internal_weight', nodes, true)),
    internalRows: Int32Array.from(whole('internal_count', nodes, true)),
    categoryBoundaries: Int32Array.from(boundaries),
    categoryBits: Uint32Array.from(whole('cat_threshold', boundaries.at(-1) ?? 0)),
    shrinkage: numberIn(fields.get('shrinkage') ?? '1'),
  };
  const problem = structureProblem(tree, features, categorySets);
  return problem === '' ? tree : fail(problem, 'every node and every leaf reached once from the root');
}

/** '' = the children form one tree, the features exist, the category sets are there. */
function structureProblem(tree: Tree, features: number, categorySets: number): string {
  const nodes = tree.leafCount - 1;
  const seenNodes = new Uint8Array(nodes);
  const seenLeaves = new Uint8Array(tree.leafCount);
  const waiting = nodes === 0 ? [-1] : [0];
  for (let child = waiting.pop(); child !== undefined; child = waiting.pop()) {
    if (child < 0) {
      const leaf = ~child;
      if (!(leaf < tree.leafCount) || seenLeaves[leaf] === 1) return `leaf ${leaf} is reached twice or not there`;
      seenLeaves[leaf] = 1;
      continue;
    }
    if (!(child < nodes) || seenNodes[child] === 1) return `node ${child} is reached twice or not there`;
    seenNodes[child] = 1;
    if (!(tree.splitFeature[child] >= 0 && tree.splitFeature[child] < features))
      return `node ${child} splits feature ${tree.splitFeature[child]}`;
    const isCategorical = (tree.decisionType[child] & 1) === 1;
    const set = tree.threshold[child];
    if (isCategorical && !(Number.isInteger(set) && set >= 0 && set < categorySets))
      return `node ${child} has category set ${set}`;
    waiting.push(tree.leftChild[child], tree.rightChild[child]);
  }
  if (seenLeaves.includes(0)) return 'a leaf is not reached';
  return tree.leafValue.every(Number.isFinite) ? '' : 'a leaf value is no number';
}

const INFINITIES: Readonly<Record<string, number>> = {
  inf: Infinity,
  '+inf': Infinity,
  '-inf': -Infinity,
  infinity: Infinity,
  '-infinity': -Infinity,
};

/** C's number texts: `inf` and `nan` too. NaN for anything else. */
function numberIn(text: string): number {
  return text === '' ? Number.NaN : (INFINITIES[text.toLowerCase()] ?? Number(text));
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(' ').filter((word) => word !== '');
}

function bad(file: string, line: number, found: string, expected: string): DonchError {
  return new DonchError('bad_model', found, { file, line, expected });
}

/** The model as LightGBM 4 writes it; `parseLightGbm` reads the same model back, and LightGBM scores the same. */
export function formatLightGbm({ featureNames, featureInfos, sigmoid, trees }: Booster): string {
  const header = [
    'tree',
    'version=v4',
    'num_class=1',
    'num_tree_per_iteration=1',
    'label_index=0',
    `max_feature_idx=${featureNames.length - 1}`,
    `objective=binary sigmoid:${numberText(sigmoid)}`,
    `feature_names=${featureNames.join(' ')}`,
    `feature_infos=${featureInfos.join(' ')}`,
    '',
    '',
  ];
  return `${header.join('\n')}${trees.map(treeText).join('')}end of trees\n\nfeature_importances:\n\nparameters:\n[boosting: gbdt]\n[objective: binary]\nend of parameters\n\npandas_categorical:null\n`;
}

function treeText(tree: Tree, index: number): string {
  const sets = Math.max(0, tree.categoryBoundaries.length - 1);
  const lines = [
    `Tree=${index}`,
    `num_leaves=${tree.leafCount}`,
    `num_cat=${sets}`,
    `split_feature=${list(tree.splitFeature)}`,
    `split_gain=${list(tree.splitGain)}`,
    `threshold=${list(tree.threshold)}`,
    `decision_type=${list(tree.decisionType)}`,
    `left_child=${list(tree.leftChild)}`,
    `right_child=${list(tree.rightChild)}`,
    `leaf_value=${list(tree.leafValue)}`,
    `leaf_weight=${list(tree.leafWeight)}`,
    `leaf_count=${list(tree.leafRows)}`,
    `internal_value=${list(tree.internalValue)}`,
    `internal_weight=${list(tree.internalWeight)}`,
    `internal_count=${list(tree.internalRows)}`,
    ...(sets > 0
      ? [`cat_boundaries=${list(tree.categoryBoundaries)}`, `cat_threshold=${list(tree.categoryBits)}`]
      : []),
    'is_linear=0',
    `shrinkage=${numberText(tree.shrinkage)}`,
    '',
    '',
    '',
  ];
  return lines.join('\n');
}

const list = (values: ArrayLike<number>): string => Array.from(values, numberText).join(' ');

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  return Number.isFinite(value) ? String(value) : value > 0 ? 'inf' : '-inf';
}
