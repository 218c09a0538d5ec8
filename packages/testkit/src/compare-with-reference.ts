/** One random market through a backtest and through the naive simulator. */
import type { Trade } from '@donch/core';
import type { RandomBacktest } from './random-backtest.ts';
import { referenceTrades, type ReferenceTrade } from './reference-simulator.ts';

export interface SimulatedTrades {
  readonly trades: readonly Trade[];
  readonly openAtEnd: readonly Trade[];
}

export interface Comparison {
  /** '' = equal, else the first difference. */
  readonly difference: string;
  readonly reasons: readonly string[];
}

/** Relative difference of sums taken in another order. */
const TOLERANCE = 1e-9;

/** Compares the trades of a run over `world` with those of the reference, field by field. */
export function compareWithReference(world: RandomBacktest, { trades, openAtEnd }: SimulatedTrades): Comparison {
  const found = new Map<string, Trade>([...trades, ...openAtEnd].map((trade) => [trade.tradeId, trade]));
  const expected = world.references.flatMap((input) => referenceTrades(input));
  const reasons = expected.map(({ exitReason }) => exitReason);
  for (const trade of expected) {
    const difference = differenceOf(found.get(trade.tradeId), trade);
    if (difference !== '') return { difference: `${trade.tradeId} ${difference}`, reasons };
    found.delete(trade.tradeId);
  }
  const [surplus] = found.values();
  return { difference: surplus === undefined ? '' : `surplus ${JSON.stringify(surplus)}`, reasons };
}

function differenceOf(found: Trade | undefined, expected: ReferenceTrade): string {
  if (found === undefined) return `is missing: ${JSON.stringify(expected)}`;
  for (const name of Object.keys(expected) as (keyof ReferenceTrade)[]) {
    const left = found[name];
    const right = expected[name];
    const equal =
      typeof left === 'number' && typeof right === 'number'
        ? Math.abs(left - right) <= TOLERANCE * Math.max(1, Math.abs(right))
        : left === right;
    if (!equal)
      return `${name}: found ${left}, expected ${right}\n${JSON.stringify(found)}\n${JSON.stringify(expected)}`;
  }
  return '';
}
