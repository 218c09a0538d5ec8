import { CandleBuffer, createPrng, DAY_MS, numbersOf, type Candles, type Signal } from '@donch/core';
import { dailyReturns } from '@donch/stats';
import {
  FREE_OF_COSTS,
  sweepWorld,
  TEST_INTERVAL_MS,
  TEST_START_MS,
  testRules,
  testSettings,
  testSignal,
  testTerms,
} from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { runBacktest } from '../run-backtest.ts';
import { exitAxes } from '../sweep/exit-axes.ts';
import { SignalPaths } from '../sweep/signal-paths.ts';
import { StandaloneOutcomes } from '../sweep/standalone-outcomes.ts';
import { RandomDraws } from './random-entries.ts';
import type { RandomEntries, StressReport } from './stress-report.ts';
import { stressRun } from './stress-run.ts';
import { scaledCosts, StressedPortfolio, type StressedRun } from './stressed-portfolio.ts';
import { visitInstruments } from './visited-instruments.ts';

const COSTS = { ...FREE_OF_COSTS, feeFrac: 0.00055, slippageFrac: 0.0003, stopSlippageFrac: 0.0005 };
const SHAPE = { symbols: 4, bars: 500, signals: 15 };

/** A random world under one of its variants. */
function randomRun(seed: number, variant = 0): StressedRun {
  const { variants, ...world } = sweepWorld(seed, SHAPE);
  return { ...world, strategies: variants[variant] };
}

function stress(run: StressedRun, seed = 1): StressReport {
  return stressRun({ run, result: runBacktest(run), seed, reference: null });
}

interface HandBar {
  readonly open: number;
  readonly high?: number;
  readonly low?: number;
  readonly close: number;
}

/** Bars without gaps from the start of the test day on. */
function handBars(bars: readonly HandBar[], intervalMs = TEST_INTERVAL_MS): Candles {
  const buffer = new CandleBuffer(intervalMs);
  bars.forEach(({ open, close, high = Math.max(open, close), low = Math.min(open, close) }, k) => {
    buffer.append({
      openTimeMs: TEST_START_MS + k * intervalMs,
      open,
      high,
      low,
      close,
      volume: 1_000,
      turnover: 100_000,
    });
  });
  return buffer;
}

interface HandRun {
  readonly candles: Candles;
  readonly signals: readonly Signal[];
  readonly exits?: Parameters<typeof testTerms>[0];
  readonly costs?: Partial<typeof COSTS>;
}

function handRun({ candles, signals, exits = {}, costs = FREE_OF_COSTS }: HandRun): StressedRun {
  const { intervalMs, length } = candles;
  return {
    signals,
    strategies: [testTerms(exits, { intervalMs })],
    settings: testSettings(),
    venue: {
      costs: { ...FREE_OF_COSTS, ...costs },
      rulesAt: (instrumentId) => testRules({ instrumentId }),
      fundingOf: () => null,
      entryFill: 'next_open',
      disturbance: null,
    },
    candlesOf: () => candles,
    intervalMs,
    window: { startMs: TEST_START_MS + intervalMs, endMs: TEST_START_MS + length * intervalMs + 1 },
  };
}

describe('a stressed run', () => {
  it('is the run itself at a cost multiple of 1, every bit of every trade', () => {
    for (let seed = 1; seed <= 6; seed += 1) {
      const run = randomRun(seed, seed % 9);
      const result = runBacktest(run);
      const venue = { ...run.venue, costs: scaledCosts(run.venue.costs, 1) };
      expect(runBacktest({ ...run, venue })).toStrictEqual(result);
      expect(new StressedPortfolio(run).simulate({})).toStrictEqual(result);
      const report = stressRun({ run, result, seed, reference: null });
      expect(report.costs.levels[0]).toStrictEqual({ costMult: 1, ...report.run });
      expect(report.run.finalEquityUsd).toBe(result.equity.columns.get('equity_usd')?.values[result.equity.length - 1]);
    }
  });

  it('is the same for the same seed and another for another', () => {
    const run = { ...randomRun(2, 4), settings: testSettings() };
    expect(stress(run, 7)).toStrictEqual(stress(run, 7));
    expect(stress(run, 8).missedFills).not.toEqual(stress(run, 7).missedFills);
    expect(stress(run, 8).randomEntries).not.toEqual(stress(run, 7).randomEntries);
  });

  it('says so when nothing was traded', () => {
    const run = handRun({
      candles: handBars(Array.from({ length: 50 }, () => ({ open: 100, close: 100 }))),
      signals: [],
    });
    const report = stress(run);
    expect(report.run).toMatchObject({ trades: 0, meanR: Number.NaN, finalEquityUsd: 1_000_000 });
    expect(report.costs.breakEven).toMatchObject({ kind: 'refused', reason: 'no_trades' });
    expect(report.randomEntries).toMatchObject({ kind: 'refused', reason: 'no_positions' });
    expect(report.capacity).toMatchObject({ kind: 'refused', reason: 'no_positions' });
  });
});

