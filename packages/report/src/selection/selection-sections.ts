/** Everything about choosing among trials, for the page of a sweep and for that of a run. */
import type { SelectionVerdict } from '@donch/stats';
import { textBlock, type Block, type Section } from '../blocks.ts';
import { countText, ratioText } from '../format/number-text.ts';
import { refusalWords } from '../format/refusal-words.ts';
import { plural } from '../format/words.ts';
import { deflationSection, multipleTestSection } from './deflation.ts';
import { chanceText, isRefused } from './figures.ts';
import { overfittingSection } from './overfitting.ts';
import { pathSection } from './paths.ts';
import { superioritySection } from './superiority.ts';
import { walkForwardSection } from './walk-forward.ts';

/** There is no verdict, and why: a sentence without its point. */
interface NoSelection {
  readonly kind: 'none';
  readonly why: string;
}

export interface FoundSelection {
  readonly kind: 'selection';
  readonly verdict: SelectionVerdict;
  /** Trials with returns that have gaps or are of other days: in N, and in nothing that needs returns. */
  readonly leftOut: number;
  /** Thresholds that searches for a p* looked at on overlapping data: not in N, for none of them has an account. */
  readonly thresholds: number;
}

export type SelectionFindings = FoundSelection | NoSelection;

/** What things are called. */
interface Naming {
  /** What is judged: the winner of a sweep, or a run. */
  readonly subject: string;
  /** A trial by its id. */
  readonly tagOf: (id: string) => string;
}

/** All sections in the order of reading; one that says why where there is no verdict. */
export function selectionSections(found: SelectionFindings, { subject, tagOf }: Naming): Section[] {
  if (found.kind === 'none') {
    return [
      {
        id: 'deflation',
        title: 'What the search has used up',
        lead: 'What is left of the best figure when everything that was tried counts: N, PSR, DSR, PBO, walk-forward, CPCV, SPA.',
        blocks: [textBlock(`Not computed: ${found.why}.`)],
      },
    ];
  }
  const { verdict } = found;
  const nothing = nothingToChoose(verdict);
  if (nothing !== null) return [deflationSection(found, subject), nothing, superioritySection(verdict, tagOf)];
  return [
    deflationSection(found, subject),
    overfittingSection(verdict),
    walkForwardSection(verdict),
    pathSection(verdict, subject),
    superioritySection(verdict, tagOf),
    multipleTestSection(verdict, subject),
  ];
}

/** One section in place of four that would all say the same; null where something was computed. */
function nothingToChoose({ overfitting, walkForward, paths, multipleTests }: SelectionVerdict): Section | null {
  const all = [
    ['PBO', overfitting],
    ['Walk-forward, rolling', walkForward.rolling],
    ['Walk-forward, expanding', walkForward.expanding],
    ['CPCV', paths],
    ['Corrections for many tests', multipleTests],
  ] as const;
  const blocks = all.flatMap(([name, found]) =>
    isRefused(found) ? [textBlock(`not computed, ${refusalWords(found)}.`, 'plain', `${name}:`)] : [],
  );
  if (blocks.length < all.length) return null;
  return {
    id: 'overfitting',
    title: 'Does choosing the best work here?',
    lead: 'How the way of choosing does on days that took no part in the choice. That takes a choice: two trials or more of this window, and enough days.',
    blocks,
  };
}

/** The verdict on the search in sentences: what luck alone would show, whether choosing works, what was left as time went on. */
export function selectionSentences(verdict: SelectionVerdict): Block[] {
  return [luckSentence(verdict, 'the winner'), choiceSentence(verdict), forwardSentence(verdict)];
}

/** What the best of so many would show by luck, against what was found. */
export function luckSentence(
  { counts, sharpe, deflation: { dsr, expectedMax } }: SelectionVerdict,
  subject: string,
): Block {
  const label = 'What luck alone would show.';
  const tried = `${plural(counts.configurations, countText(counts.configurations), 'configuration')} ${counts.configurations === 1 ? 'was' : 'were'} ever evaluated on these data`;
  const reached = isRefused(sharpe) ? '' : `; ${subject} has ${ratioText(sharpe.annualSharpe)}`;
  if (isRefused(expectedMax)) {
    return textBlock(
      `${tried}. What the best of them would show by luck, and with it DSR, was not computed: ${refusalWords(expectedMax)}.`,
      'plain',
      label,
    );
  }
  const best = `${tried}. The best of so many without any skill is expected to show a Sharpe ratio of ${ratioText(expectedMax.annualSharpe)}${reached}.`;
  if (isRefused(dsr)) return textBlock(`${best} DSR was not computed: ${refusalWords(dsr)}.`, 'plain', label);
  const chance = `The probability that its true Sharpe ratio is above that (DSR) is ${chanceText(dsr.probability)}`;
  return dsr.probability > 0.95
    ? textBlock(
        `${best} ${chance}: the luck of the search alone is an unlikely explanation, if the ledger knows everything that was tried.`,
        'gain',
        label,
      )
    : textBlock(
        `${best} ${chance}, below the usual 95 %: the search explains the result as well as skill does.`,
        'loss',
        label,
      );
}

function choiceSentence({ overfitting }: SelectionVerdict): Block {
  const label = 'Does choosing the best work?';
  if (isRefused(overfitting)) return textBlock(`PBO was not computed: ${refusalWords(overfitting)}.`, 'plain', label);
  const { pbo } = overfitting.result;
  const text = `In ${chanceText(pbo)} of all ways to halve the days, the trial that was best on one half ended in the lower half of all trials on the other (PBO)`;
  if (pbo >= 0.5)
    return textBlock(`${text}. Drawing lots would do as well: the ranking of these variants is noise.`, 'loss', label);
  return pbo < 0.1
    ? textBlock(`${text}: the ranking carries over.`, 'gain', label)
    : textBlock(`${text}; 50 % is pure luck.`, 'plain', label);
}

function forwardSentence({ walkForward: { rolling, expanding } }: SelectionVerdict): Block {
  const label = 'Held out of sample?';
  const words = [rolling, expanding].flatMap((one) => {
    if (isRefused(one)) return [];
    const { form, outOfSample, efficiency } = one;
    const left = isRefused(efficiency) ? '' : `, WF efficiency ${ratioText(efficiency.ratio)}`;
    return [`${form}: Sharpe ratio ${ratioText(outOfSample.annualSharpe)}${left}`];
  });
  if (words.length === 0) {
    const refusal = isRefused(rolling) ? refusalWords(rolling) : '';
    return textBlock(`Choosing as time goes on was not computed: ${refusal}.`, 'plain', label);
  }
  return textBlock(
    `Choosing the best so far and holding it over the next days, step by step, brought ${words.join('; ')}. 1 would be as good as where it was chosen.`,
    'plain',
    label,
  );
}
