/**
 * What remains of a result without a part of its trades. Trades keep their order. The rest is no forecast: the best trades always
 * lower what is left; the question is whether enough is left.
 */
import { invariant } from '@donch/core';
import type { Refusal } from '../bootstrap/interval.ts';
import { type TradeStatistics, tradeStatistics } from '../metrics/trade-statistics.ts';

/**
 * `missing_result`: `found` of `needed` trades have one. `too_few_trades`: `found` trades, one must remain. `one_group`: without it
 * nothing is left.
 */
export type LeaveOutRefusal = 'missing_result' | 'too_few_trades' | 'one_group';

/** Sums in the unit of the trades (R or USD). */
export interface LeftOut {
  readonly kind: 'rest';
  /** Trades that were taken out, and their sum. */
  readonly leftOut: number;
  readonly leftOutSum: number;
  readonly restSum: number;
  readonly rest: TradeStatistics;
}

/** Without the `count` best trades (the first of equals). Refused with a missing result and when no trade would remain. */
export function leaveBestOut(pnl: ArrayLike<number>, count: number): LeftOut | Refusal<LeaveOutRefusal> {
  invariant(Number.isInteger(count) && count >= 1, 'a number of best trades is left out');
  const refusal = refuse(pnl, count + 1);
  if (refusal !== null) return refusal;
  const best = new Set(descendingOrder(pnl).slice(0, count));
  return leftOut(pnl, (k) => best.has(k));
}

/** Fewest best trades without which nothing was gained. */
export interface DecisiveTrades {
  readonly kind: 'count';
  /** 0 when nothing was gained with all of them. */
  readonly count: number;
  /** The same as share (0..1) of all trades. */
  readonly countFrac: number;
}

/** How many of the best trades made all of the profit: without them the sum is 0 or less. Refused without trades and with a missing result. */
export function decisiveTrades(pnl: ArrayLike<number>): DecisiveTrades | Refusal<LeaveOutRefusal> {
  const refusal = refuse(pnl, 1);
  if (refusal !== null) return refusal;
  const descending = descendingOrder(pnl);
  // From the worst on, so that what is left of the trades is summed and not the difference of two large sums.
  let sum = 0;
  let count = pnl.length;
  for (let k = pnl.length - 1; k >= 0; k -= 1) {
    sum += pnl[descending[k]];
    if (sum > 0) break;
    count = k;
  }
  return { kind: 'count', count, countFrac: count / pnl.length };
}

interface GroupLeftOut extends LeftOut {
  readonly group: string;
}

export interface GroupsLeftOut {
  readonly kind: 'groups';
  /** One row per group, the one that gained most first (equal ones by name): its rest is the weakest sum. */
  readonly groups: readonly GroupLeftOut[];
}

/**
 * Without each group (symbol, year, side, ...) in turn; `groups` names the group of every trade. Refused with a missing result, without
 * trades, and when all trades are of one group.
 */
export function leaveGroupsOut(
  pnl: ArrayLike<number>,
  groups: ArrayLike<string>,
): GroupsLeftOut | Refusal<LeaveOutRefusal> {
  invariant(pnl.length === groups.length, 'every trade has a group');
  const refusal = refuse(pnl, 1);
  if (refusal !== null) return refusal;
  const names = [...new Set(Array.from(groups))];
  if (names.length < 2) return { kind: 'refused', reason: 'one_group', found: names.length, needed: 2 };
  const rows = names.map((group) => ({ group, ...leftOut(pnl, (k) => groups[k] === group) }));
  rows.sort((a, b) => b.leftOutSum - a.leftOutSum || (a.group < b.group ? -1 : 1));
  return { kind: 'groups', groups: rows };
}

function refuse(pnl: ArrayLike<number>, needed: number): Refusal<LeaveOutRefusal> | null {
  const trades = pnl.length;
  let found = 0;
  for (let k = 0; k < trades; k += 1) if (!Number.isNaN(pnl[k])) found += 1;
  if (found < trades) return { kind: 'refused', reason: 'missing_result', found, needed: trades };
  return trades >= needed ? null : { kind: 'refused', reason: 'too_few_trades', found: trades, needed };
}

/** Trades from the best to the worst, equal ones in their order. */
function descendingOrder(pnl: ArrayLike<number>): number[] {
  return Array.from({ length: pnl.length }, (_, k) => k).sort((a, b) => pnl[b] - pnl[a] || a - b);
}

function leftOut(pnl: ArrayLike<number>, isOut: (k: number) => boolean): LeftOut {
  const rest: number[] = [];
  let leftOutSum = 0;
  let restSum = 0;
  for (let k = 0; k < pnl.length; k += 1) {
    if (isOut(k)) leftOutSum += pnl[k];
    else {
      rest.push(pnl[k]);
      restSum += pnl[k];
    }
  }
  return { kind: 'rest', leftOut: pnl.length - rest.length, leftOutSum, restSum, rest: tradeStatistics(rest) };
}
