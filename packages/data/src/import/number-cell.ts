/** One cell that must be a decimal number. Nothing is guessed: what is not plainly a number is refused with its rule. */

import type { ImportRule } from './rules.ts';

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?$/;
const INFINITE = /^[+-]?(?:inf|infinity|∞)$/i;
const DECIMAL_COMMA = /^[+-]?\d+(?:,\d+)+$/;

/** The number a trimmed cell writes (scientific notation included), or NaN: then `numberProblem` says why. */
export function readNumber(text: string): number {
  if (!NUMBER.test(text)) return Number.NaN;
  const value = Number(text);
  return Number.isFinite(value) ? value + 0 : Number.NaN;
}

/** Why `readNumber` gave NaN. */
export function numberProblem(text: string): { readonly rule: ImportRule; readonly what: string } {
  if (text === '') return { rule: 'empty_value', what: 'is empty' };
  if (INFINITE.test(text) || NUMBER.test(text)) return { rule: 'not_finite', what: 'is not finite' };
  if (DECIMAL_COMMA.test(text))
    return { rule: 'not_a_number', what: 'has a comma: decimal or thousands, nobody can tell' };
  return { rule: 'not_a_number', what: 'is not a number' };
}

/** 10^0 .. 10^22: the powers that a float64 holds exactly, so that digits / power is correctly rounded. */
export const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));
