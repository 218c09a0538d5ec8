/**
 * The product's promise: live equals research. The live session, fed bar set by bar set on buffers that drop old rows, decides and
 * trades what one pass over the candles and the backtest decide and trade; and a recorded session replays byte by byte.
 */
import {
  createPrng,
  DAY_MS,
  instrumentId,
  sliceCandles,
  lowerBound,
  TABLES,
  DecisionRows,
  rowsOf,
  sortTable,
  concatTables,
  symbolOf,
  type Candles,
  type InstrumentId,
  type Trade,
} from '@donch/core';
import { engineSettings } from '@donch/engine';
import { BarVenue, ruleBook, syntheticMarket, type BarVenueOptions } from '@donch/sim';
import { compileStrategy, symbolEvents, type CompiledStrategy } from '@donch/strategy';
import { TEST_INTERVAL_MS, TEST_START_MS } from '@donch/testkit';
import { decodeRecord, encodeInput, encodeOutput, Session, type SessionOutput, liveEntries } from '@donch/trader';
import { describe, expect, it } from 'vitest';
import type { MarketData } from './market-data.ts';
import { Rehearsal, type Arrival, type OperatorAct } from './rehearsal.ts';
import { Replay } from './replay.ts';
import { runBacktest, type BacktestResult } from './run-backtest.ts';
import { scanMarket, type MarketScan } from './scan-market.ts';
import { strategyTerms } from './strategy-terms.ts';

const DAYS = 75;
const source = syntheticMarket({
  seed: 5,
  symbols: 9,
  days: DAYS,
  intervalMs: TEST_INTERVAL_MS,
  startMs: TEST_START_MS,
  mode: 'realistic',
});
const ids = source.symbols.map(({ symbol }) => instrumentId('synthetic', symbol));
const columns = new Map(ids.map((id, k) => [id, source.candles(k)]));
const funding = new Map(ids.map((id, k) => [id, source.funding(k)]));
const listed = new Map(ids.map((id, k) => [id, source.symbols[k].listedMs]));
const market: MarketData = {
  instruments: [...ids].sort(),
  candlesOf: (id) => candlesOf(id),
  fundingOf: (id) => funding.get(id) ?? null,
  listedMsOf: (id) => listed.get(id) ?? Number.NaN,
};
const window = { startMs: TEST_START_MS + 40 * DAY_MS + 3 * 3_600_000, endMs: TEST_START_MS + 70 * DAY_MS };
const dataEndMs = Math.max(...[...columns.values()].map((bars) => bars.openTimeMs[bars.length - 1] + bars.intervalMs));

function candlesOf(id: InstrumentId): Candles {
  const found = columns.get(id);
  if (found === undefined) throw new Error(`found no candles of ${id}`);
  return found;
}

function strategyOf(side: 'long' | 'short', changes: Readonly<Record<string, unknown>> = {}): CompiledStrategy {
  const text = JSON.stringify({
    strategy: { name: `Rehearsal ${side}`, side },
    entry: {
      donchian: { length_days: 3, trigger: side === 'long' ? 'rebreak_high' : 'close_above_break' },
      pullback: { type: side === 'long' ? 'retest' : 'mean', window_hours: 24, entry_window_hours: 48 },
      volume: { multiple: 0.8, lookback_days: 9 },
      regime_gate: side === 'long' ? { symbol: 'ETHUSDT', timeframe: '4h', when_down: 'size_down' } : null,
    },
    filters: side === 'long' ? { rs_percentile_min: 20, liquidity_median_24h_usd_min: 1 } : { rs_percentile_max: 80 },
    exits: {
      sl_atr_mult: 2,
      final_tp_atr_mult: 6,
      time_exit_hours: 36,
      partial: { ratio: 0.5, atr_mult: 2, break_even: true },
      trailing: { start: 'after_tp1', atr_mult: 2 },
    },
  });
  return compileStrategy({ text, file: `${side}.yaml`, layers: [layer(changes)], universeHash: 'u' });
}

