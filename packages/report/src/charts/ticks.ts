/** Where axes carry marks. `niceTicks` stands in the page too, so it is complete in itself. */
import {
  civilFromMs,
  DAY_MS,
  formatDay,
  formatMonth,
  HOUR_MS,
  MINUTE_MS,
  monthStartMs,
  nextMonthStartMs,
} from '@donch/core';

/** Round numbers (1, 2, 5 times a power of ten) from `low` to `high`, about `count` of them; one number for no range. */
export function niceTicks(low: number, high: number, count: number): number[] {
  if (!(high > low)) return [low];
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= raw * 0.999) ?? 10);
  const ticks: number[] = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k += 1) ticks.push(k === 0 ? 0 : k * step);
  return ticks;
}

/** Digits after the point with which ticks of a step differ. */
export function tickDigits(ticks: readonly number[]): number {
  if (ticks.length < 2) return 2;
  return Math.min(Math.max(-Math.floor(Math.log10(ticks[1] - ticks[0]) + 1e-9), 0), 12);
}

export interface TimeTick {
  readonly timeMs: number;
  readonly text: string;
}

const STEPS_MS = [
  15 * MINUTE_MS,
  HOUR_MS,
  3 * HOUR_MS,
  6 * HOUR_MS,
  12 * HOUR_MS,
  DAY_MS,
  2 * DAY_MS,
  7 * DAY_MS,
  14 * DAY_MS,
];
const STEPS_MONTHS = [1, 2, 3, 6, 12, 24, 60, 120];
/** A month, for the choice of a step. */
const MONTH_MS = 30.4 * DAY_MS;

/** At most `count` round instants of `[fromMs, toMs]` in UTC: hours, days, first days of months. */
export function timeTicks(fromMs: number, toMs: number, count: number): TimeTick[] {
  const wantedMs = (toMs - fromMs) / count;
  const stepMs = STEPS_MS.find((step) => step >= wantedMs);
  if (stepMs !== undefined) return evenTicks(fromMs, toMs, stepMs);
  const months = STEPS_MONTHS.find((step) => step * MONTH_MS >= wantedMs) ?? STEPS_MONTHS[STEPS_MONTHS.length - 1];
  const ticks: TimeTick[] = [];
  for (let timeMs = monthStartMs(fromMs); timeMs <= toMs; timeMs = nextMonthStartMs(timeMs)) {
    const { year, month } = civilFromMs(timeMs);
    if (timeMs >= fromMs && (year * 12 + month - 1) % months === 0) ticks.push({ timeMs, text: formatMonth(timeMs) });
  }
  return ticks;
}

function evenTicks(fromMs: number, toMs: number, stepMs: number): TimeTick[] {
  const ticks: TimeTick[] = [];
  for (let timeMs = Math.ceil(fromMs / stepMs) * stepMs; timeMs <= toMs; timeMs += stepMs) {
    ticks.push({ timeMs, text: stepMs < DAY_MS ? hourText(timeMs) : formatDay(timeMs).slice(5) });
  }
  return ticks;
}

/** `01-20 06:00` */
function hourText(timeMs: number): string {
  const minutes = Math.floor((timeMs % DAY_MS) / MINUTE_MS);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${formatDay(timeMs).slice(5)} ${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
