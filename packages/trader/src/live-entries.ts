/**
 * The scanners at the live edge: the entry source of paper, live and replay. Every bar set steps first what instruments share
 * (benchmark tracks, days for the ranks), then every entry machine; a bar that arrived late advances state and cannot enter.
 */
import {
  DAY_MS,
  invariant,
  Resampler,
  NO_REGIMES,
  symbolOf,
  type BarSet,
  type Candles,
  type ConfigValues,
  type Decision,
  type FunnelRow,
  type InstrumentId,
  type RegimeParameters,
  type Signal,
  type StrategyId,
  type UniverseMember,
} from '@donch/core';
import {
  createTracks,
  CrossSection,
  dailyHistory,
  isMember,
  SymbolScanner,
  type BarStatus,
  type CompiledStrategy,
  type ReferenceTracks,
  type SymbolEvents,
} from '@donch/strategy';
import { LiveFunnel } from './live-funnel.ts';
import type { LiveMarket } from './live-market.ts';
import type { SessionEntries, SessionOptions } from './session.ts';

/** Takes what the scanners say at an instant, in the order of instruments and strategies. */
export interface LiveSink {
  onDecision(decision: Decision): void;
  onFunnel(row: FunnelRow): void;
}

interface LiveEntriesOptions {
  readonly strategies: readonly CompiledStrategy[];
  /** Stored parameters of the switching models by strategy; without them their regimes are unknown. Never fitted here. */
  readonly regimes?: ReadonlyMap<StrategyId, RegimeParameters>;
  /** Events of an instrument, appended to as they arrive; without them their features are missing. */
  readonly eventsOf?: (instrumentId: InstrumentId, settings: ConfigValues) => SymbolEvents;
  /** The instruments of the market that are scanned and ranked; the others are only read (benchmarks). */
  readonly members: readonly UniverseMember[];
  readonly market: LiveMarket;
  /** NaN = not known. */
  readonly listedMsOf: (instrumentId: InstrumentId) => number;
  readonly sink: LiveSink;
}

/** Days that the ranks keep: more than the eight closes of a score and the week for which a rank holds. */
const RANK_DAYS = 32;
/** Rows that may gather in a buffer before stale ones are dropped. */
const STALE_DAYS = 1;

/** The scanners of these strategies as the entries of a session. */
export function liveEntries(options: Omit<LiveEntriesOptions, 'market' | 'sink'>): SessionOptions['entries'] {
  return (market, sink) => new LiveEntries({ ...options, market, sink });
}

class LiveEntries implements SessionEntries {
  readonly #market: LiveMarket;
  readonly #members: readonly (UniverseMember | null)[];
  readonly #days: readonly Resampler[];
  readonly #scans: readonly StrategyScan[];
  readonly #sink: LiveSink;
  readonly #readsBackMs: number;
  readonly #staleRowsMin: number;

  constructor(options: LiveEntriesOptions) {
    const { market, members, strategies, sink } = options;
    this.#market = market;
    this.#sink = sink;
    const byId = new Map(members.map((member) => [member.instrumentId, member]));
    this.#members = market.instruments.map((id) => byId.get(id) ?? null);
    invariant(
      this.#members.filter((member) => member !== null).length === members.length,
      'every member is in the market',
    );
    this.#days = market.instruments.map(() => new Resampler(market.intervalMs, DAY_MS));
    this.#scans = strategies.map((strategy) => new StrategyScan(strategy, options, this.#days));
    this.#readsBackMs = Math.max(0, ...this.#scans.map(({ readsBackMs }) => readsBackMs));
    this.#staleRowsMin = (STALE_DAYS * DAY_MS) / market.intervalMs;
  }

