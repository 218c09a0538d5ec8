/** All robustness checks of one finished backtest that simulate something: harder costs, later orders, random entries, a larger account. */
import { DAY_MS, numbersOf } from '@donch/core';
import { dailyReturns } from '@donch/stats';
import type { BacktestResult } from '../run-backtest.ts';
import { buyAndHold, endOfBars, type DailyCloses, type ReferenceMarket } from './buy-and-hold.ts';
import { capacityOf } from './capacity.ts';
import { costStress } from './cost-stress.ts';
import { lateEntries } from './late-entries.ts';
import { missedFills } from './missed-fills.ts';
import { RandomDraws } from './random-entries.ts';
import { stressFigures } from './stress-figures.ts';
import type { StressReport } from './stress-report.ts';
import { StressedPortfolio, type StressedRun } from './stressed-portfolio.ts';
import { visitInstruments, type VisitedPosition } from './visited-instruments.ts';

export interface StressOptions {
  /** What the run was made from. */
  readonly run: StressedRun;
  /** What `runBacktest` makes of it. */
  readonly result: BacktestResult;
  /** Of all draws. */
  readonly seed: number;
  /** What the market as a whole is measured by (BTC); null = it is not stored. */
  readonly reference: ReferenceMarket | null;
  readonly onProgress?: (doneFrac: number) => void;
}

/** Shares of the work that are done after each part; most of it is simulating bar by bar. */
const DONE = { costs: 0.5, late: 0.65, missed: 0.8, instruments: 0.95 } as const;

/**
 * Stresses a run. Candles are asked for as a backtest does, and once more one instrument after the other. Nothing is chosen by what
 * comes out, so nothing of it belongs into a trial ledger. Throws what `runBacktest` throws.
 */
export function stressRun({ run, result, seed, reference, onProgress }: StressOptions): StressReport {
  const portfolio = new StressedPortfolio(run);
  const equity = { timesMs: numbersOf(result.equity, 'time'), usd: numbersOf(result.equity, 'equity_usd') };
  const { dayStartMs, returns: runReturns } = dailyReturns(equity.timesMs, equity.usd);
  const costs = costStress(portfolio, result);
  onProgress?.(DONE.costs);
  const late = lateEntries(portfolio);
  onProgress?.(DONE.late);
  const missed = missedFills(portfolio, seed);
  onProgress?.(DONE.missed);
  const days = (equity.timesMs[equity.timesMs.length - 1] - equity.timesMs[0]) / DAY_MS;
  const { marksMs, each } = visitInstruments({ run, result, dayStartMs });
  const random = new RandomDraws({ marksMs, seed });
  const instruments: DailyCloses[] = [];
  const positions: VisitedPosition[] = [];
  each((instrument) => {
    const { instrumentId, candles, closes } = instrument;
    random.add(instrument);
    instruments.push({ instrumentId, closes, lastMs: endOfBars(candles) });
    positions.push(...instrument.positions);
  });
  onProgress?.(DONE.instruments);
  const report: StressReport = {
    seed,
    run: stressFigures(result),
    dayStartMs,
    runReturns,
    costs,
    lateEntries: late,
    missedFills: missed,
    randomEntries: random.finish(runReturns),
    holding: buyAndHold(instruments, { marksMs, costs: run.venue.costs, runReturns, reference }),
    capacity: capacityOf(positions, result, days),
  };
  onProgress?.(1);
  return report;
}
