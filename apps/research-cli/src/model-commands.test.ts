/** `donch model`, `deploy-model`, `rollback-model`, from a model text of the earlier system to a bundle that is gone back to. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT } from '@donch/cli';
import { createPrng, DAY_MS, TABLES, tableFromRows, type Cell } from '@donch/core';
import { readTable, writeTable } from '@donch/data';
import { formatLightGbm, formatOnnx, GBDT_DEFAULTS, trainGbdt, type Booster } from '@donch/meta';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DocumentName } from './cli/documents.ts';
import { documentProblems } from './testing/document-problems.ts';
import { documentIn, donch, type Ended } from './testing/run-donch.ts';
import { makeTinyProject, temporaryFolder, writeTinyProject } from './testing/tiny-project.ts';

const NAMES = [
  'rsi_1h',
  'rs_pct',
  'atr_pct',
  'don_break_len',
  'pullback_type_mean',
  'pullback_type_retest',
  'regime_1d_BULL_LOW_VOL',
];
const CATEGORIES = { pullback_type: ['mean', 'retest'], regime_1d: ['BULL_LOW_VOL'] };

/** As LightGBM in Python writes it after training on random rows. */
function model(seed: number): Booster {
  const prng = createPrng(seed, 'rows');
  const columns = NAMES.map((_, k) =>
    Float32Array.from({ length: 400 }, () => (k < 4 ? prng.normal() : prng.below(2))),
  );
  const y = Float64Array.from({ length: 400 }, (_, row) => (columns[0][row] + prng.normal() > 0 ? 1 : 0));
  const rows = { features: { names: NAMES, columns }, rows: Int32Array.from(y.keys()), y, weight: null };
  return trainGbdt(rows, { ...GBDT_DEFAULTS, trees: 10, leaves: 6 });
}

const root = temporaryFolder('models');
const project = join(root.path, 'project');
const at = (...names: string[]): string => join(project, ...names);
afterAll(() => root.remove());

beforeAll(async () => {
  await makeTinyProject(project);
  for (const seed of [1, 2]) writeFileSync(at(`model-${seed}.txt`), formatLightGbm(model(seed)));
  writeFileSync(at('feature_names.json'), JSON.stringify(NAMES));
  writeFileSync(at('ohe.json'), JSON.stringify(CATEGORIES));
  writeFileSync(at('model.onnx'), formatOnnx(model(1), { kind: 'none' }, new Map()));
});

const importArgs = (seed: number, ...more: string[]): string[] => [
  'model',
  'import',
  '--model',
  `model-${seed}.txt`,
  '--feature-names',
  'feature_names.json',
  '--categories',
  'ohe.json',
  '--trained-until',
  '2025-01-31',
  ...more,
];

/** The document of a command that went well. */
async function done(name: DocumentName, args: readonly string[], cwd = project): Promise<Record<string, unknown>> {
  const ended = await donch([...args, '--json'], { cwd });
  expect([ended.code, ended.stderr.includes('error:')]).toEqual([EXIT.ok, false]);
  const document = documentIn(ended);
  expect(documentProblems(name, document)).toEqual([]);
  return document;
}

async function failed(args: readonly string[], cwd = project): Promise<Ended & { readonly error: string }> {
  const ended = await donch([...args, '--json'], { cwd });
  const { error } = documentIn(ended) as { error: { code: string } };
  expect(ended.stderr).not.toContain('This is a bug');
  return { ...ended, error: error.code };
}

