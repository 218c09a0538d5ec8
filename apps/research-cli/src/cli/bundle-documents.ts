/** `--json` documents of `donch model`, `deploy-model` and `rollback-model`. */
import { field, list, object, OK, type DocumentSpec, type FieldSpec } from '@donch/cli';

const BUNDLE: readonly FieldSpec[] = [
  field('bundleId', 'text', 'id', 'hash of the manifest'),
  field('folder', 'text', 'path', 'where it lies'),
];

const CHECKED: readonly FieldSpec[] = [
  ...BUNDLE,
  field('files', 'number', 'count', 'files with the hashes of the manifest'),
  field('features', 'number', 'count', 'features that are computed as they were'),
  field('parityRows', 'number', 'count', 'rows that the predictor answers as recorded, to the bit'),
  field('onnxMaxAbsDiff', 'number', 'fraction', 'largest difference between predictor and onnxruntime'),
  list('warnings', 'text', 'what is told and not refused'),
];

const DEPLOYMENT: readonly FieldSpec[] = [
  field('name', 'text', 'id', 'folder below models/ that models/current names'),
  field('previous', 'text', 'id', 'where a rollback leads', 'nowhere'),
  list('removed', 'text', 'older deployments that were deleted'),
];

export const BUNDLE_DOCUMENTS = {
  'model inspect': {
    schemaVersion: 1,
    fields: [
      OK,
      ...BUNDLE,
      field('origin', 'text', 'trained | imported', 'where it comes from'),
      list('features', 'object', 'in the order of the registry', [
        field('name', 'text', 'name', 'name'),
        field('unit', 'text', 'unit', 'unit'),
        field('dtype', 'text', 'word', 'type'),
        field('hash', 'text', 'hash', 'of its definition and settings'),
        list('categories', 'text', 'known values'),
        field('missing', 'text', 'word', 'what becomes of a missing value: it stays missing'),
      ]),
      object('label', 'what it predicts', [
        field('target', 'text', 'word', 'label'),
        field('mfeK', 'number', 'ATR', 'multiple of mfe_k', 'not known'),
        field('rThreshold', 'number', 'R', 'least result of pnl_pos', 'not known'),
        field('baseRateFrac', 'number', 'fraction', 'share of positives', 'not known'),
      ]),
      object('training', 'what it learned from', [
        field('rows', 'number', 'count', 'signals', 'not known'),
        field('fromMs', 'number', 'UTC ms', 'first decision', 'not known'),
        field('toMs', 'number', 'UTC ms', 'last decision', 'not known'),
        field('labelEndMs', 'number', 'UTC ms', 'end of the last label: it knows outcomes before'),
        field('candlesHash', 'text', 'hash', 'candles', 'not known'),
        field('signalsHash', 'text', 'hash', 'signals', 'not known'),
        { ...object('params', 'arguments of the trainer'), nullMeans: 'not known' },
        field('seed', 'number', '', 'seed', 'not known'),
      ]),
      object('pstar', 'threshold', [
        field('value', 'number', 'probability', 'p*', 'there is none'),
        field('source', 'text', 'chosen | user | none', 'who named it'),
        field('note', 'text', 'words', 'evidence, or why there is none'),
      ]),
      object('binding', 'what it may be used with', [
        field('strategyId', 'text', 'id', 'strategy'),
        field('setupHash', 'text', 'hash', 'set-up: another one is refused'),
        field('filterHash', 'text', 'hash', 'filters: others are a warning'),
        field('exitHash', 'text', 'hash', 'exits: others are a warning'),
        field('universeHash', 'text', 'hash', 'universe: another one is refused (UNIVERSE_MISMATCH)', 'not known'),
        field('venue', 'text', 'venue', 'venue: another one is refused'),
        field('interval', 'text', 'interval', 'bar length: another one is refused'),
      ]),
      object('versions', 'donch and node that made it', [
        field('donch', 'text', 'version', 'DONCH'),
        field('node', 'text', 'version', 'Node'),
      ]),
      list('files', 'object', 'files of the manifest', [
        field('name', 'text', 'name', 'file'),
        field('sha256', 'text', 'hash', 'of its bytes, as it was written'),
      ]),
    ],
  },
  'model verify': { schemaVersion: 1, fields: [OK, ...CHECKED] },
  'model import': {
    schemaVersion: 1,
    fields: [
      OK,
      field('bundleId', 'text', 'id', 'hash of the manifest', 'an ONNX graph, which is no bundle'),
      field('folder', 'text', 'path', 'where the bundle is stored', 'an ONNX graph'),
      field('isNew', 'boolean', '', 'it was not there before'),
      field('features', 'number', 'count', 'columns of the model'),
      field('trees', 'number', 'count', 'trees', 'an ONNX graph'),
      field('pstar', 'number', 'probability', 'p*', 'there is none'),
      list('renamed', 'object', 'columns that have another name here', [
        field('old', 'text', 'name', 'name in the model'),
        field('name', 'text', 'name', 'name here'),
      ]),
      field('predictions', 'text', 'path', 'predictions that were written', 'none'),
      field('predictionRows', 'number', 'count', 'signals that were scored'),
      list('warnings', 'text', 'what is told and not refused'),
    ],
  },
  'deploy-model': { schemaVersion: 1, fields: [OK, ...CHECKED, ...DEPLOYMENT] },
  'rollback-model': { schemaVersion: 1, fields: [OK, ...CHECKED, ...DEPLOYMENT] },
} as const satisfies Readonly<Record<string, DocumentSpec>>;
