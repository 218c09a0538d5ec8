/**
 * Records of a journal as JSON texts: every input of a session and every output, in the order in which they happened. Numbers go
 * through unchanged (JSON writes the shortest text that reads back as the same double); what JSON cannot write stands as a word.
 */
import {
  canonicalJson,
  DonchError,
  type EngineEvent,
  type InstrumentId,
  type InstrumentRules,
  type RegimeParameters,
  type StrategyId,
  type Universe,
} from '@donch/core';
import type { CompileInput } from '@donch/strategy';
import type { ArrivedBar, ArrivedBars } from './live-market.ts';
import type { SessionInput, SessionOutput } from './session.ts';

/** Version of the format; a newer one is refused. */
const SCHEMA_VERSION = 1;

/** First record: everything that a session is built from, apart from the candles before it, which it names by hash. */
export interface SessionStart {
  readonly sessionId: string;
  readonly strategies: readonly CompileInput[];
  readonly universe: Universe;
  /** Members and benchmarks: bars name them by position. */
  readonly instruments: readonly InstrumentId[];
  readonly rules: readonly InstrumentRules[];
  /** Stored parameters of the regimes, by strategy. */
  readonly regimes: Readonly<Record<StrategyId, RegimeParameters>>;
  /** The model that judges signals; missing = none does. */
  readonly model?: { readonly bundleId: string; readonly pstar: number };
  /** First decision. */
  readonly startMs: number;
  /** The session ends before. */
  readonly endMs: number;
  readonly history: readonly HistoryIdentity[];
  /** Version of the program, hash of its sources, Node version: told when they differ at a replay. */
  readonly code: Readonly<Record<string, string>>;
}

/** The candles of an instrument before the session, month by month. */
export interface HistoryIdentity {
  readonly instrumentId: InstrumentId;
  readonly rows: number;
  /** `YYYY-MM` -> SHA-256 of its rows. */
  readonly monthHashes: Readonly<Record<string, string>>;
  /** Hash of its stored events (funding, open interest), which features read as they become known. */
  readonly eventsHash: string;
}

export type JournalRecord =
  | { readonly type: 'start'; readonly start: SessionStart }
  | { readonly type: 'input'; readonly input: SessionInput }
  /** An output as it was written: replay compares texts. */
  | { readonly type: 'output'; readonly kind: SessionOutput['kind']; readonly text: string };

/** Position, open, high, low, close, volume, turnover (null = none given). */
type PresentCells = readonly [number, number, number, number, number, number, number | null];
/** The same with the open time behind the position. */
type LateCells = readonly [number, number, number, number, number, number, number, number | null];

export function encodeStart(start: SessionStart): string {
  return canonicalJson({ type: 'start', schema_version: SCHEMA_VERSION, ...start });
}

export function encodeInput(input: SessionInput): string {
  if (input.kind === 'event') return JSON.stringify({ type: 'event', event: input.event }, plainNumber);
  if (input.kind === 'settings') return JSON.stringify({ type: 'settings', t: input.timeMs, values: input.values });
  const { closeTimeMs, present, late } = input.arrived;
  return JSON.stringify({
    type: 'bars',
    t: closeTimeMs,
    stale: input.staleReason,
    present: present.map(({ index, bar }) => [index, ...cellsOf(bar)]),
    late: late.map(({ index, bar }) => [index, bar.openTimeMs, ...cellsOf(bar)]),
  });
}

function cellsOf({ open, high, low, close, volume, turnover }: ArrivedBar['bar']): (number | null)[] {
  return [open, high, low, close, volume, Number.isNaN(turnover) ? null : turnover];
}

export function encodeOutput({ kind, ...output }: SessionOutput): string {
  return JSON.stringify({ type: kind, ...output }, plainNumber);
}

/** NaN and infinities as words, which no other number is written as. */
function plainNumber(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

/** Reads a record. `intervalMs` of the session's base bars. Throws `bad_journal` and `newer_schema`. */
export function decodeRecord(text: string, intervalMs: number): JournalRecord {
  const value = parse(text);
  switch (value.type) {
    case 'start':
      return { type: 'start', start: startOf(value) };
    case 'bars':
      return { type: 'input', input: barsOf(value as unknown as BarsValue, intervalMs) };
    case 'event':
      return { type: 'input', input: { kind: 'event', event: value['event'] as EngineEvent } };
    case 'settings':
      return { type: 'input', input: settingsOf(value as unknown as SettingsValue) };
    case 'decision':
    case 'signal':
    case 'funnel':
    case 'command':
    case 'trade':
    case 'alert':
    case 'account':
      return { type: 'output', kind: value.type, text };
    default:
      throw new DonchError('bad_journal', `a record of type "${value.type}"`, {
        expected: 'a record that this version knows',
        remedy: 'If a newer DONCH wrote this journal, update the program.',
      });
  }
}

interface JournalValue extends Readonly<Record<string, unknown>> {
  readonly type: string;
}

function parse(text: string): JournalValue {
  try {
    return JSON.parse(text) as JournalValue;
  } catch (cause) {
    throw new DonchError('bad_journal', `a record is no JSON: ${String(cause)}`, {
      expected: 'one JSON value per record',
    });
  }
}

function startOf({ type: _type, schema_version: version, ...start }: JournalValue): SessionStart {
  if (typeof version === 'number' && version <= SCHEMA_VERSION) return start as unknown as SessionStart;
  throw new DonchError('newer_schema', `the journal has schema_version ${String(version)}`, {
    expected: `a number from 1 to ${SCHEMA_VERSION}`,
    remedy: 'If a newer DONCH wrote it, update the program.',
  });
}

interface SettingsValue {
  readonly t: number;
  readonly values: Readonly<Record<string, unknown>>;
}

function settingsOf({ t, values }: SettingsValue): SessionInput {
  return { kind: 'settings', timeMs: t, values };
}

interface BarsValue {
  readonly t: number;
  readonly stale: string;
  readonly present: readonly PresentCells[];
  readonly late: readonly LateCells[];
}

function barsOf({ t, stale, present, late }: BarsValue, intervalMs: number): SessionInput {
  const arrived: ArrivedBars = {
    closeTimeMs: t,
    present: present.map(([index, ...cells]) => arrivedBar(index, t - intervalMs, cells)),
    late: late.map(([index, openTimeMs, ...cells]) => arrivedBar(index, openTimeMs, cells)),
  };
  return { kind: 'bars', arrived, staleReason: stale };
}

function arrivedBar(
  index: number,
  openTimeMs: number,
  [open, high, low, close, volume, turnover]: readonly [number, number, number, number, number, number | null],
): ArrivedBar {
  return { index, bar: { openTimeMs, open, high, low, close, volume, turnover: turnover ?? Number.NaN } };
}
