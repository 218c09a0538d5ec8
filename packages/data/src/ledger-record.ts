/** One trial: what is told to the ledger, and the line of its journal. The members of a line have the names of the table's columns. */
import { canonicalJson, DonchError, hashJson, invariant } from '@donch/core';
import { z } from 'zod';

/** Moments of the daily returns of a trial. */
export interface TrialMoments {
  /** Daily returns; 0 = there is no daily account. */
  readonly days: number;
  /** Fraction per day. NaN with fewer than two days; so are the others. */
  readonly mean: number;
  /** Fraction per day, ddof 1. */
  readonly sd: number;
  /** Population; NaN without spread. */
  readonly skew: number;
  /** Population, normal = 3; NaN without spread. */
  readonly kurtosis: number;
}

/** Returns of consecutive UTC days. */
export interface TrialReturns {
  /** Start of the first day, UTC ms. */
  readonly firstDayMs: number;
  /** Fraction per day. */
  readonly values: Float64Array;
}

/** A configuration that was evaluated on a window of data, and what came out. */
export interface Trial {
  readonly kind: 'backtest' | 'sweep' | 'threshold';
  readonly runId: string;
  readonly evaluatedMs: number;
  readonly specHash: string;
  /** Settings that decide a result, without the window. */
  readonly configHash: string;
  /** Null: the signals come from a file. */
  readonly universeHash: string | null;
  /** Content of the data that were looked at. */
  readonly dataHash: string;
  readonly startMs: number;
  /** Exclusive. */
  readonly endMs: number;
  /** What was varied, plain JSON: belongs to the identity of the trial. Null = nothing. */
  readonly parameters: Readonly<Record<string, unknown>> | null;
  /** Configurations that this entry stands for: 1, or the thresholds of a search. */
  readonly configurations: number;
  readonly trades: number;
  readonly moments: TrialMoments;
  /** The ledger keeps those of the best and of a sample. Null = none. */
  readonly returns: TrialReturns | null;
}

const ID_DIGITS = 24;
const ID = z.string().regex(/^[0-9a-f]{24}$/);
const NUMBER = z.number().nullable();

const TRIAL = z.object({
  type: z.literal('trial'),
  trial_id: ID,
  configuration_id: ID,
  time: z.int(),
  run_id: z.string(),
  kind: z.enum(['backtest', 'sweep', 'threshold']),
  spec_hash: z.string(),
  config_hash: z.string(),
  universe_hash: z.string().nullable(),
  data_hash: z.string(),
  start_time: z.int(),
  end_time: z.int(),
  configurations: z.int().positive(),
  trades: z.int().nonnegative(),
  days: z.int().nonnegative(),
  return_mean: NUMBER,
  return_sd: NUMBER,
  return_skew: NUMBER,
  return_kurtosis: NUMBER,
  parameters: z.string().nullable(),
});
/** A trial as it stands in the journal. */
export type TrialRecord = Readonly<z.infer<typeof TRIAL>>;

const LINE = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ledger'), schema_version: z.int() }),
  TRIAL,
  /** Trials that were evaluated once more with the same result. */
  z.object({ type: z.literal('again'), time: z.int(), trial_ids: z.array(ID) }),
]);
export type LedgerLine = Readonly<z.infer<typeof LINE>>;

const SCHEMA_VERSION = 1;

/** First line of a ledger. */
export const LEDGER_HEADER: LedgerLine = { type: 'ledger', schema_version: SCHEMA_VERSION };

/** What identifies a trial; the rest is its result. */
export type TrialIdentity = Pick<
  Trial,
  'specHash' | 'configHash' | 'universeHash' | 'dataHash' | 'startMs' | 'endMs' | 'parameters'
>;

/** Id of a configuration, whatever the data. 96 bits of SHA-256. Throws `not_hashable` for parameters that are not plain JSON. */
export function configurationIdOf({ specHash, configHash, universeHash, parameters }: TrialIdentity): string {
  return hashJson({ specHash, configHash, universeHash, parameters }).slice(0, ID_DIGITS);
}

/** Id of a trial: configuration, data and window. Time, run and version of the program are not part of it. Throws as hashing does. */
export function trialIdOf(identity: TrialIdentity): string {
  const { dataHash, startMs, endMs } = identity;
  return hashJson([configurationIdOf(identity), dataHash, startMs, endMs]).slice(0, ID_DIGITS);
}

/** The line of a trial. */
export function trialRecord(trial: Trial): TrialRecord {
  const { moments, returns, parameters } = trial;
  invariant(trial.startMs < trial.endMs, 'a trial has a window');
  invariant(returns === null || returns.values.length === moments.days, 'moments are those of the returns');
  return {
    type: 'trial',
    trial_id: trialIdOf(trial),
    configuration_id: configurationIdOf(trial),
    time: trial.evaluatedMs,
    run_id: trial.runId,
    kind: trial.kind,
    spec_hash: trial.specHash,
    config_hash: trial.configHash,
    universe_hash: trial.universeHash,
    data_hash: trial.dataHash,
    start_time: trial.startMs,
    end_time: trial.endMs,
    configurations: trial.configurations,
    trades: trial.trades,
    days: moments.days,
    return_mean: numberOrNull(moments.mean),
    return_sd: numberOrNull(moments.sd),
    return_skew: numberOrNull(moments.skew),
    return_kurtosis: numberOrNull(moments.kurtosis),
    parameters: parameters === null ? null : canonicalJson(parameters),
  };
}

/** NaN is null; -0 is 0, for JSON knows no other. */
function numberOrNull(value: number): number | null {
  if (Number.isNaN(value)) return null;
  invariant(Number.isFinite(value), 'moments are finite or missing');
  return value + 0;
}

/** True when two evaluations of a trial came to the same result. */
export function isSameResult(a: TrialRecord, b: TrialRecord): boolean {
  return RESULT_MEMBERS.every((name) => a[name] === b[name]);
}

const RESULT_MEMBERS = [
  'configurations',
  'trades',
  'days',
  'return_mean',
  'return_sd',
  'return_skew',
  'return_kurtosis',
] as const satisfies readonly (keyof TrialRecord)[];

/** A line of the journal `file`. Throws `ledger_damaged`, and `newer_schema` for the ledger of a newer program. */
export function parseLedgerLine(text: string, file: string): LedgerLine {
  const parsed = LINE.safeParse(jsonOf(text, file));
  if (!parsed.success) throw damaged(file, z.prettifyError(parsed.error));
  const line = parsed.data;
  if (line.type === 'ledger' && line.schema_version > SCHEMA_VERSION)
    throw new DonchError('newer_schema', `the ledger has schema version ${line.schema_version}`, {
      file,
      expected: `at most ${SCHEMA_VERSION}`,
      remedy: 'A newer DONCH wrote it: update the program.',
    });
  return line;
}

function jsonOf(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw damaged(file, 'a line is not JSON', cause);
  }
}

const damaged = (file: string, found: string, cause?: unknown): DonchError =>
  new DonchError('ledger_damaged', `a line of the trial ledger cannot be read: ${found}`, {
    file,
    expected: 'lines as the program writes them',
    remedy: 'Restore it from a backup. Trials that are forgotten make every later statistic too kind.',
    ...(cause !== undefined && { cause }),
  });