  /** Steps an instrument through its history, from its first stored bar on: the anchor of everything recursive. */
  warmUp(index: number, history: Candles): void {
    for (let row = 0; row < history.length; row += 1)
      this.#step(index, history, row, {
        status: 'history',
        barSetTimeMs: history.openTimeMs[row] + history.intervalMs,
      });
    const left = this.#market.adopt(index, history, this.#readsBackMs);
    if (history.length > 0) this.#rebase(index, left);
  }

  signalsAt(barSet: BarSet): readonly Signal[] {
    const { closeTimeMs, rows, candles, late = [] } = barSet;
    for (const scan of this.#scans) scan.begin(closeTimeMs);
    for (const { index, row } of late) this.#stepShared(index, candles[index], row, closeTimeMs);
    for (let index = 0; index < rows.length; index += 1)
      if (rows[index] >= 0) this.#stepShared(index, candles[index], rows[index], closeTimeMs);
    let nextLate = 0;
    for (let index = 0; index < rows.length; index += 1) {
      for (; nextLate < late.length && late[nextLate].index === index; nextLate += 1)
        this.#stepScanners(index, candles[index], late[nextLate].row, 'late');
      if (rows[index] >= 0) this.#stepScanners(index, candles[index], rows[index], this.#statusAt(index, closeTimeMs));
    }
    for (const scan of this.#scans) this.#sink.onFunnel(scan.funnelRow());
    return this.#scans.flatMap(({ signals }) => signals);
  }

  #statusAt(index: number, timeMs: number): BarStatus {
    const member = this.#members[index];
    return member !== null && isMember(member, timeMs) ? 'present' : 'history';
  }

  #step(
    index: number,
    candles: Candles,
    row: number,
    { status, barSetTimeMs }: { readonly status: BarStatus; readonly barSetTimeMs: number },
  ): void {
    this.#stepShared(index, candles, row, barSetTimeMs);
    this.#stepScanners(index, candles, row, status);
  }

  #stepShared(index: number, candles: Candles | null, row: number, barSetTimeMs: number): void {
    invariant(candles !== null, 'a bar that arrived has candles');
    const days = this.#days[index];
    const closed = days.step(candles, row);
    // a day is known from the bar set on in which its last bar arrived
    for (let day = days.bars.length - closed; day < days.bars.length; day += 1) days.availableMs[day] = barSetTimeMs;
    for (const { tracks } of this.#scans) for (const track of tracks[index]) track.step(candles, row, barSetTimeMs);
  }

  #stepScanners(index: number, candles: Candles | null, row: number, status: BarStatus): void {
    invariant(candles !== null, 'a bar that arrived has candles');
    for (const scan of this.#scans) scan.step(index, candles, row, status);
  }

  /** Drops rows that nobody reads any more; called when an instant is over. */
  dropStaleRows(): void {
    this.#market.candles.forEach((buffer, index) => {
      const rows = this.#market.staleRows(index, this.#readsBackMs);
      if (rows < this.#staleRowsMin) return;
      this.#rebase(index, rows);
      buffer.dropFirst(rows);
    });
  }

  #rebase(index: number, rows: number): void {
    const buffer = this.#market.candles[index];
    this.#days[index].rebase(rows);
    this.#days[index].keepLast(RANK_DAYS);
    for (const { tracks, scanners } of this.#scans) {
      for (const track of tracks[index]) track.rebase(rows);
      scanners[index]?.rebase(buffer, rows);
    }
  }
}

/** One strategy over all instruments. */
class StrategyScan {
  /** Tracks that are made of an instrument, parallel to the instruments of the market. */
  readonly tracks: readonly (readonly ReferenceTracks[keyof ReferenceTracks][])[];
  /** Parallel to the instruments of the market; null = not a member. */
  readonly scanners: readonly (SymbolScanner | null)[];
  readonly readsBackMs: number;
  signals: Signal[] = [];
  readonly #funnel: LiveFunnel;

  constructor(
    strategy: CompiledStrategy,
    { members, market, listedMsOf, sink, regimes, eventsOf }: LiveEntriesOptions,
    days: readonly Resampler[],
  ) {
    const { settings } = strategy;
    const tracks = createTracks(settings, { regimes: regimes?.get(strategy.strategyId) ?? NO_REGIMES });
    this.tracks = market.instruments.map((id) => Object.values(tracks).filter(({ symbol }) => symbol === symbolOf(id)));
    const indexes = new Map(market.instruments.map((id, index) => [id, index]));
    const histories = members.map(({ instrumentId }) => dailyHistory(days[indexes.get(instrumentId) ?? -1]));
    const ranks = new CrossSection({ mode: settings.RS_MODE, score: settings.RS_SCORE }, histories, members);
    const memberOf = new Map(members.map(({ instrumentId }, member) => [instrumentId, member]));
    this.#funnel = new LiveFunnel(strategy.strategyId, members.length);
    this.scanners = market.instruments.map((instrumentId, index) => {
      const member = memberOf.get(instrumentId);
      if (member === undefined) return null;
      return new SymbolScanner({
        strategy,
        instrumentId,
        candles: market.candles[index],
        tracks,
        listedMs: listedMsOf(instrumentId),
        events: eventsOf?.(instrumentId, settings),
        rsPercentileAt: (timeMs) => ranks.percentileAt(member, timeMs),
        sink: {
          onDecision: (decision) => sink.onDecision(decision),
          onSignal: (signal) => this.signals.push(signal),
          onGateFailed: (_timeMs, gate) => this.#funnel.countFailed(gate),
          onEntry: () => this.#funnel.countEntry(),
        },
      });
    });
    this.readsBackMs = Math.max(0, ...this.scanners.map((scanner) => scanner?.readsBackMs ?? 0));
  }

  begin(timeMs: number): void {
    this.signals = [];
    this.#funnel.begin(timeMs);
  }

  step(index: number, candles: Candles, row: number, status: BarStatus): void {
    const scanner = this.scanners[index];
    if (scanner === null) return;
    scanner.step(candles, row, status);
    if (status !== 'history') this.#funnel.countBar(scanner, status);
  }

  funnelRow(): FunnelRow {
    return this.#funnel.row(this.signals.length);
  }
}
