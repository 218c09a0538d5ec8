import {
  DAY_MS,
  firstDifference,
  HOUR_MS,
  instrumentId,
  numbersOf,
  rowsOf,
  symbolOf,
  textsOf,
  type Candles,
  type InstrumentId,
  type Table,
} from '@donch/core';
import { syntheticMarket } from '@donch/sim';
import { compileStrategy, createTracks, feedTracks } from '@donch/strategy';
import { TEST_INTERVAL_MS, TEST_START_MS } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { FunnelCounts } from './funnel-counts.ts';
import { scanDays, scanHistory, type ScanResult } from './scan-history.ts';
import { firstDecisionMs, type ScanWindow } from './scan-window.ts';

const DAYS = 40;
const SYMBOLS = 6;

const market = syntheticMarket({
  seed: 11,
  symbols: SYMBOLS,
  days: DAYS,
  intervalMs: TEST_INTERVAL_MS,
  startMs: TEST_START_MS,
  mode: 'realistic',
});
const candles = new Map<InstrumentId, Candles>(
  market.symbols.map(({ symbol }, k) => [instrumentId('synthetic', symbol), market.candles(k)]),
);
const strategy = compileStrategy({
  text: [
    'schema_version: 1',
    'strategy: {name: Scan test, side: long, required_timeframes: [5m, 1h, 4h, 1d]}',
    'entry:',
    '  donchian: {length_days: 4, trigger: close_above_break}',
    '  pullback: {type: retest}',
    '  volume: {multiple: 1.2, lookback_days: 8}',
    '  regime_gate: {symbol: ETHUSDT, timeframe: 4h, macd: [12, 26, 9], require_hist_positive: true}',
    'filters: {rs_percentile_min: 40}',
    'exits: {sl_atr_mult: 2, final_tp_atr_mult: 8, time_exit_hours: 72}',
  ].join('\n'),
  file: 'scan-test.yaml',
  layers: [],
  universeHash: 'none',
});
const tracks = createTracks(strategy.settings);
for (const [id, columns] of candles) feedTracks(tracks, symbolOf(id), columns);

const WINDOW: ScanWindow = { startMs: TEST_START_MS + 15 * DAY_MS, endMs: TEST_START_MS + 35 * DAY_MS };
/** Ranks that change by the hour, so that the filter passes some and stops some. */
const rankAt = (timeMs: number): number => (Math.floor(timeMs / HOUR_MS) * 37) % 100;

function scan(id: InstrumentId, window: ScanWindow, isMemberAt: (timeMs: number) => boolean = () => true): ScanResult {
  const columns = candles.get(id);
  if (columns === undefined) throw new Error(`found no bars of ${id}`);
  return scanHistory({
    strategy,
    instrumentId: id,
    candles: columns,
    tracks,
    listedMs: TEST_START_MS - 400 * DAY_MS,
    rsPercentileAt: rankAt,
    isMemberAt,
    window,
  });
}

const ids = [...candles.keys()];
const scans = ids.map((id) => scan(id, WINDOW));

function funnelOf(results: readonly ScanResult[], window = WINDOW): Table {
  const total = new FunnelCounts(window, TEST_INTERVAL_MS);
  for (const { funnel } of results) total.add(funnel.data);
  return total.toTable(strategy.strategyId, SYMBOLS);
}

const timesOf = (table: Table): Set<number> => new Set(numbersOf(table, 'decision_time'));

describe('the window of a scan', () => {
  it('is half open: decisions, signals and counts at its start count, those at its end do not', () => {
    const times = timesOf(funnelOf(scans));
    expect(Math.min(...times)).toBe(WINDOW.startMs);
    expect(Math.max(...times)).toBe(WINDOW.endMs - TEST_INTERVAL_MS);
    for (const { decisions, signals } of scans) {
      const decided = [...timesOf(decisions), ...signals.map(({ decisionTimeMs }) => decisionTimeMs)];
      expect(decided.filter((timeMs) => timeMs < WINDOW.startMs || timeMs >= WINDOW.endMs)).toEqual([]);
    }
  });

  it('limits what counts and not what is known: history before it warms up', () => {
    const later = { ...WINDOW, startMs: WINDOW.startMs + 9 * DAY_MS };
    for (const [k, id] of ids.entries()) {
      const from = (results: ScanResult) =>
        results.signals.filter(({ decisionTimeMs }) => decisionTimeMs >= later.startMs);
      expect(scan(id, later).signals).toEqual(from(scans[k]));
    }
    const longer = funnelOf(scans);
    const rows = rowsOf(
      funnelOf(
        ids.map((id) => scan(id, later)),
        later,
      ),
    );
    expect(rows).toEqual(rowsOf(longer).slice(-rows.length));
  });

  it('may start between two bars', () => {
    const odd = { startMs: WINDOW.startMs + 1, endMs: WINDOW.endMs };
    expect(firstDecisionMs(odd, TEST_INTERVAL_MS)).toBe(WINDOW.startMs + TEST_INTERVAL_MS);
    const rows = rowsOf(
      funnelOf(
        ids.map((id) => scan(id, odd)),
        odd,
      ),
    );
    expect(rows).toEqual(rowsOf(funnelOf(scans)).slice(1));
  });

  it('counts an instrument only while it belongs to the universe', () => {
    const halfMs = (WINDOW.startMs + WINDOW.endMs) / 2;
    const result = scan(ids[0], WINDOW, (timeMs) => timeMs < halfMs);
    expect(Math.max(...timesOf(funnelOf([result])))).toBe(halfMs - TEST_INTERVAL_MS);
    expect(result.signals).toEqual(scans[0].signals.filter(({ decisionTimeMs }) => decisionTimeMs < halfMs));
  });
});

