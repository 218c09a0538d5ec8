/** The verdict on a model: is there a threshold, what it was worth, what may be done with it, what to doubt. */
import { formatDay } from '@donch/core';
import { textBlock, type Block, type Fact, type Section, type Tone } from '../blocks.ts';
import { plural } from '../format/words.ts';
import type { Banded, ModelReportInput, ModelThreshold } from './model-report-input.ts';
import {
  hasInterval,
  intervalText,
  meanRText,
  MISSING,
  probabilityText,
  rowsText,
  sentence,
  shareText,
  spreadOf,
} from './model-text.ts';
import { isFailed, probesOf } from './probes.ts';

export function modelVerdictSection(input: ModelReportInput): Section {
  return {
    id: 'verdict',
    title: 'In plain words',
    lead: '',
    blocks: [
      thresholdSentence(input),
      evidenceSentence(input),
      ...optimismSentence(input.threshold),
      monthsSentence(input),
      gateSentence(input.threshold),
      ...warningSentences(input),
      dataSentence(input),
      { kind: 'facts', facts: headlineFacts(input) },
    ],
  };
}

/** What p* of the model there is. A threshold without a number is none. */
export function thresholdKind({ source, pstar }: ModelThreshold): ModelThreshold['source'] {
  return Number.isFinite(pstar) ? source : 'none';
}

function thresholdSentence({ threshold }: ModelReportInput): Block {
  const { pstar, note } = threshold;
  const p = probabilityText(pstar);
  switch (thresholdKind(threshold)) {
    case 'chosen':
      return textBlock(
        `p* = ${p}. Take a signal if the model gives it a probability of at least ${p}. On signals that had no part in the choice this was better than taking all of them, by more than the luck of weeks usually explains: noise alone gets this far in about one training of twenty. ${sentence(note)}`.trim(),
        'gain',
        'There is a threshold.',
      );
    case 'user':
      return textBlock(
        `p* = ${p} was set by the user (--pstar). ${sentence(note) || 'It was not found by the evidence on this page.'}`,
        'loss',
        "The user's own choice.",
      );
    case 'none':
      return textBlock(
        `${sentence(note) || 'The training gives no reason.'} So no threshold of this model is shown to pay.`,
        'loss',
        'No p*.',
      );
  }
}

function evidenceSentence({ threshold, rows }: ModelReportInput): Block {
  const { improvement, n, evR, evAllR } = threshold;
  const isUser = thresholdKind(threshold) === 'user';
  const subject = isUser ? 'Thresholds that the procedure chose' : 'Choosing like this';
  const label = 'What it is worth.';
  if (Number.isNaN(improvement.estimate)) {
    return textBlock(
      'There is no cross-fitted figure: nothing could be judged on signals without a part in it.',
      'plain',
      label,
    );
  }
  const range = hasInterval(improvement)
    ? `(95 % interval ${intervalText(improvement)})`
    : '(no interval: the signals lie in fewer than 12 weeks)';
  const verb = improvement.estimate < 0 ? 'cost' : 'brought';
  const amount = meanRText(Math.abs(improvement.estimate)).replace('+', '');
  const direction = improvement.estimate < 0 ? 'against' : 'more than';
  const taken = Number.isNaN(evR)
    ? 'Nothing would have been taken.'
    : `${rowsText(n)} of ${rowsText(rows)} signals would have been taken, with ${meanRText(evR)} each; all signals had ${meanRText(evAllR)}.`;
  const own = isUser ? ` They are not the user's ${probabilityText(threshold.pstar)}.` : '';
  return textBlock(
    `${subject} ${verb} ${amount} per trade ${direction} taking all signals ${range}. Each stretch of time was judged by a calibrator and a threshold of the others. ${taken}${own}`,
    hasInterval(improvement) && improvement.low > 0 ? 'gain' : 'plain',
    label,
  );
}

/** The figure that must not be believed, beside the one that may. */
function optimismSentence({ improvement, inSampleImprovementR }: ModelThreshold): Block[] {
  if (Number.isNaN(inSampleImprovementR)) return [];
  const cross = Number.isNaN(improvement.estimate)
    ? ''
    : `, against ${meanRText(improvement.estimate)} on signals without a part in the choice`;
  return [
    textBlock(
      `Read on the very signals on which the procedure chose its threshold, the gain looks like ${meanRText(inSampleImprovementR)}${cross}. It is shown only so that this optimism can be seen; do not expect it.`,
      'plain',
      'Too good.',
    ),
  ];
}

function monthsSentence({ walkForward, threshold }: ModelReportInput): Block {
  const { months, improvement } = walkForward;
  const label = 'Month by month.';
  if (months.length === 0) {
    return textBlock('No month has a model that was trained before it: the history is too short.', 'plain', label);
  }
  const gated = months.filter(({ pstar }) => !Number.isNaN(pstar)).length;
  const count = `${plural(months.length, rowsText(months.length), 'month')} had a model trained on what had ended before, ${rowsText(gated)} of them a p*`;
  if (Number.isNaN(improvement.estimate)) {
    return textBlock(`${count}; nothing was taken in them, so there is no result to compare.`, 'plain', label);
  }
  const range = hasInterval(improvement)
    ? ` (95 % interval ${intervalText(improvement)})`
    : ' (no interval: under 12 weeks)';
  const isShown = hasInterval(improvement) && improvement.low > 0;
  const end = isShown ? 'Zero lies below the interval.' : 'This alone does not show a gain: zero is not excluded.';
  const hindsight =
    thresholdKind(threshold) === 'user'
      ? " The user's threshold stood in every month; if it was picked after seeing them, the figure is too good."
      : '';
  return textBlock(
    `${count}. In the months with a p*, what the gate took had ${meanRText(improvement.estimate)} per trade against all signals of these months${range}. ${end}${hindsight}`,
    toneBeyondZero(improvement),
    label,
  );
}

