/** Fields of the document of `donch sweep`. */
import { field, list, object, OK, RUN_ID, type FieldSpec } from '@donch/cli';

const NO_TRADE = 'no trade';

export function sweepFields(): FieldSpec[] {
  return [
    OK,
    ...RUN_ID,
    field('variants', 'number', 'count', 'variants that were evaluated'),
    field(
      'gridSize',
      'number',
      'count',
      'combinations of the grid; more than variants where they were drawn or --single was given',
    ),
    field('signalSets', 'number', 'count', 'combinations of entry keys: each was scanned once'),
    field(
      'guarded',
      'number',
      'count',
      'variants whose figures are no evidence: too few trades, or stopped by an abort guard',
    ),
    field('checkedVariants', 'number', 'count', 'variants that the engine simulated as well, with the same bits'),
    field('engineVariants', 'number', 'count', 'variants that only the engine can simulate'),
    field('startMs', 'number', 'UTC ms', 'window, inclusive'),
    field('endMs', 'number', 'UTC ms', 'window, exclusive'),
    list('best', 'object', 'variants in order of their rank, at most ten', [
      field('rank', 'number', 'place', 'place'),
      field('tag', 'text', 'words', 'its values, short'),
      object('values', 'its values by key'),
      field('guard', 'text', 'words', "why its figures are no evidence; '' = nothing"),
      field('trades', 'number', 'count', 'finished trades'),
      field('meanR', 'number', 'R', 'mean, net', NO_TRADE),
      field('ciLowR', 'number', 'R', '95 % interval over resampled weeks, low', 'trades in too few weeks'),
      field('ciHighR', 'number', 'R', 'the same, high', 'trades in too few weeks'),
      field('profitFactor', 'number', 'ratio', 'in R', 'no trade, or no losses (infinite)'),
      field('maxDrawdownFrac', 'number', 'fraction', 'of equity at ends of days, <= 0'),
      field('dailySharpe', 'number', 'per year', 'of daily returns, x sqrt(365)', 'no spread'),
      field('psr', 'number', 'probability', 'probabilistic Sharpe ratio', 'fewer than 20 days, or no spread'),
      field('dsr', 'number', 'probability', 'deflated Sharpe ratio with N of the ledger', 'refused: see selection'),
      field(
        'plateauFrac',
        'number',
        'fraction',
        'median of its neighbours against its own mean R',
        'no neighbours, or mean R not above 0',
      ),
    ]),
    object('selection', 'what choosing the best cost; the page has all of it', [
      field('trials', 'number', 'count', 'N: configurations ever evaluated on overlapping data', 'no verdict'),
      field('effectiveTrials', 'number', 'count', 'clusters among them', 'refused'),
      field('expectedMaxSharpe', 'number', 'per year', 'what the best of N shows without any skill', 'refused'),
      field('dsr', 'number', 'probability', 'deflated Sharpe ratio of the best', 'refused'),
      field('pbo', 'number', 'probability', 'probability of backtest overfitting of the way of choosing', 'refused'),
      field('walkForwardEfficiency', 'number', 'ratio', 'out of sample against in sample, expanding', 'refused'),
      list('refusals', 'text', 'what was not computed, and why'),
    ]),
    list('kept', 'object', 'variants with a backtest of their own', [
      field('tag', 'text', 'words', 'variant'),
      field('runId', 'text', 'id', 'its backtest'),
      field('folder', 'text', 'path', 'its trades, equity and report'),
    ]),
    list('files', 'text', 'files that were written'),
  ];
}
