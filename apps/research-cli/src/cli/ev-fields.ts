/** The fields of `donch ev`. */
import { field, list, object, OK, type FieldSpec } from '@donch/cli';

const NO_WEEKS = 'fewer than 12 weeks with such signals';
const NOTHING = 'no signal is taken';

export function evFields(): FieldSpec[] {
  return [
    OK,
    field('predictions', 'text', 'path', 'file of the predictions'),
    field('bundle', 'text', 'id', 'bundle that made them', 'predictions of a file'),
    field('trades', 'text', 'path', 'file that says which signals were traded', 'not known, or the rows are trades'),
    field('groups', 'number', 'count', 'groups of time, each judged by the others'),
    field('embargoMs', 'number', 'ms', 'rows that start within it behind a group do not teach for it'),
    field('minTrades', 'number', 'count', 'signals that must lie above p*'),
    field('seed', 'number', '', 'seed of the intervals'),
    list('notes', 'text', 'what was read and how it was joined'),
    field('pstar', 'number', 'probability', 'threshold', 'there is none'),
    field('pstarSource', 'text', 'chosen | user | none', 'who named it'),
    object('all', 'all signals, or all trades that have a prediction', judgedFields()),
    { ...object('traded', 'the signals that were traded', judgedFields()), nullMeans: 'not known which' },
    list('files', 'text', 'files that were written: the curve and its drawing'),
    {
      ...object('written', 'what --write did', [
        field('id', 'text', 'id', 'bundle with this p*'),
        field('folder', 'text', 'path', 'the bundle'),
        field('shownAt', 'text', 'path', 'folder that shows it now', 'nothing was replaced'),
        field('isNew', 'boolean', '', 'false = the bundle had this p* already'),
      ]),
      nullMeans: 'without --write',
    },
  ];
}

function judgedFields(): FieldSpec[] {
  return [
    field('rows', 'number', 'count', 'signals'),
    field('paths', 'number', 'count', 'predictions of each'),
    field('evR', 'number', 'R', 'mean result of all'),
    field('evLowR', 'number', 'R', 'its 95 % interval, whole weeks resampled: low', NO_WEEKS),
    field('evHighR', 'number', 'R', 'the same: high', NO_WEEKS),
    list('points', 'object', 'the curve, by rising threshold', pointFields()),
    field('chosenPstar', 'number', 'probability', 'p* that these rows name', 'they name none'),
    field('reason', 'text', 'words', 'why they name none', 'they name one'),
    field('calibrator', 'text', 'none | platt | isotonic', 'calibrator that was chosen with it'),
    field('improvementR', 'number', 'R', 'EV(p >= p*) - EV(all), each group of time judged by the others', 'no rows'),
    field('improvementLowR', 'number', 'R', 'its 95 % interval: low', NO_WEEKS),
    field('improvementHighR', 'number', 'R', 'the same: high', NO_WEEKS),
    field('crossFittedN', 'number', 'count', 'signals taken in it'),
    field('crossFittedCoverageFrac', 'number', 'fraction', 'their share'),
    field('crossFittedEvR', 'number', 'R', 'their mean result', NOTHING),
    field('inSampleImprovementR', 'number', 'R', 'the same read on the rows of the choice: no evidence', 'no p* there'),
    list('groups', 'object', 'groups of time', [
      field('fromMs', 'number', 'UTC ms', 'first signal'),
      field('toMs', 'number', 'UTC ms', 'last signal'),
      field('pstar', 'number', 'probability', 'threshold of the others', 'they name none: all are taken'),
      field('rows', 'number', 'count', 'signals'),
      field('n', 'number', 'count', 'signals taken'),
      field('evR', 'number', 'R', 'their mean result', NOTHING),
      field('evAllR', 'number', 'R', 'mean result of the group'),
    ]),
    {
      ...object('atPstar', 'the curve at p*', [
        ...pointFields(),
        list('groupEvR', 'number', 'mean result by group of time, R; null = nothing taken'),
        list('pathEvR', 'number', 'mean result by path, R; null = nothing taken'),
      ]),
      nullMeans: 'there is no p*',
    },
  ];
}

function pointFields(): FieldSpec[] {
  return [
    field('threshold', 'number', 'probability', 'taken: p >= threshold'),
    field('n', 'number', 'count', 'signals taken, as a mean over the paths'),
    field('coverageFrac', 'number', 'fraction', 'their share'),
    field('evR', 'number', 'R', 'their mean result', NOTHING),
    field('evLowR', 'number', 'R', 'its 95 % interval: low', NO_WEEKS),
    field('evHighR', 'number', 'R', 'the same: high', NO_WEEKS),
    field('totalR', 'number', 'R', 'sum of their results'),
    field('winRateFrac', 'number', 'fraction', 'share with a result above 0', NOTHING),
    field('improvementR', 'number', 'R', 'their mean result minus that of all', NOTHING),
    field('improvementLowR', 'number', 'R', 'its 95 % interval: low', NO_WEEKS),
    field('improvementHighR', 'number', 'R', 'the same: high', NO_WEEKS),
  ];
}