describe('donch model import', () => {
  it('stores a model of the earlier system as a bundle, and says under which names', async () => {
    const document = await done('model import', importArgs(1, '--pstar', '0.60'));
    expect(document).toMatchObject({
      isNew: true,
      trees: 10,
      features: 7,
      pstar: 0.6,
      renamed: [
        { old: 'rs_pct', name: 'rs_percentile' },
        { old: 'atr_pct', name: 'atr_frac' },
      ],
    });
    expect(document['folder']).toBe(at('models', String(document['bundleId'])));
    expect(await done('model import', importArgs(1, '--pstar', '0.60'))).toMatchObject({
      bundleId: document['bundleId'],
      isNew: false,
    });
    const text = await donch(importArgs(1, '--pstar', '0.60'), { cwd: project });
    expect(text.stdout).toContain('rs_pct is rs_percentile here');
    expect(readFileSync(at('models', String(document['bundleId']), 'pstar.txt'), 'utf8')).toBe('0.59999999999999998\n');
  });

  it('shows it, keeps what lay there, and everybody finds it', async () => {
    mkdirSync(at('results', 'meta_export'), { recursive: true });
    writeFileSync(at('results', 'meta_export', 'donch_meta_lgbm.joblib'), 'old');
    const { bundleId, warnings } = await done('model import', importArgs(1, '--outdir', 'results/meta_export'));
    expect(warnings).toContainEqual(expect.stringContaining('meta_export.before-1'));
    expect(existsSync(at('results', 'meta_export.before-1', 'donch_meta_lgbm.joblib'))).toBe(true);
    expect(await done('model inspect', ['model', 'inspect'])).toMatchObject({
      bundleId,
      folder: at('results', 'meta_export'),
      origin: 'imported',
      label: { target: 'unknown', baseRateFrac: null },
      training: { rows: null, labelEndMs: 20_119 * DAY_MS },
      pstar: { value: null, source: 'none' },
      binding: { venue: 'bybit', interval: '15m', universeHash: null, strategyId: 'tiny' },
    });
    expect(await done('model verify', ['model', 'verify', String(bundleId)])).toMatchObject({
      folder: at('models', String(bundleId)),
      features: 6,
      warnings: [expect.stringContaining('imported')],
    });
  });

  it('takes today for the end of the training when nobody says it', async () => {
    const { bundleId, warnings } = await done('model import', importArgs(2).slice(0, -2));
    expect(warnings).toContainEqual(expect.stringContaining('--trained-until'));
    const { training } = await done('model inspect', ['model', 'inspect', String(bundleId)]);
    const { labelEndMs } = training as { labelEndMs: number };
    expect([labelEndMs % DAY_MS, Math.abs(labelEndMs - Date.now()) <= DAY_MS]).toEqual([0, true]);
  });

  it.each([
    ['a pickle', Uint8Array.of(0x80, 4, 0x95, 0), 'A pickle runs programs'],
    ['a compressed pickle', Uint8Array.of(0x78, 0x9c, 1, 2), 'save_model'],
    ['a zip', Uint8Array.of(0x50, 0x4b, 3, 4), 'docs/MIGRATION.md'],
    ['an ONNX graph', Uint8Array.of(8, 10, 18), '--onnx'],
    ['an empty file', new Uint8Array(), 'LightGBM model as text'],
    ['a model of another kind', new TextEncoder().encode('{"learner": {}}'), 'LightGBM model as text'],
  ])('refuses %s with the way out', async (_, bytes, words) => {
    writeFileSync(at('donch_meta_lgbm.joblib'), bytes);
    const args = ['model', 'import', '--model', 'donch_meta_lgbm.joblib', '--feature-names', 'feature_names.json'];
    const { code, error, stderr } = await failed(args);
    expect([code, error]).toEqual([EXIT.data, 'bad_model']);
    expect(stderr).toContain(words);
  });

  it('refuses a doubled name by the name, and columns that are nothing by theirs', async () => {
    writeFileSync(at('doubled.json'), JSON.stringify(NAMES.with(3, 'rsi_1h')));
    const doubled = await failed(importArgs(1).with(5, 'doubled.json'));
    expect([doubled.code, doubled.stderr]).toEqual([EXIT.data, expect.stringContaining('"rsi_1h" stands twice')]);
    writeFileSync(at('unknown.txt'), formatLightGbm(model(1)).replaceAll('rs_pct', 'my_oracle'));
    writeFileSync(at('unknown.json'), JSON.stringify(NAMES.with(1, 'my_oracle')));
    const unknown = await failed(importArgs(1).with(3, 'unknown.txt').with(5, 'unknown.json'));
    expect([unknown.error, unknown.stderr]).toEqual([
      'bad_model',
      expect.stringContaining('my_oracle is no feature here'),
    ]);
  });

  it.each([
    [['model', 'import'], '--model is missing'],
    [['model', 'import', '--model', 'model-1.txt'], '--feature-names is missing'],
    [['model', 'import', '--onnx', 'model.onnx'], '--features is missing'],
    [['model', 'import', '--onnx', 'model.onnx', '--pstar', '0.5'], '--pstar with --onnx'],
    [importArgs(1, '--signals', 'x.parquet'), '--signals without --onnx'],
    [['model', 'import', '--onnx', 'model.onnx', '--features', 'feature_names.json', '--out', 'x'], 'both, or neither'],
    [importArgs(1, '--pstar', '60'), '--pstar is "60"'],
    [importArgs(1, '--pstar', ''), '--pstar is ""'],
  ])('%s is a wrong use', async (args, words) => {
    const { code, stderr } = await failed(args);
    expect([code, stderr]).toEqual([EXIT.usage, expect.stringContaining(words)]);
  });
});

