/** Which trades two runs have in common: those of the same signal. */
import { numbersOf, textsOf, type Table } from '@donch/core';

export interface TradePairs {
  /** Rows of the same signal in both. */
  readonly common: readonly (readonly [baseRow: number, otherRow: number])[];
  readonly onlyBase: readonly number[];
  readonly onlyOther: readonly number[];
}

/**
 * Pairs trades of the same signal and strategy; what is left is paired by the signal alone (a renamed strategy keeps its signals). A
 * signal's id holds the settings of the set-up: with other ones no signal is the same, however alike the trades are.
 */
export function pairTrades(base: Table, other: Table): TradePairs {
  const [baseIds, otherIds] = [textsOf(base, 'signal_id'), textsOf(other, 'signal_id')];
  const [baseStrategies, otherStrategies] = [textsOf(base, 'strategy_id'), textsOf(other, 'strategy_id')];
  const rows = (table: Table): number[] => Array.from({ length: table.length }, (_, row) => row);
  const exact = matched(
    rows(base).map((row) => [row, `${baseIds[row]} ${baseStrategies[row]}`]),
    rows(other).map((row) => [row, `${otherIds[row]} ${otherStrategies[row]}`]),
  );
  const loose = matched(
    exact.onlyBase.map((row) => [row, baseIds[row] ?? '']),
    exact.onlyOther.map((row) => [row, otherIds[row] ?? '']),
  );
  return { ...loose, common: [...exact.common, ...loose.common].toSorted(([a], [b]) => a - b) };
}

type Keyed = readonly (readonly [row: number, key: string])[];

/** Pairs equal keys, each row once, in the order of rows. */
function matched(base: Keyed, other: Keyed): TradePairs {
  const waiting = new Map<string, number[]>();
  for (const [row, key] of other) waiting.set(key, [...(waiting.get(key) ?? []), row]);
  const common: [number, number][] = [];
  const onlyBase: number[] = [];
  for (const [row, key] of base) {
    const partner = waiting.get(key)?.shift();
    if (partner === undefined) onlyBase.push(row);
    else common.push([row, partner]);
  }
  return { common, onlyBase, onlyOther: [...waiting.values()].flat().sort((a, b) => a - b) };
}

/** Pairs whose initial stop lies elsewhere: one R is then another move of the price. */
export function movedStops({ common }: TradePairs, base: Table, other: Table): number {
  const [first, second] = [stopDistances(base), stopDistances(other)];
  return common.filter(([a, b]) => Math.abs(first(a) / second(b) - 1) > 1e-9).length;
}

function stopDistances(trades: Table): (row: number) => number {
  const [reference, stop] = [numbersOf(trades, 'reference_price'), numbersOf(trades, 'initial_stop_price')];
  return (row) => Math.abs(reference[row] - stop[row]);
}
