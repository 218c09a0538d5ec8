/** Every way in which a bundle can be another one than it was: refused, with the first difference. */
import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DonchError, DonchErrors } from '@donch/core';
import { BUNDLE_FILES, formatOnnx, makeParity, type BundleFile, type EncodedFeature } from '@donch/meta';
import { afterAll, describe, expect, it } from 'vitest';
import { saveBundle } from './bundle-folder.ts';
import { loadBundle, type RegisteredFeature } from './load-bundle.ts';
import { graphMetadata, modelFiles } from './model-files.ts';
import { reseal, type BundleChange } from './testing/reseal.ts';
import {
  FEATURES,
  MANIFEST,
  randomSignals,
  REGISTRY,
  smallContent,
  smallModel,
  temporaryFolder,
} from './testing/small-bundle.ts';

const root = temporaryFolder();
afterAll(() => root.remove());

const MODEL = smallModel();
const { folder: original, manifest: ORIGINAL } = saveBundle(root.path, smallContent(undefined, MODEL));
let copies = 0;

function copy(): string {
  copies += 1;
  const folder = join(root.path, `copy-${copies}`);
  cpSync(original, folder, { recursive: true });
  return folder;
}

/** What loading ends with. */
async function refusal(folder: string, registry: readonly RegisteredFeature[] = REGISTRY): Promise<DonchError> {
  const error: unknown = await loadBundle(folder, { registry }).then(
    () => new Error('it was loaded'),
    (reason: unknown) => reason,
  );
  if (error instanceof DonchErrors) return error.problems[0];
  if (!(error instanceof DonchError)) throw error;
  return error;
}

const FILES = Object.keys(ORIGINAL.files) as BundleFile[];

describe('a file of a bundle', () => {
  it('is among those that this test changes', () => {
    expect(FILES.length).toBeGreaterThanOrEqual(11);
    expect(BUNDLE_FILES).toEqual(expect.arrayContaining(FILES));
  });

  describe.each([...FILES.filter((name) => name !== 'ev_curve.csv'), 'manifest.json'])('%s', (name) => {
    it('is refused with a bit flipped, wherever that is', async () => {
      const size = readFileSync(join(original, name)).length;
      for (const place of [0, Math.floor(size / 3), Math.floor(size / 2), size - 1]) {
        const folder = copy();
        const bytes = readFileSync(join(folder, name));
        bytes[place] ^= 1;
        writeFileSync(join(folder, name), bytes);
        expect(await refusal(folder)).toMatchObject({ detail: { file: join(folder, name) } });
      }
    });

    it('is refused when it is cut off', async () => {
      const folder = copy();
      truncateSync(join(folder, name), readFileSync(join(folder, name)).length - 1);
      expect(await refusal(folder)).toMatchObject({ code: 'bad_bundle', detail: { file: join(folder, name) } });
    });

    it('is refused when it is not there', async () => {
      const folder = copy();
      rmSync(join(folder, name));
      const { code, message } = await refusal(folder);
      expect([code, message.includes(name)]).toEqual([name === 'manifest.json' ? 'no_bundle' : 'bad_bundle', true]);
    });
  });

  it('may be any other: what the manifest does not list is not looked at', async () => {
    const folder = copy();
    writeFileSync(join(folder, 'notes.txt'), 'good week');
    writeFileSync(join(folder, 'perm_importance_oos.csv'), 'a,b');
    expect((await loadBundle(folder, { registry: REGISTRY })).notes).toEqual([]);
  });

  it('may be an EV curve that was written anew, which is told', async () => {
    const folder = copy();
    writeFileSync(join(folder, 'ev_curve.csv'), 'threshold,n,ev_R\n');
    expect((await loadBundle(folder, { registry: REGISTRY })).notes).toEqual([
      expect.stringContaining('ev_curve.csv') as string,
    ]);
    rmSync(join(folder, 'ev_curve.csv'));
    expect(await refusal(folder)).toMatchObject({ found: 'the file is missing' });
  });
});

const edit = (change: (names: string[]) => void) => (text: string) => {
  const value = JSON.parse(text) as string[];
  change(value);
  return JSON.stringify(value);
};

