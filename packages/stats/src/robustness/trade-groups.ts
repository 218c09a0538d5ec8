/** Trades in groups of the calendar or of a kind. */
import { civilFromMs, createPrng, formatMonth, HOUR_MS, DAY_MS } from '@donch/core';
import { clusterBootstrap } from '../bootstrap/cluster-bootstrap.ts';
import { winRateFrac } from '../metrics/win-rate.ts';
import { mean } from '../moments.ts';
import type { RobustnessTrades } from './robustness-input.ts';
import type { RunRobustness, TradeGroup } from './run-robustness.ts';

/** One row per name that has trades, in order of the names. `names` is parallel to the trades. */
export function tradeGroups(trades: RobustnessTrades, names: readonly string[], seed: number): TradeGroup[] {
  const groups = new Map<string, number[]>();
  for (const [k, name] of names.entries()) {
    const members = groups.get(name);
    if (members === undefined) groups.set(name, [k]);
    else members.push(k);
  }
  return Array.from(groups, ([name, members]) => groupOf(name, members, { trades, seed })).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
}

function groupOf(
  name: string,
  members: readonly number[],
  { trades, seed }: { readonly trades: RobustnessTrades; readonly seed: number },
): TradeGroup {
  const pick = (column: Float64Array): Float64Array => Float64Array.from(members, (k) => column[k]);
  const pnlR = pick(trades.pnlR);
  const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
  return {
    name,
    trades: members.length,
    winRateFrac: winRateFrac(pnlR),
    sumR: sum(pnlR),
    meanR: mean(pnlR),
    sumUsd: sum(pick(trades.pnlUsd)),
    // the stream of every interval of a mean R, so that the same trades have the same interval wherever it is shown
    interval: clusterBootstrap({ entryTimeMs: pick(trades.entryTimeMs), pnl: pnlR }, 'mean', {
      prng: createPrng(seed, 'bootstrap'),
    }),
  };
}

/** Years, months and hours of the day (UTC) of the entries. */
export function calendarGroups(trades: RobustnessTrades, seed: number): RunRobustness['calendar'] {
  const by = (nameOf: (timeMs: number) => string): TradeGroup[] =>
    tradeGroups(trades, Array.from(trades.entryTimeMs, nameOf), seed);
  return {
    years: by((timeMs) => String(civilFromMs(timeMs).year)),
    months: by(formatMonth),
    hours: by((timeMs) => String(Math.floor((timeMs % DAY_MS) / HOUR_MS)).padStart(2, '0')),
  };
}
