/** Lengths of time as flags and settings carry them: `5min`, `90s`, `1h`; empty or 0 = none. */
import { DonchError } from './errors.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from './time.ts';

/** Milliseconds by unit. A bare `m` is a minute, as in the names of intervals. */
const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', SECOND_MS],
  ['sec', SECOND_MS],
  ['m', MINUTE_MS],
  ['min', MINUTE_MS],
  ['h', HOUR_MS],
  ['d', DAY_MS],
]);

const DURATION = /^(\d{1,12})\s*([a-z]+)$/;

/**
 * Reads a whole number with its unit as milliseconds; empty text and `0` are 0. Throws `bad_argument` with the flag's name, also
 * for a number without a unit: nobody can tell minutes from milliseconds.
 */
export function parseDurationArgument(text: string, what: string): number {
  const written = text.trim().toLowerCase();
  if (written === '' || written === '0') return 0;
  const [, digits = '', unit = ''] = DURATION.exec(written) ?? [];
  const lengthMs = Number(digits) * (UNIT_MS.get(unit) ?? Number.NaN);
  if (digits !== '' && Number.isSafeInteger(lengthMs)) return lengthMs;
  throw new DonchError('bad_argument', `${what} is "${text}"`, {
    expected: 'a length of time such as 90s, 5min, 10min or 1h (empty or 0 = off)',
  });
}

/** `5min`, `90s`, `26h`, `3d`: in the largest unit that leaves a whole number, as `parseDurationArgument` reads it. Whole ms, >= 0. */
export function formatDuration(lengthMs: number): string {
  for (const unit of ['d', 'h', 'min', 's']) {
    const unitMs = UNIT_MS.get(unit) ?? 1;
    if (lengthMs >= unitMs && lengthMs % unitMs === 0) return `${lengthMs / unitMs}${unit}`;
  }
  return lengthMs === 0 ? '0' : `${lengthMs}ms`;
}
