/** Decides how the times of a file are read, from a sample and, where day and month are in doubt, from all of them. */

import { DonchError } from '@donch/core';
import type { ResolvedOptions } from './import-options.ts';
import { dayMonthEvidence, type TextTimeStyle, textTimeStyle, TimeReader } from './time-cell.ts';

/** A few times in a form of their own are damaged rows; more of them are how the file is written. */
const STRAY_SHARE_MAX = 0.2;

export interface TimeSetup {
  readonly reader: TimeReader;
  readonly assumptions: readonly string[];
}

/**
 * Throws `day_month_unclear` when no time of the file proves the order of day and month (or the times contradict each
 * other), `time_zone_needed` for MetaTrader's times, whose clock is the broker's.
 */
export function setUpTimes(
  sample: readonly string[],
  all: () => Iterable<string>,
  options: ResolvedOptions,
): TimeSetup {
  const isStyle = (style: TextTimeStyle): boolean =>
    sample.filter((text) => textTimeStyle(text) === style).length > sample.length * STRAY_SHARE_MAX;
  if (isStyle('dotted') && options.zoneOffsetMs === null) {
    throw new DonchError(
      'time_zone_needed',
      `times are written like "${sample.find((text) => textTimeStyle(text) === 'dotted') ?? ''}"`,
      {
        remedy: "That is MetaTrader's form and its clock is the broker's, seldom UTC. Set --time-zone (UTC or +03:00).",
      },
    );
  }
  const assumptions: string[] = [];
  const dayMonthOrder = isStyle('day-month') ? (options.dayMonthOrder ?? provenOrder(all())) : null;
  if (dayMonthOrder !== null) {
    const how = options.dayMonthOrder === null ? 'found: one number of some rows is above 12' : 'given';
    assumptions.push(`dates are written ${dayMonthOrder} (${how})`);
  }
  return { reader: new TimeReader({ zoneOffsetMs: options.zoneOffsetMs ?? 0, dayMonthOrder }), assumptions };
}

function provenOrder(texts: Iterable<string>): 'day-first' | 'month-first' {
  const proofs = { 'day-first': 0, 'month-first': 0 };
  let example = '';
  for (const text of texts) {
    const order = dayMonthEvidence(text);
    if (order !== null) proofs[order] += 1;
    else if (example === '') example = text;
  }
  if (proofs['day-first'] > 0 !== proofs['month-first'] > 0)
    return proofs['day-first'] > 0 ? 'day-first' : 'month-first';
  const why =
    proofs['day-first'] === 0
      ? `times such as "${example}" may be day/month or month/day, and no row proves either`
      : `${proofs['day-first']} rows can only be day/month and ${proofs['month-first']} only month/day`;
  throw new DonchError('day_month_unclear', why, {
    remedy: 'Set --day-month-order to day-first or month-first.',
  });
}
