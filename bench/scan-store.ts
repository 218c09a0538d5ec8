/** The work of a scout on one thread; run as a program it scans a store and prints its own peak memory in MB. */

import { scanDays, scanHistory } from '@donch/backtester';
import { DAY_MS, instrumentId, NO_REGIMES, type InstrumentId } from '@donch/core';
import { openStore, type Store } from '@donch/data';
import {
  compileStrategy,
  createTracks,
  CrossSection,
  feedTracks,
  fitRegimes,
  type CompiledStrategy,
} from '@donch/strategy';

export const BENCH_VENUE = 'bench';
export const BENCH_START_MS = 19_723 * DAY_MS;
const STRATEGY = `
strategy: {name: Bench, side: long}
filters: {rs_percentile_min: 70, liquidity_median_24h_usd_min: 500000}
`;

/** The default strategy with its default filters. */
export function benchStrategy(): CompiledStrategy {
  return compileStrategy({ text: STRATEGY, file: 'bench.yaml', layers: [], universeHash: 'bench' });
}

/** As the store keeps them: fitted once, taken over ever after. */
let stored = NO_REGIMES;

export interface ScanStoreOptions {
  readonly ids: readonly InstrumentId[];
  readonly strategy: CompiledStrategy;
  readonly days: number;
}

/** Days, ranks, scan. Returns the number of bars scanned. */
export async function scanStore(store: Store, { ids, strategy, days }: ScanStoreOptions): Promise<number> {
  const histories = [];
  for (const id of ids) histories.push(scanDays(await store.candles.read(id, '5m')));
  const members = ids.map(() => ({ fromMs: null, toMs: null }));
  const { RS_MODE: mode, RS_SCORE: score } = strategy.settings;
  const ranks = new CrossSection({ mode, score }, histories, members);
  const benchmark = await store.candles.read(instrumentId(BENCH_VENUE, 'BTCUSDT'), '5m');
  const untilMs = BENCH_START_MS + days * DAY_MS;
  const regimes = fitRegimes({ settings: strategy.settings, candles: benchmark, untilMs, known: stored });
  stored = regimes;
  const tracks = createTracks(strategy.settings, { regimes });
  for (const symbol of ['BTCUSDT', 'ETHUSDT']) {
    feedTracks(tracks, symbol, await store.candles.read(instrumentId(BENCH_VENUE, symbol), '5m'));
  }
  let bars = 0;
  for (const [member, id] of ids.entries()) {
    const candles = await store.candles.read(id, '5m');
    const scan = scanHistory({
      strategy,
      instrumentId: id,
      candles,
      tracks,
      listedMs: Number.NaN,
      rsPercentileAt: (timeMs) => ranks.percentileAt(member, timeMs),
      isMemberAt: () => true,
      window: { startMs: BENCH_START_MS, endMs: BENCH_START_MS + days * DAY_MS },
    });
    bars += scan.bars;
  }
  return bars;
}

if (import.meta.main) {
  const [folder, days] = process.argv.slice(2);
  const store = openStore(folder);
  await scanStore(store, {
    ids: store.candles.instruments(BENCH_VENUE, '5m'),
    strategy: benchStrategy(),
    days: Number(days),
  });
  console.log(process.resourceUsage().maxRSS / 1024);
}
