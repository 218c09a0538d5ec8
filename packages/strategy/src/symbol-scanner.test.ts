import { HOUR_MS, instrumentId, MINUTE_MS, signalId, type Candles, type Decision, type Signal } from '@donch/core';
import { randomCandles } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { compileStrategy, type CompiledStrategy } from './compile-strategy.ts';
import { createTracks, feedTracks } from './reference-tracks.ts';
import { SymbolScanner, type BarStatus } from './symbol-scanner.ts';

const CANDLES = randomCandles({ seed: 4, length: 4 * 24 * 60, intervalMs: 15 * MINUTE_MS });
const ID = instrumentId('test', 'AUSDT');

function strategyWith(rest: Readonly<Record<string, unknown>> = {}): CompiledStrategy {
  const file = {
    strategy: { name: 'Scan', side: 'long' },
    entry: { donchian: { length_days: 2, confirm_close: false }, volume: null, regime_gate: null },
    filters: { rs_percentile_min: null, liquidity_median_24h_usd_min: null },
    ...rest,
  };
  const layers = [{ layer: 'config', source: 'test', values: { TIMEFRAME: '15m' } }] as const;
  return compileStrategy({ text: JSON.stringify(file), file: 'x.yaml', layers, universeHash: 'u' });
}

interface Found {
  readonly scanner: SymbolScanner;
  readonly decisions: Decision[];
  readonly signals: Signal[];
  readonly failed: string[];
  readonly entries: number[];
}

function scan(strategy: CompiledStrategy, statusOf: (row: number) => BarStatus, candles: Candles = CANDLES): Found {
  const tracks = createTracks(strategy.settings);
  for (const symbol of ['ETHUSDT', 'BTCUSDT']) feedTracks(tracks, symbol, candles);
  const found = {
    decisions: [] as Decision[],
    signals: [] as Signal[],
    failed: [] as string[],
    entries: [] as number[],
  };
  const scanner = new SymbolScanner({
    strategy,
    instrumentId: ID,
    candles,
    tracks,
    listedMs: Number.NaN,
    rsPercentileAt: () => 55,
    sink: {
      onDecision: (decision) => found.decisions.push(decision),
      onSignal: (signal) => found.signals.push(signal),
      onGateFailed: (timeMs, gate) => found.failed.push(`${timeMs} ${gate}`),
      onEntry: (timeMs) => found.entries.push(timeMs),
    },
  });
  for (let i = 0; i < candles.length; i += 1) scanner.step(candles, i, statusOf(i));
  return { scanner, ...found };
}

const entriesOf = ({ decisions }: Found): Decision[] => decisions.filter(({ event }) => event === 'entry');

describe('a scan', () => {
  const strategy = strategyWith();
  const found = scan(strategy, () => 'present');

  it('makes one signal of every entry that passes all filters', () => {
    expect(found.signals.length).toBeGreaterThan(5);
    expect(found.signals.map(({ decisionTimeMs }) => decisionTimeMs)).toEqual(found.entries);
    expect(found.failed).toEqual([]);
  });

  it('gives a signal its id, price, level, ATR and every feature by name', () => {
    const [signal] = found.signals;
    const row = CANDLES.openTimeMs.findIndex((timeMs) => timeMs + CANDLES.intervalMs === signal.decisionTimeMs);
    const { setupHash } = strategy;
    expect(signal).toMatchObject({
      signalId: signalId({ setupHash, instrumentId: ID, decisionTimeMs: signal.decisionTimeMs }),
      strategyId: 'scan',
      instrumentId: ID,
      side: 'long',
      referencePrice: CANDLES.close[row],
      p: Number.NaN,
      riskScale: 1,
    });
    expect(CANDLES.close[row]).toBeGreaterThan(signal.levelPrice);
    expect(Object.keys(signal.features)).toEqual(strategy.features.map(({ name }) => name));
    expect(signal.features).toMatchObject({
      rs_percentile: 55,
      pullback_type: 'retest',
      entry_rule: 'close_above_break',
      don_break_len: 2,
      listing_age_days: Number.NaN,
      atr_frac: signal.atr / signal.referencePrice,
      don_dist_atr: (signal.referencePrice - signal.levelPrice) / signal.atr,
    });
  });

  it('records every state change, and an entry with all its gates in order', () => {
    const kinds = new Set(found.decisions.map(({ event }) => event));
    expect([...kinds].sort()).toEqual(expect.arrayContaining(['broken', 'entry', 'rearmed', 'touched']));
    for (const decision of found.decisions)
      expect(decision).toMatchObject({ stage: 'setup', strategyId: 'scan', instrumentId: ID });
    const [entry] = entriesOf(found);
    expect(entry).toMatchObject({ verdict: 'signal', reason: '', signalId: found.signals[0].signalId });
    expect(entry.gates.map(({ gate }) => gate)).toEqual(['trigger', 'atr_ready', 'min_atr_frac']);
    const states = found.decisions.filter(({ event }) => event !== 'entry');
    expect(new Set(states.map(({ verdict, signalId: id }) => `${verdict} ${String(id)}`))).toEqual(
      new Set(['state null']),
    );
  });

  it('keeps the id of a signal when filters and exits change, and not when the set-up does', () => {
    const ids = ({ signals }: Found): string[] => signals.map(({ signalId: id }) => id);
    const others = scan(
      strategyWith({ exits: { sl_atr_mult: 3 }, rules: { all: [{ feature: 'atr_frac', gte: 0 }] } }),
      () => 'present',
    );
    expect(ids(others)).toEqual(ids(found));
    const donchian = { length_days: 2, confirm_close: false };
    const entry = { donchian, volume: null, regime_gate: null, pullback: { window_hours: 23 } };
    const moved = scan(strategyWith({ entry }), () => 'present');
    expect(ids(moved).filter((id) => ids(found).includes(id))).toEqual([]);
  });

  it('stops an entry at the first gate that does not pass, and judges all of them', () => {
    const blocked = scan(
      strategyWith({
        rules: {
          all: [
            { feature: 'atr_frac', gte: 1 },
            { feature: 'dow', is: 9 },
          ],
        },
      }),
      () => 'present',
    );
    expect(blocked.signals).toEqual([]);
    expect(blocked.entries).toEqual(found.entries);
    const [entry] = entriesOf(blocked);
    expect(entry).toMatchObject({ verdict: 'blocked', reason: 'rule:atr_frac', signalId: found.signals[0].signalId });
    expect(entry.gates.map(({ gate, result }) => `${gate} ${result}`)).toEqual([
      'trigger pass',
      'atr_ready pass',
      'min_atr_frac pass',
      'rule:atr_frac fail',
      'rule:dow fail',
    ]);
    expect(blocked.failed).toEqual(blocked.entries.map((timeMs) => `${timeMs} rule:atr_frac`));
  });

  it('an unknown value blocks: a listing age that nobody knows is not old enough', () => {
    const filters = { min_listing_age_days: 1, rs_percentile_min: null, liquidity_median_24h_usd_min: null };
    const blocked = scan(strategyWith({ filters }), () => 'present');
    expect(blocked.signals).toEqual([]);
    expect(entriesOf(blocked)[0].gates.find(({ gate }) => gate === 'listing_age_min')?.result).toBe('not_ready');
  });
});

