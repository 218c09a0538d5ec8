/** Writing candles: merges into month files, bar sets into the tail log, compaction of the log. The caller holds the lock. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  DAY_MS,
  DonchError,
  bucketStartMs,
  formatMinute,
  formatMonth,
  instrumentId as makeInstrumentId,
  intervalMs,
  sliceCandles,
  symbolOf,
  venueOf,
  type Bar,
  type Candles,
  type InstrumentId,
  type Interval,
} from '@donch/core';
import { removeStaleTemporaries, settleFolder, writeFileAtomic } from './atomic-file.ts';
import type { RevisedBar } from './candle-merge.ts';
import { encodeCandleMonth, fileIdentity, openCandleMonth, readIdentified, type TailMark } from './candle-month.ts';
import { checkBar, checkCandles } from './candle-rules.ts';
import { CandleStore, type CandleStoreOptions } from './candle-store.ts';
import { planMonth, splitByMonth, type MonthPlan } from './month-plan.ts';
import { recordRevisions, revisionShapes, type RevisionRow } from './revisions.ts';
import { Serial } from './serial.ts';
import type { SeriesKey, StorePaths } from './store-paths.ts';
import { checkCaseConflict } from './symbol-folder.ts';
import { TAIL_COLUMNS } from './tail-format.ts';
import { TailWriter, type AppendReport } from './tail-log.ts';
import { repairTail, type TailRepair } from './tail-repair.ts';

/** What to do with a bar that is stored with other values. Whatever is chosen, both versions are recorded. */
export type OnRevision = 'keep_old' | 'take_new' | 'error';

export interface MergeOptions {
  readonly onRevision: OnRevision;
  /** Bars that close later are refused; default: the clock. */
  readonly nowMs?: number;
}

export interface MergeReport {
  /** Bars that were not there. */
  readonly added: number;
  /** Bars that were there with the same values. */
  readonly identical: number;
  /** Bars that got the turnover they lacked. */
  readonly completed: number;
  readonly revised: readonly RevisedBar[];
  /** Months whose file was rewritten. */
  readonly months: readonly string[];
}

export interface CompactReport {
  /** Instruments whose bars were moved. */
  readonly instruments: number;
  /** Month files written. */
  readonly months: number;
  readonly revised: readonly RevisedBar[];
}

/** A closed bar of an instrument, as the feed delivers it. */
export interface InstrumentBar {
  readonly instrumentId: InstrumentId;
  readonly bar: Bar;
}

const REVISION_SHAPES = revisionShapes(TAIL_COLUMNS);

export class CandleWriter extends CandleStore {
  readonly #paths: StorePaths;
  readonly #logs: Map<string, TailWriter>;
  readonly #known = new Map<string, Set<string>>();
  /** Marks of month files by path, read once: nobody else writes. */
  readonly #marks = new Map<string, TailMark | null>();
  readonly #serial = new Serial();

  constructor(paths: StorePaths, options: Pick<CandleStoreOptions, 'useCache'> = {}) {
    const logs = new Map<string, TailWriter>();
    super(paths, { ...options, tailOf: (venue, interval) => logOf(logs, paths, { venue, interval }).index });
    this.#paths = paths;
    this.#logs = logs;
  }

  /**
   * Adds candles to the month files: idempotent, whole months old or new. The report says what was new, the same, completed,
   * revised. Throws `bad_bar`, `bar_in_progress`, `symbol_case_conflict`, `bars_revised` (with `onRevision: 'error'`; nothing is
   * written then) and the errors of the disk.
   */
  async merge(
    instrumentId: InstrumentId,
    interval: Interval,
    source: Candles,
    options: MergeOptions,
  ): Promise<MergeReport> {
    const key = { instrumentId, interval };
    // The rows of this moment: a live buffer goes on growing while the merge waits for its turn.
    const candles = sliceCandles(source, 0, source.length);
    const check = { what: `${instrumentId} ${interval}`, nowMs: options.nowMs ?? Date.now() };
    if (candles.intervalMs !== intervalMs(interval)) {
      throw new DonchError('bad_bar', `${check.what}: the bars are ${candles.intervalMs} ms long`, {
        expected: interval,
      });
    }
    checkCandles(candles, check);
    this.#checkCase(key);
    return this.#serial.run(() => this.#merge(key, candles, options.onRevision));
  }

