/** Where one symbol stands at a time, set-up or not: the scanner of the scout stepped to that bar, and every condition judged there. */
import { scanDays, scanHistory } from '@donch/backtester';
import { listenForInterrupt } from '@donch/cli';
import {
  bucketStartMs,
  DAY_MS,
  directionOf,
  instrumentId,
  intervalMs,
  invariant,
  symbolOf,
  WEEK_MS,
  type GateCheck,
  type InstrumentId,
} from '@donch/core';
import { prepareRegimes, readEvents } from '@donch/project';
import {
  check,
  createTracks,
  CrossSection,
  feedTracks,
  type CompiledStrategy,
  type DailyHistory,
  type SetupPhase,
  type SymbolScanner,
} from '@donch/strategy';
import type { ResearchSetup } from './research.ts';

export interface Standing {
  readonly strategyId: string;
  /** Close of the last bar at or before the time. */
  readonly timeMs: number;
  readonly phase: SetupPhase;
  readonly close: number;
  /** NaN = too little history. */
  readonly levelPrice: number;
  /** Level of the set-up; NaN without one. */
  readonly frozenLevelPrice: number;
  /** Close of the breakout and of the touch; NaN without. */
  readonly breakTimeMs: number;
  readonly touchTimeMs: number;
  readonly atr: number;
  readonly distanceAtr: number;
  readonly volumeMultiple: number;
  /** The condition that the set-up waits for, then every filter. */
  readonly gates: readonly GateCheck[];
}

/** Standing of an instrument under every strategy; empty when it has no bar until then. `timeMs` Infinity = the end of its data. */
export async function standingOf(setup: ResearchSetup, id: InstrumentId, timeMs: number): Promise<Standing[]> {
  const { store, interval, strategies } = setup;
  const untilMs = timeMs - intervalMs(interval) + 1;
  const candles = await store.candles.read(id, interval, timeMs === Infinity ? {} : { toMs: untilMs });
  if (candles.length === 0) return [];
  const lastCloseMs = candles.openTimeMs[candles.length - 1] + candles.intervalMs;
  const standings: Standing[] = [];
  for (const strategy of strategies) {
    const percentile = await percentileAt(setup, strategy, { id, timeMs: lastCloseMs });
    const tracks = await tracksUntil(setup, strategy, lastCloseMs);
    let standing: Standing | null = null;
    scanHistory({
      strategy,
      instrumentId: id,
      candles,
      tracks,
      events: await readEvents(store, id, strategy.settings),
      listedMs: memberOf(setup, id)?.fromMs ?? Number.NaN,
      rsPercentileAt: () => percentile,
      isMemberAt: () => true,
      window: { startMs: lastCloseMs, endMs: lastCloseMs + 1 },
      onBar: (scanner) => {
        standing = describe(scanner, strategy);
      },
    });
    if (standing !== null) standings.push(standing);
  }
  return standings;
}

function memberOf(
  { universe }: ResearchSetup,
  id: InstrumentId,
): ResearchSetup['universe']['members'][number] | undefined {
  return universe.members.find((member) => member.instrumentId === id);
}

async function tracksUntil(
  { store, universe, interval, context: { terminal } }: ResearchSetup,
  strategy: CompiledStrategy,
  timeMs: number,
): Promise<ReturnType<typeof createTracks>> {
  const input = { store, venue: universe.venue, interval, untilMs: timeMs, terminal };
  const [{ parameters }] = await prepareRegimes(input, [strategy]);
  const tracks = createTracks(strategy.settings, { regimes: parameters });
  const there = new Set(store.candles.instruments(universe.venue, interval));
  for (const symbol of new Set(Object.values(tracks).map((track) => track.symbol))) {
    const id = instrumentId(universe.venue, symbol);
    if (!there.has(id)) continue;
    feedTracks(tracks, symbol, await store.candles.read(id, interval, { toMs: timeMs - intervalMs(interval) + 1 }));
  }
  return tracks;
}

