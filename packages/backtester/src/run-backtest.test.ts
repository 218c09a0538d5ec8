import {
  CandleBuffer,
  HOUR_MS,
  MINUTE_MS,
  numbersOf,
  rowsOf,
  type Candles,
  type Command,
  type ExitRules,
  type FundingEvents,
  type InstrumentId,
  type Side,
} from '@donch/core';
import type { EngineState } from '@donch/engine';
import type { CostSettings } from '@donch/sim';
import {
  FREE_OF_COSTS,
  TEST_INTERVAL_MS,
  TEST_START_MS,
  testInstrument,
  testRules,
  testSettings,
  testSignal,
  testTerms,
  timeOfBar,
  type SettingsChanges,
} from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { runBacktest, type BacktestOptions, type BacktestResult } from './run-backtest.ts';

type Ohlc = readonly [open: number, high: number, low: number, close: number];
const FLAT: Ohlc = [100, 100, 100, 100];
const AAA = testInstrument('AAA');
const SIDES = ['long', 'short'] as const;

/** Bars from the start on; null = missing. */
function candlesOf(bars: readonly (Ohlc | null)[]): Candles {
  const buffer = new CandleBuffer(TEST_INTERVAL_MS, bars.length);
  bars.forEach((bar, k) => {
    if (bar === null) return;
    const [open, high, low, close] = bar;
    const openTimeMs = TEST_START_MS + k * TEST_INTERVAL_MS;
    buffer.append({ openTimeMs, open, high, low, close, volume: 1e6, turnover: Number.NaN });
  });
  return buffer;
}

interface World extends Partial<Omit<BacktestOptions, 'settings' | 'venue'>> {
  readonly bars?: Readonly<Record<InstrumentId, readonly (Ohlc | null)[]>>;
  readonly exits?: Partial<ExitRules>;
  readonly settings?: SettingsChanges;
  readonly costs?: Partial<CostSettings>;
  readonly funding?: FundingEvents | null;
  readonly minuteBarsOf?: BacktestOptions['venue']['minuteBarsOf'];
}

const NO_FUNDING: FundingEvents = { timeMs: new Float64Array(), rate: new Float64Array() };

function run({
  bars = {},
  exits,
  settings,
  costs,
  funding = NO_FUNDING,
  minuteBarsOf = null,
  ...changes
}: World): BacktestResult {
  const lengths = Object.values(bars).map(({ length }) => length);
  const candles = new Map(Object.entries(bars).map(([id, rows]) => [id, candlesOf(rows)]));
  return runBacktest({
    signals: [],
    strategies: [testTerms(exits)],
    settings: testSettings(settings),
    venue: {
      costs: { ...FREE_OF_COSTS, ...costs },
      rulesAt: (instrumentId) => testRules({ instrumentId }),
      fundingOf: () => funding,
      entryFill: 'next_open',
      disturbance: null,
      minuteBarsOf,
    },
    candlesOf: (id) => candles.get(id) ?? new CandleBuffer(TEST_INTERVAL_MS),
    intervalMs: TEST_INTERVAL_MS,
    window: { startMs: TEST_START_MS + 1, endMs: timeOfBar(Math.max(1, ...lengths)) + 1 },
    ...changes,
  });
}

const repeat = (count: number, bar: Ohlc): Ohlc[] => Array.from({ length: count }, () => bar);
const mirror = (side: Side, bar: Ohlc | null): Ohlc | null =>
  bar === null || side === 'long' ? bar : [200 - bar[0], 200 - bar[2], 200 - bar[1], 200 - bar[3]];
const at = (side: Side, price: number): number => (side === 'long' ? price : 200 - price);