const editFeature = (at: number, change: Partial<EncodedFeature>): BundleChange => ({
  manifest: (manifest) => ({
    ...manifest,
    features: manifest.features.map((feature, k) => (k === at ? { ...feature, ...change } : feature)),
  }),
});

const swapped = <T>(items: readonly T[], a: number, b: number): T[] =>
  items.map((item, k) => (k === a ? items[b] : k === b ? items[a] : item));

const nextDouble = (value: number): number => {
  const bits = new BigInt64Array(Float64Array.of(value).buffer);
  return new Float64Array(BigInt64Array.of(bits[0] + 1n).buffer)[0];
};

interface ParityJson {
  margin: number;
  p_raw: number;
  p: number;
  features: object;
}

const parityIn = (text: string): { rows: ParityJson[] } => JSON.parse(text) as { rows: ParityJson[] };

/** Another number in the first parity row. */
const editParity = (change: (row: ParityJson) => void): BundleChange => ({
  files: {
    'parity.json': (text) => {
      const parity = parityIn(text);
      change(parity.rows[0]);
      return JSON.stringify(parity);
    },
  },
});

const OTHER_CALIBRATOR = { kind: 'platt', a: -1, b: 0.5 } as const;
const WITH_OTHER_CALIBRATOR = { ...MODEL, calibrator: OTHER_CALIBRATOR };
const otherFiles = modelFiles({
  model: WITH_OTHER_CALIBRATOR,
  pstar: MANIFEST.pstar,
  parity: makeParity(WITH_OTHER_CALIBRATOR, randomSignals()),
});
const OTHER_BOOSTER = {
  ...MODEL.booster,
  trees: MODEL.booster.trees.map((tree, k) =>
    k === 7 ? { ...tree, leafValue: tree.leafValue.map((value) => value + 1e-9) } : tree,
  ),
};