describe('costs', () => {
  it('that are higher never help a trade that stays the same', () => {
    let compared = 0;
    for (let seed = 1; seed <= 20; seed += 1) {
      const { variants, ...world } = sweepWorld(seed, SHAPE);
      const axes = exitAxes(variants.flat().map(({ exits }) => exits));
      const paths = new SignalPaths({ ...world, axes });
      const at = [1, 1.5, 2, 3].map((costMult) => {
        const venue = { ...world.venue, costs: scaledCosts(COSTS, costMult) };
        return new StandaloneOutcomes({ ...world, venue, paths, variants });
      });
      const rows = at.map(() => new Float64Array(variants.length));
      paths.signals.forEach((_, signal) => {
        at.forEach((outcomes, level) => outcomes.evaluate(signal, rows[level]));
        for (let variant = 0; variant < variants.length; variant += 1) {
          const isLiquidated = at.some((outcomes) => outcomes.tradeOf(signal, variant)?.exitReason === 'liquidation');
          if (isLiquidated || rows.some((row) => Number.isNaN(row[variant]))) continue;
          for (let level = 1; level < rows.length; level += 1)
            expect(rows[level][variant]).toBeLessThan(rows[level - 1][variant]);
          compared += 1;
        }
      });
    }
    expect(compared).toBeGreaterThan(5_000);
  });

  it('break even where fees eat what one trade made', () => {
    // in at 100, out at the target 104: 4 per unit before costs, 204 of turnover
    const bars = [
      { open: 100, close: 100 },
      { open: 100, close: 101 },
      { open: 101, close: 105 },
      { open: 105, close: 105 },
    ];
    const run = handRun({
      candles: handBars(bars),
      signals: [testSignal()],
      exits: { slAtrMult: 2, tpAtrMult: 4 },
      costs: { feeFrac: 0.001 },
    });
    const { breakEven } = stress(run).costs;
    if (breakEven.kind !== 'break_even') throw new Error(breakEven.reason);
    expect(breakEven.costMult).toBeCloseTo(4 / (204 * 0.001), 3);
    expect(breakEven.oneWayBps).toBeCloseTo((4 / 204) * 1e4, 1);
    expect(breakEven.roundTripBps).toBe(2 * breakEven.oneWayBps);
    expect(breakEven.runOneWayBps).toBeCloseTo(10, 9);
  });

  it('break even where the portfolio makes nothing, by the pass and by the engine', () => {
    let found = 0;
    const losing: number[] = [];
    for (let seed = 1; seed <= 16; seed += 1) {
      const run = randomRun(seed, seed % 27);
      const portfolio = new StressedPortfolio({ ...run, venue: { ...run.venue, costs: COSTS } });
      const { breakEven } = stress(portfolio.run).costs;
      if (breakEven.kind === 'refused') {
        losing.push(breakEven.reason === 'loses_without_costs' ? portfolio.outline({ costMult: 0 }).meanR : 0);
        continue;
      }
      found += 1;
      const { costMult } = breakEven;
      expect(portfolio.outline({ costMult: costMult - 1e-3 }).meanR).toBeGreaterThan(0);
      expect(portfolio.outline({ costMult: costMult + 1e-3 }).meanR).toBeLessThanOrEqual(0);
    }
    expect(found).toBeGreaterThan(3);
    expect(losing.filter((meanR) => meanR > 0)).toEqual([]);
  });

  it.each([
    ['no_costs', {}, 105],
    ['loses_without_costs', { feeFrac: 0.001 }, 90],
    ['profitable_at_any_cost', { feeFrac: 0.000001 }, 105],
  ])('have no break-even: %s', (reason, costs, close) => {
    const bars = [
      { open: 100, close: 100 },
      { open: 100, close },
      { open: close, close },
      { open: close, close },
    ];
    const run = handRun({ candles: handBars(bars), signals: [testSignal()], exits: { tpAtrMult: 4 }, costs });
    expect(stress(run).costs.breakEven).toMatchObject({ kind: 'refused', reason });
  });
});