describe('donch model import --onnx', () => {
  const args = [
    'model',
    'import',
    '--onnx',
    'model.onnx',
    '--features',
    'feature_names.json',
    '--categories',
    'ohe.json',
  ];

  it('tries a graph out and says what it can be used for', async () => {
    expect(await done('model import', args)).toMatchObject({ bundleId: null, features: 7, predictions: null });
    expect((await donch(args, { cwd: project })).stdout).toContain('it is no bundle');
  });

  it('writes predictions of signals with their ids', async () => {
    const { bundleId } = await done('model import', importArgs(1));
    const signals = await scoutedSignals();
    const document = await done('model import', [...args, '--signals', signals.path, '--out', 'pred.parquet']);
    expect(document).toMatchObject({ predictions: at('pred.parquet'), predictionRows: signals.ids.length });
    const predictions = await readTable(at('pred.parquet'), TABLES.predictions);
    expect([...(predictions.columns.get('signal_id')?.values ?? [])]).toEqual(signals.ids);
    const p = [...(predictions.columns.get('p')?.values ?? [])].map(Number);
    expect(p.every((value) => value > 0 && value < 1)).toBe(true);
    expect(new Set(p).size).toBeGreaterThan(3);
    expect(bundleId).not.toBeNull();
  });

  it('refuses a graph of other columns', async () => {
    writeFileSync(at('six.json'), JSON.stringify(NAMES.slice(1)));
    const { code, error } = await failed(args.with(5, 'six.json'));
    expect([code, error]).toEqual([EXIT.data, 'bad_model']);
  });
});

/** Signals with the features of the model, as a scout writes them. */
async function scoutedSignals(): Promise<{ readonly path: string; readonly ids: readonly string[] }> {
  const prng = createPrng(5, 'signals');
  const ids = Array.from({ length: 40 }, (_, k) => `id${k}`);
  const base = (type: string): Cell => (type === 'text' ? 'x' : type === 'bool' ? true : 1);
  const extra = [
    ...['rsi_1h', 'rs_percentile', 'atr_frac', 'don_break_len'].map((name) => ({ name, type: 'float' as const })),
    ...['pullback_type', 'regime_1d'].map((name) => ({ name, type: 'text' as const })),
  ];
  const shapes = [
    ...TABLES.signals.columns.filter(({ name }) => !extra.some((column) => column.name === name)),
    ...extra,
  ];
  const rows = ids.map((id) => ({
    ...Object.fromEntries(shapes.map(({ name, type }) => [name, base(type)])),
    ...Object.fromEntries(extra.map(({ name, type }) => [name, type === 'float' ? prng.normal() : 'mean'])),
    signal_id: id,
  }));
  const path = at('signals.parquet');
  writeTable(path, tableFromRows('signals', shapes, rows));
  return { path, ids };
}

