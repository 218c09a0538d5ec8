/** How the fields of a `--json` document are declared. */

export type FieldType = 'number' | 'text' | 'boolean' | 'object' | 'list' | 'any';

export interface FieldSpec {
  readonly name: string;
  readonly type: FieldType;
  readonly unit: string;
  readonly meaning: string;
  /** What null means; '' = never null. */
  readonly nullMeans: string;
  /** Type of the items of a list. */
  readonly items?: FieldType;
  /** Fields of an object, or of the objects in a list; left out where they depend on something else. */
  readonly fields?: readonly FieldSpec[];
}

export interface DocumentSpec {
  /** Raised when a field changes its meaning or goes away; new fields may come at any time. */
  readonly schemaVersion: number;
  readonly fields: readonly FieldSpec[];
}

/** Makes the documents of an app's commands: version and name in front of the fields. */
export function documentMaker<Name extends string>(documents: Readonly<Record<Name, DocumentSpec>>) {
  return (name: Name, fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => ({
    schema_version: documents[name].schemaVersion,
    command: name,
    ...fields,
  });
}

// oxlint-disable-next-line max-params -- a column of the table that docs/CLI.md prints
export function field(name: string, type: FieldType, unit: string, meaning: string, nullMeans = ''): FieldSpec {
  return { name, type, unit, meaning, nullMeans };
}

/** A list; `fields` are those of its objects. */
export function list(name: string, items: FieldType, meaning: string, fields?: readonly FieldSpec[]): FieldSpec {
  return {
    name,
    type: 'list',
    unit: '',
    meaning,
    nullMeans: '',
    items,
    ...(fields !== undefined && { fields }),
  };
}

export function object(name: string, meaning: string, fields?: readonly FieldSpec[]): FieldSpec {
  return { name, type: 'object', unit: '', meaning, nullMeans: '', ...(fields !== undefined && { fields }) };
}

export const OK: FieldSpec = field('ok', 'boolean', '', 'true = exit code 0');

export const RUN_ID: readonly FieldSpec[] = [
  field('runId', 'text', 'id', 'run: results/runs/<id>'),
  field('cached', 'boolean', '', 'the run of these inputs was there already'),
];

/** The figures of a backtest. */
export function figureFields(): FieldSpec[] {
  const noTrade = 'no trade';
  return [
    field('signals', 'number', 'count', 'signals of the window'),
    field('trades', 'number', 'count', 'finished trades; those open at the end are not among them'),
    field('meanR', 'number', 'R', 'mean result net of all costs', noTrade),
    field('ciLowR', 'number', 'R', '95 % interval of the mean, whole weeks resampled: low', 'fewer than 12 weeks'),
    field('ciHighR', 'number', 'R', 'the same: high', 'fewer than 12 weeks'),
    field('ciNote', 'text', 'words', 'how the interval was made, or why there is none'),
    field('winRateFrac', 'number', 'fraction', 'share of trades above 0', noTrade),
    field('profitFactor', 'number', '', 'sum of gains / sum of losses', 'no loss (infinite) or no trade'),
    field('maxDrawdownFrac', 'number', 'fraction', 'largest fall from a peak of marked-to-market equity, >= 0'),
    field('finalEquityUsd', 'number', 'USD', 'equity at the end, open positions closed at the last close'),
    field('initialCapitalUsd', 'number', 'USD', 'equity at the start'),
    field('totalReturnFrac', 'number', 'fraction', 'final / initial - 1'),
    field('cagrFrac', 'number', 'fraction per year', 'growth rate', 'less than a year'),
    field('mar', 'number', '', 'CAGR / maximum drawdown', 'less than a year, or no drawdown'),
    field('dailySharpe', 'number', '', 'daily returns x sqrt(365)', 'no variation'),
    field('dailySortino', 'number', '', 'daily returns x sqrt(365)', 'no loss'),
    field('timeInMarketFrac', 'number', 'fraction', 'share of the window with a position', 'empty window'),
    field('feesUsd', 'number', 'USD', 'fees paid'),
    field('fundingUsd', 'number', 'USD', 'funding, above 0 = received'),
    field('fundingAssumedTrades', 'number', 'count', 'trades with assumed funding: rates not known'),
    field('slippageUsd', 'number', 'USD', 'slippage paid (inside the fill prices)'),
    field('openAtEnd', 'number', 'count', 'positions open at the end: in equity, not in the statistics'),
    field('participationWarnings', 'number', 'count', "fills above 5 % of their bar's volume"),
    field('exitsInDoubtByMinutes', 'number', 'count', 'exits in bars that reached stop and target, decided by 1m bars'),
    field('exitsInDoubtByTieBreaker', 'number', 'count', 'the same, decided by TIE_BREAKER: against you'),
    field('abortReason', 'text', 'words', "why the run stopped early; '' = it did not"),
    field('startMs', 'number', 'UTC ms', 'first row of equity'),
    field('endMs', 'number', 'UTC ms', 'last row of equity'),
    field('interval', 'text', 'interval', 'base bars'),
    field('survivorship', 'text', 'words', 'whether members that have left are in the universe'),
    field('watermark', 'text', 'words', "why the figures are no evidence; '' = nothing speaks against them"),
  ];
}
