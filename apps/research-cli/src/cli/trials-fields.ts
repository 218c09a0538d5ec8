/** Fields of the document of `donch trials`. */
import { field, list, OK, type FieldSpec } from '@donch/cli';
import { holdoutMember } from './holdout-fields.ts';

export function trialsFields(): FieldSpec[] {
  return [
    OK,
    holdoutMember(),
    field('trials', 'number', 'count', 'backtests and variants of sweeps: a configuration on a window of data each'),
    field('configurations', 'number', 'count', 'different configurations among them'),
    field('evaluations', 'number', 'count', 'how often they were evaluated; repeats are no new trials'),
    field('thresholdSearches', 'number', 'count', 'searches for a p*'),
    field('thresholds', 'number', 'count', 'thresholds that they looked at'),
    list('windows', 'object', 'windows of data, that with the newest trial first', [
      field('startMs', 'number', 'UTC ms', 'inclusive'),
      field('endMs', 'number', 'UTC ms', 'exclusive'),
      field('days', 'number', 'count', 'daily returns of its longest trial'),
      field('trials', 'number', 'count', 'trials on exactly this window'),
      field('overlapping', 'number', 'count', 'different configurations on any window that shares a time with it: N'),
      field('sharpeSd', 'number', 'per year', 'sd of their annual Sharpe ratios, ddof 1', 'fewer than two of them'),
      field('bestSharpe', 'number', 'per year', 'highest Sharpe ratio of daily returns, x sqrt(365)', 'none has one'),
      field('bestRunId', 'text', 'id', 'run of that trial', 'none has one'),
      field('bestTrialId', 'text', 'id', 'that trial', 'none has one'),
      field('bestParameters', 'text', 'JSON', 'values that were varied there', 'none'),
      field('bestTrades', 'number', 'count', 'its finished trades', 'none has one'),
    ]),
  ];
}
