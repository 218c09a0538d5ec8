/** What commands tell the trial ledger: every configuration whose result could be seen counts, before it can be seen. */
import { hash } from 'node:crypto';
import { join } from 'node:path';
import type { CommandContext } from '@donch/cli';
import { decidingSettings, hashJson, numbersOf, TABLES, type Table } from '@donch/core';
import { readTable, tableHash, TrialLedger, type Run, type Trial, type TrialIdentity } from '@donch/data';
import type { EvCurve, ScoredRows, ThresholdChoice } from '@donch/meta';
import { dailyReturns, returnMoments } from '@donch/stats';
import type { CompiledStrategy } from '@donch/strategy';
import type { BacktestInput } from './backtest.ts';
import type { JudgeOptions } from './ev-options.ts';

/** Records trials in the ledger of a results folder, and tells what a killed process left there. */
export function recordTrials(
  resultsFolder: string,
  trials: readonly Trial[],
  { terminal }: Pick<CommandContext, 'terminal'>,
): void {
  const { tornBytes } = new TrialLedger(resultsFolder).recordMany(trials);
  if (tornBytes > 0)
    terminal.warn(
      `trial ledger: a process that was killed left ${tornBytes} bytes of an unfinished entry; they were cut off, every trial before is there`,
    );
}

/** What identifies the trial of a backtest. */
function backtestIdentity({ strategies, universeHash, data, window, ...input }: BacktestInput): TrialIdentity {
  return {
    ...configurationHashes(strategies),
    universeHash,
    dataHash: data.hash,
    startMs: window.startMs,
    endMs: window.endMs,
    parameters: gateParameters(input),
  };
}

/** What a trial says of strategies and settings: the same for a backtest and for a variant of a sweep. */
export function configurationHashes(
  strategies: readonly Pick<CompiledStrategy, 'specHash' | 'settings'>[],
): Pick<TrialIdentity, 'specHash' | 'configHash'> {
  return {
    specHash: hashJson(strategies.map(({ specHash }) => specHash)),
    configHash: hashJson(strategies.map(windowlessSettings)),
  };
}

/** The window stands in columns of its own: the same settings on more data are the same configuration. */
function windowlessSettings({ settings }: Pick<CompiledStrategy, 'settings'>): unknown {
  return decidingSettings({ ...settings, START_DATE: null, END_DATE: null });
}

/** Null when the signals are those that strategy and settings find; else they are named, and so is the gate that chose them. */
function gateParameters({
  signals,
  scoutRun,
  gate,
}: Pick<BacktestInput, 'signals' | 'scoutRun' | 'gate'>): TrialIdentity['parameters'] {
  const isWhole = scoutRun !== null && gate === undefined && scoutRun.manifest.summary['signals'] === signals.length;
  if (isWhole) return null;
  return { signals: tableHash(signals), ...(gate !== undefined && { gate: gate.parameters }) };
}

export interface EvaluatedBacktest {
  readonly runId: string;
  /** Finished trades. */
  readonly trades: number;
  /** TABLES.equity. */
  readonly equity: Table;
}

/** Records a backtest that was computed just now. */
export function recordBacktest(input: BacktestInput, { runId, trades, equity }: EvaluatedBacktest): void {
  const series = dailyReturns(numbersOf(equity, 'time'), numbersOf(equity, 'equity_usd'));
  const returns = { firstDayMs: series.dayStartMs[0], values: series.returns };
  const trial: Trial = {
    ...backtestIdentity(input),
    kind: 'backtest',
    runId,
    evaluatedMs: Date.now(),
    configurations: 1,
    trades,
    moments: returnMoments(series.returns),
    returns: series.returns.length === 0 ? null : returns,
  };
  recordTrials(input.project.resultsFolder, [trial], input.context);
}

/** Records a backtest that was found finished, unless the ledger knows it: it may be older than the ledger. */
export async function recordFoundBacktest(input: BacktestInput, { id, folder, manifest }: Run): Promise<void> {
  if (new TrialLedger(input.project.resultsFolder).has(backtestIdentity(input))) return;
  const equity = await readTable(join(folder, 'equity.parquet'), TABLES.equity);
  recordBacktest(input, { runId: id, trades: Number(manifest.summary['trades']), equity });
}

/** A threshold search: what was searched, how, and how many thresholds were looked at. */
export interface ThresholdSearch {
  /** Run or bundle or file, for people. */
  readonly runId: string;
  readonly scored: ScoredRows;
  /** Rows that were looked at; null = all. */
  readonly rows: Int32Array | null;
  readonly judge: Pick<JudgeOptions, 'groups' | 'embargoMs' | 'minTrades'>;
  readonly choice: ThresholdChoice;
  readonly curve: EvCurve;
}

/**
 * The trial of a threshold search: a training and `donch ev` that look at the same predictions in the same way are one trial. It has
 * no daily account, so no moments; `configurations` counts the thresholds compared for p* and the points of the curve. Thresholds
 * chosen inside a validation (cross-fitted groups, walk-forward months) are judged on other rows and do not count.
 */
export function thresholdTrial({ runId, scored, rows, judge, choice, curve }: ThresholdSearch): Trial {
  const { groups, embargoMs, minTrades } = judge;
  const { decisionTimeMs } = scored;
  const dataHash = scoredHash(scored, [...Array.from(decisionTimeMs).keys()]);
  return {
    kind: 'threshold',
    runId,
    evaluatedMs: Date.now(),
    specHash: dataHash,
    configHash: hashJson({ groups, embargoMs, minTrades }),
    universeHash: null,
    dataHash,
    startMs: Array.from(decisionTimeMs).reduce((first, timeMs) => Math.min(first, timeMs), Infinity),
    endMs: Array.from(decisionTimeMs).reduce((last, timeMs) => Math.max(last, timeMs), -Infinity) + 1,
    parameters: {
      thresholds: hashJson(curve.points.map(({ threshold }) => threshold)),
      rows: rows === null ? 'all' : scoredHash(scored, rows),
    },
    configurations: choice.thresholds + curve.points.length,
    trades: rows === null ? decisionTimeMs.length : rows.length,
    moments: returnMoments(new Float64Array(0)),
    returns: null,
  };
}

/** Content of predictions and their outcomes, in whatever order they stand. */
function scoredHash({ decisionTimeMs, y, pnlR, paths, score }: ScoredRows, rows: ArrayLike<number>): string {
  const hashes = Array.from(rows, (row) => {
    const values = [decisionTimeMs[row], y[row], pnlR[row]];
    for (let path = 0; path < paths; path += 1) values.push(score[row * paths + path]);
    return hash('sha256', new Uint8Array(Float64Array.from(values).buffer));
  });
  return hashJson([paths, ...hashes.sort()]);
}