function layer(values: Readonly<Record<string, unknown>>) {
  return { layer: 'set', source: 'test', values: { MAX_OPEN: 4, RISK_USD: 10, ...values } } as const;
}

const strategies = [strategyOf('long'), strategyOf('short')];
const settings = engineSettings(strategies[0].settings, 'backtest');
const rulesAt = ruleBook(source.symbols.map(({ rules }) => rules));
const venueOptions: BarVenueOptions = {
  costs: {
    feeFrac: 0.00055,
    slippageFrac: 0.0003,
    stopSlippageFrac: 0.0005,
    impactFrac: 0,
    assumedFundingFrac: 0.0001,
  },
  rulesAt,
  fundingOf: (id) => market.fundingOf(id),
  entryFill: 'next_open',
  disturbance: null,
};

interface Rehearsed {
  readonly lines: readonly string[];
  readonly outputs: readonly SessionOutput[];
  readonly rehearsal: Rehearsal;
}

function sessionOf(emit: (output: SessionOutput) => void, traded: readonly CompiledStrategy[] = strategies): Session {
  const session = new Session({
    entries: liveEntries({
      strategies: traded,
      members: market.instruments.map((id) => ({ instrumentId: id, fromMs: null, toMs: null })),
      listedMsOf: (id) => market.listedMsOf(id),
      eventsOf: (id, values) => symbolEvents({ funding: market.fundingOf(id), openInterest: null }, values),
    }),
    terms: traded.map(strategyTerms),
    settings,
    rulesAt,
    instruments: market.instruments,
    intervalMs: TEST_INTERVAL_MS,
    reconfigure: (values) => {
      const changed = [strategyOf('long', values), strategyOf('short', values)];
      return { settings: engineSettings(changed[0].settings, 'backtest'), terms: changed.map(strategyTerms) };
    },
    emit,
  });
  market.instruments.forEach((id, index) => {
    const all = candlesOf(id);
    session.warmUp(index, sliceCandles(all, 0, lowerBound(all, window.startMs - TEST_INTERVAL_MS)));
  });
  return session;
}

function rehearse(
  arrivalOf: (index: number, closeTimeMs: number) => Arrival = () => 'present',
  operator: readonly OperatorAct[] = [],
): Rehearsed {
  const lines: string[] = [];
  const outputs: SessionOutput[] = [];
  const session = sessionOf((output) => {
    outputs.push(output);
    lines.push(encodeOutput(output));
  });
  const rehearsal = new Rehearsal({
    session,
    venue: new BarVenue(venueOptions),
    instruments: market.instruments,
    candles: market.instruments.map(candlesOf),
    intervalMs: TEST_INTERVAL_MS,
    window,
    dataEndMs,
    arrivalOf,
    operator,
    onInput: (input) => lines.push(encodeInput(input)),
    beforeActing: () => undefined,
    onInstant: () => undefined,
  });
  while (!rehearsal.isOver) rehearsal.step();
  return { lines, outputs, rehearsal };
}

function research(): { readonly scans: readonly MarketScan[]; readonly result: BacktestResult } {
  const scans = strategies.map((strategy) => scanMarket({ strategy, market, window, leak: null }));
  const result = runBacktest({
    signals: scans.flatMap(({ signals }) => signals),
    strategies: strategies.map(strategyTerms),
    settings,
    venue: venueOptions,
    candlesOf,
    intervalMs: TEST_INTERVAL_MS,
    window,
    dataEndMs,
  });
  return { scans, result };
}

const tradesOf = (outputs: readonly SessionOutput[]): Trade[] =>
  outputs.flatMap((output) => (output.kind === 'trade' ? [output.trade] : []));

const onTime = rehearse();
/** 1 % late, 0.2 % absent, drawn per bar. */
const troubled = rehearse((index, closeTimeMs) => {
  const draw = createPrng(7, `arrival ${market.instruments[index]} ${closeTimeMs}`).next();
  return draw < 0.002 ? 'absent' : draw < 0.012 ? 'late' : 'present';
});

