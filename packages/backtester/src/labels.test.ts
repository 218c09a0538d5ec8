import {
  CandleBuffer,
  DonchError,
  HOUR_MS,
  rowsOf,
  type Candles,
  type ExitRules,
  type Row,
  type Signal,
} from '@donch/core';
import {
  FREE_OF_COSTS,
  randomBacktest,
  referenceTrades,
  TEST_INTERVAL_MS,
  TEST_START_MS,
  testInstrument,
  testRules,
  testSettings,
  testSignal,
  testTerms,
  timeOfBar,
  type RandomBacktest,
} from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { labelSignals, type LabelOptions, type LabelResult } from './labels.ts';
import { standaloneRules, standaloneSettings } from './standalone.ts';

type Ohlc = readonly [open: number, high: number, low: number, close: number];
const FLAT: Ohlc = [100, 100, 100, 100];
/** An hour of bars: the horizon of the cases. */
const HOUR_BARS = 12;

function candlesOf(bars: readonly Ohlc[], length = bars.length): Candles {
  const buffer = new CandleBuffer(TEST_INTERVAL_MS, length);
  for (let k = 0; k < length; k += 1) {
    const [open, high, low, close] = bars[k] ?? FLAT;
    const openTimeMs = TEST_START_MS + k * TEST_INTERVAL_MS;
    buffer.append({ openTimeMs, open, high, low, close, volume: 1e6, turnover: Number.NaN });
  }
  return buffer;
}

interface World extends Partial<LabelOptions> {
  readonly bars: readonly Ohlc[];
  readonly exits?: Partial<ExitRules>;
  /** Bars of the store; the bars given are followed by flat ones. */
  readonly barCount?: number;
}

/** A signal at 100 with an ATR of 1 at the close of the first bar; stop 98, target 108, horizon one hour. */
function label({ bars, exits, barCount = 1 + HOUR_BARS + 1, ...changes }: World): LabelResult {
  const candles = candlesOf(bars, barCount);
  return labelSignals({
    signals: [testSignal()],
    strategies: [testTerms({ timeExitHours: 1, ...exits })],
    settings: testSettings(),
    venue: {
      costs: FREE_OF_COSTS,
      rulesAt: (instrumentId) => testRules({ instrumentId }),
      fundingOf: () => ({ timeMs: new Float64Array(), rate: new Float64Array() }),
      entryFill: 'next_open',
      disturbance: null,
    },
    candlesOf: () => candles,
    intervalMs: TEST_INTERVAL_MS,
    dataEndMs: timeOfBar(barCount),
    ...changes,
  });
}

/** Columns of the only row. */
function columns(result: LabelResult, names: readonly string[]): unknown[] {
  const rows = rowsOf(result.labels);
  expect(rows).toHaveLength(1);
  return names.map((name) => rows[0][name]);
}

const OUTCOME = ['mfe_k', 'mfe_k_full', 'hit_tp', 'triple_barrier', 'exit_reason', 'pnl_r'] as const;

