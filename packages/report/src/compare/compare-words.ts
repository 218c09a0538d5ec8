/** A comparison in sentences, for the page and for the terminal alike. */
import type { Refusal } from '@donch/stats';
import { textBlock, type TextBlock } from '../blocks.ts';
import { countText, decimalText, meanText, withUnit } from '../format/number-text.ts';
import { plural } from '../format/words.ts';
import type { PairComparison, RunComparison } from './compare-runs.ts';

/** Everything that is said about the pairs. */
export function compareWords(comparison: RunComparison): string[] {
  const sentences = comparison.pairs.map(pairSentence).map(({ label, text }) => `${label} ${text}`);
  return [...sentences, ...setupNotes(comparison)];
}

/** One pair in words: how large the difference is, and whether it could be chance. */
export function pairSentence(pair: PairComparison): TextBlock {
  const { base, other, differenceR, interval, onlyBase, onlyOther, common } = pair;
  const label = `${other} against ${base}.`;
  if (Number.isNaN(differenceR)) {
    return textBlock(
      'One of the two has no finished trade, so there is no difference of results per trade.',
      'plain',
      label,
    );
  }
  if (common.trades > 0 && common.sameResult === common.trades && onlyBase.trades + onlyOther.trades === 0) {
    return textBlock(
      `Both made the same ${plural(common.trades, countText(common.trades), 'trade')} with the same results.`,
      'plain',
      label,
    );
  }
  const size = withUnit(decimalText(Math.abs(differenceR), 3), 'R');
  const first = `The average trade made ${size} ${differenceR < 0 ? 'less' : 'more'} than that of ${base}`;
  if (interval.kind === 'refused') {
    return textBlock(
      `${first}. Whether that is more than chance cannot be said: ${refusalWords(interval)}.`,
      'plain',
      label,
    );
  }
  const range = `${first}; the true difference plausibly lies between ${meanText(interval.low)} and ${meanText(interval.high)} (95 % interval, ${interval.weeks} weeks drawn together for both)`;
  if (interval.low <= 0 && interval.high >= 0) {
    return textBlock(`${range}. Zero lies inside: these runs do not show which of the two is better.`, 'plain', label);
  }
  const tone = interval.low > 0 ? 'gain' : 'loss';
  return textBlock(
    `${range}. Zero lies outside: the luck of the weeks alone is an unlikely explanation, if these two were all that was ever tried.`,
    tone,
    label,
  );
}

function refusalWords({ reason, found, needed }: Refusal): string {
  return reason === 'too_few_clusters'
    ? `one of the two has trades in ${plural(found, countText(found), 'week')}, and below ${countText(needed)} no honest interval exists`
    : 'they hardly ever traded in the same weeks, so some draws leave one of them without a trade';
}

/** Why runs with another set-up have no trade in common. */
export function setupNotes({ pairs }: RunComparison): string[] {
  return pairs
    .filter(({ hasOtherSetup }) => hasOtherSetup)
    .map(
      ({ other }) =>
        `The set-up of ${other} is another than that of A, and a signal is named by its set-up: so no trade is common by definition, even where both entered the same symbol at the same time.`,
    );
}