/** Days before a ranking instant that a score reads, and one more, which the beginning of the read may cut. */
const RANK_DAYS = 10;

/** The rank that holds at a time: of the days of all members before its ranking instant, and of nothing else. */
async function percentileAt(
  { store, universe, interval, context }: ResearchSetup,
  { settings }: CompiledStrategy,
  { id, timeMs }: { readonly id: InstrumentId; readonly timeMs: number },
): Promise<number> {
  const rankMs = bucketStartMs(timeMs, settings.RS_MODE === 'weekly' ? WEEK_MS : DAY_MS);
  const range = { fromMs: rankMs - RANK_DAYS * DAY_MS, toMs: rankMs };
  const days: DailyHistory[] = [];
  for (const member of universe.members) {
    await listenForInterrupt(context.signal);
    days.push(scanDays(await store.candles.read(member.instrumentId, interval, range)));
  }
  const section = new CrossSection({ mode: settings.RS_MODE, score: settings.RS_SCORE }, days, universe.members);
  const at = universe.members.findIndex((member) => member.instrumentId === id);
  return at < 0 ? Number.NaN : section.percentileAt(at, timeMs);
}

function describe(scanner: SymbolScanner, strategy: CompiledStrategy): Standing {
  const { state, setup, phase } = scanner;
  // fills the row that the filters read
  scanner.featuresNow();
  const hasSetup = phase === 'broken' || phase === 'touched';
  const known = (timeMs: number): number => (hasSetup && timeMs > 0 ? timeMs : Number.NaN);
  const { levelPrice, close, atr, decisionTimeMs, volume } = state;
  return {
    strategyId: strategy.strategyId,
    timeMs: decisionTimeMs,
    phase,
    close,
    levelPrice,
    frozenLevelPrice: phase === 'idle' ? Number.NaN : setup.levelPrice,
    breakTimeMs: known(setup.breakTimeMs),
    touchTimeMs: known(setup.touchTimeMs),
    atr,
    distanceAtr: (close - (hasSetup ? setup.levelPrice : levelPrice)) / atr,
    volumeMultiple: volume / state.volumeMedian(),
    gates: [
      ...awaited(scanner, strategy),
      ...strategy.filters.map((filter) => filter.judge(scanner, symbolOf(scanner.instrumentId))),
    ],
  };
}

/** The conditions of the next step of the set-up, judged at this bar. */
function awaited(scanner: SymbolScanner, { setup: rules }: CompiledStrategy): GateCheck[] {
  const { state, setup, phase } = scanner;
  const d = directionOf(rules.side);
  const long = d > 0;
  const extreme = long ? state.high : state.low;
  if (phase === 'broken') {
    const { pullback } = rules;
    if (pullback.type === 'mean')
      return [check('touch', Math.abs(state.close - state.pullbackEma()), '<=', pullback.bandAtr * state.atr)];
    const bound = setup.levelPrice * (1 + d * pullback.epsFrac);
    return [check('touch', long ? state.low : state.high, long ? '<=' : '>=', bound)];
  }
  if (phase === 'touched') {
    return rules.trigger === 'close_above_break'
      ? [check('trigger', state.close, long ? '>' : '<', setup.levelPrice)]
      : [check('trigger', extreme, long ? '>' : '<', setup.extremePrice)];
  }
  const gates = [check('breakout', extreme, long ? '>' : '<', state.levelPrice)];
  if (rules.confirmClose) gates.push(check('confirm_close', state.close, long ? '>=' : '<=', state.levelPrice));
  const { volume } = rules;
  if (volume.kind === 'multiple')
    gates.push(check('volume', state.volume / state.volumeMedian(), '>=', volume.multiple));
  if (volume.kind === 'quantile') gates.push(check('volume', state.volume, '>=', state.volumeQuantile(volume.q)));
  invariant(gates.length > 0, 'a set-up always waits for something');
  return gates;
}