describe('an order that is one bar late', () => {
  /** Decided at the close of the first bar (reference 100, ATR 1, stop 98, target 104), filled at the open of the third. */
  const late = (third: HandBar) =>
    stress(
      handRun({
        candles: handBars([
          { open: 100, close: 100 },
          { open: 100, close: 101 },
          third,
          { open: 106, close: 106 },
          { open: 106, close: 106 },
        ]),
        signals: [testSignal()],
        exits: { tpAtrMult: 4 },
      }),
    ).lateEntries;

  it('fills at the next open and keeps stop, target and risk', () => {
    // 100 USD of risk over a stop distance of 2: 50 units; 102.5 to 104 with a target of the original reference
    expect(late({ open: 102.5, close: 105 })).toMatchObject({
      trades: 1,
      meanR: (50 * 1.5) / 100,
      delayBars: 1,
      lostSignals: 0,
    });
    expect(late({ open: 101, close: 97, low: 97 })).toMatchObject({ trades: 1, meanR: (50 * -3) / 100 });
  });

  it.each([
    ['the stop', 97.5],
    ['the target', 104],
  ])('is refused beyond %s', (_, open) => {
    expect(late({ open, close: open })).toMatchObject({ trades: 0, meanR: Number.NaN, finalEquityUsd: 1_000_000 });
  });

  it('is lost at the end of the run', () => {
    const candles = handBars([
      { open: 100, close: 100 },
      { open: 100, close: 100 },
      { open: 100, close: 100 },
    ]);
    const decisionTimeMs = TEST_START_MS + 3 * TEST_INTERVAL_MS;
    expect(stress(handRun({ candles, signals: [testSignal({ decisionTimeMs })] })).lateEntries.lostSignals).toBe(1);
  });
});

describe('missed fills', () => {
  it('give the same figures by the pass and by the engine', () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const run = randomRun(seed, seed % 9);
      const { guards } = run.settings;
      const slow = { ...run, settings: { ...run.settings, guards: { ...guards, lossStreakMax: 1e9 } } };
      const [pass, engine] = [new StressedPortfolio(run), new StressedPortfolio(slow)];
      expect([pass.method, engine.method]).toEqual(['pass', 'engine']);
      const prng = createPrng(seed, 'test');
      for (let draw = 0; draw < 5; draw += 1) {
        const isMissed = Uint8Array.from(pass.signals, () => Number(prng.next() < 0.3));
        expect(pass.outline({ isMissed })).toStrictEqual(engine.outline({ isMissed }));
      }
    }
  });

  it('spread further the more are missed, around the run', () => {
    const run = randomRun(2, 4);
    const { missedFills, run: itself } = stress({ ...run, settings: testSettings() });
    expect(missedFills.map(({ missedFrac, draws }) => [missedFrac, draws])).toEqual([
      [0.05, 200],
      [0.1, 200],
      [0.25, 200],
    ]);
    const [few, , many] = missedFills.map(({ finalEquityUsd }) => finalEquityUsd);
    expect(few.sd).toBeLessThan(many.sd);
    expect(many.p05).toBeLessThan(many.median);
    expect(many.median).toBeLessThan(many.p95);
    expect(Math.abs(few.mean - itself.finalEquityUsd)).toBeLessThan(4 * few.sd);
  });
});

