import { firstDecisionMs, strategyTerms, type ScanWindow } from '@donch/backtester';
/** What a session is built from: settings, universe, candles before it - as a first record that a replay can build it from again. */
import {
  DonchError,
  formatMonth,
  hashJson,
  intervalMs,
  lowerBound,
  nextMonthStartMs,
  sliceCandles,
  type Candles,
  type FundingEvents,
  type InstrumentId,
  type Interval,
} from '@donch/core';
import { candlesHash, type Store } from '@donch/data';
import { hashEvents, tradingSettings, type TradingSettings } from '@donch/project';
import { compileStrategy, featureHash, symbolEvents, type CompiledStrategy, type StoredEvents } from '@donch/strategy';
import {
  liveEntries,
  Session,
  type HistoryIdentity,
  type SessionOutput,
  type SessionStart,
  type SessionTerms,
} from '@donch/trader';
import { scorerOf, type ScoreSignal } from './session-model.ts';

/** The compiled half of a session's start. */
export interface SessionParts {
  readonly strategies: readonly CompiledStrategy[];
  readonly interval: Interval;
  readonly trading: TradingSettings;
  /** What features read of events besides candles. */
  readonly events: ReadonlyMap<InstrumentId, StoredEvents>;
  /** Null: no model judges signals. */
  readonly score: ScoreSignal | null;
}

const NO_STORED_EVENTS: StoredEvents = { funding: null, openInterest: null };

interface PartsPlaces {
  readonly store: Store;
  readonly modelsFolder: string;
}

/** Compiles what a start record names, proves its model, and reads the events of its instruments. */
export async function sessionParts(
  {
    strategies: inputs,
    rules,
    instruments,
    model,
  }: Pick<SessionStart, 'strategies' | 'rules' | 'instruments' | 'model'>,
  { store, modelsFolder }: PartsPlaces,
): Promise<SessionParts> {
  const strategies = inputs.map((input) => compileStrategy(input));
  const [{ settings }] = strategies;
  const events = new Map<InstrumentId, StoredEvents>();
  for (const id of instruments)
    events.set(id, { funding: await store.funding.read(id), openInterest: await store.openInterest.readEvents(id) });
  const fundingOf = (id: InstrumentId): FundingEvents | null => events.get(id)?.funding ?? null;
  return {
    strategies,
    interval: settings.TIMEFRAME,
    trading: tradingSettings(settings, { rules, fundingOf }),
    events,
    score: await scorerOf(model ?? null, { modelsFolder, strategies }),
  };
}

/** The session before its first bar set and before its history: `warmUp` comes next. */
export function createSession(
  start: Pick<SessionStart, 'instruments' | 'universe' | 'regimes' | 'strategies' | 'rules'>,
  parts: SessionParts,
  emit: (output: SessionOutput) => void,
): Session {
  const { instruments, universe, regimes } = start;
  const { strategies, interval, trading, events, score } = parts;
  const listedMs = new Map(universe.members.map((member) => [member.instrumentId, member.fromMs]));
  return new Session({
    entries: liveEntries({
      strategies,
      members: universe.members,
      listedMsOf: (id) => listedMs.get(id) ?? Number.NaN,
      regimes: new Map(strategies.map(({ strategyId }) => [strategyId, regimes[strategyId]])),
      eventsOf: (id, settings) => symbolEvents(events.get(id) ?? NO_STORED_EVENTS, settings),
    }),
    score: score ?? undefined,
    terms: strategies.map(strategyTerms),
    settings: trading.settings,
    rulesAt: trading.venue.rulesAt,
    instruments,
    intervalMs: intervalMs(interval),
    reconfigure: reconfiguration(start, parts),
    emit,
  });
}