describe('complete trades, calculated by hand', () => {
  /** Fee 0.1 %, slippage 0.1 % on market orders and 0.2 % on stops and targets; 100 USD of risk, stop 2, target 8 away: 50 units. */
  const COSTS: CostSettings = {
    feeFrac: 0.001,
    slippageFrac: 0.001,
    stopSlippageFrac: 0.002,
    impactFrac: 0,
    assumedFundingFrac: 0.0001,
  };
  const partial = { ratioFrac: 0.4, atrMult: 3, breakEvenAfter: false };
  const eightHours = (8 * HOUR_MS) / TEST_INTERVAL_MS;
  const paid: FundingEvents = { timeMs: Float64Array.of(TEST_START_MS + 2 * HOUR_MS), rate: Float64Array.of(0.01) };
  /** 24 bars: the settlement of 02:00 falls on the close of the last one, at 101. */
  const untilFunding: readonly Ohlc[] = [...repeat(22, FLAT), [100, 101, 100, 101]];

  interface HandCase {
    readonly name: string;
    readonly bars: readonly (Ohlc | null)[];
    readonly exits?: Partial<ExitRules>;
    readonly funding?: FundingEvents | null;
    readonly reason: string;
    /** Bar at whose open (time) or close (all others) the trade ended. */
    readonly exitBar: number;
    /** `[exit price, fees, slippage, funding, pnl]` of a long and of a short. */
    readonly long: readonly number[];
    readonly short: readonly number[];
  }

  const CASES: readonly HandCase[] = [
    {
      // 50 x (98 x 0.998 - 100 x 1.001) - fees
      name: 'stopped',
      bars: [FLAT, [100, 101, 97.9, 99]],
      reason: 'sl',
      exitBar: 3,
      long: [97.804, 9.8952, 14.8, 0, -124.6952],
      short: [102.204, 10.1052, 15.2, 0, -125.3052],
    },
    {
      name: 'stopped by a gap, at the open',
      bars: [FLAT, [96, 99, 95, 98]],
      reason: 'sl',
      exitBar: 3,
      long: [95.808, 9.7954, 14.6, 0, -224.3954],
      short: [104.208, 10.2054, 15.4, 0, -225.6054],
    },
    {
      name: 'at the target',
      bars: [FLAT, [100, 108, 99, 107]],
      reason: 'tp',
      exitBar: 3,
      long: [107.784, 10.3942, 15.8, 0, 373.8058],
      short: [92.184, 9.6042, 14.2, 0, 376.1958],
    },
    {
      name: 'beyond the target by a gap, at the open',
      bars: [FLAT, [110, 111, 109, 110]],
      reason: 'tp',
      exitBar: 3,
      long: [109.78, 10.494, 16, 0, 473.506],
      short: [90.18, 9.504, 14, 0, 476.496],
    },
    {
      name: '20 units at the first target, 30 at the final one',
      bars: [FLAT, [100, 103.5, 100, 102], [102, 108, 101, 107]],
      exits: { partial },
      reason: 'tp1+tp',
      exitBar: 4,
      long: [105.8704, 10.29852, 11.48, 0, 278.22148],
      short: [94.1104, 9.70052, 10.52, 0, 279.77948],
    },
    {
      // the stop goes to the entry fill: 100.10 for a long, 99.90 for a short
      name: '20 units at the first target, 30 at break-even',
      bars: [FLAT, [100, 103.5, 100, 102], [102, 102, 100, 101]],
      exits: { partial: { ...partial, breakEvenAfter: true } },
      reason: 'tp1+break_even',
      exitBar: 4,
      long: [101.13988, 10.061994, 11.006, 0, 41.932006],
      short: [98.85988, 9.937994, 10.994, 0, 42.068006],
    },
    {
      name: 'at a stop that trails the close of 104 by 1 ATR',
      bars: [FLAT, [100, 105, 100, 104], [104, 104, 103, 103.5]],
      exits: { trailing: { atrMult: 1, start: 'entry', reference: 'close', moveMinFrac: 0 } },
      reason: 'trail',
      exitBar: 4,
      long: [102.794, 10.1447, 15.3, 0, 124.5553],
      short: [97.194, 9.8547, 14.7, 0, 125.4453],
    },
    {
      name: 'by time, at the open after the first close of that age',
      bars: [FLAT, FLAT, FLAT, [101.5, 103, 100, 102]],
      exits: { timeExitHours: 0.25 },
      reason: 'time',
      exitBar: 4,
      long: [101.3985, 10.074925, 10.075, 0, 54.850075],
      short: [98.5985, 9.924925, 9.925, 0, 55.150075],
    },
    {
      // 1 % of 50 x 101 (a short: x 99)
      name: 'by time, with funding paid',
      bars: [...untilFunding, [101.5, 102, 101, 101]],
      exits: { timeExitHours: 23 / 12 },
      funding: paid,
      reason: 'time',
      exitBar: 24,
      long: [101.3985, 10.074925, 10.075, -50.5, 4.350075],
      short: [98.5985, 9.924925, 9.925, 49.5, 104.650075],
    },
    {
      // 0.01 % of 50 x 101 (a short: x 99) at 08:00, against either side
      name: 'by time, with funding assumed',
      bars: [...repeat(eightHours - 2, FLAT), [100, 101, 100, 101], [101.5, 102, 101, 101]],
      exits: { timeExitHours: 7.9 },
      funding: null,
      reason: 'time',
      exitBar: eightHours,
      long: [101.3985, 10.074925, 10.075, -0.505, 54.345075],
      short: [98.5985, 9.924925, 9.925, -0.495, 54.655075],
    },
    {
      name: 'delisted, at the last close',
      bars: [FLAT, null, [100, 101, 98.5, 99]],
      reason: 'delisted',
      exitBar: 4,
      long: [98.901, 9.95005, 9.95, 0, -69.90005],
      short: [101.101, 10.05005, 10.05, 0, -70.10005],
    },
  ];

  describe.each(SIDES)('a %s', (side) => {
    it.each(CASES)('$name', ({ bars, exits, funding, reason, exitBar, ...expected }) => {
      const world = {
        costs: COSTS,
        ...(exits === undefined ? {} : { exits }),
        ...(funding === undefined ? {} : { funding }),
      };
      const result = run({
        ...world,
        bars: { [AAA]: [FLAT, ...bars.map((bar) => mirror(side, bar))] },
        signals: [testSignal({ side })],
        window: { startMs: TEST_START_MS, endMs: timeOfBar(bars.length + 10) },
      });
      const [exitPrice, feesUsd, slippageUsd, fundingUsd, pnlUsd] = expected[side];
      expect(result.trades).toHaveLength(1);
      const [trade] = result.trades;
      expect(trade).toMatchObject({
        exitReason: reason,
        side,
        qty: 50,
        entryTimeMs: timeOfBar(1),
        exitTimeMs: timeOfBar(exitBar),
        initialStopPrice: at(side, 98),
        targetPrice: at(side, 108),
        riskUsd: 100,
        fundingAssumed: funding === null,
      });
      const found = [
        trade.entryPrice,
        trade.exitPrice,
        trade.feesUsd,
        trade.slippageUsd,
        trade.fundingUsd,
        trade.pnlUsd,
      ];
      const wanted = [at(side, 100.1), exitPrice, feesUsd, slippageUsd, fundingUsd, pnlUsd];
      found.forEach((value, k) => expect(value).toBeCloseTo(wanted[k], 11));
      expect(trade.pnlR).toBeCloseTo(pnlUsd / 100, 12);
      const equity = numbersOf(result.equity, 'equity_usd');
      expect(equity.at(-1)).toBeCloseTo(1_000_000 + pnlUsd, 9);
      expect(numbersOf(result.equity, 'cash_usd').at(-1)).toBeCloseTo(1_000_000 + pnlUsd, 9);
    });
  });

  it('a long of known path: excursions up to the exit fill', () => {
    const result = run({
      bars: { [AAA]: [FLAT, [100, 103, 99, 102], [102, 104.5, 101, 103], [103, 120, 97, 99]] },
      signals: [testSignal()],
      exits: { tpAtrMult: null },
      window: { startMs: TEST_START_MS, endMs: timeOfBar(10) },
    });
    // the bar of the exit counts with its fill alone: neither 120 nor 97 was seen for sure
    expect(result.trades).toMatchObject([{ exitReason: 'sl', mfeAtr: 4.5, maeAtr: 2 }]);
  });
});

