import { createPrng, DAY_MS, HOUR_MS, parseIsoTime } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { clusterBootstrap } from '../bootstrap/cluster-bootstrap.ts';
import { kellyEmpirical } from '../kelly/kelly-fraction.ts';
import { annualSharpeRatio } from '../metrics/sharpe-ratio.ts';
import { judgeRun } from './judge-run.ts';
import type { RobustnessInput, RobustnessTrades } from './robustness-input.ts';
import type { RunRobustness, TradeGroup } from './run-robustness.ts';

const START_MS = parseIsoTime('2025-01-01')?.timeMs ?? Number.NaN;
const DAYS = 400;

/** 200 trades in 400 days, two days each, longs of three symbols; a mean of 0.2 R. */
function manyTrades(): RobustnessTrades {
  const prng = createPrng(4, 'trades');
  const entryTimeMs = Float64Array.from({ length: 200 }, (_, k) => START_MS + 2 * k * DAY_MS + (k % 24) * HOUR_MS);
  const pnlR = entryTimeMs.map(() => 0.2 + prng.normal());
  return {
    entryTimeMs,
    exitTimeMs: entryTimeMs.map((timeMs) => timeMs + 2 * DAY_MS),
    symbols: Array.from(entryTimeMs, (_, k) => ['AAA', 'BBB', 'CCC'][k % 3]),
    sides: Array.from(entryTimeMs, () => 'long'),
    pnlR,
    pnlUsd: pnlR.map((r) => r * 100),
    equityAtDecisionUsd: pnlR.map(() => 10_000),
    tradedUsd: pnlR.map(() => 4_000),
  };
}

const NO_TRADES: RobustnessTrades = {
  entryTimeMs: new Float64Array(0),
  exitTimeMs: new Float64Array(0),
  symbols: [],
  sides: [],
  pnlR: new Float64Array(0),
  pnlUsd: new Float64Array(0),
  equityAtDecisionUsd: new Float64Array(0),
  tradedUsd: new Float64Array(0),
};

function inputOf(more: Partial<RobustnessInput> = {}): RobustnessInput {
  const prng = createPrng(5, 'days');
  return {
    firstDayMs: START_MS,
    dailyReturns: Float64Array.from({ length: DAYS }, () => 0.001 + 0.01 * prng.normal()),
    startCapitalUsd: 10_000,
    trades: manyTrades(),
    startMs: START_MS,
    endMs: START_MS + DAYS * DAY_MS,
    isOutOfSample: true,
    seed: 42,
    ...more,
  };
}

/** Trades with these results in R, one per day, 100 USD each R. */
function tradesOf(results: readonly number[]): RobustnessTrades {
  const pnlR = Float64Array.from(results);
  return {
    ...NO_TRADES,
    entryTimeMs: pnlR.map((_, k) => START_MS + k * DAY_MS),
    exitTimeMs: pnlR.map((_, k) => START_MS + k * DAY_MS + 6 * HOUR_MS),
    symbols: results.map((_, k) => `S${k}`),
    sides: results.map(() => 'long'),
    pnlR,
    pnlUsd: pnlR.map((r) => 100 * r),
    equityAtDecisionUsd: pnlR.map(() => 1_000),
    tradedUsd: pnlR.map(() => 500),
  };
}

function accepted<Result extends { readonly kind: string }>(found: Result): Exclude<Result, { kind: 'refused' }> {
  if (found.kind === 'refused') throw new Error(`refused: ${JSON.stringify(found)}`);
  return found as Exclude<Result, { kind: 'refused' }>;
}

const countsOf = (groups: readonly TradeGroup[]): [string, number][] =>
  groups.map(({ name, trades }) => [name, trades]);

