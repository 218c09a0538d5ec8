/** The fields of the document of `donch apply-meta`. */
import { field, figureFields, list, object, OK, RUN_ID, type FieldSpec } from '@donch/cli';

const runFields = (): FieldSpec[] => [...RUN_ID, ...figureFields()];

/** An object that may be missing. */
const optional = (spec: FieldSpec, nullMeans: string): FieldSpec => ({ ...spec, nullMeans });

export function applyMetaFields(): FieldSpec[] {
  const noThreshold = 'there is no p*';
  return [
    OK,
    field('predictions', 'text', 'path', 'file of predictions, or folder of the bundle'),
    field('kind', 'text', 'file | walk_forward | model', 'where the probabilities come from'),
    field('bundle', 'text', 'id', 'bundle of the predictions', 'predictions of a file alone'),
    field(
      'watermark',
      'text',
      'words',
      "why the figures are no evidence (IN SAMPLE); '' = nothing speaks against them",
    ),
    field('pstar', 'number', 'probability', 'one threshold for all', 'that of each month, or none'),
    field('pstarLow', 'number', 'probability', 'smallest threshold that was applied', noThreshold),
    field('pstarHigh', 'number', 'probability', 'largest threshold that was applied', noThreshold),
    field('pstarSource', 'text', 'flag | setting | months | bundle | none', 'who named it'),
    field('pstarNote', 'text', 'words', 'why there is none, or what it stands in place of'),
    field('signals', 'number', 'count', 'signals'),
    field('scored', 'number', 'count', 'of them with a probability'),
    field('taken', 'number', 'count', 'of them at or above p*'),
    list('reasons', 'object', 'every signal counted once', [
      field(
        'verdict',
        'text',
        'taken | below | no_threshold | before_model | after_training | no_prediction',
        'what became of them',
      ),
      field('signals', 'number', 'count', 'signals'),
      field('text', 'text', 'words', 'the same in words'),
    ]),
    list('months', 'object', 'months with a model; empty unless walk-forward', [
      field('fromMs', 'number', 'UTC ms', 'start of the month'),
      field('signals', 'number', 'count', 'signals with a probability'),
      field('taken', 'number', 'count', 'of them at or above p*'),
      field('pstar', 'number', 'probability', 'threshold that was applied', 'there was none'),
    ]),
    list('notes', 'text', 'how predictions were joined, and what to know about them'),
    field('file', 'text', 'path', 'kept signals', 'no p*: nothing was written'),
    optional(rebacktestField(), 'not asked for (--rebt)'),
  ];
}

function rebacktestField(): FieldSpec {
  const noOutcome = 'no such signal has an outcome';
  return object('rebacktest', 'kept signals traded again, beside all', [
    field(
      'compared',
      'text',
      'judged | scored | all',
      'signals of both runs: held against a p*; without any p* those with a probability; without any all',
    ),
    optional(object('gated', 'run of the kept signals', runFields()), 'nothing was kept: gatedNote'),
    field('gatedNote', 'text', 'words', "why there is no gated run; '' = there is one"),
    object('baseline', 'run of all compared signals, without the model, over the same time', runFields()),
    optional(object('whole', 'run of the whole history, without the model', runFields()), 'it is the baseline'),
    object('ev', 'every signal of the baseline traded alone: kept against all', [
      field('signals', 'number', 'count', 'signals with an outcome'),
      field('taken', 'number', 'count', 'of them kept'),
      field('allR', 'number', 'R', 'mean of all', noOutcome),
      field('takenR', 'number', 'R', 'mean of the kept', noOutcome),
      field('differenceR', 'number', 'R', 'kept - all', noOutcome),
      field('differenceLowR', 'number', 'R', 'its 95 % interval, whole weeks resampled: low', 'fewer than 12 weeks'),
      field('differenceHighR', 'number', 'R', 'the same: high', 'fewer than 12 weeks'),
    ]),
    list('notes', 'text', 'how the runs differ besides the choice of signals'),
  ]);
}
