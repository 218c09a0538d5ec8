/** What the values of one row must satisfy by themselves, whatever stands around them. */

import type { ImportKind } from './import-options.ts';
import { EVENT, CLOSE, HIGH, LOW, OPEN, TURNOVER, VOLUME } from './raw-rows.ts';
import type { ImportRule } from './rules.ts';

export interface ValueProblem {
  readonly rule: ImportRule;
  /** Place of the value that shows it. */
  readonly value: number;
  readonly what: string;
}

/** True when nothing is wrong: the cheap question of the fast path. A NaN makes it false, turnover excepted. */
export function isSound(kind: ImportKind, cells: Float64Array): boolean {
  if (kind === 'funding') return Number.isFinite(cells[EVENT]);
  if (kind === 'open-interest') return cells[EVENT] >= 0 && cells[EVENT] < Infinity;
  const open = cells[OPEN];
  const high = cells[HIGH];
  const low = cells[LOW];
  const close = cells[CLOSE];
  const volume = cells[VOLUME];
  const turnover = cells[TURNOVER];
  return (
    low > 0 &&
    high >= low &&
    high < Infinity &&
    open >= low &&
    open <= high &&
    close >= low &&
    close <= high &&
    volume >= 0 &&
    volume < Infinity &&
    !(turnover < 0) &&
    turnover !== Infinity
  );
}

/** The first rule that finite values break, or null. */
export function valueProblem(kind: ImportKind, cells: Float64Array): ValueProblem | null {
  if (kind === 'funding') return null;
  if (kind === 'open-interest')
    return cells[EVENT] < 0 ? { rule: 'negative_volume', value: EVENT, what: `is ${cells[EVENT]}` } : null;
  const [open, high, low, close] = cells;
  for (const value of [OPEN, HIGH, LOW, CLOSE]) {
    if (!(cells[value] > 0)) return { rule: 'price_not_positive', value, what: `is ${cells[value]}` };
  }
  for (const value of [VOLUME, TURNOVER]) {
    if (cells[value] < 0) return { rule: 'negative_volume', value, what: `is ${cells[value]}` };
  }
  const range = `${low}..${high}`;
  if (high < low) return { rule: 'high_below_low', value: HIGH, what: `${high} is below low ${low}` };
  if (open < low || open > high) return { rule: 'open_outside', value: OPEN, what: `${open} is outside ${range}` };
  if (close < low || close > high) return { rule: 'close_outside', value: CLOSE, what: `${close} is outside ${range}` };
  return null;
}
