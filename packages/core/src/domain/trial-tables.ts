/** Tables of everything that was ever tried: the trial ledger, and the leaderboard of a sweep. */
import { column, nullable, type TableSpec } from './table-spec.ts';

const NO_ACCOUNT = 'no daily account, or fewer than two days';
const NO_SPREAD = `${NO_ACCOUNT}, or returns without spread`;

export const LEDGER: TableSpec = {
  name: 'ledger',
  schemaVersion: 1,
  meaning: 'Trial ledger: every configuration ever evaluated on a window of data.',
  columns: [
    column(
      'trial_id',
      'text',
      'hash',
      'hash of configuration_id, data and window: the same evaluation has the same id, whenever and by whichever version it is made',
    ),
    column(
      'configuration_id',
      'text',
      'hash',
      'hash of strategy, settings, symbols and varied values: the same on every window of data',
    ),
    column('time', 'time', 'UTC', 'when the result that stands here was evaluated'),
    column('run_id', 'text', 'id', 'run that evaluated it'),
    column('kind', 'text', 'word', 'backtest, sweep, threshold'),
    column('spec_hash', 'text', 'hash', 'strategy'),
    column('config_hash', 'text', 'hash', 'settings that decide a result, without the window'),
    nullable(column('universe_hash', 'text', 'hash', 'symbols'), 'signals or predictions of a file'),
    column('data_hash', 'text', 'hash', 'content of the data that were looked at'),
    column('start_time', 'time', 'UTC', 'window, inclusive'),
    column('end_time', 'time', 'UTC', 'window, exclusive'),
    column(
      'configurations',
      'int',
      'count',
      'configurations that the row stands for: 1; of a threshold search the thresholds that were compared',
    ),
    column('evaluations', 'int', 'count', 'how often it was evaluated; a repeat is no new trial'),
    column('trades', 'int', 'count', 'finished trades; of a threshold search the signals'),
    column('days', 'int', 'count', 'daily returns; 0 = no daily account'),
    nullable(column('return_mean', 'float', 'fraction per day', 'mean of daily returns'), NO_ACCOUNT),
    nullable(column('return_sd', 'float', 'fraction per day', 'sd of daily returns, ddof 1'), NO_ACCOUNT),
    nullable(column('return_skew', 'float', '', 'skewness (population)'), NO_SPREAD),
    nullable(column('return_kurtosis', 'float', '', 'kurtosis, normal = 3 (population)'), NO_SPREAD),
    nullable(column('parameters', 'text', 'JSON', 'values that were varied, or a gate that was added'), 'none'),
  ],
  followedBy: 'nothing',
  key: ['trial_id'],
  order: ['time', 'trial_id'],
};

const NO_TRADES = 'no trades';
const FEW_WEEKS = 'trades in too few weeks, or none';
const FEW_DAYS = 'fewer than two days, or no spread';

export const LEADERBOARD: TableSpec = {
  name: 'leaderboard',
  schemaVersion: 1,
  meaning:
    'Variants of a sweep in order of their rank. The same for every variant, whether first touches decided it or the engine.',
  columns: [
    column('rank', 'int', 'place', 'variants without a guard first: profit factor, mean R, drawdown, MAR, win rate'),
    column('variant_id', 'text', 'hash', 'hash of its values'),
    column('tag', 'text', 'words', 'its values, short: name of its folder'),
    column(
      'guard',
      'text',
      'words',
      "why its figures are no evidence: too few trades, stopped by an abort guard; '' = nothing",
    ),
    column('trades', 'int', 'count', 'finished trades'),
    nullable(column('win_rate_frac', 'float', 'fraction', 'trades with a profit'), NO_TRADES),
    nullable(
      column('profit_factor', 'float', 'ratio', 'in R: gains against losses; infinite without losses'),
      NO_TRADES,
    ),
    nullable(column('mean_r', 'float', 'R', 'mean of the trades, net'), NO_TRADES),
    nullable(column('mean_r_low', 'float', 'R', '95 % interval of the mean over resampled weeks, low'), FEW_WEEKS),
    nullable(column('mean_r_high', 'float', 'R', 'the same, high'), FEW_WEEKS),
    nullable(column('median_r', 'float', 'R', 'median of the trades, net'), NO_TRADES),
    column('total_return_frac', 'float', 'fraction', 'final equity against the start'),
    nullable(column('cagr_frac', 'float', 'fraction per year', 'the same per year'), 'no time has passed'),
    column(
      'max_drawdown_frac',
      'float',
      'fraction',
      'deepest drawdown of equity at ends of days, <= 0; a run marks every bar',
    ),
    nullable(column('mar_ratio', 'float', 'ratio', 'cagr_frac against max_drawdown_frac'), 'no drawdown'),
    nullable(column('daily_sharpe', 'float', 'per year', 'of daily returns, x sqrt(365)'), FEW_DAYS),
    nullable(column('min_block_sharpe', 'float', 'per year', 'lowest of four equal blocks of days'), FEW_DAYS),
    nullable(
      column(
        'psr',
        'float',
        'probability',
        'probabilistic Sharpe ratio (2012): that the true one is above 0, luck of one try',
      ),
      'fewer than 20 days, or no spread',
    ),
    nullable(
      column(
        'dsr',
        'float',
        'probability',
        'deflated: above what the best of all trials on the data would show by luck',
      ),
      'in the folder of a run, for every later trial changes it; fewer than two trials; as psr',
    ),
    column('neighbours', 'int', 'count', 'variants that differ by one step of one key'),
    nullable(column('neighbour_mean_r', 'float', 'R', 'median of their mean_r'), 'none of them traded'),
    nullable(
      column(
        'plateau_frac',
        'float',
        'fraction',
        'neighbour_mean_r against mean_r: 1 = a plateau, 0 or less = a lone peak',
      ),
      'no neighbours, or mean_r is not above 0',
    ),
    column('final_equity_usd', 'float', 'USD', 'equity at the end'),
    column('fees_usd', 'float', 'USD', 'fees'),
    column('slippage_usd', 'float', 'USD', 'slippage'),
    column('funding_usd', 'float', 'USD', '> 0 received'),
    column('open_at_end', 'int', 'count', 'positions that the end of the data closed'),
    column('days', 'int', 'count', 'daily returns'),
    column('engine_reason', 'text', 'words', "why it was simulated bar by bar; '' = first touches decided"),
    column('trial_id', 'text', 'hash', 'its row in the trial ledger'),
  ],
  followedBy: 'varied keys',
  key: ['variant_id'],
  order: ['rank'],
};
