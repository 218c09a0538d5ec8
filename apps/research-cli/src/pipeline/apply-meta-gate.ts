/** Which signals are kept: p against p*, with a reason for every one that is not. */
import {
  bucketStartMs,
  DAY_MS,
  DonchError,
  monthStartMs,
  numbersOf,
  type Column,
  type ConfigValues,
  type Table,
} from '@donch/core';
import type { GateRequest } from './apply-meta-options.ts';
import type { NoPrediction, ScoredSignals } from './apply-meta-scores.ts';

export type Verdict = 'taken' | 'below' | 'no_threshold' | NoPrediction;

/** In the order of their printing. */
export const VERDICTS: Readonly<Record<Verdict, string>> = {
  taken: 'at or above p*: kept',
  below: 'below p*',
  no_threshold: 'in months without a p*',
  before_model: 'before the first month with a model',
  after_training: 'after the training (--bundle scores them)',
  no_prediction: 'without a prediction',
};

/** What stands at the beginning and the end of everything that was judged by a model that knew the outcomes. */
const IN_SAMPLE_MARK =
  'IN SAMPLE: the model has learned from the outcomes of these signals; the figures are no evidence of anything';

/** Where p* comes from. */
export interface Threshold {
  readonly source: 'flag' | 'setting' | 'months' | 'bundle' | 'none';
  /** One for all; NaN = each month's own, or none. */
  readonly pstar: number;
  /** Smallest and largest of those that were applied; NaN = none. */
  readonly lowest: number;
  readonly highest: number;
  /** Why there is none, or what it stands in place of; '' = nothing to say. */
  readonly note: string;
}

export interface Gate {
  readonly scored: ScoredSignals;
  readonly threshold: Threshold;
  /** Parallel to the signals, as are `pstar` and the columns of `scored`. */
  readonly verdicts: readonly Verdict[];
  readonly pstar: Float64Array;
  /** '' = the probabilities are out of sample. */
  readonly watermark: string;
}

/** Judges every signal. Throws `no_threshold` for predictions of a file when nobody says what p* is. */
export function judgeSignals(
  scored: ScoredSignals,
  { pstar: flag }: Pick<GateRequest, 'pstar'>,
  { META_PROB_THRESHOLD: setting }: Pick<ConfigValues, 'META_PROB_THRESHOLD'>,
): Gate {
  const { p, missing, ownPstar } = scored;
  const one = flag ?? setting;
  if (one === null && ownPstar === null)
    throw new DonchError('no_threshold', 'the predictions come without a p*', {
      file: scored.path,
      expected: 'a threshold',
      remedy: 'name it: --pstar 0.60, or META_PROB_THRESHOLD; donch ev shows what a threshold is worth',
    });
  const pstar = one === null ? (ownPstar ?? new Float64Array()) : new Float64Array(p.length).fill(one);
  const verdicts = missing.map((reason, row): Verdict => {
    if (reason !== null) return reason;
    if (Number.isNaN(pstar[row])) return 'no_threshold';
    return p[row] >= pstar[row] ? 'taken' : 'below';
  });
  return {
    scored,
    pstar,
    verdicts,
    threshold: thresholdOf(scored, { flag, setting }),
    watermark: scored.inSample.includes(1) ? IN_SAMPLE_MARK : '',
  };
}

interface Given {
  readonly flag: number | null;
  readonly setting: number | null;
}

function thresholdOf(scored: ScoredSignals, { flag, setting }: Given): Threshold {
  const own = ownThreshold(scored);
  const one = flag ?? setting;
  if (one === null) return own;
  const source = flag === null ? 'setting' : 'flag';
  const note = own.source === 'none' || own.pstar === one ? '' : `instead of ${thresholdText(own)}`;
  return { source, pstar: one, lowest: one, highest: one, note };
}

function ownThreshold({ ownPstar, ownKind, missing, bundle }: ScoredSignals): Threshold {
  if (missing.every((reason) => reason !== null)) return { ...NONE, note: 'no signal has a probability' };
  const known = (ownPstar ?? new Float64Array()).filter((value, row) => missing[row] === null && !Number.isNaN(value));
  if (known.length === 0) return { ...NONE, note: noneText(ownKind, bundle) };
  const [lowest, highest] = [Math.min(...known), Math.max(...known)];
  return ownKind === 'months'
    ? { source: 'months', pstar: Number.NaN, lowest, highest, note: '' }
    : { source: 'bundle', pstar: lowest, lowest, highest, note: '' };
}

const NONE = { source: 'none', pstar: Number.NaN, lowest: Number.NaN, highest: Number.NaN } as const;