  async #merge(key: SeriesKey, candles: Candles, onRevision: OnRevision): Promise<MergeReport> {
    const plans: MonthPlan[] = [];
    const log = this.#log(venueOf(key.instrumentId), key.interval);
    const mark = markOf(log, log.lastSeq);
    const kept = onRevision === 'keep_old' ? 'old' : 'new';
    for (const incoming of splitByMonth(candles)) {
      plans.push(await planMonth({ paths: this.#paths, key, tail: log.index, mark, incoming, kept }));
    }
    const revised = plans.flatMap((plan) => plan.revised);
    if (onRevision === 'error' && revised.length > 0) throw revisedError(key, revised);
    const months = this.#write(key, plans);
    const sum = (count: (plan: MonthPlan) => number): number => plans.reduce((total, plan) => total + count(plan), 0);
    return {
      added: sum((plan) => plan.added),
      identical: sum((plan) => plan.identical),
      completed: sum((plan) => plan.completed),
      revised,
      months,
    };
  }

  /** Records revisions first, then replaces the files of the months that change. */
  #write(key: SeriesKey, plans: readonly MonthPlan[]): string[] {
    const symbol = symbolOf(key.instrumentId);
    const rows = plans.flatMap((plan) => [
      ...(plan.isChanged ? plan.revisedByTail.map((revision) => toRevisionRow(symbol, 'tail', revision)) : []),
      ...plan.revised.map((revision) => toRevisionRow(symbol, 'merge', revision)),
    ]);
    recordRevisions(this.#paths.revisions(venueOf(key.instrumentId), key.interval), REVISION_SHAPES, rows);
    const changed = plans.filter((plan) => plan.isChanged);
    if (changed.length === 0) return [];
    const folder = this.#paths.series(key);
    removeStaleTemporaries(folder);
    for (const plan of changed) {
      const path = this.#paths.month(key, plan.month);
      writeFileAtomic(path, encodeCandleMonth(key, plan), { syncFolder: false });
      this.#marks.set(path, plan.tailMark);
    }
    settleFolder(folder);
    return changed.map((plan) => plan.month);
  }

  /**
   * Appends closed bars (a bar set, or late and corrected bars) to the tail log of a venue and interval: one record per open time
   * and one fsync each. Synchronous: afterwards the bars are on the disk and every read shows them. Throws as `merge`.
   */
  append(venue: string, interval: Interval, bars: readonly InstrumentBar[], nowMs: number = Date.now()): AppendReport {
    for (const { instrumentId, bar } of bars) {
      if (venueOf(instrumentId) !== venue) {
        throw new DonchError('bad_instrument', `instrument is ${instrumentId}`, {
          expected: `an instrument of ${venue}`,
        });
      }
      checkBar(bar, { what: `${instrumentId} ${interval}`, intervalMs: intervalMs(interval), nowMs });
      this.#checkCase({ instrumentId, interval });
    }
    const tailBars = bars.map(({ instrumentId, bar }) => ({ symbol: symbolOf(instrumentId), bar }));
    const log = this.#log(venue, interval);
    return log.append(tailBars, ({ symbol, openTimeMs, seq }) => {
      const mark = this.#mark({ instrumentId: makeInstrumentId(venue, symbol), interval }, formatMonth(openTimeMs));
      return mark !== null && mark.logId === log.logId && seq <= mark.seq;
    });
  }

  /**
   * Moves what the tail log holds of UTC days before today into the month files, then drops it from the log. Killed at any point,
   * nothing is lost and nothing doubled, and the next call goes on. Throws `tail_log_damaged`, `parquet_damaged`, disk errors.
   */
  compact(venue: string, interval: Interval, nowMs: number = Date.now()): Promise<CompactReport> {
    return this.#serial.run(() => this.#compact(venue, interval, bucketStartMs(nowMs, DAY_MS)));
  }

  async #compact(venue: string, interval: Interval, beforeMs: number): Promise<CompactReport> {
    const log = this.#log(venue, interval);
    const throughSeq = log.index.records.findLast((record) => record.openTimeMs < beforeMs)?.seq ?? -1;
    const revised: RevisedBar[] = [];
    let [instruments, months] = [0, 0];
    if (throughSeq < 0) return { instruments, months, revised };
    const mark = markOf(log, throughSeq);
    for (const symbol of log.index.symbols()) {
      const key = { instrumentId: makeInstrumentId(venue, symbol), interval };
      const plans: MonthPlan[] = [];
      for (const month of log.index.monthsOf(symbol, throughSeq)) {
        plans.push(
          await planMonth({ paths: this.#paths, key, tail: log.index, mark, incoming: { month }, kept: 'new' }),
        );
      }
      const written = this.#write(key, plans);
      instruments += written.length > 0 ? 1 : 0;
      months += written.length;
      revised.push(...plans.filter((plan) => plan.isChanged).flatMap((plan) => plan.revisedByTail));
      // A bot that compacts keeps answering.
      await nextTurn();
    }
    log.dropThrough(throughSeq);
    return { instruments, months, revised };
  }

  /**
   * Rewrites a damaged tail log from its intact records and sets the damaged file aside; says which open times to fetch again.
   * Throws `newer_schema` and the errors of the disk.
   */
  repairTail(venue: string, interval: Interval): Promise<TailRepair> {
    return this.#serial.run(async () => {
      const path = this.#paths.tail(venue, interval);
      this.#logs.get(path)?.close();
      this.#logs.delete(path);
      return repairTail({ path, venue, interval });
    });
  }

  /** Ends the writing; unfinished merges are waited for. */
  async close(): Promise<void> {
    await this.#serial.run(() => Promise.resolve());
    for (const log of this.#logs.values()) log.close();
  }

  /** What a month file holds of the tail log; null when it holds nothing of it or does not exist. */
  #mark(key: SeriesKey, month: string): TailMark | null {
    const path = this.#paths.month(key, month);
    let mark = this.#marks.get(path);
    if (mark === undefined) {
      mark =
        fileIdentity(path) === null
          ? null
          : openCandleMonth(key, month, { ...readIdentified(path), file: path }).tailMark;
      this.#marks.set(path, mark);
    }
    return mark;
  }

  #log(venue: string, interval: Interval): TailWriter {
    return logOf(this.#logs, this.#paths, { venue, interval });
  }

  /** The store's symbols are listed once per venue and interval: this process is the only one that adds any. */
  #checkCase({ instrumentId, interval }: SeriesKey): void {
    const venue = venueOf(instrumentId);
    const symbol = symbolOf(instrumentId);
    const place = `${venue} ${interval}`;
    let known = this.#known.get(place);
    if (known === undefined) {
      known = new Set(this.instruments(venue, interval).map(symbolOf));
      this.#known.set(place, known);
    }
    if (known.has(symbol)) return;
    this.#paths.series({ instrumentId, interval });
    checkCaseConflict(symbol, known);
    known.add(symbol);
  }
}

