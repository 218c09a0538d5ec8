/**
 * The kept signals traded again with the gate on, beside all that were held against a p*, over the same time. The signals are filtered
 * before: months may have thresholds of their own, the engine knows one. Its gate is set to the lowest of them, so that every decision
 * record shows p against it.
 */
import { join } from 'node:path';
import { createPrng, numbersOf, TABLES, takeRows, textsOf, type Table } from '@donch/core';
import { readTable } from '@donch/data';
import { evCurve, formatThreshold } from '@donch/meta';
import type { ClusterInterval, Refusal } from '@donch/stats';
import {
  comparedFromMs,
  comparedRows,
  gateTable,
  rowsWith,
  thresholdText,
  withProbability,
  type Gate,
} from './apply-meta-gate.ts';
import type { BacktestInput } from './backtest.ts';
import { backtestAside, ungated, withSettings, type BacktestOutcome, type TradedSignals } from './research.ts';

/** What the kept signals are worth on their own, against all that are compared: mean result of their stand-alone simulations. */
export interface GatedEv {
  /** Signals with an outcome. */
  readonly signals: number;
  readonly taken: number;
  /** Mean R; NaN without such signals. */
  readonly allR: number;
  readonly takenR: number;
  /** taken - all. */
  readonly differenceR: number;
  readonly interval: ClusterInterval | Refusal;
}

export interface Rebacktest {
  /** Signals of `gated` and `baseline`: held against a p*; without any p* scored; without any probability all. */
  readonly compared: 'judged' | 'scored' | 'all';
  /** Null: nothing was kept; `gatedNote` says why. */
  readonly gated: BacktestOutcome | null;
  readonly gatedNote: string;
  /** All signals that are compared, traded without the model, over the time of `gated`. */
  readonly baseline: BacktestOutcome;
  /** The whole history without the model; null: it is the baseline. */
  readonly whole: BacktestOutcome | null;
  readonly ev: GatedEv;
  /** How the two differ besides the gate, one fact per line. */
  readonly notes: readonly string[];
}

/** Trades both. `traded` is the plain backtest of all signals. */
export async function rebacktest({ input, outcome }: TradedSignals, gate: Gate): Promise<Rebacktest> {
  const { which, rows } = comparedRows(gate);
  const isWhole = rows.length === input.signals.length;
  const compared = isWhole ? input : since(input, comparedFromMs(input.signals, gate));
  const baseline = isWhole ? outcome : await backtestAside(baselineInput(compared, rows));
  const kept = rowsWith(gate, (verdict) => verdict === 'taken');
  const gated = kept.length === 0 ? null : await backtestAside(gatedInput(compared, gate, kept));
  return {
    compared: which,
    gated,
    gatedNote: gated === null ? emptyNote(gate, which) : '',
    baseline,
    whole: isWhole ? null : outcome,
    ev: await gatedEv(input, gate, baseline),
    notes: differenceNotes(input),
  };
}

function emptyNote({ threshold }: Gate, which: Rebacktest['compared']): string {
  if (which === 'all') return 'no signal has a probability';
  return threshold.source === 'none'
    ? `there is no p*: ${threshold.note}`
    : `no signal reaches p* ${thresholdText(threshold)}`;
}

/** The part of a backtest from an instant on. The funnel of the scan counts the whole time and is left to the plain run. */
function since(input: BacktestInput, fromMs: number): BacktestInput {
  const startMs = Math.max(fromMs, input.window.startMs);
  const later = (table: Table | null): Table | null => {
    if (table === null) return null;
    const times = numbersOf(table, 'decision_time');
    return takeRows(
      table,
      Array.from(times.keys()).filter((row) => times[row] >= startMs),
    );
  };
  return {
    ...input,
    window: { ...input.window, startMs },
    scoutRun: startMs === input.window.startMs ? input.scoutRun : null,
    setupDecisions: later(input.setupDecisions),
    funnel: later(input.funnel),
  };
}

function baselineInput(input: BacktestInput, rows: readonly number[]): BacktestInput {
  const signals = takeRows(input.signals, rows);
  return ungated({ ...input, signals: withProbability(signals, new Float64Array(rows.length).fill(Number.NaN)) });
}

function gatedInput(input: BacktestInput, gate: Gate, rows: readonly number[]): BacktestInput {
  const { scored, threshold, watermark } = gate;
  const lowest = rows.reduce((least, row) => Math.min(least, gate.pstar[row]), Infinity);
  return {
    ...withSettings(input, 'apply-meta', { META: 'required', META_PROB_THRESHOLD: formatThreshold(lowest) }),
    signals: takeRows(withProbability(input.signals, scored.p), rows),
    gate: {
      parameters: {
        predictions: scored.kind,
        bundle: scored.bundle?.id ?? null,
        threshold: threshold.source,
        in_sample: watermark !== '',
      },
      table: gateTable(input.signals, gate),
      watermark,
    },
  };
}

/** Stand-alone outcomes come from the baseline: the account has no part in them. */
async function gatedEv({ signals }: BacktestInput, gate: Gate, { run }: BacktestOutcome): Promise<GatedEv> {
  const labels = await readTable(join(run.folder, 'labels.parquet'), TABLES.labels);
  const keys = (table: Table): string[] => {
    const strategy = textsOf(table, 'strategy_id');
    return textsOf(table, 'signal_id').map((id, row) => `${id} ${strategy[row]}`);
  };
  const outcome = numbersOf(labels, 'pnl_r');
  const pnlOf = new Map(keys(labels).map((key, row) => [key, outcome[row]]));
  const pnl = keys(signals).map((key) => pnlOf.get(key) ?? Number.NaN);
  const rows = comparedRows(gate).rows.filter((row) => !Number.isNaN(pnl[row]));
  const times = numbersOf(signals, 'decision_time');
  if (rows.length === 0) return NO_OUTCOMES;
  const { all, points } = evCurve(
    {
      decisionTimeMs: rows.map((row) => times[row]),
      pnlR: rows.map((row) => pnl[row]),
      paths: 1,
      probability: rows.map((row) => (gate.verdicts[row] === 'taken' ? 1 : 0)),
    },
    // the same draws as those of the training, which names this figure too
    { thresholds: [0.5], groups: 1, prng: createPrng(run.manifest.seed ?? 1, 'walk-forward') },
  );
  const [{ n, evR, improvement }] = points;
  return {
    signals: rows.length,
    taken: n,
    allR: all.evR,
    takenR: evR,
    differenceR: evR - all.evR,
    interval: improvement,
  };
}

const NO_OUTCOMES: GatedEv = {
  signals: 0,
  taken: 0,
  allR: Number.NaN,
  takenR: Number.NaN,
  differenceR: Number.NaN,
  interval: { kind: 'refused', reason: 'too_few_clusters', found: 0, needed: 12 },
};

/** What the model changes besides the choice of signals. */
function differenceNotes({ strategies }: BacktestInput): string[] {
  const [{ settings }] = strategies;
  const { WINPROB_SIZING_ENABLED: isSized, WINPROB_MIN_MULTIPLIER: least, WINPROB_MAX_MULTIPLIER: most } = settings;
  return [
    ...(isSized
      ? [
          `the gated run is sized by p (x ${least} to ${most}); without p the others take the least, x ${least}: compare R, not USD`,
        ]
      : []),
    ...(settings.ENTRY_PRIORITY === null
      ? ['when several signals come at once, the gated run takes the highest p first, the others the highest RS']
      : []),
  ];
}
