/** Scan of a whole market in memory, instrument by instrument: what the research CLI does with workers, in one call. */
import {
  NO_REGIMES,
  symbolOf,
  type Candles,
  type InstrumentId,
  type RegimeParameters,
  type Signal,
  type Table,
} from '@donch/core';
import {
  createTracks,
  CrossSection,
  feedTracks,
  fitRegimes,
  symbolEvents,
  type CompiledStrategy,
  type SymbolScanner,
} from '@donch/strategy';
import { leakedRankTimeMs, leakedTracks, leakOf, type LeakName } from './leaks.ts';
import type { MarketData } from './market-data.ts';
import { scanDays, scanHistory } from './scan-history.ts';
import type { ScanWindow } from './scan-window.ts';

export interface ScanMarketOptions {
  readonly strategy: CompiledStrategy;
  readonly market: MarketData;
  readonly window: ScanWindow;
  /** Null = none. */
  readonly leak: LeakName | null;
  /** Called after every bar of an instrument inside the window. */
  readonly onBar?: (instrumentId: InstrumentId, scanner: SymbolScanner, candles: Candles, row: number) => void;
}

export interface MarketScan {
  readonly signals: readonly Signal[];
  /** Decision rows per instrument, in the order of the instruments. */
  readonly decisions: readonly Table[];
  readonly bars: number;
}

/** Scans every instrument; ranks are made over all of them. */
export function scanMarket({ strategy, market, window, leak, onBar }: ScanMarketOptions): MarketScan {
  const { settings } = strategy;
  const tracks = createTracks(settings, { regimes: regimesOf(market, strategy, window), classes: leakedTracks(leak) });
  for (const id of market.instruments) feedTracks(tracks, symbolOf(id), market.candlesOf(id));
  const days = market.instruments.map((id) => scanDays(market.candlesOf(id)));
  const everyone = market.instruments.map(() => ({ fromMs: null, toMs: null }));
  const ranks = new CrossSection({ mode: settings.RS_MODE, score: settings.RS_SCORE }, days, everyone);
  const signals: Signal[] = [];
  const decisions: Table[] = [];
  let bars = 0;
  market.instruments.forEach((instrumentId, member) => {
    const candles = market.candlesOf(instrumentId);
    const scan = scanHistory({
      strategy,
      instrumentId,
      candles,
      tracks,
      listedMs: market.listedMsOf(instrumentId),
      events: symbolEvents(
        { funding: market.fundingOf(instrumentId), openInterest: market.openInterestOf?.(instrumentId) ?? null },
        settings,
      ),
      rsPercentileAt: (timeMs) => ranks.percentileAt(member, leakedRankTimeMs(leak, timeMs)),
      isMemberAt: () => true,
      window,
      leak: leakOf(leak, candles),
      ...(onBar === undefined
        ? {}
        : { onBar: (scanner: SymbolScanner, row: number) => onBar(instrumentId, scanner, candles, row) }),
    });
    signals.push(...scan.signals);
    decisions.push(scan.decisions);
    bars += scan.bars;
  });
  return { signals, decisions, bars };
}

/** Fitted on the market's own benchmark, so that a changed future changes the fits that follow it. */
function regimesOf(market: MarketData, { settings }: CompiledStrategy, { endMs }: ScanWindow): RegimeParameters {
  const benchmark = market.instruments.find((id) => symbolOf(id) === settings.REGIME_BENCHMARK_SYMBOL);
  if (benchmark === undefined) return NO_REGIMES;
  return fitRegimes({ settings, candles: market.candlesOf(benchmark), untilMs: endMs, known: NO_REGIMES });
}
