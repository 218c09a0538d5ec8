/** One comparison as a gate of a decision record. */
import type { GateCheck, GateResult } from '@donch/core';

type Comparison = '>=' | '<=' | '>' | '<' | '=';

/** A gate of one comparison; a NaN on either side is `not_ready`, never a pass. */
export function check(gate: string, value: number, comparison: Comparison, threshold: number): GateCheck {
  return {
    gate,
    value,
    comparison,
    threshold,
    thresholdHigh: Number.NaN,
    result: compare(value, comparison, threshold),
    detail: '',
  };
}

function compare(value: number, comparison: Comparison, threshold: number): GateResult {
  if (Number.isNaN(value) || Number.isNaN(threshold)) return 'not_ready';
  switch (comparison) {
    case '>=':
      return value >= threshold ? 'pass' : 'fail';
    case '<=':
      return value <= threshold ? 'pass' : 'fail';
    case '>':
      return value > threshold ? 'pass' : 'fail';
    case '<':
      return value < threshold ? 'pass' : 'fail';
    case '=':
      return value === threshold ? 'pass' : 'fail';
  }
}