describe('labels by hand', () => {
  const cases: readonly (readonly [string, readonly Ohlc[], readonly unknown[]])[] = [
    ['nothing happens', [], [false, false, false, 0, 'time', 0]],
    ['+2 ATR, then the stop', [FLAT, [100, 102, 100, 101], [100, 100, 98, 99]], [true, true, false, -1, 'sl', -1]],
    ['the stop, then +2 ATR', [FLAT, [100, 100, 98, 99], [100, 103, 100, 101]], [false, true, false, -1, 'sl', -1]],
    ['both in one bar', [FLAT, [100, 102, 98, 100]], [false, true, false, -1, 'sl', -1]],
    ['the target', [FLAT, [100, 108, 99, 107]], [true, true, true, 1, 'tp', 4]],
    ['a hair less than +2 ATR', [FLAT, [100, 101.99, 99, 100]], [false, false, false, 0, 'time', 0]],
    [
      'an open beyond +2 ATR, and the stop in that bar',
      [FLAT, FLAT, [103, 103, 97, 99]],
      [false, true, false, -1, 'sl', -1],
    ],
  ];
  it.each(cases)('%s', (_name, bars, expected) => {
    expect(columns(label({ bars }), OUTCOME)).toEqual(expected);
  });

  it('what happens in the last bar of the horizon counts, one bar later it does not', () => {
    const at = (bar: number): readonly Ohlc[] => [...Array.from({ length: bar }, () => FLAT), [100, 103, 100, 100]];
    const last = label({ bars: at(HOUR_BARS), barCount: HOUR_BARS + 3 });
    expect(columns(last, ['mfe_k', 'touch_time', 'label_end_time'])).toEqual([
      true,
      timeOfBar(1 + HOUR_BARS),
      timeOfBar(1 + HOUR_BARS),
    ]);
    const late = label({ bars: at(HOUR_BARS + 1), barCount: HOUR_BARS + 3 });
    expect(columns(late, ['mfe_k', 'mfe_k_full', 'touch_time'])).toEqual([false, false, null]);
  });

  it('excursions reach to the exit, and over the whole horizon', () => {
    const bars: readonly Ohlc[] = [FLAT, [100, 101, 99.5, 100], [100, 100, 97, 98], [98, 105, 95, 100]];
    const found = columns(label({ bars }), ['mfe_exit_atr', 'mae_exit_atr', 'mfe_horizon_atr', 'mae_horizon_atr']);
    expect(found).toEqual([1, 2, 5, 5]);
  });

  it('k and the threshold of R are options; a result at the threshold counts', () => {
    const bars: readonly Ohlc[] = [FLAT, [100, 101, 98, 99]];
    expect(columns(label({ bars, mfeK: 1 }), ['mfe_k_full', 'pnl_pos'])).toEqual([true, false]);
    expect(columns(label({ bars, rThreshold: -1 }), ['mfe_k_full', 'pnl_pos'])).toEqual([false, true]);
  });

  it('without a time exit the horizon is 72 hours, and a label ends with its trade where that is later', () => {
    const exits = { timeExitHours: null };
    const flat = Array.from({ length: 73 * HOUR_BARS }, () => FLAT);
    const stopped = [...flat, [100, 100, 97, 98] as const];
    const barCount = stopped.length + 1;
    expect(
      columns(label({ bars: stopped, exits, barCount }), ['exit_reason', 'label_end_time', 'triple_barrier']),
    ).toEqual(['sl', timeOfBar(stopped.length), 0]);
    expect(label({ bars: flat, exits, barCount })).toMatchObject({ cutSignals: 1, labels: { length: 0 } });
  });

  it('a signal whose horizon or exit the data do not reach has no row', () => {
    expect(label({ bars: [], barCount: HOUR_BARS })).toMatchObject({ cutSignals: 1, labels: { length: 0 } });
    // the horizon is whole, the bar in which the time exit would trade is not there
    expect(label({ bars: [], barCount: HOUR_BARS + 1 })).toMatchObject({ cutSignals: 1, labels: { length: 0 } });
    expect(label({ bars: [], barCount: HOUR_BARS + 2 })).toMatchObject({ cutSignals: 0, labels: { length: 1 } });
  });

  it('a signal that nobody could have entered has no row', () => {
    const result = label({ bars: [FLAT, [97, 97, 97, 97]] });
    expect(result).toMatchObject({ cutSignals: 0, untradedSignals: 1, labels: { length: 0 } });
  });

  it('an instrument that is delisted inside the horizon exits at its last close', () => {
    const candles = candlesOf([FLAT, FLAT, [100, 101, 100, 101]]);
    const result = label({ bars: [], candlesOf: () => candles });
    expect(columns(result, ['exit_reason', 'pnl_r'])).toEqual(['delisted', 0.5]);
  });

  it('a signal off the grid of bars is refused', () => {
    const signals = [testSignal({ decisionTimeMs: TEST_START_MS + 1 })];
    expect(() => label({ bars: [], signals })).toThrow(DonchError);
  });

  it('every signal is alone: an account that would refuse or shrink it does not change its label', () => {
    const bars: readonly Ohlc[] = [FLAT, [100, 102, 100, 101], [100, 108, 100, 107]];
    const signals = [
      testSignal({ p: 0.01, riskScale: 0 }),
      testSignal({ decisionTimeMs: timeOfBar(2), referencePrice: 101 }),
    ];
    const tight = testSettings({
      meta: { required: true, pStar: 0.99 },
      sizing: { notionalCapFrac: 1e-9, openRiskCapFrac: 0, riskUsdMax: 1e-3 },
      guards: { openMax: 0, entriesPerDayMax: 0, cooldownMs: HOUR_MS, dedupMs: HOUR_MS },
    });
    const exits = { timeExitHours: 0.5 };
    const found = rowsOf(label({ bars, signals, exits, settings: tight }).labels);
    expect(found).toHaveLength(2);
    expect(found).toEqual(rowsOf(label({ bars, signals: signals.toReversed(), exits }).labels));
    expect(found[0]['pnl_r']).toBeCloseTo(4, 9);
  });
});