/** What a running session is told after a change of settings. Refused is what decides about signals or belongs to the venue. */
function reconfiguration(
  { strategies: inputs, rules }: Pick<SessionStart, 'strategies' | 'rules'>,
  { strategies: running, trading }: SessionParts,
): (values: Readonly<Record<string, unknown>>) => SessionTerms {
  let changed: Readonly<Record<string, unknown>> = {};
  return (values) => {
    const all = { ...changed, ...values };
    const layer = { layer: 'set', source: 'operator', values: all } as const;
    const strategies = inputs.map((input) => compileStrategy({ ...input, layers: [...input.layers, layer] }));
    const [{ settings }] = strategies;
    const { settings: account, venue } = tradingSettings(settings, { rules, fundingOf: trading.venue.fundingOf });
    const isRestart =
      hashJson(strategies.map(scanIdentity)) !== hashJson(running.map(scanIdentity)) ||
      hashJson(venue.costs) !== hashJson(trading.venue.costs);
    if (isRestart) {
      throw new DonchError('bad_argument', `${Object.keys(values).join(', ')} cannot change while a session runs`, {
        expected: 'a setting of the account or of the exits',
        remedy: 'Set-up, filters, features and costs are those that a session begins with: begin another one.',
      });
    }
    changed = all;
    return { settings: account, terms: strategies.map(strategyTerms) };
  };
}

/** What decides signals. */
function scanIdentity({ setupHash, filterHash, features, settings }: CompiledStrategy): unknown {
  return [
    setupHash,
    filterHash,
    features.map((def) => featureHash(def, settings)),
    settings.RS_MODE,
    settings.RS_SCORE,
  ];
}

interface HistoryRequest {
  readonly instruments: readonly InstrumentId[];
  readonly interval: Interval;
  /** First decision. */
  readonly startMs: number;
}

/** Steps the session through the candles before it, one instrument after the other; returns what they were. */
export async function warmUp(
  session: Session,
  store: Store,
  { instruments, interval, startMs }: HistoryRequest,
  onInstrument: () => void | Promise<void> = () => undefined,
): Promise<HistoryIdentity[]> {
  const history: HistoryIdentity[] = [];
  for (const [index, instrumentId] of instruments.entries()) {
    const candles = await store.candles.read(instrumentId, interval, { toMs: startMs - intervalMs(interval) });
    session.warmUp(index, candles);
    history.push({
      instrumentId,
      rows: candles.length,
      monthHashes: monthHashes(candles),
      eventsHash: await hashEvents(store, [instrumentId]),
    });
    await onInstrument();
  }
  return history;
}

function monthHashes(candles: Candles): Record<string, string> {
  const hashes: Record<string, string> = {};
  for (let from = 0; from < candles.length;) {
    const month = formatMonth(candles.openTimeMs[from]);
    const to = lowerBound(candles, nextMonthStartMs(candles.openTimeMs[from]));
    hashes[month] = candlesHash(sliceCandles(candles, from, to));
    from = to;
  }
  return hashes;
}

/** Candles that a session trades on: nothing behind its window is even loaded. */
export async function windowCandles(
  store: Store,
  { instruments, interval }: Omit<HistoryRequest, 'startMs'>,
  window: ScanWindow,
): Promise<Candles[]> {
  const barMs = intervalMs(interval);
  const range = { fromMs: firstDecisionMs(window, barMs) - barMs, toMs: window.endMs - barMs };
  const candles: Candles[] = [];
  for (const id of instruments) candles.push(await store.candles.read(id, interval, range));
  return candles;
}

/** Id of a session: the same settings and the same feed go on with the same journal. */
export function sessionIdOf(
  start: Omit<SessionStart, 'sessionId' | 'history' | 'code'>,
  feed: Readonly<Record<string, unknown>>,
): string {
  return hashJson({ ...start, feed }).slice(0, 16);
}

/** A start record that this program can build a session from. Throws `bad_journal`. */
export function checkStart(start: SessionStart, file: string): void {
  if (Array.isArray(start.instruments) && start.strategies.length > 0) return;
  throw new DonchError('bad_journal', 'the first record names no strategy or no instrument', {
    file,
    expected: 'the start of a session',
  });
}
