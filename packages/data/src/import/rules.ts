/**
 * Everything an import may find, one entry per rule: how serious it is and what each mode does about it.
 * README.md of this folder prints this table; a test keeps the two equal.
 */

/**
 * `error`: the row (or file) is not usable and stays out. `warning`: usable but doubtful. `note`: told for the record,
 * no bar is doubtful because of it.
 */
export type Severity = 'error' | 'warning' | 'note';

/** `default`: keep what is certain. `strict`: one error refuses the file. `repair`: a few conversions that lose nothing. */
export type ImportMode = 'default' | 'strict' | 'repair';

interface RuleSpec {
  readonly severity: Severity;
  /** What was found. */
  readonly meaning: string;
  /** What happens in the default mode; strict differs only by refusing the file for any error. */
  readonly action: string;
  /** What repair does instead; '' = the same as the default. */
  readonly repair: string;
}

const OUT = 'row left out';

function error(meaning: string, action: string = OUT, repair = ''): RuleSpec {
  return { severity: 'error', meaning, action, repair };
}

function warning(meaning: string, action: string, repair = ''): RuleSpec {
  return { severity: 'warning', meaning, action, repair };
}

function note(meaning: string, action: string): RuleSpec {
  return { severity: 'note', meaning, action, repair: '' };
}

/** All rules, in the order in which the summary lists them. */
export const IMPORT_RULES = {
  archive_incomplete: error(
    'the gzip archive ends too early',
    'file refused; with `--allow-partial` the complete lines are kept, the piece at the end never',
  ),
  truncated_last_line: error('the last line has no line end and is not a complete row'),
  bad_json_line: error('a line of a JSON-lines file is no JSON'),
  wrong_field_count: error('more or fewer cells than columns'),
  bad_quote: error('a quotation mark is not closed on its line'),
  other_symbol: error("the symbol column names another symbol than the file's"),
  empty_value: error('a needed cell is empty'),
  not_a_number: error('a cell is not a number (words, `NaN`, decimal comma, digit grouping)'),
  not_finite: error('a number is infinite or too large for the computer'),
  price_not_positive: error('a price is zero or negative'),
  negative_volume: error('volume, turnover or open interest is negative'),
  high_below_low: error('high lies below low'),
  open_outside: error('open lies outside low..high'),
  close_outside: error('close lies outside low..high'),
  invalid_time: error('the text is not an instant that exists (minute 61, 30 February); nothing rolls over'),
  time_out_of_range: error('the number is no instant of 2009 to 2099 in seconds, ms, us or ns'),
  mixed_time_unit: error(
    "a time in another unit (or form) than the file's",
    OUT,
    'converted, see `time_unit_converted`',
  ),
  off_grid: error('the time is not a multiple of the bar length (funding: of one minute, 1 s tolerance)'),
  not_closed: error('the bar closes (funding: settles) after now, or its `confirm` cell says that it is open'),
  turnover_unfit: error(
    'turnover / volume lies outside low..high, so one of the two is wrong',
    OUT,
    'exchanged where the exchanged pair fits, see `turnover_exchanged`; else row left out',
  ),
  duplicate_conflicting: error(
    'several rows of one bar with different values',
    'all rows of the bar left out; `--conflicts first` or `last` keeps that one',
  ),
  time_unit_converted: warning("a time in another unit than the file's", 'never', 'time converted, row kept'),
  turnover_exchanged: warning('volume and turnover stood in exchanged columns', 'never', 'exchanged back, row kept'),
  unterminated_last_line: warning(
    'the last line has no line end: complete as a row, but its last number may be cut',
    'row kept',
  ),
  time_zone_missing: warning(
    'no time zone in a row of a file in which other rows have one',
    'read in the assumed zone (`--time-zone`, else UTC)',
  ),
  turnover_missing: warning('the turnover cell is empty', 'row kept, its turnover is unknown'),
  out_of_order: warning('a line older than the line before', 'rows sorted by time'),
  steps_mixed: warning('a tenth or more of the steps have another known bar length', 'rows kept'),
  jump: warning('open and close both lie more than 20 % from the neighbours, in opposite directions', 'row kept'),
  jump_open: warning('the open lies more than 20 % from the close of the bar directly before', 'row kept'),
  moved_without_volume: warning('the price moved and volume is 0', 'row kept'),
  rate_extreme: warning('a funding rate beyond 5 % per settlement', 'row kept'),
  revision: warning(
    'the store holds other values for this bar',
    'stored values kept; `--revisions take` replaces them',
  ),
  duplicate_identical: note('the same row again (equal as numbers)', 'dropped and counted'),
  newest_first: note('the file runs from the newest row to the oldest', 'rows sorted by time'),
  repeated_header: note('the header line again', 'skipped'),
  preamble_line: note('a line before the header', 'skipped'),
  blank_line: note('a line without any value', 'skipped'),
  gap: note('bars missing between two accepted rows', 'stays a gap'),
} as const satisfies Readonly<Record<string, RuleSpec>>;

/** Name of a rule, as it stands in findings files. */
export type ImportRule = keyof typeof IMPORT_RULES;

/** How serious a finding of this rule is. */
export function severityOf(rule: ImportRule): Severity {
  return IMPORT_RULES[rule].severity;
}

/** One finding in one file. */
export interface Finding {
  readonly rule: ImportRule;
  /** First physical line concerned, 1-based. Parquet has no lines: its row number from 1. 0 = the whole file. */
  readonly line: number;
  /** Last line of a run of lines; equal to `line` for a single one. */
  readonly lastLine: number;
  /** All lines concerned when they are several and no plain run, else empty. */
  readonly lines: readonly number[];
  /** Rows (or missing bars) it stands for. */
  readonly count: number;
  /** Open time of the bar or settlement time, UTC ms; NaN = unknown. */
  readonly timeMs: number;
  /** Original text of the cell or line, cut after 300 characters. */
  readonly text: string;
  /** What was found, for people. */
  readonly message: string;
}