describe('a rehearsal without late bars', () => {
  const { scans, result } = research();

  it('trades what the backtest trades, trade by trade', () => {
    expect(tradesOf(onTime.outputs)).toEqual(result.trades);
    expect(result.trades.length).toBeGreaterThan(40);
    expect(new Set(result.trades.map(({ strategyId }) => strategyId)).size).toBe(2);
  });

  it('decides what scan and backtest decide', () => {
    const rows = new DecisionRows();
    for (const output of onTime.outputs) if (output.kind === 'decision') rows.append(output.decision);
    const inOrder = (tables: Parameters<typeof concatTables>[2]) => {
      const all = concatTables('decisions', TABLES.decisions.columns, tables);
      return rowsOf(sortTable(all, [...TABLES.decisions.order, 'stage', 'signal_id', 'gate_index']));
    };
    expect(inOrder([rows.finish()])).toEqual(
      inOrder([...scans.flatMap(({ decisions }) => decisions), result.decisions]),
    );
  });

  it('finds the signals of the scan with the same features', () => {
    const signals = onTime.outputs.flatMap((output) => (output.kind === 'signal' ? [output.signal] : []));
    const byId = (list: typeof signals) =>
      list
        .toSorted((a, b) => (a.signalId < b.signalId ? -1 : 1))
        .map((signal) => encodeOutput({ kind: 'signal', signal }));
    expect(byId(signals)).toEqual(byId(scans.flatMap((scan) => [...scan.signals])));
  });

  it('has the equity of the backtest at every instant', () => {
    const account = onTime.outputs.flatMap((output) => (output.kind === 'account' ? [output.account.equityUsd] : []));
    const equity = rowsOf(result.equity).map((row) => Number(row['equity_usd']));
    // the curve begins with the capital, and ends with what closing everything costs
    expect(account.slice(0, -1)).toEqual(equity.slice(1, account.length));
  });
});

function replay(lines: readonly string[], traded: readonly CompiledStrategy[] = strategies): Replay {
  const said: SessionOutput[] = [];
  const replayed = new Replay(
    sessionOf((output) => said.push(output), traded),
    said,
  );
  for (const line of lines) {
    const record = decodeRecord(line, TEST_INTERVAL_MS);
    if (record.type !== 'start') replayed.take(record);
  }
  replayed.finish(false);
  return replayed;
}