describe('a project with models', () => {
  const verify = ['model', 'verify'];
  let [first, second] = ['', ''];

  beforeAll(async () => {
    first = String((await done('model import', importArgs(1, '--pstar', '0.55')))['bundleId']);
    second = String((await done('model import', importArgs(2, '--pstar', '0.55')))['bundleId']);
  });

  it('deploys, goes back, and knows which one is current', async () => {
    const a = await done('deploy-model', ['deploy-model', first]);
    const b = await done('deploy-model', ['deploy-model', join('models', second)]);
    expect([a, b]).toMatchObject([
      { previous: null, bundleId: first, name: expect.stringMatching(`^\\d{8}-${first}$`) as string },
      { previous: a['name'], bundleId: second, removed: [] },
    ]);
    const nowhere = ['--set', 'WINPROB_ARTIFACT_DIR=models/nowhere'];
    expect((await failed([...verify, ...nowhere])).error).toBe('no_bundle');
    expect(await done('rollback-model', ['rollback-model'])).toMatchObject({
      name: a['name'],
      bundleId: first,
      previous: null,
    });
    expect(readFileSync(at('models', 'current'), 'utf8').trim()).toBe(a['name']);
    expect(await done('model verify', [...verify, 'current'])).toMatchObject({
      folder: at('models', String(a['name'])),
    });
    expect(await failed(['rollback-model'])).toMatchObject({ error: 'no_bundle', code: EXIT.usage });
  });

  it('uses the deployed one where no other is configured or shown', async () => {
    const other = join(root.path, 'other');
    writeTinyProject(other);
    cpSync(at('models'), join(other, 'models'), { recursive: true });
    expect(await done('model inspect', ['model', 'inspect'], other)).toMatchObject({ bundleId: first });
    const configured = ['model', 'inspect', '--set', `WINPROB_ARTIFACT_DIR=models/${second}`];
    expect(await done('model inspect', configured, other)).toMatchObject({ bundleId: second });
    expect((await failed(['deploy-model'], other)).error).toBe('no_bundle');
    // no candles there: what cannot be compared is said
    const { warnings } = await done('model verify', [...verify, first], other);
    expect(warnings).toHaveLength(1);
  });

  it.each([
    ['another set-up', ['--set', 'DON_N_DAYS=4'], 'bundle_mismatch', 'set-up'],
    ['another bar length', ['--set', 'TIMEFRAME=1h'], 'bundle_mismatch', 'bar length'],
    [
      'another definition of a feature',
      ['--set', 'RS_MODE=rolling_7d'],
      'bad_bundle',
      'the definition of rs_percentile',
    ],
    ['another venue', ['--set', 'VENUE=binance'], 'bundle_mismatch', 'venue'],
  ])('refuses the model under %s', async (_, flags, code, words) => {
    const ended = await failed([...verify, first, ...flags]);
    expect([ended.code, ended.error, ended.stderr]).toEqual([EXIT.data, code, expect.stringContaining(words)]);
  });

  it.each([
    ['other filters', ['--set', 'RS_MIN_PERCENTILE=90'], 'filters differ'],
    ['other exits', ['--set', 'SL_ATR_MULT=3'], 'exits differ'],
  ])('warns under %s', async (_, flags, words) => {
    const { warnings } = await done('model verify', [...verify, first, ...flags]);
    expect(warnings).toContainEqual(expect.stringContaining(words));
  });

  it('names the first difference of a damaged bundle, and deploys none', async () => {
    const folder = at('models', second);
    const before = readdirSync(at('models'));
    const text = readFileSync(join(folder, 'calibrator.json'), 'utf8');
    writeFileSync(join(folder, 'calibrator.json'), text.replace('none', 'nine'));
    for (const args of [
      [...verify, second],
      ['deploy-model', second],
    ]) {
      const { code, error, stderr } = await failed(args);
      expect([code, error]).toEqual([EXIT.data, 'bad_bundle']);
      expect(stderr).toContain('calibrator.json: the file has the SHA-256');
    }
    expect(readdirSync(at('models'))).toEqual(before);
    writeFileSync(join(folder, 'calibrator.json'), text);
    expect(await done('model verify', [...verify, second])).toMatchObject({ bundleId: second });
  });

  it('says what is missing where there is no model', async () => {
    const empty = join(root.path, 'empty');
    writeTinyProject(empty);
    for (const args of [
      ['model', 'inspect'],
      verify,
      ['deploy-model'],
      ['rollback-model'],
      [...verify, 'nowhere'],
      [...verify, 'current'],
    ])
      expect(await failed(args, empty)).toMatchObject({ error: 'no_bundle', code: EXIT.usage });
  });
});