describe('the window of a run', () => {
  const bars = { [AAA]: repeat(12, FLAT) };
  const signals = [2, 4, 6, 8].map((n) => testSignal({ decisionTimeMs: timeOfBar(n) }));
  const free: SettingsChanges = {};

  it.each([
    {
      name: 'starts with the first decision at or after the start',
      startMs: timeOfBar(4),
      endMs: timeOfBar(99),
      first: 4,
    },
    { name: 'may start between two bars', startMs: timeOfBar(3) + 1, endMs: timeOfBar(99), first: 4 },
    { name: 'may start a millisecond after a close', startMs: timeOfBar(4) + 1, endMs: timeOfBar(99), first: 6 },
  ])('$name', ({ startMs, endMs, first }) => {
    const result = run({ bars, signals, settings: free, window: { startMs, endMs } });
    const decided = numbersOf(result.decisions, 'decision_time');
    expect(decided[0]).toBe(timeOfBar(first));
    const times = numbersOf(result.equity, 'time');
    expect(times[0]).toBe(Math.ceil(startMs / TEST_INTERVAL_MS) * TEST_INTERVAL_MS - TEST_INTERVAL_MS);
  });

  it('ends before its end', () => {
    const result = run({ bars, signals, window: { startMs: timeOfBar(1), endMs: timeOfBar(4) } });
    const decided = new Set(numbersOf(result.decisions, 'decision_time'));
    expect([...decided]).toEqual([timeOfBar(2)]);
    expect(numbersOf(result.equity, 'time').at(-1)).toBe(timeOfBar(3));
  });

  it('has an equity row per bar set, from the initial capital before the first one on', () => {
    const { equity, barSets } = run({ bars, signals: [], window: { startMs: timeOfBar(2), endMs: timeOfBar(6) } });
    expect(barSets).toBe(4);
    expect(rowsOf(equity)).toEqual(
      [1, 2, 3, 4, 5].map((n) => ({
        time: timeOfBar(n),
        equity_usd: 1_000_000,
        cash_usd: 1_000_000,
        unrealised_usd: 0,
        open_positions: 0,
        gross_notional_usd: 0,
        open_risk_usd: 0,
      })),
    );
  });

  it('without a single bar set has the initial capital', () => {
    const { equity, trades } = run({ signals: [], window: { startMs: timeOfBar(5), endMs: timeOfBar(5) } });
    expect([...numbersOf(equity, 'equity_usd')]).toEqual([1_000_000]);
    expect(trades).toEqual([]);
  });

  it('marks what is held at every close, and not what has only been decided', () => {
    const { equity } = run({
      bars: { [AAA]: [FLAT, [100, 102, 99, 101], [101, 103, 100, 102.5], [102.5, 103, 97, 99]] },
      signals: [testSignal()],
      window: { startMs: timeOfBar(1), endMs: timeOfBar(10) },
    });
    const row = (n: number, equityUsd: number, unrealised: number, held: readonly [number, number, number]) => ({
      time: timeOfBar(n),
      equity_usd: equityUsd,
      cash_usd: equityUsd - unrealised,
      unrealised_usd: unrealised,
      open_positions: held[0],
      gross_notional_usd: held[1],
      open_risk_usd: held[2],
    });
    expect(rowsOf(equity).slice(0, 5)).toEqual([
      row(0, 1_000_000, 0, [0, 0, 0]),
      row(1, 1_000_000, 0, [0, 0, 0]),
      row(2, 1_000_050, 50, [1, 5_050, 100]),
      row(3, 1_000_125, 125, [1, 5_125, 100]),
      row(4, 999_900, 0, [0, 0, 0]),
    ]);
  });

  it('refuses signals that no bar set can meet, and leaves those outside of it alone', () => {
    const off = testSignal({ decisionTimeMs: timeOfBar(4) + 60_000 });
    expect(() => run({ bars, signals: [off] })).toThrow(/is decided at .*; expected a bar close/);
    const outside = testSignal({ decisionTimeMs: timeOfBar(90) + 60_000 });
    expect(run({ bars, signals: [outside] }).decisions.length).toBe(0);
  });
});

