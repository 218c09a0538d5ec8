/** A small market in memory, scanned in one pass or bar set by bar set: for the tests that compare the two. */
import {
  barAt,
  CandleBuffer,
  createPrng,
  DAY_MS,
  delayedEvents,
  EventBuffer,
  HOUR_MS,
  MINUTE_MS,
  instrumentId,
  parseIsoTime,
  lowerBound,
  Resampler,
  rowAt,
  type Candles,
  type Decision,
  type EventSeries,
  type RegimeFit,
  type RegimeParameters,
  type Signal,
  type SwitchingParameters,
} from '@donch/core';
import type { CompiledStrategy } from './compile-strategy.ts';
import { CrossSection, dailyHistory, type DailyHistory } from './features/cross-section.ts';
import type { SymbolEvents } from './features/feature.ts';
import { createTracks, feedTracks } from './reference-tracks.ts';
import { SymbolScanner } from './symbol-scanner.ts';

/** As if fitted: other parameters from February on, states that cannot be told apart in March, states in another order in April. */
const KNOWN_REGIMES: RegimeParameters = {
  markov: [
    knownFit('2024-01-01', { p00: 0.93, p10: 0.09, means: [-0.004, 0.006], variances: [6e-4, 3e-4] }),
    knownFit('2024-02-01', { p00: 0.9, p10: 0.11, means: [-0.003, 0.005], variances: [5e-4, 2e-4] }),
    knownFit('2024-03-01', { p00: 0.9, p10: 0.11, means: [-0.003, 0.005], variances: [5e-4, 2e-4] }, 1.9),
    knownFit('2024-04-01', { p00: 0.94, p10: 0.08, means: [-0.004, 0.004], variances: [7e-4, 2e-4] }),
  ],
  volatility: [
    knownFit('2024-01-01', { p00: 0.93, p10: 0.1, means: [0, 0], variances: [0.0012, 0.004] }),
    knownFit('2024-03-01', { p00: 0.94, p10: 0.1, means: [0.001, 0.001], variances: [0.001, 0.005] }),
  ],
};

function knownFit(day: string, parameters: SwitchingParameters, separationSe = 5): RegimeFit {
  const refitMs = parseIsoTime(day)?.timeMs ?? Number.NaN;
  return { refitMs, observations: 500, inputHash: day, parameters, logLikelihood: 0, separationSe };
}

export interface World {
  readonly strategy: CompiledStrategy;
  /** By symbol. */
  readonly candles: ReadonlyMap<string, Candles>;
  readonly listedMs: number;
  /** Candles that tracks and ranks are made from, where they are not those of the scanners; only as many rows are stepped. */
  readonly tracksFrom?: ReadonlyMap<string, Candles>;
  /** Events of every symbol; default: those of `knownEvents`. */
  readonly events?: SymbolEvents;
  /** Bars at which all features are read. */
  readonly isProbe: (symbol: string, closeTimeMs: number) => boolean;
}

export interface ScanOutcome {
  /** Feature values by `symbol|closeTimeMs`, in the order of `strategy.features`. */
  readonly features: ReadonlyMap<string, Float64Array>;
  /** Close of the breakout bar that the features of a probe speak of, by the same key. */
  readonly breaks: ReadonlyMap<string, number>;
  readonly decisions: readonly Decision[];
  readonly signals: readonly Signal[];
  readonly failedGates: readonly string[];
}

/** Research: whole columns, instrument by instrument, ranks and tracks made beforehand. */
export function scanAtOnce(world: World): ScanOutcome {
  const { strategy, candles } = world;
  const tracks = createTracks(strategy.settings, { regimes: KNOWN_REGIMES });
  const { tracksFrom = candles } = world;
  for (const [symbol, columns] of tracksFrom) feedTracks(tracks, symbol, columns);
  const days = [...tracksFrom.values()].map((columns) => {
    const resampler = new Resampler(columns.intervalMs, DAY_MS);
    for (let i = 0; i < columns.length; i += 1) resampler.step(columns, i);
    return dailyHistory(resampler);
  });
  const ranks = crossSection(world, days);
  const outcome = new Outcome(world);
  const events = eventsOf(world);
  [...candles].forEach(([symbol, columns], member) => {
    const scanner = outcome.scanner(symbol, columns, {
      tracks,
      events,
      rsPercentileAt: (timeMs) => ranks.percentileAt(member, timeMs),
    });
    const rows = tracksFrom.get(symbol)?.length ?? columns.length;
    for (let i = 0; i < rows; i += 1) {
      scanner.step(columns, i, 'present');
      outcome.probe(symbol, scanner);
    }
  });
  return outcome;
}

/** Live: every instant once, all instruments together, on buffers that take bar by bar and drop what is not read any more. */
export function scanBarSets(world: World): ScanOutcome {
  const { strategy, candles } = world;
  const tracks = createTracks(strategy.settings, { regimes: KNOWN_REGIMES });
  const resamplers = [...candles.values()].map(({ intervalMs }) => new Resampler(intervalMs, DAY_MS));
  const ranks = crossSection(
    world,
    resamplers.map((resampler) => dailyHistory(resampler)),
  );
  const outcome = new Outcome(world);
  const events = eventsOf(world);
  const arrived = { funding: new EventBuffer(), openInterest: new EventBuffer() };
  const members = [...candles].map(([symbol, source], member) => {
    const buffer = new CandleBuffer(source.intervalMs, 1);
    const rsPercentileAt = (timeMs: number): number => ranks.percentileAt(member, timeMs);
    return {
      symbol,
      source,
      buffer,
      days: resamplers[member],
      scanner: outcome.scanner(symbol, buffer, { tracks, rsPercentileAt, events: arrived }),
    };
  });
  for (const closeTimeMs of closeTimesOf(world)) {
    appendArrived(arrived.funding, events.funding, closeTimeMs);
    appendArrived(arrived.openInterest, events.openInterest, closeTimeMs);
    const present = members.filter(({ source }) => rowAt(source, closeTimeMs - source.intervalMs) >= 0);
    for (const { symbol, source, buffer, days } of present) {
      const row = buffer.length;
      buffer.append(barAt(source, rowAt(source, closeTimeMs - source.intervalMs)));
      days.step(buffer, row);
      for (const track of Object.values(tracks)) if (track.symbol === symbol) track.step(buffer, row, closeTimeMs);
    }
    for (const { symbol, buffer, scanner } of present) {
      scanner.step(buffer, buffer.length - 1, 'present');
      outcome.probe(symbol, scanner);
    }
    for (const member of present) dropOldRows(member, tracks);
  }
  return outcome;
}