interface LogKey {
  readonly venue: string;
  readonly interval: Interval;
}

function logOf(logs: Map<string, TailWriter>, paths: StorePaths, { venue, interval }: LogKey): TailWriter {
  const path = paths.tail(venue, interval);
  let log = logs.get(path);
  if (log === undefined) {
    log = new TailWriter(path, venue, interval);
    logs.set(path, log);
  }
  return log;
}

function markOf(log: TailWriter, seq: number): TailMark | null {
  return seq < 0 ? null : { logId: log.logId, seq };
}

function revisedError({ instrumentId, interval }: SeriesKey, revised: readonly RevisedBar[]): DonchError {
  const [first] = revised;
  const found = `${revised.length} stored bars of ${instrumentId} ${interval} have other values now, the first at ${formatMinute(first.openTimeMs)}`;
  return new DonchError('bars_revised', found, {
    expected: 'the values that are stored',
    remedy: 'Choose which to keep: the stored values (keep_old) or the new ones (take_new).',
  });
}

function toRevisionRow(
  symbol: string,
  source: 'merge' | 'tail',
  { openTimeMs, old, new: fresh, kept }: RevisedBar,
): RevisionRow {
  const sides = [
    ['old', old],
    ['new', fresh],
  ] as const;
  const values = sides.flatMap(([side, bar]) =>
    TAIL_COLUMNS.map((name) => [`${side}_${name}`, Number.isNaN(bar[name]) ? null : bar[name]] as const),
  );
  return { recorded_time: null, symbol, time: openTimeMs, source, kept, ...Object.fromEntries(values) };
}