describe('the end of the data', () => {
  const position = { [AAA]: [FLAT, FLAT, [100, 102, 99, 101], [101, 103, 100, 102]] as Ohlc[] };

  it('closes what is open at the last close: in equity with its costs, not in trades', () => {
    const result = run({ bars: position, signals: [testSignal()], costs: { feeFrac: 0.001, slippageFrac: 0.01 } });
    expect(result.trades).toEqual([]);
    expect(result.openAtEnd).toMatchObject([{ exitReason: 'end_of_data', exitTimeMs: timeOfBar(4) }]);
    const [{ pnlUsd }] = result.openAtEnd;
    // 50 x (102 x 0.99 - 101) - fees
    expect(pnlUsd).toBeCloseTo(50 * (100.98 - 101) - 50 * (100.98 + 101) * 0.001, 9);
    const { equity } = result;
    expect(numbersOf(equity, 'equity_usd').at(-1)).toBeCloseTo(1_000_000 + pnlUsd, 9);
    expect(numbersOf(equity, 'open_positions').at(-1)).toBe(0);
    expect(equity.length).toBe(5);
  });

  it('is the end of the store where the caller says so: nothing is delisted by a window that goes on', () => {
    const window = { startMs: timeOfBar(1), endMs: timeOfBar(50) };
    const delisted = run({ bars: position, signals: [testSignal()], window });
    expect(delisted.trades).toMatchObject([{ exitReason: 'delisted', exitTimeMs: timeOfBar(4) }]);
    const ended = run({ bars: position, signals: [testSignal()], window, dataEndMs: timeOfBar(4) });
    expect(ended.trades).toEqual([]);
    expect(ended.openAtEnd).toMatchObject([{ exitReason: 'end_of_data' }]);
    expect(numbersOf(ended.equity, 'time').at(-1)).toBe(timeOfBar(4));
  });

  it('does not turn a gap into a delisting', () => {
    const bars = { [AAA]: [FLAT, FLAT, null, null, null, [100, 101, 99, 100], FLAT] as (Ohlc | null)[] };
    const result = run({ bars, signals: [testSignal()] });
    expect(result.trades).toEqual([]);
    expect(result.openAtEnd).toMatchObject([{ exitTimeMs: timeOfBar(7) }]);
  });

  it('leaves an entry decided at the last close without a fill', () => {
    const result = run({ bars: { [AAA]: [FLAT, FLAT] }, signals: [testSignal({ decisionTimeMs: timeOfBar(2) })] });
    expect(result.openAtEnd).toEqual([]);
    expect([...numbersOf(result.equity, 'equity_usd')]).toEqual([1_000_000, 1_000_000, 1_000_000]);
  });
});