function noneText(kind: ScoredSignals['ownKind'], bundle: ScoredSignals['bundle']): string {
  const why = bundle === null || bundle.pstar.note === '' ? '' : `: ${bundle.pstar.note}`;
  if (kind === 'bundle') return `the bundle has no p*${why}`;
  const ofBundle = bundle === null || bundle.pstar.value !== null ? '' : `; the bundle has none either${why}`;
  return `at the start of no month was there evidence for a p*${ofBundle}`;
}

const SOURCE_WORDS: Readonly<Record<Threshold['source'], string>> = {
  flag: '--pstar',
  setting: 'META_PROB_THRESHOLD',
  months: 'of each month',
  bundle: 'of the bundle',
  none: 'none',
};

/** `0.6000 (--pstar)`, `0.5512 to 0.6120 (of each month)`, `none: ...`. */
export function thresholdText({ source, lowest, highest, note }: Threshold): string {
  if (source === 'none') return `none: ${note}`;
  const range = lowest === highest ? lowest.toFixed(4) : `${lowest.toFixed(4)} to ${highest.toFixed(4)}`;
  return `${range} (${SOURCE_WORDS[source]})${note === '' ? '' : `, ${note}`}`;
}

/** Rows with one of the verdicts. */
export function rowsWith({ verdicts }: Gate, wanted: (verdict: Verdict) => boolean): number[] {
  return Array.from(verdicts.keys()).filter((row) => wanted(verdicts[row]));
}

/** Whether a signal has a probability. */
const isScored = (verdict: Verdict): boolean =>
  verdict === 'taken' || verdict === 'below' || verdict === 'no_threshold';

/**
 * What is compared: signals that p was held against p* for. Those of a month without p* are left out of both sides: nothing is taken
 * there, and the month would count for or against the model. Without any p* all that have a probability, without any all there are.
 */
export function comparedRows(gate: Gate): { readonly which: 'judged' | 'scored' | 'all'; readonly rows: number[] } {
  const judged = rowsWith(gate, (verdict) => verdict === 'taken' || verdict === 'below');
  if (judged.length > 0) return { which: 'judged', rows: judged };
  const scored = rowsWith(gate, isScored);
  return scored.length > 0 ? { which: 'scored', rows: scored } : { which: 'all', rows: rowsWith(gate, () => true) };
}

/** Number of signals by verdict, in the order of `VERDICTS`. */
export function verdictCounts({ verdicts }: Gate): Readonly<Record<Verdict, number>> {
  const counts = { taken: 0, below: 0, no_threshold: 0, before_model: 0, after_training: 0, no_prediction: 0 };
  for (const verdict of verdicts) counts[verdict] += 1;
  return counts;
}

export interface GatedMonth {
  readonly fromMs: number;
  readonly signals: number;
  readonly taken: number;
  /** NaN = none. */
  readonly pstar: number;
}

/** Months with a model, of walk-forward predictions. */
export function gatedMonths({ verdicts, pstar }: Gate, decisionTimeMs: Float64Array): GatedMonth[] {
  const months = new Map<number, GatedMonth>();
  for (const [row, verdict] of verdicts.entries()) {
    if (!isScored(verdict)) continue;
    const fromMs = monthStartMs(decisionTimeMs[row]);
    const { signals, taken } = months.get(fromMs) ?? { signals: 0, taken: 0 };
    const isTaken = verdict === 'taken' ? 1 : 0;
    months.set(fromMs, { fromMs, signals: signals + 1, taken: taken + isTaken, pstar: pstar[row] });
  }
  return [...months.values()].sort((a, b) => a.fromMs - b.fromMs);
}

/** Every signal with what was decided about it: `gate.parquet` of a gated run. */
export function gateTable(signals: Table, { scored, pstar, verdicts }: Gate): Table {
  const ids = ['signal_id', 'strategy_id', 'instrument_id', 'decision_time'] as const;
  const columns = new Map<string, Column>();
  for (const name of ids) {
    const column = signals.columns.get(name);
    if (column !== undefined) columns.set(name, column);
  }
  columns.set('p', { type: 'float', values: scored.p });
  columns.set('pstar', { type: 'float', values: pstar });
  columns.set('verdict', { type: 'text', values: verdicts });
  columns.set('in_sample', { type: 'bool', values: Float64Array.from(scored.inSample) });
  return { name: 'gate', length: signals.length, columns };
}

/** The signals with another column of probabilities; NaN = none. */
export function withProbability(signals: Table, p: Float64Array): Table {
  return { ...signals, columns: new Map([...signals.columns, ['p', { type: 'float', values: p }]]) };
}

/** Where the time that is compared begins: with the first month of walk-forward predictions, else with the first day. */
export function comparedFromMs(signals: Table, gate: Gate): number {
  const times = numbersOf(signals, 'decision_time');
  const firstMs = comparedRows(gate).rows.reduce((least, row) => Math.min(least, times[row]), Infinity);
  return gate.scored.ownKind === 'months' ? monthStartMs(firstMs) : bucketStartMs(firstMs, DAY_MS);
}
