import { documentMaker, field, figureFields, list, object, OK, RUN_ID, type DocumentSpec } from '@donch/cli';
/**
 * Every `--json` document: its fields with units and the meaning of null. docs/CLI.md is generated from here, and the tests of the
 * commands hold every document they see against it.
 */
import { applyMetaFields } from './apply-meta-fields.ts';
import { BUNDLE_DOCUMENTS } from './bundle-documents.ts';
import { compareFields } from './compare-fields.ts';
import { DATA_DOCUMENTS } from './data-documents.ts';
import { evFields } from './ev-fields.ts';
import { holdoutFields } from './holdout-fields.ts';
import { metaFields, modelFields } from './model-fields.ts';
import { nullTestFields } from './null-test-fields.ts';
import { sweepFields } from './sweep-fields.ts';
import { trialsFields } from './trials-fields.ts';

const CHECK_RESULTS = 'ok | warning | failure | skipped';

const RESULT_DOCUMENTS = {
  run: { schemaVersion: 1, fields: [OK, ...RUN_ID, ...figureFields(), ...metaFields('without --meta')] },
  backtest: { schemaVersion: 1, fields: [OK, ...RUN_ID, ...figureFields()] },
  demo: {
    schemaVersion: 1,
    fields: [
      OK,
      ...RUN_ID,
      field('folder', 'text', 'path', 'the demo project'),
      field('reportPath', 'text', 'path', 'page about the run, to be opened in a browser'),
      ...metaFields(''),
      ...figureFields(),
    ],
  },
  fetch: {
    schemaVersion: 1,
    fields: [
      OK,
      field('symbols', 'number', 'count', 'symbols that were asked for'),
      field('bars', 'number', 'count', 'bars that the store did not have'),
      field('funding', 'number', 'count', 'funding settlements that it did not have'),
      field('openInterest', 'number', 'count', 'values of open interest that it did not have'),
      field('revised', 'number', 'count', 'stored values that the venue has revised'),
      field('gaps', 'number', 'count', 'bars that the venue does not have'),
      field('requests', 'number', 'count', 'questions that were sent'),
      field('seconds', 'number', 'seconds', 'time that it took'),
      list('failed', 'object', 'symbols that are incomplete', [
        field('symbol', 'text', 'symbol', 'symbol'),
        field('text', 'text', 'words', 'why'),
      ]),
    ],
  },
  train: {
    schemaVersion: 1,
    fields: [
      OK,
      ...RUN_ID,
      field('bundle', 'text', 'path', 'the stored bundle'),
      object('model', 'the model and its evidence', modelFields()),
    ],
  },
  ev: { schemaVersion: 1, fields: evFields() },
  'apply-meta': { schemaVersion: 1, fields: applyMetaFields() },
  scout: {
    schemaVersion: 1,
    fields: [
      OK,
      ...RUN_ID,
      field('signals', 'number', 'count', 'signals found'),
      field('symbols', 'number', 'count', 'members of the universe'),
    ],
  },
  init: {
    schemaVersion: 1,
    fields: [
      OK,
      field('folder', 'text', 'path', 'the project'),
      list('made', 'text', 'files that were made'),
      list('kept', 'text', 'files that were there and are as they were'),
    ],
  },
  list: {
    schemaVersion: 1,
    fields: [
      OK,
      field('latest', 'text', 'id', 'run that results/ shows', 'no backtest yet'),
      list('runs', 'object', 'newest first', [
        field('runId', 'text', 'id', 'run'),
        field('command', 'text', 'word', 'what made it'),
        field('finishedMs', 'number', 'UTC ms', 'when it was finished'),
        field('folder', 'text', 'path', 'its files'),
        object('summary', 'figures of its manifest; which ones depends on the command'),
      ]),
    ],
  },
  sweep: { schemaVersion: 1, fields: sweepFields() },
  trials: { schemaVersion: 1, fields: trialsFields() },
  holdout: { schemaVersion: 1, fields: holdoutFields() },
  report: {
    schemaVersion: 1,
    fields: [
      OK,
      field('runId', 'text', 'id', 'run that the report is about', '--trades-csv'),
      field('trades', 'number', 'count', 'finished trades'),
      field('drawnTrades', 'number', 'count', 'trades with a drawing of their way'),
      list('files', 'object', 'files that were written', [
        field('format', 'text', 'html | md | json | svg | png', 'format'),
        field('path', 'text', 'path', 'file'),
        field('bytes', 'number', 'bytes', 'size'),
      ]),
      field(
        'latest',
        'text',
        'path',
        'copy of the page at results/report.html',
        '--out, no page, or not the run that results/ shows',
      ),
    ],
  },
  compare: { schemaVersion: 1, fields: compareFields() },
  why: {
    schemaVersion: 1,
    fields: [
      OK,
      field('runId', 'text', 'id', 'run whose records are shown', 'there is no run'),
      field('symbol', 'text', 'symbol', 'what was asked for'),
      field('timeMs', 'number', 'UTC ms', 'time that was asked for', 'none: the end of the data'),
      list('setups', 'list', 'recorded set-ups, each a list of decision records', [
        field('timeMs', 'number', 'UTC ms', 'close of the bar'),
        field('strategyId', 'text', 'id', 'strategy'),
        field('event', 'text', 'word', 'as in the decisions table'),
        field('verdict', 'text', 'word', 'as in the decisions table'),
        field('reason', 'text', 'gate', 'first gate that did not pass', 'none'),
        field('signalId', 'text', 'id', 'the signal', 'no entry at this bar'),
        list('gates', 'object', 'rows of the decisions table'),
      ]),
      list('standing', 'object', 'where the symbol stands at that time, one per strategy', [
        field('strategyId', 'text', 'id', 'strategy'),
        field('timeMs', 'number', 'UTC ms', 'close of the last bar at or before the time'),
        field('phase', 'text', 'word', 'idle, broken, touched, disarmed'),
        field('close', 'number', 'quote', 'close of that bar'),
        field('levelPrice', 'number', 'quote', 'breakout level of that bar', 'not ready: too little history'),
        field('frozenLevelPrice', 'number', 'quote', 'level of the set-up', 'no set-up'),
        field('breakTimeMs', 'number', 'UTC ms', 'close of the breakout bar', 'no set-up'),
        field('touchTimeMs', 'number', 'UTC ms', 'close of the bar that touched the level', 'not touched'),
        field('distanceAtr', 'number', 'ATR', '(close - level) / ATR', 'level or ATR not ready'),
        field('atr', 'number', 'quote', 'THE ATR', 'not ready'),
        field('volumeMultiple', 'number', 'times', 'volume of the bar against the rolling median', 'not ready'),
        list('gates', 'object', 'breakout conditions and filters judged at that bar, with their margins'),
      ]),
      list('funnel', 'object', 'row of the funnel table at that bar, one per strategy'),
    ],
  },
  lookahead: {
    schemaVersion: 1,
    fields: [
      OK,
      field('plant', 'text', 'word', 'planted mistake', 'none was planted'),
      field('features', 'number', 'count', 'features that were compared'),
      field('symbols', 'number', 'count', 'symbols of the sample'),
      list('cutsMs', 'number', 'instants after which everything was replaced, UTC ms'),
      field('comparedFeatureValues', 'number', 'count', 'values'),
      field('comparedDecisions', 'number', 'count', 'rows of the decisions table'),
      field('comparedTrades', 'number', 'count', 'trades'),
      field('comparedExits', 'number', 'count', 'exits inside a bar'),
      list('leaks', 'object', 'what knew the future; empty = nothing did', [
        field('strategyId', 'text', 'id', 'strategy'),
        field('kind', 'text', 'word', 'feature, decision, signal, trade, equity, exit'),
        field('name', 'text', 'name', 'feature or column'),
        field('count', 'number', 'count', 'how often it was seen'),
        field('instrumentId', 'text', 'id', "first case; '' = the portfolio"),
        field('timeMs', 'number', 'UTC ms', 'first case'),
        field('value', 'any', 'as the name', 'value with the true future', 'missing'),
        field('changed', 'any', 'as the name', 'value after the future had been changed', 'missing'),
        field('cutMs', 'number', 'UTC ms', 'instant after which the data were changed'),
      ]),
    ],
  },
  'null-test': { schemaVersion: 1, fields: nullTestFields() },
  doctor: {
    schemaVersion: 1,
    fields: [
      OK,
      list('checks', 'object', 'in the order of their printing', [
        field('name', 'text', 'name', 'what was checked'),
        field('result', 'text', CHECK_RESULTS, 'outcome'),
        field('found', 'text', 'words', 'what was found'),
        field('remedy', 'text', 'words', 'what to do', 'nothing to do'),
      ]),
    ],
  },
  config: {
    schemaVersion: 1,
    fields: [
      OK,
      field('configPath', 'text', 'path', 'config.yaml'),
      field('configHash', 'text', 'hash', 'of all effective values'),
      list('keys', 'object', 'every key, in the order of the schema', [
        field('key', 'text', 'name', 'key'),
        field('section', 'text', 'words', 'group'),
        field('value', 'any', 'as unit', 'effective value', 'switched off or not set'),
        field('default', 'any', 'as unit', 'default', 'switched off or not set'),
        field('unit', 'text', 'word', 'unit'),
        field('layer', 'text', 'default | strategy | config | environment | flag', 'where the value comes from'),
        field('source', 'text', 'path or words', 'the file, the environment, the command line'),
        field('line', 'number', 'line', 'line in that file', 'not from a file'),
        field('written', 'text', 'name', "name under which it stands there; '' = default"),
        field('actsIn', 'text', 'both | research | live', 'which half reads it'),
        field('meaning', 'text', 'words', 'what it does'),
      ]),
      list('notes', 'object', 'other spellings, keys without effect, overrides', [
        field('kind', 'text', 'alias | obsolete | override | meaning', 'kind'),
        field('text', 'text', 'words', 'note'),
      ]),
      list('strategies', 'object', 'the effective strategy; empty when its file cannot be read', [
        field('name', 'text', 'words', 'name'),
        field('strategyId', 'text', 'id', 'slug of the name'),
        field('side', 'text', 'long | short', 'side'),
        field('file', 'text', 'path', 'strategy file'),
        object('hashes', 'setupHash, filterHash, exitHash, specHash'),
        list('filters', 'object', 'filters in the order of decision records: name and what they accept'),
        list('features', 'text', 'features in every signal'),
        list('notes', 'text', 'what the user should know'),
      ]),
    ],
  },
  completion: {
    schemaVersion: 1,
    fields: [OK, field('shell', 'text', 'bash | zsh | fish', 'shell'), field('script', 'text', 'text', 'the script')],
  },
  export: {
    schemaVersion: 1,
    fields: [
      OK,
      field('what', 'text', 'word', 'table'),
      field('path', 'text', 'path', 'file that was written'),
      field('rows', 'number', 'count', 'rows'),
      list('columns', 'text', 'column names'),
      field('sha256', 'text', 'hash', "of the file's bytes"),
      field('runId', 'text', 'id', 'run of the table', 'a series of the store'),
    ],
  },
} as const satisfies Readonly<Record<string, DocumentSpec>>;

/** All documents by command. */
export const DOCUMENTS: Readonly<
  Record<keyof typeof RESULT_DOCUMENTS | keyof typeof DATA_DOCUMENTS | keyof typeof BUNDLE_DOCUMENTS, DocumentSpec>
> = {
  ...RESULT_DOCUMENTS,
  ...BUNDLE_DOCUMENTS,
  ...DATA_DOCUMENTS,
};

export type DocumentName = keyof typeof DOCUMENTS;

/** A document of a command. */
export const documentOf = documentMaker<DocumentName>(DOCUMENTS);
