/** The fields of a model in the documents of commands. */
import { field, list, object, type FieldSpec } from '@donch/cli';
import { applyMetaFields } from './apply-meta-fields.ts';

export function modelFields(): FieldSpec[] {
  const none = 'there is no p*';
  const weeks = 'too few weeks for an interval';
  return [
    field('rows', 'number', 'count', 'signals that it learned from'),
    field('aucOos', 'number', 'fraction', "mean of the folds' areas under the ROC curve", 'no fold has both classes'),
    field('brierOos', 'number', 'fraction', "mean of the paths' Brier scores, calibrated", 'no path has a score'),
    field('baseRate', 'number', 'fraction', 'share of positives'),
    field('pstar', 'number', 'probability', 'threshold', none),
    field('pstarSource', 'text', 'chosen | user | none', 'who named it'),
    field('pstarNote', 'text', 'words', "why there is none, or what the user's own choice rests on"),
    field('improvementR', 'number', 'R', 'EV(p >= p*) - EV(all), cross-fitted', 'does not exist'),
    field('improvementLowR', 'number', 'R', 'its 95 % interval, low', weeks),
    field('improvementHighR', 'number', 'R', 'its 95 % interval, high', weeks),
    field('walkForwardMonths', 'number', 'count', 'months with a model of what was known before'),
    field('walkForwardMonthsWithPstar', 'number', 'count', 'of them with a p*'),
    field('walkForwardImprovementR', 'number', 'R', 'gated - all in these months', 'nothing was taken'),
    field('permutedAuc', 'number', 'fraction', 'mean AUC of models of shuffled labels', 'no fold has both classes'),
    field('permutedAucSe', 'number', 'fraction', 'its standard error', 'no fold has both classes'),
    field('permutedNamed', 'number', 'count', 'shuffles that named a p*'),
    field('permutations', 'number', 'count', 'shuffles'),
    field('parityMaxAbsDiff', 'number', 'fraction', 'largest difference between our predictor and the ONNX runtime'),
    list('warnings', 'text', 'what is wrong with the training'),
  ];
}

/** What the whole chain adds to the document of a backtest. `nullMeans`: when these are null; '' = never. */
export function metaFields(nullMeans: string): FieldSpec[] {
  const gated = applyMetaFields().filter(({ name }) => name !== 'ok');
  return [
    { ...object('model', 'the model and its evidence', modelFields()), nullMeans },
    { ...object('gated', 'the signals that the model would have let through, as apply-meta has it', gated), nullMeans },
  ];
}
