/** What a scan thread does: reads one instrument from the store and steps days or scanners through it. Kept between the tasks of a scan: store, strategies, tracks. */
import { scanDays, scanHistory, type FunnelData, type ScanWindow } from '@donch/backtester';
import {
  asOfIndex,
  instrumentId,
  intervalMs,
  symbolOf,
  venueOf,
  type InstrumentId,
  type Interval,
  type Signal,
  type Table,
} from '@donch/core';
import { openStore, type Store } from '@donch/data';
import { readEvents, type FittedRegimes } from '@donch/project';
import {
  compileStrategy,
  createTracks,
  feedTracks,
  type CompiledStrategy,
  type CompileInput,
  type DailyHistory,
  type ReferenceTracks,
} from '@donch/strategy';
import { answer, type Answer } from './sent-error.ts';

export interface StoreTask {
  /** Which scan it belongs to: one store, interval and window. With the next one a thread forgets what it has kept. */
  readonly scan: number;
  readonly dataFolder: string;
  readonly useCache: boolean;
  readonly instrumentId: InstrumentId;
  readonly interval: Interval;
}

export interface DaysTask extends StoreTask {
  /** Bars that open at or after it are not even loaded; Infinity = all. */
  readonly untilMs: number;
}

export interface DaysResult {
  readonly days: DailyHistory;
  readonly bars: number;
  readonly firstOpenMs: number;
  readonly lastOpenMs: number;
}

/** Completed days of one instrument. */
export function days(task: DaysTask): Promise<Answer<DaysResult>> {
  return answer(() => readDays(task));
}

async function readDays(task: DaysTask): Promise<DaysResult> {
  const candles = await keptOf(task).store.candles.read(task.instrumentId, task.interval, { toMs: task.untilMs });
  const { length, openTimeMs } = candles;
  return {
    days: scanDays(candles),
    bars: length,
    firstOpenMs: openTimeMs[0] ?? Number.NaN,
    lastOpenMs: openTimeMs[length - 1] ?? Number.NaN,
  };
}

export interface ScanTask extends StoreTask {
  readonly strategy: CompileInput;
  readonly regimes: FittedRegimes;
  readonly window: ScanWindow;
  /** Ranking instants, ascending, and this instrument's percentile from each of them on (NaN = not ranked). */
  readonly rankTimesMs: Float64Array;
  readonly rsPercentiles: Float64Array;
  readonly listedMs: number;
  readonly memberFromMs: number;
  readonly memberToMs: number;
}

export interface ScanTaskResult {
  readonly signals: readonly Signal[];
  readonly decisions: Table;
  readonly funnel: FunnelData;
  readonly bars: number;
}

/** Scan of one instrument under one strategy. */
export function scan(task: ScanTask): Promise<Answer<ScanTaskResult>> {
  return answer(() => scanInstrument(task));
}

async function scanInstrument(task: ScanTask): Promise<ScanTaskResult> {
  const { window, rankTimesMs, rsPercentiles, listedMs, memberFromMs, memberToMs } = task;
  const common = keptOf(task);
  const { store } = common;
  const strategy = strategyOf(common, task.strategy);
  const tracks = await tracksOf(common, task, strategy);
  // Bars that close after the window are not even loaded: a hold-out stays untouched.
  const candles = await store.candles.read(task.instrumentId, task.interval, {
    toMs: window.endMs - intervalMs(task.interval),
  });
  const { signals, decisions, funnel, bars } = scanHistory({
    strategy,
    instrumentId: task.instrumentId,
    candles,
    tracks,
    events: await readEvents(store, task.instrumentId, strategy.settings),
    listedMs,
    rsPercentileAt: (timeMs) => {
      const at = asOfIndex(rankTimesMs, rankTimesMs.length, timeMs);
      return at < 0 ? Number.NaN : rsPercentiles[at];
    },
    isMemberAt: (timeMs) => timeMs >= memberFromMs && timeMs < memberToMs,
    window,
  });
  return { signals, decisions, funnel: funnel.data, bars };
}

/** What the tasks of a scan have in common. */
interface Kept {
  readonly scan: number;
  readonly store: Store;
  readonly strategies: Map<string, CompiledStrategy>;
  readonly tracks: Map<string, Promise<ReferenceTracks>>;
}

let kept: Kept | null = null;

function keptOf({ scan: number, dataFolder, useCache }: StoreTask): Kept {
  if (kept?.scan !== number)
    kept = { scan: number, store: openStore(dataFolder, { useCache }), strategies: new Map(), tracks: new Map() };
  return kept;
}

function strategyOf({ strategies }: Kept, input: CompileInput): CompiledStrategy {
  const key = JSON.stringify(input);
  const known = strategies.get(key) ?? compileStrategy(input);
  strategies.set(key, known);
  return known;
}

function tracksOf({ store, tracks }: Kept, task: ScanTask, strategy: CompiledStrategy): Promise<ReferenceTracks> {
  const key = `${strategy.specHash}|${task.regimes.hash}`;
  const known = tracks.get(key) ?? buildTracks(store, task, strategy);
  tracks.set(key, known);
  return known;
}

async function buildTracks(
  store: Store,
  { instrumentId: id, interval, window, regimes }: ScanTask,
  strategy: CompiledStrategy,
): Promise<ReferenceTracks> {
  const built = createTracks(strategy.settings, { regimes: regimes.parameters });
  const venue = venueOf(id);
  const there = new Set(store.candles.instruments(venue, interval).map(symbolOf));
  for (const symbol of new Set(Object.values(built).map((track) => track.symbol))) {
    if (!there.has(symbol)) continue;
    feedTracks(
      built,
      symbol,
      await store.candles.read(instrumentId(venue, symbol), interval, { toMs: window.endMs - intervalMs(interval) }),
    );
  }
  return built;
}
