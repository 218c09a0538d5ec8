/** Fields of the document of `donch null-test`. */
import { field, list, object, OK, type FieldSpec } from '@donch/cli';

const TOO_FEW = 'too few seeds with trades';
const REFUSED = 'refused: too few trades or days';

export function nullTestFields(): FieldSpec[] {
  return [
    OK,
    field('plant', 'text', 'word', 'planted mistake', 'none was planted'),
    field('seeds', 'number', 'count', 'markets'),
    field('trades', 'number', 'count', 'trades of all seeds; with --sweep those of the winners'),
    field('meanR', 'number', 'R', 'mean over the seeds of their mean R', TOO_FEW),
    field('ciLowR', 'number', 'R', '95 % t interval over the seeds, low', TOO_FEW),
    field('ciHighR', 'number', 'R', 'the same, high', TOO_FEW),
    list('perSeedMeanR', 'number', 'mean R of each seed (with --sweep the mean over its variants); null = no trade'),
    {
      ...object('sweep', 'what the search made of noise', [
        field('variants', 'number', 'count', 'variants on each market'),
        list('findings', 'text', 'too_few, skill, overfitting, earns; empty = luck was seen through'),
        field('judged', 'number', 'count', 'seeds whose winner has DSR and PBO'),
        field('skilled', 'number', 'count', 'winners with DSR > 0.95'),
        field('skilledMax', 'number', 'count', 'so many may be: max(1, 10 %)'),
        field('pbo', 'number', 'probability', 'mean over the seeds', 'fewer than two seeds'),
        field('pboLow', 'number', 'probability', 'it must not be lower'),
        field('pboHigh', 'number', 'probability', 'nor higher: 0.4 to 0.6, with fewer than 40 seeds the t interval'),
        list('perSeed', 'object', 'in order of the seeds', [
          field('seed', 'number', 'seed', 'of the market'),
          field('tag', 'text', 'words', 'winner'),
          field('trades', 'number', 'count', 'its trades'),
          field('meanR', 'number', 'R', 'its mean R', 'no trade'),
          field('dailySharpe', 'number', 'per year', 'its Sharpe ratio of daily returns', REFUSED),
          field('dsr', 'number', 'probability', 'its deflated Sharpe ratio', REFUSED),
          field('pbo', 'number', 'probability', 'probability of backtest overfitting of the choice', REFUSED),
        ]),
      ]),
      nullMeans: 'without --sweep',
    },
  ];
}