describe('random entries', () => {
  const HOUR_BARS = 12;
  const BARS = 12_000;

  /** A price martingale in 5m bars of six steps each. */
  function martingale(seed: number): Candles {
    const prng = createPrng(seed, 'martingale');
    let price = 100;
    return handBars(
      Array.from({ length: BARS }, () => {
        const path = [price];
        for (let step = 0; step < 6; step += 1) {
          price *= Math.exp(0.0008 * prng.normal() - 0.0008 ** 2 / 2);
          path.push(price);
        }
        return { open: path[0], high: Math.max(...path), low: Math.min(...path), close: price };
      }),
    );
  }

  function runOf(candles: Candles, rows: readonly number[]): StressedRun {
    const signals = rows.map((row) =>
      testSignal({
        decisionTimeMs: candles.openTimeMs[row],
        referencePrice: candles.open[row],
        atr: 0.005 * candles.open[row],
      }),
    );
    const run = handRun({ candles, signals, exits: { slAtrMult: 2, tpAtrMult: 4, timeExitHours: 6 }, costs: COSTS });
    return { ...run, settings: testSettings({ initialCapitalUsd: 100_000 }) };
  }

  function drawn(run: StressedRun, seed: number): RandomEntries {
    const result = runBacktest(run);
    const { dayStartMs, returns } = dailyReturns(
      numbersOf(result.equity, 'time'),
      numbersOf(result.equity, 'equity_usd'),
    );
    const { marksMs, each } = visitInstruments({ run, result, dayStartMs });
    const draws = new RandomDraws({ marksMs, seed });
    each((instrument) => draws.add(instrument));
    const found = draws.finish(returns);
    if (found.kind === 'refused') throw new Error(found.reason);
    return found;
  }

  it('do as well as a strategy that draws its entries, on martingales: small p-values are rare', () => {
    let small = 0;
    let large = 0;
    for (let seed = 1; seed <= 40; seed += 1) {
      const prng = createPrng(seed, 'entries');
      const rows = Array.from({ length: 120 }, () => 1 + prng.below(BARS - 2));
      const randomEntries = drawn(runOf(martingale(seed), rows), seed);
      expect(randomEntries.positions).toBeGreaterThan(60);
      small += Number(randomEntries.totalReturnP <= 0.1);
      large += Number(randomEntries.totalReturnP > 0.9);
    }
    // binomial(40, 0.1): above 10 or not even one in a tail would say that the draws are not those of the run
    expect(small).toBeLessThanOrEqual(10);
    expect(large).toBeLessThanOrEqual(10);
    expect(small + large).toBeGreaterThanOrEqual(2);
  });

  it('never do as well as a strategy that looks six hours ahead', () => {
    const candles = martingale(5);
    const rows: number[] = [];
    for (let row = 1; row + 6 * HOUR_BARS < BARS; row += 1)
      if (candles.close[row + 6 * HOUR_BARS - 1] > 1.02 * candles.open[row]) rows.push(row);
    const randomEntries = drawn(runOf(candles, rows), 1);
    expect(randomEntries.totalReturnP).toBe(1 / 501);
    expect(randomEntries.dailySharpeP).toBe(1 / 501);
    expect(randomEntries.runTotalReturnFrac).toBeGreaterThan(randomEntries.totalReturnFrac.p95);
  });

  it('that have only one place left give that place, with costs and funding on their days', () => {
    // two days of hours, one position over all of them; assumed funding of 1 bp against it at 08:00, 16:00, 00:00 ..
    const hours = Array.from({ length: 48 }, (_, k) => ({ open: 100 + k, close: 101 + k }));
    const candles = handBars(hours, DAY_MS / 24);
    const run = handRun({
      candles,
      signals: [testSignal({ decisionTimeMs: TEST_START_MS, referencePrice: 100, atr: 10 })],
      exits: { slAtrMult: 5, tpAtrMult: null },
      costs: { feeFrac: 0.001, assumedFundingFrac: 0.0001 },
    });
    const report = stress({ ...run, window: { ...run.window, startMs: TEST_START_MS } });
    const { randomEntries, dayStartMs, runReturns } = report;
    if (randomEntries.kind === 'refused') throw new Error(randomEntries.reason);
    // the first day of the account is the hour before the run
    expect(Array.from(dayStartMs)).toEqual([-1, 0, 1].map((day) => TEST_START_MS + day * DAY_MS));
    // 100 USD of risk over a distance of 50 on a million: 2 units of 100
    const frac = 200 / 1e6;
    const costFrac = (0.001 * (100 + 148)) / 100;
    const [first, second] = [
      [108, 116, 124],
      [132, 140, 148],
    ].map((marks) => marks.reduce((sum, mark) => sum - (0.0001 * mark) / 100, 0.24));
    const expected = [0, frac * (first - costFrac / 2), frac * (second - costFrac / 2)];
    expected.forEach((value, day) => expect(randomEntries.meanReturns[day]).toBeCloseTo(value, 12));
    expect(randomEntries.totalReturnFrac.sd).toBeLessThan(1e-12);
    expect(runReturns[1] + runReturns[2]).toBeCloseTo(expected[1] + expected[2], 7);
  });
});