describe('a recorded session', () => {
  it('with late and absent bars replays without a difference', () => {
    expect(troubled.rehearsal.late).toBeGreaterThan(300);
    expect(troubled.rehearsal.absent).toBeGreaterThan(60);
    const late = troubled.outputs.filter(
      (output) => output.kind === 'decision' && output.decision.reason === 'late_bar',
    );
    expect(late.length).toBeGreaterThan(0);
    const replayed = replay(troubled.lines);
    expect(replayed.differences).toEqual([]);
    expect(replayed.barSets).toBe(troubled.rehearsal.barSets);
    expect(replayed.trades).toBeGreaterThan(30);
  });

  it('with an operator who pauses, closes and changes settings replays without a difference', () => {
    const [first] = tradesOf(onTime.outputs);
    const at = (days: number): number => window.startMs + days * DAY_MS;
    const acts: readonly OperatorAct[] = [
      {
        timeMs: first.entryTimeMs + 1,
        act: { kind: 'command', command: { kind: 'close', instrumentId: first.instrumentId } },
      },
      { timeMs: at(8), act: { kind: 'settings', values: { RISK_USD: 20 } } },
      { timeMs: at(15), act: { kind: 'command', command: { kind: 'pause', reason: 'holiday' } } },
      { timeMs: at(20), act: { kind: 'command', command: { kind: 'resume' } } },
    ];
    const operated = rehearse(() => 'present', acts);
    const trades = tradesOf(operated.outputs);
    expect(trades[0]).toMatchObject({ tradeId: first.tradeId, exitReason: 'manual' });
    const decidedIn = (from: number, to: number): Trade[] =>
      trades.filter(({ decisionTimeMs }) => decisionTimeMs >= at(from) && decisionTimeMs < at(to));
    expect(decidedIn(15, 20)).toEqual([]);
    expect(decidedIn(0, 8).every(({ sizing }) => sizing.baseRiskUsd === 10)).toBe(true);
    expect(decidedIn(8, 30).length).toBeGreaterThan(10);
    expect(decidedIn(8, 30).every(({ sizing }) => sizing.baseRiskUsd === 20)).toBe(true);
    expect(replay(operated.lines).differences).toEqual([]);
  });

  it('never enters on a bar that came late', () => {
    const inputs = troubled.lines.map((line) => decodeRecord(line, TEST_INTERVAL_MS));
    const lateBars = new Set(
      inputs.flatMap((record) =>
        record.type === 'input' && record.input.kind === 'bars'
          ? record.input.arrived.late.map(({ index, bar }) => `${market.instruments[index]} ${bar.openTimeMs}`)
          : [],
      ),
    );
    for (const { instrumentId: id, decisionTimeMs } of tradesOf(troubled.outputs))
      expect(lateBars.has(`${id} ${decisionTimeMs - TEST_INTERVAL_MS}`)).toBe(false);
  });

  it.each<[string, CompiledStrategy[], RegExp]>([
    ['a constant', [strategyOf('long', { RETEST_EPS_PCT: 0.002 }), strategies[1]], /gates|decision/],
    ['a length of a feature', [strategyOf('long', { ATR_LEN: 15 }), strategies[1]], /atr|gates/],
    [
      'the order of the gates',
      [{ ...strategies[0], filters: [...strategies[0].filters].reverse() }, strategies[1]],
      /gates\[\d+\]\.gate/,
    ],
    [
      'the definition of a feature',
      [
        {
          ...strategies[0],
          features: strategies[0].features.map((def) =>
            def.name === 'prior_1d_ret' ? { ...def, create: () => ({ settleMs: 0, value: () => 0.5 }) } : def,
          ),
        },
        strategies[1],
      ],
      /features\.prior_1d_ret/,
    ],
  ])('names %s that was changed', (_, changed, path) => {
    const [first] = replay(onTime.lines, changed).differences;
    expect(`${first.record} ${first.path}`).toMatch(path);
    expect(first.recorded).not.toEqual(first.replayed);
  });

  it('names a bit of a recorded bar that was changed', () => {
    const at = onTime.lines.findLastIndex((line) => line.startsWith('{"type":"signal"'));
    const { signal } = JSON.parse(onTime.lines[at]) as { signal: { instrumentId: string; referencePrice: number } };
    const bars = onTime.lines.findLastIndex((line, k) => k < at && line.startsWith('{"type":"bars"'));
    const record = JSON.parse(onTime.lines[bars]) as { present: number[][] };
    const index = market.instruments.findIndex((id) => id === signal.instrumentId);
    const cells = record.present.find(([k]) => k === index);
    if (cells === undefined) throw new Error('found no bar of the signal');
    cells[4] *= 1 + Number.EPSILON;
    const lines = onTime.lines.with(bars, JSON.stringify(record));
    const [first] = replay(lines).differences;
    expect([first.subject, first.recorded === first.replayed]).toEqual([signal.instrumentId, false]);
  });
});

it('the market has what the tests are about', () => {
  expect(market.instruments.map(symbolOf)).toContain('ETHUSDT');
  expect(dataEndMs).toBeGreaterThan(window.endMs);
});

/** An input says the same after it was written and read. */
it('inputs survive the journal', () => {
  const lines = troubled.lines.filter((line) => /^{"type":"(bars|event)"/.test(line)).slice(0, 2_000);
  const again = lines.map((line) => {
    const record = decodeRecord(line, TEST_INTERVAL_MS);
    return record.type === 'input' ? encodeInput(record.input) : record.type;
  });
  expect(again).toEqual(lines);
});
