/** What the returns and the trades of one run can bear: the statistics of robustness, put together. */
import { createPrng, DAY_MS, invariant, medianOf } from '@donch/core';
import type { Refusal } from '../bootstrap/interval.ts';
import { decisiveTrades, leaveBestOut, leaveGroupsOut } from '../breakdowns/leave-out.ts';
import { kellyEmpirical, type KellyRefusal, kellyShare } from '../kelly/kelly-fraction.ts';
import { type RollingRefusal, rollingSharpe } from '../metrics/rolling-sharpe.ts';
import { tailStatistics } from '../metrics/tail-statistics.ts';
import { worstDay, worstWeek } from '../metrics/worst-periods.ts';
import { shuffleTrades } from '../monte-carlo/trade-shuffle.ts';
import { inferSharpe } from '../sharpe/sharpe-inference.ts';
import type { RobustnessInput, RobustnessOptions, RobustnessTrades } from './robustness-input.ts';
import { runActivity } from './run-activity.ts';
import type { InBothUnits, RollingFigures, RunKelly, RunRobustness } from './run-robustness.ts';
import { killLevelOf, simulateRun } from './simulate-run.ts';
import { calendarGroups, tradeGroups } from './trade-groups.ts';

const DEFAULTS: Required<Omit<RobustnessOptions, 'blockDays'>> = {
  ruinLossFrac: 0.5,
  drawdownLimitFrac: 0.3,
  rollingDays: 90,
  riskCapFrac: 0.02,
};

/** Best trades that are taken out. */
const BEST_COUNTS = [1, 5, 10] as const;

/** The figures of one run. Says nothing about how it was found: with a search behind it, read the verdict on the selection first. */
export function judgeRun(input: RobustnessInput): RunRobustness {
  const { trades, dailyReturns, startCapitalUsd, seed, isOutOfSample } = input;
  checkTrades(trades);
  const options = { ...DEFAULTS, ...input.options };
  const monteCarlo = simulateRun(input, options);
  const daily = dailyOf(input);
  return {
    days: dailyReturns.length,
    trades: trades.pnlR.length,
    isOutOfSample,
    sharpe: inferSharpe(dailyReturns),
    monteCarlo,
    shuffle: shuffleTrades(
      trades.pnlUsd.map((usd, k) => usd / trades.equityAtDecisionUsd[k]),
      {
        sizing: 'compounded',
        startCapital: startCapitalUsd,
        drawdownLimitFrac: options.drawdownLimitFrac,
        prng: createPrng(seed, 'trades in another order'),
      },
    ),
    killLevel: killLevelOf(monteCarlo),
    rollingSharpe: rollingFigures(dailyReturns, options.rollingDays),
    tail: tailStatistics(dailyReturns),
    worstDay: worstDay(daily),
    worstWeek: worstWeek(daily),
    kelly: kellyOf(trades, { isOutOfSample, capFrac: options.riskCapFrac }),
    withoutBest: BEST_COUNTS.map((count) => ({ count, ...inBoth(trades, (pnl) => leaveBestOut(pnl, count)) })),
    decisiveTrades: inBoth(trades, decisiveTrades),
    withoutSymbol: inBoth(trades, (pnl) => leaveGroupsOut(pnl, trades.symbols)),
    calendar: calendarGroups(trades, seed),
    sides: tradeGroups(trades, trades.sides, seed),
    activity: runActivity(input),
  };
}

function checkTrades(trades: RobustnessTrades): void {
  const count = trades.pnlR.length;
  invariant(
    Object.values(trades).every(({ length }) => length === count),
    'columns of trades are parallel',
  );
}

function dailyOf({ firstDayMs, dailyReturns, startCapitalUsd }: RobustnessInput): Parameters<typeof worstDay>[0] {
  let equity = startCapitalUsd;
  return {
    dayStartMs: dailyReturns.map((_, day) => firstDayMs + day * DAY_MS),
    equity: dailyReturns.map((value) => (equity *= 1 + value)),
    returns: dailyReturns,
  };
}

function inBoth<Answer>({ pnlR, pnlUsd }: RobustnessTrades, ask: (pnl: Float64Array) => Answer): InBothUnits<Answer> {
  return { r: ask(pnlR), usd: ask(pnlUsd) };
}

function rollingFigures(dailyReturns: Float64Array, windowDays: number): RollingFigures | Refusal<RollingRefusal> {
  const found = rollingSharpe(dailyReturns, windowDays);
  if (found.kind === 'refused') return found;
  const known = found.sharpe.filter((value) => !Number.isNaN(value));
  return {
    kind: 'rolling_figures',
    windowDays,
    sharpe: found.sharpe,
    windows: known.length,
    lowest: known.reduce((least, value) => Math.min(least, value), known[0] ?? Number.NaN),
    median: medianOf(known),
    lossFrac: known.filter((value) => value < 0).length / known.length,
  };
}

/** An edge measured on fewer trades is mostly chance, and a bet on it mostly too large. */
const KELLY_TRADES_MIN = 30;

function kellyOf(
  { pnlR }: RobustnessTrades,
  { isOutOfSample, capFrac }: { readonly isOutOfSample: boolean; readonly capFrac: number },
): RunKelly | Refusal<KellyRefusal> {
  const trades = pnlR.length;
  if (!(trades >= KELLY_TRADES_MIN)) {
    return { kind: 'refused', reason: 'too_few_trades', found: trades, needed: KELLY_TRADES_MIN };
  }
  const found = kellyEmpirical(pnlR);
  if (found.kind === 'refused') return found;
  const quarterCapped = kellyShare(found, { capFrac });
  return { kind: 'kelly', fraction: found.fraction, quarterCapped, capFrac, trades, isOutOfSample };
}