/** Changes with right hashes and ids: what else is there to see it. */
const SEALED: readonly (readonly [what: string, change: BundleChange, seen: object])[] = [
  [
    'a renamed feature',
    editFeature(0, { name: 'rsi_2h' }),
    { path: 'features.0.name', found: 'there is no feature rsi_2h' },
  ],
  [
    'features in another order',
    { manifest: (m) => ({ ...m, features: swapped(m.features, 0, 1) }) },
    { path: 'features.1.name' },
  ],
  [
    'a feature twice',
    { manifest: (m) => ({ ...m, features: [m.features[0], ...m.features] }) },
    { path: 'features.1.name' },
  ],
  ['a feature of another type', editFeature(0, { dtype: 'int' }), { path: 'features.0.dtype' }],
  ['a feature in another unit', editFeature(0, { unit: 'percent' }), { path: 'features.0.unit' }],
  ['a feature by another definition', editFeature(0, { hash: 'f'.repeat(64) }), { path: 'features.0.hash' }],
  [
    'a feature less',
    { manifest: (m) => ({ ...m, features: m.features.slice(1) }) },
    { file: 'feature_names.json', path: '0' },
  ],
  [
    'a renamed column',
    { files: { 'feature_names.json': edit((names) => (names[1] = 'rsi_2h')) } },
    { file: 'feature_names.json', path: '1', found: 'rsi_2h' },
  ],
  [
    'columns in another order',
    { files: { 'feature_names.json': edit((names) => names.reverse()) } },
    { file: 'feature_names.json', path: '0' },
  ],
  [
    'a column less',
    { files: { 'feature_names.json': edit((names) => names.pop()) } },
    { file: 'feature_names.json', found: 'the end' },
  ],
  [
    'a column more',
    { files: { 'feature_names.json': edit((names) => names.push('x')) } },
    { file: 'feature_names.json', found: 'x' },
  ],
  [
    'a doubled column',
    { files: { 'feature_names.json': edit((names) => (names[1] = names[0])) } },
    { file: 'feature_names.json', found: 'the feature name "atr_1h" stands twice' },
  ],
  [
    'no category map',
    { files: { 'ohe.json': () => '{}' } },
    { file: 'ohe.json', path: 'pullback_type', found: 'there are no categories' },
  ],
  [
    'a category map of a category more',
    { files: { 'ohe.json': (text) => text.replace('"mean"', '"mean", "vwap"') } },
    { file: 'ohe.json', path: 'pullback_type' },
  ],
  [
    'a category map in another order',
    { files: { 'ohe.json': () => '{"pullback_type":["mean","retest"],"entry_rule":["x"]}' } },
    { file: 'ohe.json', path: 'pullback_type' },
  ],
  [
    'trees over other columns',
    { files: { 'model.txt': (text) => text.replace('feature_names=atr_1h', 'feature_names=atr_2h') } },
    { file: 'model.txt', path: 'feature_names.0' },
  ],
  [
    'trees over columns in another order',
    { files: { 'model.txt': (text) => text.replace(/feature_names=(\S+) (\S+)/, 'feature_names=$2 $1') } },
    { file: 'model.txt', path: 'feature_names.0' },
  ],
  [
    'another leaf',
    { files: { 'model.txt': (text) => text.replace(/leaf_value=\S+/, 'leaf_value=0.5') } },
    { file: 'parity.json', path: expect.stringMatching(/^rows\.\d+\.margin$/) as string },
  ],
  [
    'another calibrator',
    { files: { 'calibrator.json': () => JSON.stringify(OTHER_CALIBRATOR) } },
    { file: 'parity.json', path: 'rows.0.p' },
  ],
  [
    'another calibrator with its parity rows',
    {
      files: {
        'calibrator.json': () => JSON.stringify(OTHER_CALIBRATOR),
        'parity.json': () => otherFiles.get('parity.json') ?? '',
      },
    },
    { file: 'model.onnx', path: 'p of parity row 0' },
  ],
  ['another threshold in pstar.txt', { files: { 'pstar.txt': () => '0.5\n' } }, { file: 'pstar.txt', found: '0.5' }],
  [
    'another threshold in the manifest',
    { manifest: (m) => ({ ...m, pstar: { ...m.pstar, value: '0.5' } }) },
    { file: 'pstar.txt' },
  ],
  [
    'a parity margin that is one bit off',
    editParity((row) => (row.margin = nextDouble(row.margin))),
    { file: 'parity.json', path: 'rows.0.margin' },
  ],
  [
    'a parity probability that is one bit off',
    editParity((row) => (row.p_raw = nextDouble(row.p_raw))),
    { file: 'parity.json', path: 'rows.0.p_raw' },
  ],
  [
    'a calibrated probability that is one bit off',
    editParity((row) => (row.p = nextDouble(row.p))),
    { file: 'parity.json', path: 'rows.0.p' },
  ],
  [
    'a parity row without a feature',
    editParity((row) => (row.features = {})),
    { file: 'parity.json', path: 'rows.0.features.atr_1h', found: 'nothing' },
  ],
  [
    'a parity row with text for a number',
    editParity((row) => (row.features = { ...row.features, atr_1h: 'nan' })),
    { file: 'parity.json', path: 'rows.0.features.atr_1h', found: '"nan"' },
  ],
  [
    'fewer parity rows',
    { files: { 'parity.json': (text) => JSON.stringify({ rows: parityIn(text).rows.slice(0, 199) }) } },
    { file: 'parity.json', found: '199 rows' },
  ],
  [
    'another valid graph',
    { files: { 'model.onnx': () => formatOnnx(OTHER_BOOSTER, MODEL.calibrator, graphMetadata(FEATURES)) } },
    { file: 'model.onnx', path: 'margin of parity row 0' },
  ],
  [
    'a graph with another calibrator',
    { files: { 'model.onnx': () => formatOnnx(MODEL.booster, OTHER_CALIBRATOR, graphMetadata(FEATURES)) } },
    { file: 'model.onnx', path: 'p of parity row 0' },
  ],
  [
    'a graph of other columns',
    {
      files: { 'model.onnx': () => formatOnnx(MODEL.booster, MODEL.calibrator, new Map([['feature_names', '["x"]']])) },
    },
    { file: 'model.onnx', path: 'metadata.feature_names', found: '["x"]' },
  ],
  [
    'a graph without columns',
    { files: { 'model.onnx': () => formatOnnx(MODEL.booster, MODEL.calibrator, new Map()) } },
    { file: 'model.onnx', found: 'nothing' },
  ],
];