function appendArrived(buffer: EventBuffer, { length, timeMs, value, availableMs }: EventSeries, nowMs: number): void {
  for (let k = buffer.length; k < length && availableMs[k] <= nowMs; k += 1)
    buffer.append(timeMs[k], value[k], availableMs[k]);
}

const eventsOf = ({ events, candles, tracksFrom }: World): SymbolEvents => events ?? knownEvents(tracksFrom ?? candles);

interface LiveMember {
  readonly symbol: string;
  readonly buffer: CandleBuffer;
  readonly days: Resampler;
  readonly scanner: SymbolScanner;
}

/** Rows that may gather before they are dropped. */
const DROPPED_ROWS_MIN = 50;

/** Keeps what is read and nothing more. */
function dropOldRows({ symbol, buffer, days, scanner }: LiveMember, tracks: ReturnType<typeof createTracks>): void {
  const rows = lowerBound(buffer, buffer.openTimeMs[buffer.length - 1] - scanner.readsBackMs);
  if (rows < DROPPED_ROWS_MIN) return;
  days.rebase(rows);
  for (const track of Object.values(tracks)) if (track.symbol === symbol) track.rebase(rows);
  scanner.rebase(buffer, rows);
  buffer.dropFirst(rows);
}

function crossSection({ strategy, candles }: World, days: readonly DailyHistory[]): CrossSection {
  const { RS_MODE: mode, RS_SCORE: score } = strategy.settings;
  const everyone = [...candles].map(() => ({ fromMs: null, toMs: null }));
  return new CrossSection({ mode, score }, days, everyone);
}

function closeTimesOf({ candles }: World): number[] {
  const times = new Set<number>();
  for (const { openTimeMs, length, intervalMs } of candles.values())
    for (let i = 0; i < length; i += 1) times.add(openTimeMs[i] + intervalMs);
  return [...times].sort((a, b) => a - b);
}

/** Settlements every 8 hours and open interest every hour, with holes of two days, from just before the earliest candles on; known a minute later. */
export function knownEvents(candles: ReadonlyMap<string, Candles>): SymbolEvents {
  const fromMs = Math.min(...[...candles.values()].map(({ openTimeMs }) => openTimeMs[0]));
  const toMs = Math.max(...[...candles.values()].map(({ openTimeMs, length }) => openTimeMs[length - 1]));
  const isHole = (ms: number): boolean => ms % (20 * DAY_MS) < 2 * DAY_MS;
  const timesOf = (stepMs: number): Float64Array => {
    const first = Math.floor(fromMs / stepMs);
    const count = Math.floor(toMs / stepMs) - first + 1;
    return Float64Array.from({ length: count }, (_, k) => (first + k) * stepMs).filter((ms) => !isHole(ms));
  };
  const settlements = timesOf(8 * HOUR_MS);
  const hours = timesOf(HOUR_MS);
  const openInterest = hours.map((ms) => Math.exp(8 + 0.1 * createPrng(ms / HOUR_MS, 'open interest').normal()));
  return {
    openInterest: delayedEvents(hours, openInterest, MINUTE_MS),
    funding: delayedEvents(
      settlements,
      settlements.map((ms) => 1e-4 * (1 + createPrng(ms / HOUR_MS, 'rate').normal())),
      MINUTE_MS,
    ),
  };
}

/** Takes what the scanners find. */
class Outcome implements ScanOutcome {
  readonly features = new Map<string, Float64Array>();
  readonly breaks = new Map<string, number>();
  readonly decisions: Decision[] = [];
  readonly signals: Signal[] = [];
  readonly failedGates: string[] = [];
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  scanner(
    symbol: string,
    candles: Candles,
    options: Pick<ConstructorParameters<typeof SymbolScanner>[0], 'tracks' | 'rsPercentileAt' | 'events'>,
  ): SymbolScanner {
    const { strategy, listedMs } = this.#world;
    return new SymbolScanner({
      ...options,
      strategy,
      candles,
      listedMs,
      instrumentId: instrumentId('test', symbol),
      sink: {
        onDecision: (decision) => this.decisions.push(decision),
        onSignal: (signal) => this.signals.push(signal),
        onGateFailed: (timeMs, gate) => this.failedGates.push(`${timeMs} ${symbol} ${gate}`),
        onEntry: () => undefined,
      },
    });
  }

  probe(symbol: string, scanner: SymbolScanner): void {
    const { decisionTimeMs } = scanner.state;
    if (!this.#world.isProbe(symbol, decisionTimeMs)) return;
    const key = `${symbol}|${decisionTimeMs}`;
    this.features.set(key, scanner.featuresNow());
    this.breaks.set(key, scanner.setup.breakTimeMs);
  }
}
