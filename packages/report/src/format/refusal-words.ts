/** Why a statistic was not computed, in words. A refused figure is never printed as 0 or 1. */
import type { Refusal } from '@donch/stats';
import { countText, decimalText, ratioText, rText } from './number-text.ts';
import { plural } from './words.ts';

type Words = (found: number, needed: number) => string;

const few =
  (word: string): Words =>
  (found, needed) =>
    `${plural(found, countText(found), word)}, at least ${countText(needed)} are needed`;

const missing =
  (word: string): Words =>
  (found, needed) =>
    `only ${countText(found)} of ${countText(needed)} ${word} are known`;

const WORDS: Readonly<Record<string, Words>> = {
  too_few_trials: few('trial'),
  too_few_observations: few('day'),
  too_few_returns: few('day'),
  too_few_trades: few('trade'),
  too_few_blocks: few('block of days'),
  too_few_clusters: (found, needed) =>
    `trades in ${plural(found, countText(found), 'week')}, at least ${countText(needed)} are needed`,
  below_one_year: (found, needed) => `${countText(found)} days: below ${countText(needed)} a rate per year is a guess`,
  no_trades: () => 'there are no finished trades',
  no_positions: () => 'there are no positions',
  no_models: () => 'there is nothing to compare',
  no_tests: () => 'there is nothing to test',
  no_days: () => 'there is no whole day',
  no_losses: () => 'nothing was ever lost, so no bet would be too large',
  no_spread: () => 'the results do not vary',
  one_group: () => 'there is only one group: without it nothing is left',
  missing_return: missing('returns'),
  missing_result: missing('results'),
  missing_p_value: missing('p values'),
  missing_value: () => 'a number that it rests on is missing',
  undefined_statistic: () => 'the figure has no value for some of the draws',
  undefined_metric: (found) => `a trial has no Sharpe ratio on a part of the days (${countText(found)} cases)`,
  variance_not_positive: () => 'skewness and kurtosis of the returns leave no error to judge it by',
  not_above_benchmark: (found, needed) =>
    `the Sharpe ratio (${decimalText(found, 3)} here) does not lie above the one to beat (${decimalText(needed, 3)}): no length of time would show it`,
  trials_without_spread: () => 'all trials have the same Sharpe ratio: in effect there was one',
  in_sample_not_positive: () => 'the chosen trials lost money already where they were chosen',
  no_costs: () => 'the run has no costs that could be multiplied',
  loses_without_costs: (found) => `it loses without any costs already (${rText(found)} per trade)`,
  profitable_at_any_cost: (found, needed) =>
    `it still earns ${rText(found)} per trade at ${ratioText(needed)} times its costs, the most that was tried`,
};

/** One clause, without a point; a reason without words stands as it is. */
export function refusalWords({ reason, found, needed }: Refusal<string>): string {
  const words = WORDS[reason];
  return words === undefined ? reason.replaceAll('_', ' ') : words(found, needed);
}