describe('the funnel', () => {
  const funnel = funnelOf(scans);
  const column = (name: string): Float64Array => numbersOf(funnel, name);
  const blockedAt = new Map<string, number>();
  let entries = 0;
  let signals = 0;
  for (const { decisions } of scans) {
    const [times, events, verdicts, reasons] = [
      numbersOf(decisions, 'decision_time'),
      textsOf(decisions, 'event'),
      textsOf(decisions, 'verdict'),
      textsOf(decisions, 'reason'),
    ];
    const gateIndexes = numbersOf(decisions, 'gate_index');
    for (let row = 0; row < decisions.length; row += 1) {
      if (events[row] !== 'entry' || gateIndexes[row] !== 0) continue;
      entries += 1;
      if (verdicts[row] === 'signal') signals += 1;
      else {
        const key = `${times[row]}|${reasons[row]}`;
        blockedAt.set(key, (blockedAt.get(key) ?? 0) + 1);
      }
    }
  }

  it('has something to count', () => {
    expect(signals).toBeGreaterThan(10);
    expect(entries - signals).toBeGreaterThan(10);
    expect(Math.max(...column('broken'))).toBeGreaterThan(0);
    expect(Math.max(...column('touched'))).toBeGreaterThan(0);
  });

  it('adds up at every decision time: present = idle + broken + touched + not ready', () => {
    const [present, idle, broken, touched, notReady] = ['present', 'idle', 'broken', 'touched', 'not_ready'].map(
      column,
    );
    for (let row = 0; row < funnel.length; row += 1) {
      expect(idle[row] + broken[row] + touched[row] + notReady[row]).toBe(present[row]);
      expect(Math.min(idle[row], broken[row], touched[row], notReady[row])).toBeGreaterThanOrEqual(0);
      expect(present[row]).toBeLessThanOrEqual(SYMBOLS);
    }
  });

  it('adds up over its gates: entries = signals + those stopped by a gate of the entry', () => {
    expect(column('entries').reduce((sum, count) => sum + count, 0)).toBe(entries);
    expect(column('signals').reduce((sum, count) => sum + count, 0)).toBe(signals);
    const times = column('decision_time');
    const failed = textsOf(funnel, 'failed_by_gate');
    for (let row = 0; row < funnel.length; row += 1) {
      const byGate = JSON.parse(failed[row] ?? '{}') as Record<string, number>;
      const stopped = [...blockedAt].filter(([key]) => key.startsWith(`${times[row]}|`));
      const sum = stopped.reduce((total, [, count]) => total + count, 0);
      expect(column('entries')[row]).toBe(column('signals')[row] + sum);
      // breakouts that a gate stopped are counted beside them
      for (const [key, count] of stopped) expect(byGate[key.slice(key.indexOf('|') + 1)]).toBeGreaterThanOrEqual(count);
    }
  });

  it('is the same in any order of instruments', () => {
    expect(firstDifference(funnelOf([...scans].reverse()), funnel)).toBeNull();
  });

  it('refuses counts of another window', () => {
    const other = new FunnelCounts({ ...WINDOW, startMs: WINDOW.startMs + DAY_MS }, TEST_INTERVAL_MS);
    expect(() => {
      other.add(scans[0].funnel.data);
    }).toThrow('same window');
  });
});

describe('scanDays', () => {
  it('gives the completed days of an instrument', () => {
    const [columns] = candles.values();
    const days = scanDays(columns);
    expect(days.length).toBe(DAYS);
    expect([...days.dayMs]).toEqual(Array.from({ length: DAYS }, (_, k) => TEST_START_MS + k * DAY_MS));
    const perDay = DAY_MS / TEST_INTERVAL_MS;
    expect([...days.close]).toEqual(Array.from({ length: DAYS }, (_, k) => columns.close[(k + 1) * perDay - 1]));
  });
});
