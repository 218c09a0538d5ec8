/** The values that exits of a sweep take, one list per setting: touches are looked up once per value and not once per variant. */
import { invariant, type ExitRules, type StrategyId } from '@donch/core';
import type { StrategyTerms } from '@donch/engine';

export interface ExitAxes {
  readonly slAtrMults: readonly number[];
  /** Null = no target. */
  readonly tpAtrMults: readonly (number | null)[];
  /** Null = no time exit. */
  readonly timeExitHours: readonly (number | null)[];
}

/** Places of one variant's exits on the axes. */
export interface ExitPick {
  readonly sl: number;
  readonly tp: number;
  readonly time: number;
}

/** Distinct values in ascending order, null last. */
export function exitAxes(exits: readonly Pick<ExitRules, 'slAtrMult' | 'tpAtrMult' | 'timeExitHours'>[]): ExitAxes {
  return {
    slAtrMults: distinct(exits.map(({ slAtrMult }) => slAtrMult)),
    tpAtrMults: distinct(exits.map(({ tpAtrMult }) => tpAtrMult)),
    timeExitHours: distinct(exits.map(({ timeExitHours }) => timeExitHours)),
  };
}

function distinct<T extends number | null>(values: readonly T[]): T[] {
  return [...new Set(values)].sort((a, b) => (a ?? Infinity) - (b ?? Infinity));
}

/** Where exits lie on axes that were made of them. */
function pickOf(axes: ExitAxes, exits: ExitRules): ExitPick {
  const pick = {
    sl: axes.slAtrMults.indexOf(exits.slAtrMult),
    tp: axes.tpAtrMults.indexOf(exits.tpAtrMult),
    time: axes.timeExitHours.indexOf(exits.timeExitHours),
  };
  invariant(pick.sl >= 0 && pick.tp >= 0 && pick.time >= 0, 'the exits of a variant lie on the axes of its sweep');
  return pick;
}

/** Picks of one variant by strategy. */
export function picksOf(axes: ExitAxes, strategies: readonly StrategyTerms[]): ReadonlyMap<StrategyId, ExitPick> {
  return new Map(strategies.map(({ strategyId, exits }) => [strategyId, pickOf(axes, exits)]));
}
