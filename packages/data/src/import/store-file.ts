/** Puts the rows of one file into the store: new ones, and revisions when the caller wants them. Idempotent. */

import { type Bar, type Candles, formatMinute, type InstrumentId, intervalMs, invariant } from '@donch/core';
import { fundingGapsOf, type Gap, gapsOf } from './check-neighbours.ts';
import type { FindingLog } from './finding-log.ts';
import type { ResolvedOptions } from './import-options.ts';
import type { Coverage, InferredSteps, StoreEffect } from './import-report.ts';
import type { ImportSink } from './import-sink.ts';
import { finerRules, inferRules } from './infer-steps.ts';
import type { ReadFile } from './read-file.ts';

interface StoreContext {
  readonly sink: ImportSink;
  readonly options: ResolvedOptions;
  readonly log: FindingLog;
}

/** Stores the rows of a file that was not refused. Errors of the sink pass through. */
export async function storeFile(read: ReadFile, context: StoreContext): Promise<StoreEffect> {
  return read.kind === 'candles' ? storeCandles(read, context) : storeEvents(read, context);
}

async function storeCandles(read: ReadFile, { sink, options, log }: StoreContext): Promise<StoreEffect> {
  const { candles, interval, identity } = read;
  invariant(candles !== null && interval !== null, 'a file of candles has candles and an interval');
  const target = { instrumentId: identity.instrumentId, interval };
  const kept = options.revisions === 'take' ? 'new' : 'old';
  const merged = await sink.mergeCandles(target, candles, kept);
  for (const revision of merged.revised) {
    noteRevision(read, revision.openTimeMs, `${differences(revision.old, revision.new)} (stored / file)`, {
      kept,
      log,
    });
  }
  const times = await sink.openTimes(target);
  return {
    added: merged.added,
    unchanged: merged.identical,
    revisions: merged.revised.length,
    revisionsTaken: kept === 'new',
    turnoverAdded: merged.completed,
    after: coverageOf(times, gapsOf(times, intervalMs(interval))),
  };
}

async function storeEvents(read: ReadFile, { sink, options, log }: StoreContext): Promise<StoreEffect> {
  const { events, identity, kind } = read;
  invariant(events !== null, 'a file that holds no candles holds events');
  const { instrumentId } = identity;
  const { timeMs, value } = events;
  const kept = options.revisions === 'take' ? 'new' : 'old';
  const isFunding = kind === 'funding';
  const merged = isFunding
    ? await sink.mergeFunding(instrumentId, { timeMs, rate: value }, kept)
    : await sink.mergeOpenInterest(instrumentId, events, kept);
  for (const revision of merged.revised) {
    const change = `${isFunding ? 'rate' : 'open interest'} ${revision.old} / ${revision.new} (stored / file)`;
    noteRevision(read, revision.timeMs, change, { kept, log });
  }
  const times = isFunding ? await sink.settlementTimes(instrumentId) : await sink.openInterestTimes(instrumentId);
  return {
    added: merged.added,
    unchanged: merged.identical,
    revisions: merged.revised.length,
    revisionsTaken: kept === 'new',
    turnoverAdded: 0,
    after: coverageOf(times, fundingGapsOf(times)),
  };
}

interface RevisionContext {
  readonly kept: 'old' | 'new';
  readonly log: FindingLog;
}

function noteRevision(read: ReadFile, timeMs: number, change: string, { kept, log }: RevisionContext): void {
  const times = read.candles?.openTimeMs ?? read.events?.timeMs ?? new Float64Array();
  const row = rowOfTime(times, timeMs);
  const outcome = kept === 'new' ? 'replaced' : 'stored values kept';
  const message = `${formatMinute(timeMs)} differs from the store: ${change}; ${outcome}`;
  log.add({ rule: 'revision', line: read.lineOf(row), timeMs, text: read.textOf(row), message });
}

/** Position of a time that is known to be there, in ascending times. */
function rowOfTime(timesMs: Float64Array, timeMs: number): number {
  let low = 0;
  let high = timesMs.length;
  while (low < high) {
    const mid = (low + high) >>> 1;
    if (timesMs[mid] < timeMs) low = mid + 1;
    else high = mid;
  }
  invariant(timesMs[low] === timeMs, 'a revised bar is a bar of the file');
  return low;
}

const COMPARED = ['open', 'high', 'low', 'close', 'volume', 'turnover'] as const;

function differences(stored: Bar, inFile: Bar): string {
  const changed = COMPARED.filter((name) => !Object.is(stored[name], inFile[name]));
  return changed.map((name) => `${name} ${stored[name]} / ${inFile[name]}`).join(', ');
}

/** Extent and gaps of ascending times. */
export function coverageOf(timesMs: Float64Array, gaps: readonly Gap[]): Coverage {
  return {
    rows: timesMs.length,
    firstMs: timesMs[0] ?? Number.NaN,
    lastMs: timesMs[timesMs.length - 1] ?? Number.NaN,
    gaps: gaps.length,
    missing: gaps.reduce((sum, gap) => sum + gap.missing, 0),
  };
}

/** Writes the steps that the bars show, unless the venue itself has told its rules. */
export async function storeSteps(id: InstrumentId, candles: Candles, sink: ImportSink): Promise<InferredSteps | null> {
  const inferred = inferRules(id, candles);
  if (inferred === null) return null;
  const known = await sink.rules(id);
  const before = known.find(({ source }) => source === 'inferred');
  const rules = before === undefined ? inferred : finerRules(before, inferred);
  const { tickSize, qtyStep } = rules;
  if (known.some(({ source }) => source === 'venue')) return { tickSize, qtyStep, outcome: 'venue row kept' };
  if (before?.tickSize === tickSize && before.qtyStep === qtyStep) return { tickSize, qtyStep, outcome: 'unchanged' };
  await sink.putRules(rules);
  return { tickSize, qtyStep, outcome: 'written' };
}
