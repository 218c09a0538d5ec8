/** A recorded session through the same trader again, and its bars against what the store holds now. */
import { Replay, type ReplayDifference } from '@donch/backtester';
import { listenForInterrupt, type CommandContext } from '@donch/cli';
import { dayIndex, DonchError, intervalMs, rowAt, type Candles, type InstrumentId } from '@donch/core';
import { readJournal, type Store } from '@donch/data';
import { codeIdentity } from '@donch/project';
import {
  decodeRecord,
  type HistoryIdentity,
  type JournalRecord,
  type SessionOutput,
  type SessionStart,
} from '@donch/trader';
import type { SessionFolder } from './session-folder.ts';
import { checkStart, createSession, sessionParts, warmUp, windowCandles } from './session-start.ts';

/** A bar that the store holds with another value than was traded on. */
interface BarRevision {
  readonly instrumentId: InstrumentId;
  readonly openTimeMs: number;
  readonly column: string;
  readonly recorded: number;
  /** NaN = the store has no such bar. */
  readonly stored: number;
}

export interface SessionReplay {
  readonly replay: Replay;
  /** Differences that count: those of the day, when one was asked for. */
  readonly differences: readonly ReplayDifference[];
  readonly revisions: readonly BarRevision[];
  readonly revisedHistory: readonly { readonly instrumentId: InstrumentId; readonly part: string }[];
  readonly changedCode: readonly string[];
  readonly tornBytes: number;
  /** True when nothing differs: neither logic nor data. */
  readonly isSame: boolean;
}

export interface ReplayOptions {
  /** Start of a UTC day: only its differences count. */
  readonly dayMs?: number;
}

/** Bar sets between looks at Ctrl-C. */
const TURN_RECORDS = 2_000;

/** Replays a journal. Throws `no_session` for an empty one, and what reading it throws. */
export async function replaySession(
  { journalPath, sessionId }: SessionFolder,
  { store, modelsFolder }: { readonly store: Store; readonly modelsFolder: string },
  { signal, terminal }: CommandContext,
  { dayMs }: ReplayOptions = {},
): Promise<SessionReplay> {
  const { records, tornBytes } = readJournal(journalPath);
  const start = startOf(records.at(0), { journalPath, sessionId });
  const parts = await sessionParts(start, { store, modelsFolder });
  const said: SessionOutput[] = [];
  const session = createSession(start, parts, (output) => said.push(output));
  const request = { instruments: start.instruments, interval: parts.interval, startMs: start.startMs };
  const history = await warmUp(session, store, request, () => listenForInterrupt(signal));
  const replay = new Replay(session, said);
  const comparison = new StoreComparison(start, await windowCandles(store, request, start));
  const progress = terminal.progress('replaying', records.length, 'records');
  const barMs = intervalMs(parts.interval);
  for (const [k, text] of records.entries()) {
    if (k === 0) continue;
    const record = decodeRecord(text, barMs);
    if (record.type === 'start') throw secondStart(journalPath, k + 1);
    replay.take(record);
    comparison.take(record);
    if (k % TURN_RECORDS !== 0) continue;
    progress.advance(TURN_RECORDS);
    await listenForInterrupt(signal);
  }
  replay.finish(tornBytes > 0);
  progress.done();
  const isOfDay = ({ timeMs }: { readonly timeMs: number }): boolean =>
    dayMs === undefined || dayIndex(timeMs) === dayIndex(dayMs);
  const differences = replay.differences.filter(isOfDay);
  const revisions = comparison.revisions.filter(({ openTimeMs }) => isOfDay({ timeMs: openTimeMs }));
  const revisedHistory = revisedMonths(start.history, history);
  return {
    replay,
    differences,
    revisions,
    revisedHistory,
    changedCode: changedCode(start.code),
    tornBytes,
    isSame: differences.length === 0 && revisions.length === 0 && revisedHistory.length === 0,
  };
}

function startOf(
  text: string | undefined,
  { journalPath, sessionId }: Pick<SessionFolder, 'journalPath' | 'sessionId'>,
): SessionStart {
  const record = text === undefined ? null : decodeRecord(text, 1);
  if (record === null) {
    throw new DonchError('no_session', `the journal of session ${sessionId} is empty`, {
      file: journalPath,
      expected: 'the start of a session',
      remedy: 'it was cut off before it began: run it again',
    });
  }
  if (record.type !== 'start')
    throw new DonchError('bad_journal', 'the first record is no start of a session', { file: journalPath, line: 1 });
  checkStart(record.start, journalPath);
  return record.start;
}

function secondStart(file: string, line: number): DonchError {
  return new DonchError('bad_journal', 'a second start of a session', {
    file,
    line,
    expected: 'one session per journal',
  });
}

function revisedMonths(
  recorded: readonly HistoryIdentity[],
  now: readonly HistoryIdentity[],
): SessionReplay['revisedHistory'] {
  const before = new Map(recorded.map((identity) => [identity.instrumentId, identity]));
  return now.flatMap(({ instrumentId, monthHashes, eventsHash }) => {
    const old = before.get(instrumentId);
    const months = [...new Set([...Object.keys(old?.monthHashes ?? {}), ...Object.keys(monthHashes)])].sort();
    const revised = months.filter((month) => old?.monthHashes[month] !== monthHashes[month]);
    if (old?.eventsHash !== eventsHash) revised.push('events');
    return revised.map((part) => ({ instrumentId, part }));
  });
}

function changedCode(recorded: SessionStart['code']): string[] {
  const now: Readonly<Record<string, string>> = { ...codeIdentity('live-bot') };
  return Object.keys(now).filter((name) => recorded[name] !== now[name]);
}

const COLUMNS = ['open', 'high', 'low', 'close', 'volume', 'turnover'] as const;

/** Recorded bars against stored ones. */
class StoreComparison {
  readonly revisions: BarRevision[] = [];
  readonly #start: SessionStart;
  readonly #candles: readonly Candles[];

  constructor(start: SessionStart, candles: readonly Candles[]) {
    this.#start = start;
    this.#candles = candles;
  }

  take(record: JournalRecord): void {
    if (record.type !== 'input' || record.input.kind !== 'bars') return;
    const { present, late } = record.input.arrived;
    for (const { index, bar } of present) this.#compare(index, bar);
    for (const { index, bar } of late) this.#compare(index, bar);
  }

  #compare(index: number, bar: Readonly<Record<(typeof COLUMNS)[number] | 'openTimeMs', number>>): void {
    const stored = this.#candles[index];
    const row = rowAt(stored, bar.openTimeMs);
    const column = row < 0 ? 'close' : COLUMNS.find((name) => !Object.is(stored[name][row], bar[name]));
    if (column === undefined) return;
    this.revisions.push({
      instrumentId: this.#start.instruments[index],
      openTimeMs: bar.openTimeMs,
      column,
      recorded: bar[column],
      stored: row < 0 ? Number.NaN : stored[column][row],
    });
  }
}

/** Differences that a document lists. */
const LISTED = 20;

/** The part of a replay that both commands tell. */
export function replayDocument({ replay, differences }: SessionReplay): Readonly<Record<string, unknown>> {
  return {
    differences: differences.length < replay.differences.length ? differences.length : replay.differenceCount,
    firstDifferences: differences.slice(0, LISTED),
  };
}
