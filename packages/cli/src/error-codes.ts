/**
 * Every error code with its class (which decides the exit code) and its meaning: docs/CLI.md prints the table. A test reads the
 * sources of all packages and fails when a code is thrown that is missing here, or stands here and is never thrown.
 */

export type ErrorClass = 'usage' | 'data' | 'resource' | 'interrupted';

export interface ErrorCodeSpec {
  readonly class: ErrorClass;
  readonly meaning: string;
}

const usage = (meaning: string): ErrorCodeSpec => ({ class: 'usage', meaning });
const data = (meaning: string): ErrorCodeSpec => ({ class: 'data', meaning });
const resource = (meaning: string): ErrorCodeSpec => ({ class: 'resource', meaning });

export const ERROR_CODES: Readonly<Record<string, ErrorCodeSpec | undefined>> = {
  // command line
  bad_argument: usage('a flag or argument has a value it cannot have'),
  bad_path: usage('a path is empty or of another system'),
  bad_time: usage('a time cannot be read, or a window holds nothing'),
  in_holdout: usage('a window that begins in the hold-out, which no research command looks at'),
  no_holdout: usage('donch holdout, and HOLDOUT_START is not set'),
  holdout_closed: usage('donch holdout without --open: nothing was looked at'),
  holdout_run: usage('a run whose configuration cannot be tested on the hold-out'),
  no_project: usage('there is no config.yaml here or in a folder above'),
  no_run: usage('there is no such run'),
  ambiguous_run: usage('the begin of an id that several runs share'),
  bad_base_url: usage('a base url that is not on this machine'),
  no_venue: usage('which venue is meant cannot be told'),
  unknown_symbol: usage('a symbol that the store or the run does not have'),
  unknown_interval: usage('a bar length that there is not'),
  unknown_format: usage('the name of a file does not tell its format'),
  no_such_column: usage('a column that the table does not have'),
  no_such_file: usage('a file that does not exist'),
  not_a_file: usage('a folder where a file is needed'),
  not_a_folder: usage('a file where a folder is needed'),
  not_a_demo: usage('donch demo was pointed at the folder of another project'),
  nothing_to_compare: usage('a check had nothing to look at, so it has not passed'),
  bad_import_option: usage('an option of donch import has a value it cannot have'),

  // configuration, strategy, symbols
  bad_config: usage('config.yaml: not a list of keys, or values that do not fit together'),
  bad_config_value: usage('a key has a value it cannot have'),
  unknown_config_key: usage('a key that there is not'),
  config_contradiction: usage('two keys that cannot both hold'),
  bad_yaml: usage('a YAML file cannot be read'),
  bad_strategy: usage('a strategy file: unknown keys, values out of range, contradictions'),
  bad_strategy_name: usage('a strategy name without a letter or digit'),
  bad_rule: usage('a rule of the strategy file cannot be applied'),
  unknown_feature: usage('a rule names a feature that there is not'),
  old_dialect: usage('a strategy file of the earlier bot'),
  no_strategy_file: usage('the strategy file does not exist'),
  newer_schema: usage('a file was written by a newer version of the program'),
  bad_symbol: usage('text that is no symbol'),
  duplicate_symbol: usage('a symbol that is listed twice'),
  no_meta: usage('META is required and there are neither predictions nor a bundle'),
  no_threshold: usage('a p* is needed (META: required, donch ev --write) and none is known'),
  bad_groups: usage('AGGREGATE_BY names a column that the trades do not have'),
  bad_synthetic_market: usage('options of the synthetic market out of range'),

  // tables and runs
  no_column: data('a table lacks a column'),
  wrong_column_type: data('a column holds something else than it should'),
  table_mismatch: data('a table does not have the columns of its kind'),
  wrong_table: data('a file holds another table'),
  bad_cell: data('a cell cannot be read or written'),
  unexpected_null: data('an empty cell where none may be'),
  csv_damaged: data('a CSV file cannot be read'),
  parquet_damaged: data('a Parquet file cannot be read'),
  parquet_unsupported: data('a Parquet file uses something that cannot be read'),
  no_session: data('there is no such session'),
  bad_predictions: data('predictions with a cell that cannot be used'),
  duplicate_predictions: data('several predictions of one signal'),
  duplicate_signals: data('several signals of one symbol and time, and predictions without ids'),
  label_unclear: data("predictions that may be stamped with a bar's open or with its close"),
  low_coverage: data('too many signals or trades without a prediction'),
  no_bundle: usage('there is no model bundle'),
  bad_outdir: usage('a folder that cannot show a model bundle: it holds other things'),
  bad_bundle: data('a model bundle that is damaged, or made for other features than those of now'),
  in_sample: data('signals that a model would judge whose outcomes it has learned'),
  bundle_mismatch: data('a model bundle that is bound to another set-up, venue, bar length or universe'),
  bad_dataset: data('signals and outcomes that no model can learn from'),
  bad_training: data('rows or settings that trees cannot be grown from'),
  bad_model: data('a model that is damaged, or of a kind that cannot be scored'),
  journal_differs: data('a session that goes on comes to something else than is recorded'),
  bad_run: data('a text that is no id of a run, or a run that is none'),
  run_damaged: data('a run is not as it was finished'),
  run_outdated: data('a run that cannot be simulated again as it was: other data, or an earlier version'),
  bad_signals: data('a signals file that cannot be traded'),
  signal_off_grid: data('a signal that was not decided at the close of a bar'),
  not_hashable: data('a value without a canonical form'),

  // store
  no_candles: data('the store has no such candles'),
  no_funding: data('the store has no funding rates of the symbol'),
  bad_instrument: data('an instrument that cannot be'),
  bad_bar: data('a bar that cannot be'),
  bar_in_progress: data('a bar that has not closed yet'),
  bar_out_of_order: data('bars that do not ascend'),
  bars_revised: data('stored bars came again with other values'),
  bad_event: data('a settlement that cannot be'),
  events_revised: data('stored settlements came again with other values'),
  content_mismatch: data('rows do not have the hash that their file claims'),
  wrong_file: data('a file of the store holds another series'),
  regimes_damaged: data('stored parameters of a regime are not as they were written'),
  symbol_case_conflict: data('two symbols that differ in case only'),
  journal_damaged: data('a record of a journal is damaged'),
  ledger_damaged: data('a file of the trial ledger is damaged'),
  bad_journal: data('a journal holds something that no session writes'),
  tail_log_damaged: data('the tail log is damaged: donch data repair'),

  // import
  archive_damaged: data('an archive cannot be unpacked'),
  archive_incomplete: data('an archive ends too early'),
  bad_json: data('a JSON file cannot be read'),
  columns_unclear: data('which column is which cannot be told'),
  day_month_unclear: data('day and month cannot be told apart'),
  file_unreadable: data('a file cannot be read'),
  foreign_price: data('prices of another instrument or unit'),
  interval_conflict: data('bars of another length than stated'),
  interval_unclear: data('the bar length cannot be told'),
  kind_unclear: data('candles or funding: cannot be told'),
  mostly_unusable: data('more rows are unusable than usable'),
  no_data: data('a file without rows'),
  no_header: data('a file without a header that is needed'),
  no_usable_row: data('a file without a usable row'),
  off_grid_file: data('bars that do not open on the grid of their length'),
  several_symbols: data('several symbols in one file'),
  strict_refused: data('errors in a file that had to be without any'),
  symbol_unclear: data('the symbol cannot be told'),
  time_unit_conflict: data('times of another unit than stated'),
  time_unit_unclear: data('the unit of times cannot be told'),
  time_zone_needed: data('times without a zone'),
  turnover_unfit_file: data('a turnover column that does not fit prices and volume'),
  venue_answer: data("an exchange's error message in place of data"),
  venue_unclear: data('the venue cannot be told'),

  sweep_differs: data('the engine came to another result than a sweep: no figure of the sweep can be trusted'),

  // disk and processes
  venue_refused: resource('the venue refuses a question, and will again'),
  no_answer: resource('the venue gave no complete answer'),
  venue_account: resource('the account is not set up as trading needs it, and cannot be'),
  data_changed: resource('the store changed while it was read'),
  disk_error: resource('the device reports an error'),
  disk_full: resource('no space is left'),
  file_in_use: resource('another program holds a file open'),
  file_too_large: resource('a file is larger than the limit of the system or of the program'),
  io_error: resource('an operation on a file failed'),
  ledger_full: resource('the trial ledger holds as many trials as it can'),
  lock_damaged: resource('the lock of a folder cannot be read'),
  no_permission: resource('a right is missing'),
  store_locked: resource('another process writes to the folder'),
  tail_log_broken: resource('the tail log could not be written; the disk has to be mended first'),
  too_many_open_files: resource('too many open files'),

  interrupted: { class: 'interrupted', meaning: 'Ctrl-C or SIGTERM' },
};
