/** The words of the page about a model. */
import type { Section } from '../blocks.ts';

const WORDS: readonly (readonly [string, string])[] = [
  [
    'probability, p',
    "the model's calibrated chance that a signal has the predicted outcome. It is not the chance of making money unless that is the outcome.",
  ],
  [
    'p*',
    'the least probability with which a signal is taken. Half-way between two neighbouring probabilities, so that the last digit decides nothing.',
  ],
  ['R', 'the planned risk of a trade: what the initial stop would lose. +0.1 R per trade is a tenth of that.'],
  ['EV', 'expected value: the mean result per trade in R, after fees, slippage and funding.'],
  ['base rate', 'share of signals with the outcome. Whatever claims to know more has to be compared with it.'],
  [
    'out of fold',
    'judged by a model that was trained without the signal, without signals whose outcome overlaps in time (purging), and without those right behind the test (embargo).',
  ],
  ['fold', 'one split of the cross-validation: some stretches of time are the test, the others the training.'],
  [
    'path',
    'one way through the whole history put together from tests of several folds (combinatorial purged cross-validation). Paths share data; they are never averaged into one score, and they are no independent repetitions.',
  ],
  ['cross-fitted', 'calibrator and threshold come from other stretches of time than the one that is judged.'],
  ['walk-forward', 'models only of the past: each month is judged by what was known before it.'],
  [
    '95 % interval',
    'range in which the true figure plausibly lies. Trades of one week share its market, so whole weeks are drawn again and again; below 12 weeks there is none.',
  ],
  [
    'calibration',
    'a rising curve from what the trees say to how often it happened. Platt: an S-curve with two numbers; isotonic: steps.',
  ],
  ['precision, recall', 'share of the taken signals that are good; share of the good signals that are taken.'],
  ['PR-AUC, ROC-AUC', 'average precision over all thresholds; chance that a good signal stands above a bad one.'],
  [
    'log-loss, Brier, ECE',
    'three measures of wrong probabilities; lower is better. ECE is the mean distance from the diagonal of the calibration curve.',
  ],
  ['-', 'the number does not exist here; its reason stands below it or in the note. It is not zero.'],
];

export function modelGlossarySection(): Section {
  return {
    id: 'glossary',
    title: 'Words',
    lead: 'As they are used on this page.',
    blocks: [{ kind: 'glossary', words: WORDS }],
  };
}