/** The labels of a signal from its bars as rows, one after the other. */
function naiveLabels(world: RandomBacktest, signal: Signal, dataEndMs: number): Row | null {
  const [reference] = world.references;
  const lot = standaloneRules(
    signal,
    standaloneSettings(world.settings),
    world.venue.rulesAt,
  )(signal.instrumentId, signal.decisionTimeMs).qtyStep;
  const [trade] = referenceTrades({
    ...reference,
    signals: [signal],
    exits: world.strategies[0].exits,
    rules: { ...reference.rules, lot, qtyMin: 0, notionalMin: 0 },
    startMs: signal.decisionTimeMs,
    endMs: dataEndMs + 1,
  });
  const horizonMs = (world.strategies[0].exits.timeExitHours ?? 72) * HOUR_MS;
  if (signal.decisionTimeMs + horizonMs > dataEndMs || trade === undefined) return null;
  if (trade.exitReason.endsWith('end_of_data')) return null;
  const up = signal.side === 'long' ? 1 : -1;
  const k = signal.referencePrice + up * 2 * signal.atr;
  let stopped = false;
  let mfeK: boolean | null = null;
  let touchMs: number | null = null;
  let bestAtr = 0;
  let worstAtr = 0;
  for (const bar of reference.bars) {
    const closeMs = bar.openTimeMs + world.intervalMs;
    if (closeMs <= signal.decisionTimeMs || closeMs > signal.decisionTimeMs + horizonMs) continue;
    const best = up > 0 ? bar.high : bar.low;
    const worst = up > 0 ? bar.low : bar.high;
    if (up * (worst - trade.initialStopPrice) <= 0) stopped = true;
    if (up * (best - k) >= 0) {
      touchMs ??= closeMs;
      mfeK ??= !stopped;
    }
    bestAtr = Math.max(bestAtr, (up * (best - trade.entryPrice)) / signal.atr);
    worstAtr = Math.max(worstAtr, (up * (trade.entryPrice - worst)) / signal.atr);
  }
  return {
    signal_id: signal.signalId,
    pnl_r: trade.pnlR,
    exit_time: trade.exitTimeMs,
    exit_reason: trade.exitReason,
    mfe_k: mfeK ?? false,
    mfe_k_full: touchMs !== null,
    touch_time: touchMs,
    pnl_pos: trade.pnlR >= 0,
    hit_tp: trade.exitReason === 'tp' || trade.exitReason === 'tp1+tp',
    mfe_exit_atr: trade.mfeAtr,
    mae_exit_atr: trade.maeAtr,
    mfe_horizon_atr: bestAtr,
    mae_horizon_atr: worstAtr,
  };
}

describe('labels and a naive loop', () => {
  it('agree on every signal of 400 random markets', () => {
    let rows = 0;
    let touches = 0;
    let touchesBehindStop = 0;
    for (let seed = 1; seed <= 400; seed += 1) {
      const random = randomBacktest(seed, { symbols: 1, bars: 90, signals: 6 });
      const [terms] = random.strategies;
      const strategies = [{ ...terms, exits: { ...terms.exits, timeExitHours: terms.exits.timeExitHours ?? 2 } }];
      const world = { ...random, strategies };
      const bars = random.candlesOf(testInstrument('S0'));
      const dataEndMs = Math.max(...random.references[0].bars.map(({ openTimeMs }) => openTimeMs)) + TEST_INTERVAL_MS;
      const { labels, cutSignals, untradedSignals } = labelSignals({ ...world, dataEndMs, candlesOf: () => bars });
      expect(labels.length + cutSignals + untradedSignals).toBe(random.signals.length);
      const found = new Map(rowsOf(labels).map((row) => [row['signal_id'], row]));
      for (const signal of random.signals) {
        const expected = naiveLabels(world, signal, dataEndMs);
        const row = found.get(signal.signalId);
        const compared = row === undefined || expected === null ? row : cellsOf(row, Object.keys(expected));
        expect(compared ?? null, `seed ${seed} ${signal.signalId}`).toEqual(
          expected === null ? null : cellsOf(expected, Object.keys(expected)),
        );
      }
      for (const row of found.values()) {
        rows += 1;
        if (row['mfe_k_full'] === true) touches += 1;
        if (row['mfe_k_full'] === true && row['mfe_k'] === false) touchesBehindStop += 1;
      }
    }
    expect(rows).toBeGreaterThan(1_000);
    expect(touches).toBeGreaterThan(200);
    expect(touchesBehindStop).toBeGreaterThan(50);
  });
});

/** Cells of a row by name; numbers are rounded, for sums were taken in another order. */
function cellsOf(row: Row, names: readonly string[]): Row {
  return Object.fromEntries(
    names.map((name) => {
      const cell = row[name];
      return [name, typeof cell === 'number' ? Number(cell.toFixed(7)) : cell];
    }),
  );
}