function gateSentence(threshold: ModelThreshold): Block {
  const p = probabilityText(threshold.pstar);
  const texts = {
    chosen: `It starts, and then takes a signal only if its probability is at least ${p}. A signal that the model cannot judge is not taken.`,
    user: `It starts with the user's own ${p}, and then takes a signal only if its probability is at least that. A signal that the model cannot judge is not taken.`,
    none: 'It does not start with this model, because there is no p*. A threshold of your own (--pstar, META_PROB_THRESHOLD) would let it start, without evidence that it helps.',
  };
  return textBlock(texts[thresholdKind(threshold)], 'plain', 'With META: required.');
}

function warningSentences({ warnings, probes }: ModelReportInput): Block[] {
  const failed = probesOf(probes).filter(isFailed);
  const texts =
    warnings.length === 0 && failed.length > 0
      ? [`${failed.map(({ name }) => name).join(', ')}: not passed; see the leakage probes.`]
      : warnings;
  return texts.map((text) => textBlock(sentence(text), 'loss', 'Beware.'));
}

function dataSentence(input: ModelReportInput): Block {
  const { rows, unlabelledSignals, instruments, fromMs, toMs, baseRateFrac } = input;
  const without =
    unlabelledSignals > 0
      ? ` ${plural(unlabelledSignals, rowsText(unlabelledSignals), 'more signal')} had no outcome yet and taught nothing.`
      : '';
  return textBlock(
    `${plural(rows, rowsText(rows), 'signal')} of ${plural(instruments, rowsText(instruments), 'instrument')} from ${dayText(fromMs)} to ${dayText(toMs)}, each simulated alone with the same exits and costs; ${shareText(baseRateFrac)} of them had the outcome (the base rate).${without}`,
    'plain',
    'What it learned from.',
  );
}

export function dayText(timeMs: number): string {
  return Number.isFinite(timeMs) ? formatDay(timeMs) : MISSING;
}

function headlineFacts(input: ModelReportInput): Fact[] {
  const { threshold, metrics, rows, baseRateFrac, walkForward } = input;
  const folds = metrics.filter(({ scope, stage }) => scope === 'fold' && stage === 'calibrated');
  const auc = spreadOf(folds.map(({ rocAuc }) => rocAuc));
  const brier = spreadOf(folds.map((fold) => fold.brier));
  const fact = (label: string, value: string, words: string, tone: Tone = 'plain'): Fact => ({
    label,
    value,
    words,
    tone,
  });
  const kind = thresholdKind(threshold);
  const sources = {
    chosen: 'threshold found by the evidence; pstar.txt has all digits',
    user: "the user's own choice, not the evidence's",
    none: 'no threshold is shown to be better than taking all',
  };
  const interval = hasInterval(threshold.improvement)
    ? `per trade, cross-fitted; 95 % interval ${intervalText(threshold.improvement)}`
    : 'per trade, cross-fitted; no interval: under 12 weeks';
  return [
    fact('p*', kind === 'none' ? 'none' : probabilityText(threshold.pstar), sources[kind]),
    fact('gain over all', meanRText(threshold.improvement.estimate), interval, toneBeyondZero(threshold.improvement)),
    fact(
      'in order of time',
      meanRText(walkForward.improvement.estimate),
      monthWords(input),
      toneBeyondZero(walkForward.improvement),
    ),
    fact('signals', rowsText(rows), 'with an outcome; what the model learned from'),
    fact('base rate', shareText(baseRateFrac), 'share of signals with the predicted outcome'),
    fact(
      'ROC-AUC',
      probabilityText(auc.mean),
      `mean of ${rowsText(auc.count)} folds, ${probabilityText(auc.min)} to ${probabilityText(auc.max)}; 0.5 = no order at all`,
    ),
    fact(
      'Brier score',
      probabilityText(brier.mean),
      `mean of ${rowsText(brier.count)} folds, calibrated; always saying the base rate: ${probabilityText(spreadOf(folds.map((fold) => fold.baseRateFrac * (1 - fold.baseRateFrac))).mean)}`,
    ),
  ];
}

/** Coloured only where the interval lies on one side of zero. */
function toneBeyondZero({ low, high }: Banded): Tone {
  return low > 0 ? 'gain' : high < 0 ? 'loss' : 'plain';
}

function monthWords({ walkForward: { improvement, months } }: ModelReportInput): string {
  if (Number.isNaN(improvement.estimate)) return 'walk-forward, gated minus all: nothing to compare';
  return hasInterval(improvement)
    ? `walk-forward, gated minus all; 95 % interval ${intervalText(improvement)}`
    : `walk-forward, gated minus all; ${plural(months.length, rowsText(months.length), 'month')}, no interval`;
}