describe('judgeRun', () => {
  it('gives every figure of a run that is long enough', () => {
    const found = judgeRun(inputOf());
    const refusals = Object.entries(found).filter(([, value]) => JSON.stringify(value).includes('"refused"'));
    // months have fewer than 12 weeks and hours too few trades for an interval
    expect(refusals.map(([name]) => name)).toEqual(['calendar']);
    expect(found).toMatchObject({ days: 400, trades: 200, isOutOfSample: true });
    expect(accepted(found.sharpe).annualSharpe).toBe(annualSharpeRatio(inputOf().dailyReturns));
  });

  it('is the same for the same seed, and luck for another one', () => {
    const medianOf = ({ monteCarlo }: RunRobustness): number => accepted(monteCarlo).simulation.drawdownFrac.median;
    expect(judgeRun(inputOf())).toEqual(judgeRun(inputOf()));
    expect(medianOf(judgeRun(inputOf({ seed: 43 })))).not.toBe(medianOf(judgeRun(inputOf())));
  });

  describe('the simulation of days', () => {
    const blockOf = (input: RobustnessInput): unknown[] => {
      const { simulation, blockFrom, holdingDaysMean } = accepted(judgeRun(input).monteCarlo);
      return [blockFrom, simulation.blockLength, holdingDaysMean];
    };

    it('takes blocks as long as the cube root of the days says, unless trades are held longer', () => {
      const trades = manyTrades();
      expect(blockOf(inputOf())).toEqual(['days', 7, 2]);
      const long = { ...trades, exitTimeMs: trades.entryTimeMs.map((timeMs) => timeMs + 9.5 * DAY_MS) };
      expect(blockOf(inputOf({ trades: long }))).toEqual(['holding_time', 10, 9.5]);
      expect(blockOf(inputOf({ options: { blockDays: 3 } }))).toEqual(['option', 3, 2]);
    });

    it('puts the kill level where few paths go deeper', () => {
      const { monteCarlo, killLevel } = judgeRun(inputOf());
      const { drawdownFrac } = accepted(monteCarlo).simulation;
      expect(accepted(killLevel)).toEqual({
        kind: 'kill_level',
        drawdownFrac: drawdownFrac.low,
        quantile: expect.closeTo(0.025, 12) as number,
      });
      expect(drawdownFrac.low).toBeLessThan(drawdownFrac.median);
    });

    it('counts ruin and drawdowns beyond the limits that were asked for', () => {
      const shares = (options: NonNullable<RobustnessInput['options']>): number[] => {
        const { simulation } = accepted(judgeRun(inputOf({ options })).monteCarlo);
        return [simulation.ruin.estimate, simulation.drawdownBeyondLimit.estimate];
      };
      expect(shares({ ruinLossFrac: 0.9, drawdownLimitFrac: 0.9 })).toEqual([0, 0]);
      expect(shares({ ruinLossFrac: 0.001, drawdownLimitFrac: 0.001 })[1]).toBe(1);
    });
  });

  it('shuffles trades as shares of the equity at their decision', () => {
    // +20 %, -10 %, -10 % of the equity; in two of three orders the losses stand together, at 0.81 of the peak
    const { shuffle } = judgeRun(inputOf({ trades: tradesOf([2, -1, -1]) }));
    expect(accepted(shuffle).drawdownFrac).toMatchObject({
      estimate: expect.closeTo(-0.19, 12) as number,
      low: expect.closeTo(-0.19, 12) as number,
      high: expect.closeTo(-0.1, 12) as number,
    });
  });

  it('rolls over the windows that there are', () => {
    const { rollingSharpe } = judgeRun(inputOf({ options: { rollingDays: 100 } }));
    const { sharpe, lowest, median, lossFrac, windows } = accepted(rollingSharpe);
    const known = sharpe.slice(99).sort();
    expect(windows).toBe(301);
    expect(lowest).toBe(known[0]);
    expect(median).toBe(known[150]);
    expect(lossFrac).toBe(known.filter((value) => value < 0).length / 301);
    expect(sharpe[398]).toBe(annualSharpeRatio(inputOf().dailyReturns.slice(299, 399)));
  });

  it('takes a quarter of Kelly, never more than the cap, and says whether the trades were chosen from', () => {
    const { pnlR } = manyTrades();
    const full = kellyEmpirical(pnlR);
    const fraction = full.kind === 'fraction' ? full.fraction : Number.NaN;
    expect(fraction).toBeGreaterThan(0.1);
    expect(accepted(judgeRun(inputOf()).kelly)).toMatchObject({
      fraction,
      quarterCapped: 0.02,
      capFrac: 0.02,
      trades: 200,
    });
    const roomy = accepted(judgeRun(inputOf({ options: { riskCapFrac: 1 }, isOutOfSample: false })).kelly);
    expect(roomy).toMatchObject({ quarterCapped: fraction / 4, isOutOfSample: false });
  });

  it('takes the best trades out in R and in USD, which may be other ones', () => {
    const trades = {
      ...tradesOf([3, 1, -1, -1, -1, -1, 0.5]),
      pnlUsd: Float64Array.of(100, 900, -50, -50, -50, -50, 10),
    };
    const { withoutBest, decisiveTrades, withoutSymbol } = judgeRun(inputOf({ trades }));
    expect(
      withoutBest.map(({ count, r, usd }) => [
        count,
        r.kind === 'rest' && r.restSum,
        usd.kind === 'rest' && usd.restSum,
      ]),
    ).toEqual([
      [1, -2.5, -90],
      [5, -2, -100],
      [10, false, false],
    ]);
    expect(accepted(decisiveTrades.r).count).toBe(1);
    expect(accepted(decisiveTrades.usd).count).toBe(1);
    expect(accepted(withoutSymbol.r).groups[0]).toMatchObject({ group: 'S0', restSum: -2.5 });
    expect(accepted(withoutSymbol.usd).groups[0]).toMatchObject({ group: 'S1', restSum: -90 });
  });

  it('groups trades by the entry in UTC', () => {
    const times = ['2024-12-31T23:59', '2025-01-01T00:00', '2025-01-01T23:30', '2025-03-15T07:10'];
    const entryTimeMs = Float64Array.from(times, (text) => parseIsoTime(`${text}:00Z`)?.timeMs ?? Number.NaN);
    const trades = {
      ...tradesOf([1, -1, 2, 0.5]),
      entryTimeMs,
      exitTimeMs: entryTimeMs.map((timeMs) => timeMs + 1),
      sides: ['long', 'short', 'short', 'long'] as const,
    };
    const { calendar, sides } = judgeRun(inputOf({ trades }));
    expect(countsOf(calendar.years)).toEqual([
      ['2024', 1],
      ['2025', 3],
    ]);
    expect(countsOf(calendar.months)).toEqual([
      ['2024-12', 1],
      ['2025-01', 2],
      ['2025-03', 1],
    ]);
    expect(countsOf(calendar.hours)).toEqual([
      ['00', 1],
      ['07', 1],
      ['23', 2],
    ]);
    expect(sides[1]).toMatchObject({ name: 'short', trades: 2, sumR: 1, meanR: 0.5, sumUsd: 100, winRateFrac: 0.5 });
    expect(sides[1].interval).toMatchObject({ kind: 'refused', reason: 'too_few_clusters', found: 1 });
  });

  it('gives a group the interval that its trades have anywhere', () => {
    const { entryTimeMs, pnlR } = manyTrades();
    const [all] = judgeRun(inputOf()).sides;
    expect(all.interval).toEqual(
      clusterBootstrap({ entryTimeMs, pnl: pnlR }, 'mean', { prng: createPrng(42, 'bootstrap') }),
    );
  });

  it('measures activity per year of the window', () => {
    // three trades of a quarter of a day in 73 days: a fifth of a year; the account doubles at once
    const doubled = inputOf({
      trades: tradesOf([1, 1, 1]),
      dailyReturns: Float64Array.from({ length: 73 }, (_, day) => (day === 0 ? 1 : 0)),
      endMs: START_MS + 73 * DAY_MS,
      startCapitalUsd: 1_000,
    });
    const found = accepted(judgeRun(doubled).activity);
    expect(found).toMatchObject({ holdingDaysMean: 0.25, holdingDaysMedian: 0.25 });
    expect(found.tradesPerYear).toBeCloseTo(15, 12);
    expect(found.turnoverPerYear).toBeCloseTo(3.75, 12);
    expect(found.exposure.timeInMarketFrac).toBeCloseTo(0.75 / 73, 12);
  });

  it('refuses what cannot be said without trades', () => {
    const found = judgeRun(inputOf({ trades: NO_TRADES, dailyReturns: new Float64Array(DAYS) }));
    expect(found).toMatchObject({
      sharpe: { kind: 'refused', reason: 'no_spread' },
      monteCarlo: { kind: 'refused', reason: 'no_trades' },
      shuffle: { kind: 'refused', reason: 'too_few_trades' },
      killLevel: { kind: 'refused', reason: 'no_trades' },
      tail: { kind: 'refused', reason: 'no_spread' },
      kelly: { kind: 'refused', reason: 'too_few_trades', found: 0, needed: 30 },
      decisiveTrades: { r: { kind: 'refused' }, usd: { kind: 'refused' } },
      withoutSymbol: { r: { kind: 'refused', reason: 'too_few_trades' } },
      sides: [],
      calendar: { years: [], months: [], hours: [] },
      activity: { kind: 'refused', reason: 'no_trades' },
    });
    expect(found.rollingSharpe).toMatchObject({
      kind: 'rolling_figures',
      windows: 0,
      lowest: Number.NaN,
      lossFrac: Number.NaN,
    });
  });

  it('refuses what needs more days or trades than there are', () => {
    const found = judgeRun(inputOf({ trades: tradesOf([1, -1, 2]), dailyReturns: new Float64Array(10).fill(0.01, 3) }));
    expect(found).toMatchObject({
      sharpe: { kind: 'refused', reason: 'too_few_observations', found: 10 },
      monteCarlo: { kind: 'refused', reason: 'too_few_blocks' },
      killLevel: { kind: 'refused', reason: 'too_few_blocks' },
      rollingSharpe: { kind: 'refused', reason: 'too_few_returns', found: 10, needed: 90 },
      tail: { kind: 'refused', reason: 'too_few_returns' },
      kelly: { kind: 'refused', reason: 'too_few_trades', found: 3 },
      worstDay: { kind: 'period', startMs: START_MS, returnFrac: 0 },
    });
  });

  it('is a bug when columns of trades differ in length', () => {
    expect(() => judgeRun(inputOf({ trades: { ...manyTrades(), symbols: ['AAA'] } }))).toThrow(/parallel/);
  });
});