describe('progress', () => {
  it('rises from 0 to 1', () => {
    const told: number[] = [];
    run({
      window: { startMs: TEST_START_MS, endMs: timeOfBar(20_000) },
      onProgress: (doneFrac) => told.push(doneFrac),
    });
    expect(told.at(-1)).toBe(1);
    expect(told).toEqual([1, 2, 3, 4].map((k) => (4_096 * k - 1) / 20_000).concat(1));
  });
});

describe('abort guards', () => {
  const losing = { [AAA]: [FLAT, ...repeat(40, [100, 100, 97, 100])] };
  const signals = Array.from({ length: 39 }, (_, k) => testSignal({ decisionTimeMs: timeOfBar(k + 1) }));
  const settings = (guards: NonNullable<SettingsChanges['guards']>): SettingsChanges => ({
    initialCapitalUsd: 6_000,
    guards,
  });

  it('end the run when equity is below its share of the start, and say so', () => {
    const result = run({ bars: losing, signals, settings: settings({ abortEquityFrac: 0.95 }) });
    expect(result.abortReason).toBe('equity below 0.95 of the start');
    expect(result.trades).toHaveLength(4);
    expect(numbersOf(result.equity, 'equity_usd').at(-1)).toBe(5_600);
    expect(result.barSets).toBeLessThan(8);
  });

  it('end the run after so many trades, and say so', () => {
    const result = run({ bars: losing, signals, settings: settings({ abortTradesMax: 3 }) });
    expect(result.abortReason).toBe('3 trades');
    expect(result.trades).toHaveLength(3);
  });

  it('let open positions come to their end first', () => {
    const BBB = testInstrument('BBB');
    const bars = {
      ...losing,
      [BBB]: [...repeat(20, FLAT), [100, 109, 100, 108] as Ohlc, ...repeat(20, FLAT)],
    };
    const both = [testSignal({ symbol: 'BBB' }), ...signals];
    const result = run({ bars, signals: both, settings: { guards: { abortTradesMax: 3 } } });
    expect(result.trades.map(({ exitReason }) => exitReason)).toEqual(['sl', 'sl', 'sl', 'tp']);
    expect(numbersOf(result.equity, 'time').at(-1)).toBe(timeOfBar(21));
  });

  it('are silent when nothing happens', () => {
    expect(run({ bars: losing, signals: [] }).abortReason).toBe('');
  });
});