describe('a bundle whose hashes are right', () => {
  it.each(SEALED)('is refused with %s', async (_, change, { file = 'manifest.json', ...seen }: { file?: string }) => {
    const folder = copy();
    reseal(folder, change);
    const { code, found, detail } = await refusal(folder);
    expect({ code, found, ...detail }).toMatchObject({ code: 'bad_bundle', file: join(folder, file), ...seen });
    expect(detail.expected).not.toBe('');
  });

  it('is loaded when nothing was changed', async () => {
    const folder = copy();
    reseal(folder, {});
    expect((await loadBundle(folder, { registry: REGISTRY })).manifest).toEqual(ORIGINAL);
  });
});

/** Another program: what the features are now. */
const REGISTRIES: readonly (readonly [
  what: string,
  change: (feature: RegisteredFeature) => RegisteredFeature[],
  path: string,
])[] = [
  ['a definition or setting has changed', (feature) => [{ ...feature, hash: '0'.repeat(64) }], 'features.0.hash'],
  ['a feature is gone', () => [], 'features.0.name'],
  ['a feature has another name', (feature) => [{ ...feature, name: 'rsi_60m' }], 'features.0.name'],
  ['a feature has another unit', (feature) => [{ ...feature, unit: 'x' }], 'features.0.unit'],
  [
    'a feature is no number any more',
    (feature) => [{ ...feature, dtype: 'category', categories: ['x'] }],
    'features.0.dtype',
  ],
];

describe('a bundle under a registry', () => {
  it.each(REGISTRIES)('is refused when %s', async (_, change, path) => {
    const registry = REGISTRY.flatMap((feature) => (feature.name === FEATURES[0].name ? change(feature) : [feature]));
    expect(await refusal(original, registry)).toMatchObject({ code: 'bad_bundle', detail: { path } });
  });

  it('is refused when a category has gone', async () => {
    const registry = REGISTRY.map((feature) => ({
      ...feature,
      categories: feature.categories.filter((name) => name !== 'mean'),
    }));
    expect(await refusal(original, registry)).toMatchObject({ found: expect.stringContaining('"mean"') as string });
  });

  it('is refused when the registry has another order', async () => {
    expect(await refusal(original, REGISTRY.toReversed())).toMatchObject({ detail: { path: 'features.1.name' } });
  });
});

describe('a manifest', () => {
  const manifestWith = (change: (json: Record<string, unknown>) => void): string => {
    const folder = copy();
    const path = join(folder, 'manifest.json');
    const json = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    change(json);
    writeFileSync(path, `${JSON.stringify(json, null, 2)}\n`);
    return folder;
  };

  it('of a newer program is refused before anything else is read', async () => {
    const folder = manifestWith((json) => {
      json['schema_version'] = 2;
      json['new_member'] = true;
    });
    expect(await refusal(folder)).toMatchObject({ code: 'newer_schema', detail: { path: 'schema_version' } });
  });

  it('with several mistakes is refused with each of them', async () => {
    const folder = manifestWith((json) => {
      delete json['label'];
      json['binding'] = { ...(json['binding'] as object), setup_hash: 7 };
      json['extra'] = 1;
    });
    const error: unknown = await loadBundle(folder, { registry: REGISTRY }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DonchErrors);
    expect((error as DonchErrors).problems.map(({ detail }) => detail.path)).toEqual([
      'binding.setup_hash',
      'label',
      'extra',
    ]);
  });

  it('with other content than its id says is refused', async () => {
    const folder = manifestWith((json) => {
      json['label'] = { ...(json['label'] as object), mfe_k: 3 };
    });
    expect(await refusal(folder)).toMatchObject({
      detail: { path: 'bundle_id', expected: expect.stringContaining(original.slice(-16)) as string },
    });
  });

  it.each([
    ['keys in another spelling', (text: string) => text.replace('"mfe_k":', '"mfeK":')],
    ['other white space', (text: string) => text.replace('\n', '\n\n')],
    ['a doubled key', (text: string) => text.replace('"mfe_k": 2,', '"mfe_k": 2, "mfe_k": 2,')],
  ])('with %s is refused with the line', async (_, change) => {
    const folder = copy();
    const path = join(folder, 'manifest.json');
    writeFileSync(path, change(readFileSync(path, 'utf8')));
    expect(await refusal(folder)).toMatchObject({
      code: 'bad_bundle',
      detail: { file: path, line: expect.any(Number) as number },
    });
  });
});
