/** What the trading thread does: one portfolio over signals. A thread, so that Ctrl-C is heard while it is busy. */
import { labelSignals, runBacktest, summarise, type BacktestResult, type RunSummary } from '@donch/backtester';
import { intervalMs, type Table } from '@donch/core';
import { answer, type Answer } from './sent-error.ts';
import type { SharedProgress } from './shared-progress.ts';
import { marketOf, withCandles, type MarketCandles, type MarketTask } from './simulated-market.ts';

export interface SimulateTask extends MarketTask {
  /** Of the resampling. */
  readonly seed: number;
  readonly progress: SharedProgress;
}

export interface SimulateResult {
  readonly result: BacktestResult;
  readonly summary: RunSummary;
  /** Outcome of every signal on its own: TABLES.labels. */
  readonly labels: Table;
}

export function simulate(task: SimulateTask): Promise<Answer<SimulateResult>> {
  return answer(() => withCandles(task, (market) => trade(task, market)));
}

export interface LabelTask {
  readonly market: MarketTask;
  readonly mfeK: number;
  /** Null = the time exit of the strategy, else 72 h. */
  readonly horizonHours: number | null;
}

/** Labels of another length or size than those of the backtest. */
export function label({ market, mfeK, horizonHours }: LabelTask): Promise<Answer<Table>> {
  return answer(() =>
    withCandles(market, (candles) => {
      const options = { mfeK, ...(horizonHours !== null && { horizonHours }) };
      return labelSignals({ ...marketOf(market, candles), ...labelEnd(market), ...options }).labels;
    }),
  );
}

function trade(task: SimulateTask, candles: MarketCandles): SimulateResult {
  const market = marketOf(task, candles);
  const result = runBacktest({
    ...market,
    onProgress: (doneFrac) => {
      task.progress[0] = doneFrac;
    },
  });
  const { labels } = labelSignals({ ...market, ...labelEnd(task) });
  return { result, summary: summarise(result, task.seed), labels };
}

/** What lies behind the window is not looked at: a label whose horizon ends there is cut. */
const labelEnd = ({ window, interval }: MarketTask): { readonly dataEndMs: number } => ({
  dataEndMs: window.endMs - intervalMs(interval),
});