describe('one instant', () => {
  it('holds the slot of an exit until it is filled, and the symbol too', () => {
    const BBB = testInstrument('BBB');
    const result = run({
      bars: { [AAA]: repeat(12, FLAT), [BBB]: repeat(12, FLAT) },
      exits: { timeExitHours: 0.25 },
      settings: { guards: { openMax: 1 } },
      // filled at 1, exit decided at 4 and filled at the open after it
      signals: [
        testSignal({ decisionTimeMs: timeOfBar(1) }),
        testSignal({ decisionTimeMs: timeOfBar(4) }),
        testSignal({ symbol: 'BBB', decisionTimeMs: timeOfBar(4) }),
        testSignal({ symbol: 'BBB', decisionTimeMs: timeOfBar(5) }),
      ],
    });
    expect(result.trades.map(({ instrumentId, entryTimeMs }) => [instrumentId, entryTimeMs])).toEqual([
      [AAA, timeOfBar(1)],
      [BBB, timeOfBar(5)],
    ]);
  });

  it('lets a symbol be entered at the close of the bar in which its stop was hit', () => {
    const result = run({
      bars: { [AAA]: [FLAT, [100, 100, 97, 100], FLAT, FLAT] },
      signals: [testSignal(), testSignal({ decisionTimeMs: timeOfBar(2) })],
    });
    expect(result.trades).toMatchObject([{ exitTimeMs: timeOfBar(2) }]);
    expect(result.openAtEnd).toMatchObject([{ entryTimeMs: timeOfBar(2) }]);
  });

  it('judges more entries than a cascade may have steps', () => {
    const ids = Array.from({ length: 700 }, (_, k) => `S${k}`);
    const result = run({
      bars: Object.fromEntries(ids.map((symbol) => [testInstrument(symbol), [FLAT, FLAT, FLAT]])),
      signals: ids.map((symbol) => testSignal({ symbol })),
      settings: { initialCapitalUsd: 1e9 },
    });
    expect(result.openAtEnd).toHaveLength(700);
    expect(result.exposedBarSets).toBe(2);
  });

  it('lets 1m bars decide what came first, and counts what they decided', () => {
    const minutes = new CandleBuffer(MINUTE_MS, 5);
    const prices: readonly Ohlc[] = [
      FLAT,
      [100, 108, 100, 100],
      [100, 100, 98, 99],
      [99, 99, 99, 99],
      [99, 99, 99, 99],
    ];
    prices.forEach(([open, high, low, close], k) => {
      const openTimeMs = TEST_START_MS + TEST_INTERVAL_MS + k * MINUTE_MS;
      minutes.append({ openTimeMs, open, high, low, close, volume: 2e5, turnover: Number.NaN });
    });
    const outcome = (minuteBarsOf: NonNullable<World['minuteBarsOf']> | null) => {
      const { trades, doubtfulExits } = run({
        bars: { [AAA]: [FLAT, [100, 108, 98, 99], FLAT] },
        signals: [testSignal()],
        minuteBarsOf,
      });
      return [trades.map(({ exitReason }) => exitReason), doubtfulExits];
    };
    expect(outcome(() => minutes)).toEqual([['tp'], { byMinutes: 1, byTieBreaker: 0 }]);
    expect(outcome(() => null)).toEqual([['sl'], { byMinutes: 0, byTieBreaker: 1 }]);
    expect(outcome(null)).toEqual([['sl'], { byMinutes: 0, byTieBreaker: 1 }]);
  });

  it('loses the isolated margin of an entry that filled far from its plan, before its stop', () => {
    // the plan: stop at 90, so 6.89x; from 108 on the margin ends at 108 x (1 - 1 / 6.89 + 0.02) = 94.5 and is booked at 92.3
    const bars = { [AAA]: [FLAT, [108, 108, 95, 95], [95, 95, 94, 94], FLAT] satisfies readonly Ohlc[] };
    const result = run({
      bars,
      signals: [testSignal()],
      exits: { slAtrMult: 10, tpAtrMult: null },
      settings: { sizing: { leverageMax: 10 } },
    });
    expect(result.trades).toMatchObject([{ exitReason: 'liquidation', qty: 10, exitTimeMs: timeOfBar(3) }]);
    expect(result.trades[0].pnlUsd).toBeCloseTo((-10 * 108) / 6.89, 9);
    expect(result.alerts.map(({ code }) => code)).toContain('liquidated');
  });

  it('tells what it does to whoever asks', () => {
    const commands: Command['kind'][] = [];
    const states: EngineState['trades'][number]['state'][][] = [];
    run({
      bars: { [AAA]: [FLAT, FLAT, [100, 100, 97, 100]] },
      signals: [testSignal()],
      onCommand: ({ kind }) => commands.push(kind),
      onInstant: ({ state }) => states.push(state.trades.map((trade) => trade.state)),
    });
    expect(commands).toEqual(['decision', 'submit', 'verify_protection', 'trade_closed']);
    expect(states).toEqual([['entering'], ['open'], []]);
  });
});