describe('how a bar reached the scanner', () => {
  const strategy = strategyWith();
  const present = scan(strategy, () => 'present');

  it('history warms up in silence and leaves the same state', () => {
    const half = CANDLES.length / 2;
    const halfMs = CANDLES.openTimeMs[half] + CANDLES.intervalMs;
    const found = scan(strategy, (row) => (row < half ? 'history' : 'present'));
    expect(found.decisions).toEqual(present.decisions.filter(({ decisionTimeMs }) => decisionTimeMs >= halfMs));
    expect(found.signals).toEqual(present.signals.filter(({ decisionTimeMs }) => decisionTimeMs >= halfMs));
    expect(found.scanner.setup).toEqual(present.scanner.setup);
    expect(scan(strategy, () => 'history')).toMatchObject({ decisions: [], signals: [], failed: [], entries: [] });
  });

  it('a late bar advances the state and cannot enter', () => {
    const found = scan(strategy, () => 'late');
    expect(found.signals).toEqual([]);
    expect(found.scanner.setup).toEqual(present.scanner.setup);
    expect(found.decisions.map(({ event }) => event)).toEqual(present.decisions.map(({ event }) => event));
    const [entry] = entriesOf(found);
    expect(entry).toMatchObject({ verdict: 'blocked', reason: 'late_bar' });
    expect(entry.gates.at(-1)).toMatchObject({ gate: 'late_bar', result: 'fail' });
    expect(found.failed).toEqual(found.entries.map((timeMs) => `${timeMs} late_bar`));
  });
});

describe('what a scanner shows', () => {
  it('phase and level of the last bar', () => {
    const strategy = strategyWith();
    const { scanner } = scan(strategy, () => 'present');
    expect(scanner.levelReady).toBe(true);
    expect(['idle', 'broken', 'touched', 'disarmed']).toContain(scanner.phase);
    const young = randomCandles({ seed: 1, length: 4 * 20, intervalMs: HOUR_MS / 4 });
    expect(scan(strategy, () => 'present', young).scanner.levelReady).toBe(false);
  });

  it('a breakout that fails its volume is counted, not recorded', () => {
    const entry = { donchian: { length_days: 2 }, volume: { multiple: 900, lookback_days: 9 }, regime_gate: null };
    const found = scan(strategyWith({ entry }), () => 'present');
    expect(found.decisions).toEqual([]);
    expect(new Set(found.failed.map((text) => text.split(' ')[1]))).toEqual(new Set(['confirm_close', 'volume']));
  });

  it('refuses to say a value that is no feature of the strategy', () => {
    const { scanner } = scan(strategyWith(), () => 'present');
    expect(() => scanner.valueOf('no_such_feature')).toThrow('feature no_such_feature is in the row');
  });
});
