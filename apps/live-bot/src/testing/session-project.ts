/** A project with a small synthetic market, for tests of sessions: made in a second, with a few dozen trades. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DAY_MS, instrumentId, MINUTE_MS, type InstrumentId } from '@donch/core';
import { openStoreForWrite } from '@donch/data';
import { syntheticMarket } from '@donch/sim';

const VENUE = 'synthetic';
const INTERVAL = '15m';
/** 2024-01-01, a Monday. */
const START_MS = 19_723 * DAY_MS;
const DAYS = 80;
const SYMBOLS = 8;

const STRATEGY = `schema_version: 1
strategy: {name: Session test, side: long}
entry:
  donchian: {length_days: 3, trigger: close_above_break}
  pullback: {type: retest, window_hours: 24, entry_window_hours: 48}
  volume: {multiple: 0.8, lookback_days: 9}
  regime_gate: {symbol: ETHUSDT, timeframe: 4h, when_down: size_down}
filters: {rs_percentile_min: 20, liquidity_median_24h_usd_min: 1}
exits: {sl_atr_mult: 2, final_tp_atr_mult: 6, time_exit_hours: 36}
`;

const CONFIG = `schema_version: 1
VENUE: ${VENUE}
TIMEFRAME: ${INTERVAL}
STRATEGY_SPEC_PATH: strategies/session.yaml
RISK_USD: 10
INITIAL_CAPITAL: 1000
MAX_OPEN: 4
`;

export interface SessionProject {
  readonly folder: string;
  readonly instruments: readonly InstrumentId[];
  /** Changes the close of a stored bar by one unit in the last place; `dayIndex` counts from the first stored day. */
  revise(instrumentId: InstrumentId, day: number): Promise<void>;
  remove(): void;
}

/** First and last day of the sessions of the tests. */
export const SESSION_WINDOW = ['--start', '2024-02-10', '--end', '2024-03-12'] as const;
/** A day before that window, and one inside it, counted from the first stored one. */
export const HISTORY_DAY = 20;
export const SESSION_DAY = 50;

/** Makes the project in a temporary folder. */
export async function makeSessionProject(): Promise<SessionProject> {
  const folder = mkdtempSync(join(tmpdir(), 'donch-session-'));
  mkdirSync(join(folder, 'strategies'));
  writeFileSync(join(folder, 'config.yaml'), CONFIG);
  writeFileSync(join(folder, 'strategies', 'session.yaml'), STRATEGY);
  const market = syntheticMarket({
    seed: 3,
    symbols: SYMBOLS,
    days: DAYS,
    startMs: START_MS,
    intervalMs: 15 * MINUTE_MS,
    mode: 'realistic',
    venue: VENUE,
  });
  const ids = market.symbols.map(({ symbol }) => instrumentId(VENUE, symbol));
  const writer = openStoreForWrite(join(folder, 'data'));
  for (const [k, id] of ids.entries())
    await writer.candles.merge(id, INTERVAL, market.candles(k), { onRevision: 'error' });
  await writer.close();
  return {
    folder,
    instruments: ids.toSorted(),
    async revise(id, day) {
      const store = openStoreForWrite(join(folder, 'data'));
      const fromMs = START_MS + day * DAY_MS;
      const bars = await store.candles.read(id, INTERVAL, { fromMs, toMs: fromMs + 15 * MINUTE_MS });
      if (bars.length === 0) throw new Error(`found no bar of ${id} on day ${day}`);
      bars.close[0] *= 1 - Number.EPSILON;
      await store.candles.merge(id, INTERVAL, bars, { onRevision: 'take_new' });
      await store.close();
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
