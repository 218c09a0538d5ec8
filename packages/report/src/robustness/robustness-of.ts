/** A run as the statistics of robustness want it. */
import { DAY_MS, numbersOf, textsOf, type Table } from '@donch/core';
import { dailyReturns, judgeRun, type RunRobustness } from '@donch/stats';
import type { ReportInput } from '../report-input.ts';
import { symbolsOf } from '../trade-columns.ts';

/** What the returns and the trades of the run can bear. */
export function robustnessOf({ trades, equity, run, selection }: ReportInput): RunRobustness {
  const times = numbersOf(equity, 'time');
  const values = numbersOf(equity, 'equity_usd');
  const daily = dailyReturns(times, values);
  const [entry, exit, qty] = ['entry_price', 'exit_price', 'qty'].map((name) => numbersOf(trades, name));
  return judgeRun({
    firstDayMs: daily.dayStartMs[0] ?? Math.floor(times[0] / DAY_MS) * DAY_MS,
    dailyReturns: daily.returns,
    startCapitalUsd: values[0],
    trades: {
      entryTimeMs: Float64Array.from(numbersOf(trades, 'entry_time')),
      exitTimeMs: Float64Array.from(numbersOf(trades, 'exit_time')),
      symbols: symbolsOf(trades),
      sides: textsOf(trades, 'side').map((side) => (side === 'short' ? 'short' : 'long')),
      pnlR: Float64Array.from(numbersOf(trades, 'pnl_r')),
      pnlUsd: Float64Array.from(numbersOf(trades, 'pnl_usd')),
      equityAtDecisionUsd: equityAtDecision(trades, times, values),
      tradedUsd: Float64Array.from(qty, (size, row) => size * (entry[row] + exit[row])),
    },
    startMs: times[0],
    endMs: times[times.length - 1],
    // one configuration and no other on any of these data: nothing was chosen
    isOutOfSample: selection?.kind === 'selection' && selection.verdict.counts.configurations === 1,
    seed: run.seed,
  });
}

/** What sizing saw; runs of early versions do not say, so the last mark at or before the decision stands in. */
function equityAtDecision(trades: Table, times: Float64Array, values: Float64Array): Float64Array {
  if (trades.columns.has('equity_at_decision_usd')) {
    return Float64Array.from(numbersOf(trades, 'equity_at_decision_usd'));
  }
  const order = numbersOf(trades, 'decision_time');
  return Float64Array.from(order, (decisionMs) => {
    const after = times.findIndex((timeMs) => timeMs > decisionMs);
    return values[after === -1 ? values.length - 1 : Math.max(after - 1, 0)];
  });
}
