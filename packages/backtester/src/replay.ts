/**
 * Replay: the recorded inputs of a session, in recorded order, through the same session. Its outputs must have the recorded bytes;
 * a difference is named by its first differing field, with both values. Since bars come from the record, a feed that was revised
 * later cannot make one: whoever replays compares record and store apart from this.
 */
import { DonchError } from '@donch/core';
import { encodeOutput, type JournalRecord, type Session, type SessionInput, type SessionOutput } from '@donch/trader';

/** A record that came out differently. */
export interface ReplayDifference {
  /** Decision time of the instant. */
  readonly timeMs: number;
  /** Kind of the record. */
  readonly record: SessionOutput['kind'] | 'input';
  /** What it is about: an instrument, else ''. */
  readonly subject: string;
  /** First differing field, `.gates[3].value`; '' = the record as a whole is missing or new. */
  readonly path: string;
  /** Null = not recorded. */
  readonly recorded: unknown;
  /** Null = not said by the replay. */
  readonly replayed: unknown;
}

/** Differences that are kept; all are counted. */
const KEPT_DIFFERENCES = 100;

export class Replay {
  readonly differences: ReplayDifference[] = [];
  differenceCount = 0;
  barSets = 0;
  decisions = 0;
  trades = 0;
  /** Set when the session could not take a recorded input any more, after differences: nothing behind it was replayed. */
  stoppedBecause: string | null = null;
  readonly #session: Session;
  readonly #said: SessionOutput[];
  #timeMs = 0;
  readonly #recorded: string[] = [];

  /** `said` is where the session puts its outputs. */
  constructor(session: Session, said: SessionOutput[]) {
    this.#session = session;
    this.#said = said;
  }

  /** Takes the next record of the journal. */
  take(record: Exclude<JournalRecord, { type: 'start' }>): void {
    if (this.stoppedBecause !== null) return;
    if (record.type === 'output') {
      this.#recorded.push(record.text);
      if (record.kind === 'decision') this.decisions += 1;
      if (record.kind === 'trade') this.trades += 1;
      return;
    }
    this.#compare();
    const { input } = record;
    this.#timeMs = timeOf(input);
    if (input.kind === 'bars') this.barSets += 1;
    try {
      this.#session.take(input);
    } catch (error) {
      if (this.differenceCount === 0) throw error;
      this.stoppedBecause = error instanceof Error ? error.message : String(error);
    }
  }

  /** Compares what is left; `torn`: the journal ends inside an instant, so that outputs may be missing at its end. */
  finish(torn: boolean): void {
    if (torn && this.#said.length > this.#recorded.length) this.#said.length = this.#recorded.length;
    this.#compare();
  }

  /** The outputs since the last input against the recorded ones. */
  #compare(): void {
    const said = this.#said.splice(0).map(encodeOutput);
    const recorded = this.#recorded.splice(0);
    const length = Math.max(said.length, recorded.length);
    for (let k = 0; k < length; k += 1) if (said[k] !== recorded[k]) this.#differ(recorded[k] ?? null, said[k] ?? null);
  }

  #differ(recorded: string | null, replayed: string | null): void {
    this.differenceCount += 1;
    if (this.differences.length >= KEPT_DIFFERENCES) return;
    const left = recorded === null ? null : (JSON.parse(recorded) as Json);
    const right = replayed === null ? null : (JSON.parse(replayed) as Json);
    const path = left === null || right === null ? '' : (firstDifference(left, right) ?? '');
    this.differences.push({
      timeMs: this.#timeMs,
      record: typeOf(left ?? right),
      subject: subjectOf(left ?? right),
      path,
      recorded: at(left, path),
      replayed: at(right, path),
    });
  }
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Path of the first field that differs, in the order of the first value's fields; null = none does. */
function firstDifference(left: Json, right: Json): string | null {
  if (!isTree(left) || !isTree(right) || Array.isArray(left) !== Array.isArray(right))
    return left === right ? null : '';
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const inner = firstDifference(childOf(left, key), childOf(right, key));
    if (inner !== null) return `${Array.isArray(left) ? `[${key}]` : `.${key}`}${inner}`;
  }
  return null;
}

function isTree(value: Json): value is Json[] | { [key: string]: Json } {
  return typeof value === 'object' && value !== null;
}

/** `undefined` does not exist in JSON: a field that one side lacks is null there, which its own null equals. */
function childOf(value: Json[] | { [key: string]: Json }, key: string): Json {
  return (value as { [key: string]: Json | undefined })[key] ?? null;
}

function at(value: Json, path: string): Json {
  let found = value;
  for (const [, key] of path.matchAll(/\.?([^.[\]]+)\]?/g)) if (isTree(found)) found = childOf(found, key);
  return found;
}

function typeOf(value: Json): ReplayDifference['record'] {
  const type = isTree(value) ? childOf(value, 'type') : null;
  if (typeof type !== 'string') throw new DonchError('bad_journal', 'a record without a type', { expected: 'a type' });
  return type as ReplayDifference['record'];
}

/** The instrument that a record speaks of, wherever it stands in it. */
function subjectOf(value: Json): string {
  if (!isTree(value)) return '';
  const own = childOf(value, 'instrumentId');
  if (typeof own === 'string') return own;
  for (const child of Object.values(value)) {
    const inner = subjectOf(child);
    if (inner !== '') return inner;
  }
  return '';
}

function timeOf(input: SessionInput): number {
  if (input.kind === 'bars') return input.arrived.closeTimeMs;
  return input.kind === 'event' ? input.event.timeMs : input.timeMs;
}
