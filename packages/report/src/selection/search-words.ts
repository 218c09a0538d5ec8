/** The words of statistics about a search. */
export const SEARCH_WORDS: readonly (readonly [word: string, meaning: string])[] = [
  [
    'trial',
    'a configuration whose result was ever seen on a window of data, in a sweep or alone. The ledger knows them all; those of other programs it does not.',
  ],
  [
    'PSR',
    'probabilistic Sharpe ratio: the probability that the true Sharpe ratio is above 0, given length, skewness and fat tails of the record, as if nothing else had been tried.',
  ],
  ['DSR', 'deflated Sharpe ratio: the same against what the best of N trials would show by luck. Only as good as N.'],
  [
    'effective N',
    'similar variants are not independent; clusters of them count once. An opinion, so the raw N stands beside it.',
  ],
  [
    'PBO',
    'probability of backtest overfitting: how often the best of one half of the days ends below the middle on the other. A property of the choice, not of a strategy.',
  ],
  [
    'CPCV',
    'combinatorial purged cross-validation: many histories from the same days, each made of days on which its choice was not made. The histories are not independent.',
  ],
  ['WF efficiency', 'walk-forward efficiency: mean return out of sample / in sample.'],
  ['SPA', 'test for superior predictive ability: is the best of all trials better than a benchmark beyond luck?'],
  [
    'embargo, purging',
    'days beside the tested ones that take no part in the choice, because positions reach over the border.',
  ],
];
